"""A second reader of the journal, written from docs/journal-format.md alone.

It looks at the links and roots of the chain and at what its records say. Checksums and signatures are for
`lgsp evidence audit`, which is run as well; what two readers agree on is believed.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
import tarfile
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Sequence

_HEAD = 56
_FORGOTTEN = 0xFFFFFFFF


class Unreadable(Exception):
    """Bytes that are not what the format says."""


@dataclass(frozen=True)
class Accepted:
    """A record of kind 1 or 6, as far as the harness needs it."""

    id: str
    sender: str
    identity: str
    digest: str
    size: int
    lane: str
    destinations: tuple[str, ...]
    sequence: int
    block: int
    offset: int
    segment: int


@dataclass
class Chain:
    messages: dict[str, Accepted] = field(default_factory=dict)
    #: The last outcome of each delivery: 1 delivered, 2 postponed, 3 dead-lettered; and its code.
    outcomes: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    #: The record with which each delivery ended.
    ends: dict[tuple[str, int], int] = field(default_factory=dict)
    headers: list[bytes] = field(default_factory=list)
    #: Where each block stands: segment, offset, length.
    places: list[tuple[int, int, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    #: The messages that a block says something of: their acceptance, or an attempt to deliver them.
    touched: dict[int, set[str]] = field(default_factory=dict)
    #: Ids that stand in two records.
    twice: list[str] = field(default_factory=list)
    records: int = 0

    def outcome(self, message: str, destination: str) -> tuple[int, str]:
        """That of a delivery, named by its destination; 0 when nothing is recorded."""
        accepted = self.messages[message]
        if destination not in accepted.destinations:
            return (0, "")
        return self.outcomes.get((message, accepted.destinations.index(destination)), (0, ""))


class _Fields:
    """The fields of a record, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def take(self, length: int) -> bytes:
        if self._place + length > len(self._data):
            raise Unreadable("a record ends too early")
        self._place += length
        return self._data[self._place - length:self._place]

    def byte(self) -> int:
        return self.take(1)[0]

    def count(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def text(self) -> str:
        return self.take(self.count()).decode()

    def id(self) -> str:
        return str(uuid.UUID(bytes=self.take(16)))


def _accepted(fields: _Fields, sequence: int, block: int, segment: int, offset: int) -> Accepted:
    message = fields.id()
    fields.take(8)
    sender, _, _, identity = fields.text(), fields.text(), fields.text(), fields.text()
    digest, size = fields.take(32).hex(), fields.count()
    fields.text()
    lane = fields.text()
    fields.byte()
    fields.text(), fields.text(), fields.text()
    if fields.byte():
        fields.take(32)
    fields.text()
    for _ in range(fields.count()):
        fields.text()
    destinations = []
    for _ in range(fields.count()):
        destinations.append(fields.text())
        fields.text(), fields.text(), fields.text()
    return Accepted(message, sender, identity, digest, size, lane, tuple(destinations), sequence, block, offset,
                    segment)


def leaf(record: bytes) -> bytes:
    return hashlib.sha256(b"\0" + record).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return _node(root(leaves[:split]), root(leaves[split:]))


@dataclass(frozen=True)
class Base:
    """Where a journal begins: the first segment, block and record that are there."""

    segment: int = 0
    block: int = 0
    record: int = 0
    #: Messages that outlived their month.
    carried: int = 0


def read_base(journal: Path) -> Base:
    path = journal / "base"
    if not path.exists():
        return Base()
    lines = path.read_bytes().split(b"\n")
    text = b"".join(line + b"\n" for line in lines[:-2])
    facts = dict(line.decode().split(" ", 1) for line in lines[:-1] if not line.startswith(b"end "))
    if facts["format"] != "base-1" or lines[-2] != b"end " + hashlib.sha256(text).hexdigest().encode():
        raise Unreadable("the base is not what the format says")
    return Base(int(facts["segment"]), int(facts["last-block"]) + 1, int(facts["records"]),
                int(facts.get("carried", "0").split(" ")[0]))


def read_chain(journal: Path, archives: Sequence[Path] = ()) -> Chain:
    """Every block of every segment, behind those in the archives of dropped months; the first fault ends the reading and is
    named."""
    chain = Chain()
    try:
        base = read_base(journal)
        for archive in archives:
            with tarfile.open(archive) as tar:
                for name in sorted(name for name in tar.getnames() if name.endswith(".seg")):
                    member = tar.extractfile(name)
                    assert member is not None
                    _read_segment(chain, int(Path(name).stem), member.read())
        if (len(chain.headers), chain.records) != (base.block, base.record):
            raise Unreadable(f"the archives do not end where the base says, before block {base.block}")
        for path in sorted((journal / "segments").glob("*.seg")):
            if int(path.stem) >= base.segment:
                _read_segment(chain, int(path.stem), path.read_bytes())
    except (Unreadable, UnicodeDecodeError, struct.error, IndexError) as fault:
        chain.faults.append(f"block {len(chain.headers)}: {fault}")
    return chain


def _read_segment(chain: Chain, number: int, data: bytes) -> None:
    offset = 32
    end = len(data.rstrip(b"\0"))
    if data[:8] != b"LGSPSEG1" and end:
        raise Unreadable(f"segment {number} has no head")
    while offset < end:
        if data[offset:offset + 4] != b"BLK1":
            raise Unreadable(f"segment {number}, offset {offset}: no block")
        length, count, header_length, signature_length = struct.unpack_from(">QIHH", data, offset + 8)
        _read_block(chain, (number, offset, length), data[offset:offset + length], count, header_length,
                    signature_length)
        offset += length


def _read_block(chain: Chain, place: tuple[int, int, int], data: bytes, count: int, header_length: int,
                signature_length: int) -> None:
    table = struct.unpack_from(f">{2 * count}I", data, _HEAD)
    start = _HEAD + 8 * count
    header = data[start:start + header_length]
    if header[:8] != b"LGSPBLK1":
        raise Unreadable("no signed header")
    name_end = 9 + header[8]
    number, = struct.unpack_from(">Q", header, name_end)
    previous = header[name_end + 8:name_end + 40]
    records, first = struct.unpack_from(">IQ", header, name_end + 40)
    before = hashlib.sha256(chain.headers[-1]).digest() if chain.headers else bytes(32)
    if (number, previous, records, first) != (len(chain.headers), before, count, chain.records):
        raise Unreadable(f"block {number} does not follow the one before")
    position = start + header_length + signature_length
    leaves = []
    for index in range(count):
        record = data[position:position + table[2 * index]]
        position += table[2 * index]
        leaves.append(leaf(record))
        _read_record(chain, record, first + index, place, number)
    if root(leaves) != header[-32:]:
        raise Unreadable(f"block {number}: the records do not belong to its root")
    chain.headers.append(header)
    chain.places.append(place)
    chain.records += count


def _read_record(chain: Chain, record: bytes, sequence: int, place: tuple[int, int, int], block: int) -> None:
    fields = _Fields(record)
    kind = fields.byte()
    if kind in (1, 6):
        message = _accepted(fields, sequence, block, place[0], place[1])
        if message.id in chain.messages:
            chain.twice.append(message.id)
        chain.messages[message.id] = message
        chain.touched.setdefault(block, set()).add(message.id)
    elif kind == 3:
        message_id, ordinal = fields.id(), fields.count()
        chain.touched.setdefault(block, set()).add(message_id)
        fields.take(8)
        outcome = fields.byte()
        fields.count()
        # What is recorded after the end of a delivery changes nothing.
        if chain.outcomes.get((message_id, ordinal), (0, ""))[0] not in (1, 3):
            chain.outcomes[(message_id, ordinal)] = (outcome, fields.text())
            chain.ends[(message_id, ordinal)] = sequence


# ---- receipts


def receipt_fault(receipt: dict[str, Any], note_id: str, digest: str, chain: Chain | None) -> str:
    """What is wrong with a receipt but for its signature; empty when nothing is."""
    try:
        record = base64.b64decode(receipt["record"])
        header = base64.b64decode(receipt["block"])
        accepted = _accepted(_Fields(record[1:]), 0, 0, 0, 0)
        if record[0] != 1 or accepted.id != note_id or accepted.digest != digest:
            return "it is for another message"
        proof = receipt["proof"]
        path = [base64.b64decode(step) for step in proof["path"]]
        computed = _climb(leaf(record), proof["index"], proof["size"], path)
        if computed != header[-32:]:
            return "its record is not in its block"
        number, = struct.unpack_from(">Q", header, 9 + header[8])
    except (Unreadable, KeyError, ValueError, IndexError) as fault:
        return f"it cannot be read: {fault}"
    if chain is not None and (number >= len(chain.headers) or chain.headers[number] != header):
        return f"the journal has no such block {number}"
    return ""


def _climb(node: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2."""
    last = size - 1
    for step in path:
        if index & 1 or index == last:
            node = _node(step, node)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            node = _node(node, step)
        index >>= 1
        last >>= 1
    return node


def signature_holds(receipt: dict[str, Any], public_key: Path) -> bool:
    """Asks OpenSSL, with the hub's public key; an ECDSA signature of fixed length is brought into DER first."""
    signature = base64.b64decode(receipt["signature"])
    half = len(signature) // 2
    numbers = b"".join(_integer(part) for part in (signature[:half], signature[half:]))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "block").write_bytes(base64.b64decode(receipt["block"]))
        (Path(folder) / "signature").write_bytes(b"\x30" + bytes((len(numbers),)) + numbers)
        command = ["openssl", "dgst", "-sha256", "-verify", str(public_key), "-signature", f"{folder}/signature",
                   f"{folder}/block"]
        return subprocess.run(command, capture_output=True).returncode == 0


def _integer(data: bytes) -> bytes:
    data = data.lstrip(b"\0") or b"\0"
    if data[0] >= 0x80:
        data = b"\0" + data
    return b"\x02" + bytes((len(data),)) + data
