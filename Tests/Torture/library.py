"""The small world that a tortured hub serves: one message type, senders, receivers that are pushed to, and mailboxes.

Written as the folder that `lgsp init --library` reads. It is of the harness alone, so that what is measured does not
change with the schemas and adapters that come with the program.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

MESSAGE_TYPE = "torture/note/1"
PROVINCE = "H44"


@dataclass(frozen=True)
class System:
    """A system of the province, with the agency that stands for it."""

    name: str
    agency: str

    @property
    def code(self) -> str:
        """The agency in the other of the two formats, as messages name it."""
        return f"000.00.{self.agency.split('.')[1]}.{PROVINCE}"


SENDERS = [System(f"sender-{number}", f"{PROVINCE}.{number}") for number in range(31, 35)]
PUSHED = [System(f"pushed-{number}", f"{PROVINCE}.{number}") for number in range(51, 54)]
POLLED = [System(f"polled-{number}", f"{PROVINCE}.{number}") for number in range(71, 73)]
RECEIVERS = PUSHED + POLLED

_CATALOGUE = """\
format: catalogue-1
domains:
  torture:
    title: { vi: Thử thách, en: Torture }
    owner: { vi: Thử thách, en: Torture }
    types:
      note/1: { status: published, schema: draft2020-12, format-assertion: false }
"""

_FORM = """\
format: form-1
title: { vi: Ghi chú, en: Note }
media-type: application/json
recognise: { path: /note }
sender: /from
recipients: /to/*
fields:
  note: /note
  lane: /lane
"""

_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["note", "from", "to", "lane", "number", "text"],
    "properties": {
        "note": {"type": "string"},
        "from": {"type": "string"},
        "to": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "lane": {"type": "string"},
        "number": {"type": "integer"},
        "text": {"type": "string"},
    },
}


def _adapter(system: System, rest: str) -> str:
    return (f"format: adapter-1\nsystem: {system.name}\ntitle: {{ vi: {system.name}, en: {system.name} }}\n"
            f"kind: reporting\nagencies: [{system.agency}]\nspeaks: exchange\n{rest}")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_library(folder: Path) -> None:
    """Writes schemas, adapters and directory."""
    schemas, adapters = folder / "schemas", folder / "adapters"
    _write(schemas / "catalogue.yaml", _CATALOGUE)
    _write(schemas / MESSAGE_TYPE / "form.yaml", _FORM)
    _write(schemas / MESSAGE_TYPE / "schema.json", json.dumps(_SCHEMA))
    _write(schemas / "directory/agencies.yaml", "format: directory-1\nagencies:\n"
           f'  - {{ code: {PROVINCE}, name: {{ vi: "Tỉnh", en: "Province" }} }}\n')
    agencies = "".join(f'  - {{ code: {system.agency}, name: {{ vi: "{system.name}", en: "{system.name}" }} }}\n'
                       for system in SENDERS + RECEIVERS)
    _write(schemas / f"directory/{PROVINCE.lower()}.yaml",
           f"format: directory-1\ncomplete: [{PROVINCE}]\nagencies:\n{agencies}")
    for system in SENDERS:
        _write(adapters / system.name / "adapter.yaml", _adapter(
            system, f"sends:\n  - message: {MESSAGE_TYPE}\n    signature: optional\n"
                    "    identity: [note]\n    order-by: lane\n    to: all\n"))
    for system in PUSHED:
        _write(adapters / system.name / "adapter.yaml", _adapter(
            system, f"receives:\n  - message: {MESSAGE_TYPE}\n    by: {{ http: {system.name}, path: /in }}\n"))
    for system in POLLED:
        _write(adapters / system.name / "adapter.yaml", _adapter(
            system, f"receives:\n  - message: {MESSAGE_TYPE}\n    by: mailbox\n"))
