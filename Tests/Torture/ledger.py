"""The harness's own book: what was handed in, what was answered, what receivers got.

Nothing in it comes from the hub but the answers to senders and the deliveries themselves, so the hub's own account can
be held against it.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Note:
    """One message as its sender knows it; `name` is its identity."""

    name: str
    sender: str
    agency: str
    lane: str
    number: int
    receivers: tuple[str, ...]
    digest: str
    size: int
    tries: int = 0
    unanswered: int = 0
    put_off: int = 0
    #: The id of the first acknowledgement, and the hub's life in which it came.
    id: str = ""
    life: int = 0
    receipt: dict[str, Any] | None = None
    #: Every id, and every receipt, that an answer named.
    ids: set[str] = field(default_factory=set)
    receipts: set[str] = field(default_factory=set)
    refusal: str = ""

    @property
    def is_acknowledged(self) -> bool:
        return bool(self.id)


@dataclass(frozen=True)
class Arrival:
    """A receiver took a message; once for each time it did."""

    receiver: str
    message: str
    note: str
    lane: str
    number: int
    digest: str
    life: int


class Ledger:
    """Filled by threads of senders and receivers."""

    def __init__(self) -> None:
        self.notes: dict[str, Note] = {}
        self.arrivals: list[Arrival] = []
        #: Deliveries that their receiver refused for good: receiver and name of the note.
        self.refused_by_receiver: set[tuple[str, str]] = set()
        #: Deliveries of mailboxes whose acknowledgement the hub confirmed, and those that it showed again all the same.
        self.settled: set[str] = set()
        self.shown_after_settled: list[str] = []
        #: Codes of refusals for a while, such as journal.unavailable.
        self.put_off_codes: dict[str, int] = defaultdict(int)
        self.life = 0
        self._lock = threading.Lock()

    # ---- senders

    def begin(self, note: Note) -> None:
        with self._lock:
            self.notes[note.name] = note

    def tried(self, note: Note) -> None:
        with self._lock:
            note.tries += 1

    def unanswered(self, note: Note) -> None:
        with self._lock:
            note.unanswered += 1

    def put_off(self, note: Note, code: str) -> None:
        with self._lock:
            note.put_off += 1
            self.put_off_codes[code] += 1

    def refused(self, note: Note, code: str) -> None:
        with self._lock:
            note.refusal = code

    def acknowledged(self, note: Note, answer: dict[str, Any]) -> None:
        with self._lock:
            note.ids.add(answer["id"])
            note.receipts.add(json.dumps(answer["receipt"], sort_keys=True))
            if not note.id:
                note.id = answer["id"]
                note.life = self.life
                note.receipt = answer["receipt"]

    # ---- receivers

    def arrived(self, receiver: str, message: str, content: dict[str, Any], digest: str) -> None:
        with self._lock:
            self.arrivals.append(Arrival(receiver, message, content["note"], content["lane"], content["number"],
                                         digest, self.life))

    def refuses(self, receiver: str, note: str) -> None:
        with self._lock:
            self.refused_by_receiver.add((receiver, note))

    def settles(self, deliveries: list[str]) -> None:
        with self._lock:
            self.settled.update(deliveries)

    def shown(self, delivery: str) -> None:
        with self._lock:
            if delivery in self.settled:
                self.shown_after_settled.append(delivery)

    # ---- questions

    @property
    def acknowledged_notes(self) -> list[Note]:
        with self._lock:
            return [note for note in self.notes.values() if note.is_acknowledged]

    def count_acknowledged(self) -> int:
        return len(self.acknowledged_notes)
