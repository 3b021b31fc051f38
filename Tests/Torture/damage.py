"""Scenarios that change the files of a stopped hub: flipped bits, lost files, files of another time.

What is damaged may be reported as unreadable. It is never wrong without a word, and never hides what stands beside it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Callable

from arena import Arena, Settings
from chain import Accepted, Chain, read_chain
from disk import is_refusing
from hub import wait_until
from ledger import Note

#: From the beginning of a file: the head of a segment, of a database page, of a log.
_PAGE = 4096


class Specimen:
    """A journal with a history, some of it still to be delivered, to be damaged again and again."""

    def __init__(self, arena: Arena, messages: int = 60, large_share: float = 0.15, stops: bool = False) -> None:
        self.arena = arena
        arena.load.large_share = large_share
        arena.load.pause = 0.005
        arena.start()
        arena.begin_load()
        arena.run_until(messages // 2)
        # From here on mailboxes fill, and receivers take nothing.
        arena.end_pollers()
        arena.manners.weights = {"fail": 1}
        arena.run_until(messages // 2)
        arena.end_senders()
        if stops:
            arena.hub.stop()
        arena.hub.kill()
        self.sound = arena.folder / "sound"
        shutil.copytree(arena.hub.journal, self.sound)
        self.chain: Chain = read_chain(self.sound)
        self.notes: dict[str, Note] = {note.id: note for note in arena.ledger.acknowledged_notes}

    def put_back(self) -> None:
        """The journal as it was before the damage."""
        self.arena.hub.kill()
        shutil.rmtree(self.arena.hub.journal)
        shutil.copytree(self.sound, self.arena.hub.journal)

    def messages(self, is_spooled: bool | None = None) -> list[Accepted]:
        """Of the journal, but for those in its last block."""
        last = len(self.chain.headers) - 1
        found = [item for item in self.chain.messages.values() if item.block != last]
        if is_spooled is None:
            return found
        return [item for item in found if self.spooled(item).exists() == is_spooled]

    def spooled(self, message: Accepted) -> Path:
        return self.arena.hub.journal / "spool" / message.digest[:2] / message.digest


def flip(path: Path, place: int, bit: int) -> None:
    with open(path, "r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes((byte ^ 1 << bit,)))


# ---- what is asked of a damaged hub


def _check_answers(specimen: Specimen, what: str, damaged: set[str]) -> int:
    """Every message but the damaged ones is told rightly and comes whole out of the hub.

    Returns how many of the damaged ones were reported as unreadable.
    """
    arena, hub = specimen.arena, specimen.arena.hub
    reported = 0
    names = list(specimen.notes)
    sample = damaged | set(arena.chance.sample(names, min(12, len(names)))) | _neighbours(specimen, damaged)
    for message in sorted(sample):
        note = specimen.notes[message]
        view = hub.admin(f"/admin/v1/messages/{message}")
        pack = hub.admin(f"/admin/v1/messages/{message}/evidence")
        is_well = view.status == 200 and pack.status == 200
        if message not in damaged:
            arena.expect(is_well, f"{what}: {note.name}, {message}, is hidden: {view.status} {view.code}, "
                                  f"evidence {pack.status} {pack.code}")
        elif not is_well:
            reported += 1
        if view.status == 200 and view.json()["digest"] != note.digest:
            arena.fail(f"{what}: the hub tells another digest of {note.name}, {message}")
        if pack.status == 200:
            _check_pack(specimen, what, note, pack.body)
    return reported


def _check_pack(specimen: Specimen, what: str, note: Note, pack: bytes) -> None:
    path = specimen.arena.folder / "pack.tar"
    path.write_bytes(pack)
    result = specimen.arena.hub.run("evidence", "verify", str(path), "--trust", str(specimen.arena.hub.public_key))
    specimen.arena.expect(result.returncode == 0, f"{what}: the pack of {note.name} does not verify")


def _neighbours(specimen: Specimen, damaged: set[str]) -> set[str]:
    """The messages right before and behind."""
    names = list(specimen.chain.messages)
    places = [names.index(message) for message in damaged]
    near = {names[place + step] for place in places for step in (-1, 1) if 0 <= place + step < len(names)}
    return (near - damaged) & set(specimen.notes)


def _faults_of(report: dict[str, Any]) -> str:
    return json.dumps([report.get("faults"), report.get("projection")])


def _refuses_to_start(arena: Arena, what: str) -> None:
    arena.launch()
    arena.expect(arena.hub.wait_for_death(10), f"{what}: the hub starts as if nothing were wrong")
    words = arena.hub.last_words()
    arena.expect("journal.damaged" in words, f"{what}: the hub does not say journal.damaged but: {words[-200:]}")
    arena.hub.kill()


# ---- segments


def flipped_segments(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """A bit of a block in the middle: the audit names it and nothing else, and everything beside it is delivered."""
    specimen = Specimen(arena)
    reported = 0
    for _ in range(max(1, cycles)):
        specimen.put_back()
        target = arena.chance.choice(specimen.messages(is_spooled=False))
        segment, offset, length = specimen.chain.places[target.block]
        path = arena.hub.journal / f"segments/{segment:08}.seg"
        flip(path, offset + arena.chance.randrange(length), arena.chance.randrange(8))
        inside = {item.id for item in specimen.chain.messages.values() if item.block == target.block}
        report = arena.audit(expects_whole=False)
        what = f"a bit of block {target.block}"
        arena.expect(not report["whole"], f"{what}: the audit says that the journal is whole")
        text = _faults_of(report)
        arena.expect(f"{segment:08}.seg" in text and str(offset) in text,
                     f"{what}, offset {offset}: named as {text[:400]}")
        neighbours = [place[1] for place in specimen.chain.places if place[1] > offset and place[1] != offset + length]
        named = [place for place in neighbours if f'"offset": {place}' in text]
        arena.expect(not named, f"{what}: the audit also names {len(named)} sound blocks: {text[:400]}")
        arena.start()
        # The evidence of a message holds its attempts, and those may stand in a block of their own.
        touched = specimen.chain.touched[target.block]
        reported += _check_answers(specimen, what, touched & set(specimen.notes))
        _deliver_all(specimen, what, inside)
        arena.verdict.figures.cycles += 1
    specimen.put_back()
    arena.settle()
    return [f"{reported} damaged messages reported as unreadable, and all others well"]


def _deliver_all(specimen: Specimen, what: str, damaged: set[str]) -> None:
    """What was still to be delivered is, or ends with journal.damaged if it is damaged; then all is forgotten again."""
    arena = specimen.arena
    count, weights = len(arena.ledger.arrivals), arena.manners.weights
    arena.begin_pollers()
    arena.drain()
    for row in arena.hub.ledger():
        for delivery in row["deliveries"]:
            is_well = delivery["phase"] == "delivered" or row["id"] in damaged and delivery["code"] == "journal.damaged"
            arena.expect(is_well, f"{what}: {row['id']} to {delivery['destination']} ends {delivery['phase']} "
                                  f"with {delivery['code']}")
    arena.end_pollers()
    for arrival in arena.ledger.arrivals[count:]:
        note = arena.ledger.notes.get(arrival.note)
        if note is None or note.digest != arrival.digest:
            arena.verdict.find("altered", f"{what}: {arrival.receiver} got other bytes for {arrival.note}")
    del arena.ledger.arrivals[count:]
    arena.ledger.settled.clear()
    arena.manners.weights = weights


def flipped_ends(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """Bits of the last block, which was acknowledged, and of the head of a segment: no start goes on over them."""
    # Stopped in peace, so that the database knows the last block: a block that it does not know may be a torn tail.
    specimen = Specimen(arena, 30, stops=True)
    segment, offset, length = specimen.chain.places[-1]
    for _ in range(max(1, cycles)):
        for what, place in (("a bit of the last block", offset + arena.chance.randrange(length)),
                            ("a bit of the head of the segment", arena.chance.randrange(28))):
            specimen.put_back()
            flip(arena.hub.journal / f"segments/{segment:08}.seg", place, arena.chance.randrange(8))
            arena.expect(not arena.audit(expects_whole=False)["whole"], f"{what}: the audit says that it is whole")
            _refuses_to_start(arena, f"{what}, at {place}")
            arena.verdict.figures.cycles += 1
    specimen.put_back()
    arena.settle()
    return []


# ---- database, log, spool


def flipped_database(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """Bits of the database and of its log: made anew, or named; a rebuilt one is right in any case."""
    specimen = Specimen(arena)
    whole = told_wrongly = 0
    for number in range(max(2, cycles)):
        specimen.put_back()
        name = ("projection.sqlite-wal", "projection.sqlite")[number % 2]
        what = f"bits of {name}"
        path = arena.hub.journal / name
        if name == "projection.sqlite":
            # The pages come into the file with a checkpoint only.
            arena.start()
            arena.hub.stop()
        size = path.stat().st_size
        places = [arena.chance.randrange(size) for _ in range(arena.chance.choice((1, 3, 30)))]
        for place in places:
            flip(path, place, arena.chance.randrange(8))
        arena.launch()
        if not wait_until(lambda: not arena.hub.is_alive or arena.hub.is_ready() or is_refusing(arena), 20):
            arena.fail(f"{what}, at {places}: the hub neither starts, nor ends, nor says what is wrong")
        wrong = _wrong_claims(specimen) if arena.hub.is_alive else []
        arena.hub.kill()
        report = arena.audit(expects_whole=False)
        arena.expect(not report.get("faults"), f"{what}: the audit finds fault with the segments: {_faults_of(report)}")
        arena.expect(not wrong or not report["whole"], f"{what}, at {places}: told wrongly, and not named: {wrong}")
        whole += bool(report["whole"])
        told_wrongly += len(wrong)
        _without_database(arena)
        arena.start()
        _check_answers(specimen, f"rebuilt after {what}", set())
        arena.hub.kill()
        arena.verdict.figures.cycles += 1
    specimen.put_back()
    arena.settle()
    return [f"{whole} of {max(2, cycles)} databases were sound or had been mended by the start, the others named by "
            f"the audit; {told_wrongly} messages were told wrongly before it was asked"]


def _wrong_claims(specimen: Specimen) -> list[str]:
    """Messages of which a hub with a damaged database says something else than what happened."""
    wrong = []
    for message in specimen.arena.chance.sample(list(specimen.notes), 15):
        view = specimen.arena.hub.admin(f"/admin/v1/messages/{message}")
        note = specimen.notes[message]
        if view.status == 200:
            told = view.json()
            if (told["digest"], told["sender"], told["order_key"]) != (note.digest, note.sender, note.lane):
                wrong.append(note.name)
    return wrong


def _without_database(arena: Arena) -> None:
    for path in arena.hub.journal.glob("projection.sqlite*"):
        path.unlink()


def flipped_spool(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """A bit of a spooled payload, or the whole file: named, not delivered, and all others are."""
    specimen = Specimen(arena, large_share=0.4)
    for number in range(max(2, cycles)):
        specimen.put_back()
        target = arena.chance.choice(specimen.messages(is_spooled=True))
        path = specimen.spooled(target)
        what = ("a bit of a spooled payload", "a spooled payload that is missing")[number % 2]
        if number % 2:
            path.unlink()
        else:
            flip(path, arena.chance.randrange(target.size), arena.chance.randrange(8))
        report = arena.audit(expects_whole=False)
        arena.expect(not report["whole"] and target.id in _faults_of(report),
                     f"{what}: the audit does not name {target.id}: {_faults_of(report)[:400]}")
        arena.start()
        _check_answers(specimen, what, {target.id})
        _deliver_all(specimen, what, {target.id})
        arena.verdict.figures.cycles += 1
    specimen.put_back()
    arena.settle()
    return []


# ---- files of another time


def lost_database(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """The database is gone, in whole or in part, or of an earlier time: it is made anew from the segments."""
    arena.start()
    arena.begin_load()
    arena.run_until(20)
    arena.hub.stop()
    older = arena.folder / "older"
    shutil.copytree(arena.hub.journal, older)
    changes: list[tuple[str, Callable[[], None]]] = [
        ("without database", lambda: _without_database(arena)),
        ("without log", lambda: (arena.hub.journal / "projection.sqlite-wal").unlink(missing_ok=True)),
        ("without shared memory", lambda: (arena.hub.journal / "projection.sqlite-shm").unlink(missing_ok=True)),
        ("database cut to half", lambda: _cut(arena.hub.journal / "projection.sqlite")),
        ("empty database", lambda: (arena.hub.journal / "projection.sqlite").write_bytes(b"")),
        ("older database", lambda: _older_database(arena, older)),
    ]
    for number in range(max(len(changes), cycles)):
        what, change = changes[number % len(changes)]
        arena.start()
        arena.run_until(15)
        if arena.chance.random() < 0.5:
            arena.hub.kill()
        else:
            arena.hub.stop()
        change()
        arena.start()
        arena.run_until(10)
        arena.hub.kill()
        report = arena.audit(expects_whole=False)
        arena.expect(not report.get("faults"), f"{what}: {_faults_of(report)[:400]}")
        arena.verdict.figures.cycles += 1
    arena.settle()
    return []


def _cut(path: Path) -> None:
    with open(path, "r+b") as file:
        file.truncate(path.stat().st_size // 2 // _PAGE * _PAGE)


def _older_database(arena: Arena, older: Path) -> None:
    _without_database(arena)
    for path in older.glob("projection.sqlite*"):
        shutil.copy2(path, arena.hub.journal)


def older_segments(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """Segments from a backup beside the present database: the hub must say so; without it, receipts do."""
    arena.start()
    arena.begin_load()
    arena.run_until(30)
    arena.end_pollers()
    arena.hub.kill()
    older, newer = arena.folder / "older", arena.folder / "newer"
    shutil.copytree(arena.hub.journal, older)
    arena.start()
    arena.run_until(30)
    arena.end_senders()
    arena.hub.stop()
    shutil.copytree(arena.hub.journal, newer)
    for name in ("segments", "spool"):
        shutil.rmtree(arena.hub.journal / name)
        shutil.copytree(older / name, arena.hub.journal / name)
    _refuses_to_start(arena, "older segments beside a newer database")
    report = arena.audit(expects_whole=False)
    arena.expect(not report["whole"], "older segments beside a newer database: the audit says that all is whole")
    # With both from the backup only those who hold receipts can tell.
    _without_database(arena)
    report = arena.audit(expects_whole=False)
    arena.expect("receipt" in _faults_of(report), f"an older journal: no receipt is missed: {_faults_of(report)[:300]}")
    shutil.rmtree(arena.hub.journal)
    shutil.copytree(newer, arena.hub.journal)
    arena.verdict.figures.cycles += 1
    arena.settle()
    return []
