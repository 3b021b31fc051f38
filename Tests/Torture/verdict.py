"""Holds the ledger against the journal and against what receivers got, and counts what broke the promise."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any

from chain import Accepted, Chain, receipt_fault
from ledger import Arrival, Ledger, Note
from library import PUSHED

_PUSHED = {system.name for system in PUSHED}


@dataclass
class Figures:
    """Counts of one scenario, or of all."""

    cycles: int = 0
    attempted: int = 0
    acknowledged: int = 0
    deliveries: int = 0
    #: Acknowledged, and not in the journal, or ended without having arrived.
    lost: int = 0
    #: Acknowledged and in the journal, and not ended when everything had had its time.
    unended: int = 0
    #: One identity under two ids.
    duplicated: int = 0
    #: Acknowledged in one life of the hub and first delivered in a later one.
    recovered: int = 0
    #: Not answered, and found to be accepted when it was repeated or looked for.
    settled_by_repeat: int = 0
    out_of_order: int = 0
    #: Receipts that do not prove what they should, or packs and journals that do not verify.
    unverifiable: int = 0
    #: Bytes that are not those that were sent, or messages that nobody sent.
    altered: int = 0
    #: Shown again after the hub confirmed that they were settled.
    unsettled: int = 0
    #: The same id again at one receiver; at-least-once allows it.
    repeats: int = 0
    dead_lettered: int = 0
    unanswered: int = 0
    put_off: int = 0
    refused: int = 0

    BROKEN = ("lost", "unended", "duplicated", "out_of_order", "unverifiable", "altered", "unsettled")

    def add(self, other: "Figures") -> None:
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))

    @property
    def is_broken(self) -> bool:
        return any(getattr(self, name) for name in self.BROKEN)

    def as_json(self) -> dict[str, int]:
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass
class Verdict:
    figures: Figures = field(default_factory=Figures)
    faults: list[str] = field(default_factory=list)
    #: Texts of faults that are known and told, and do not break the run; and what was met of them.
    known: tuple[str, ...] = ()
    met: list[str] = field(default_factory=list)
    _counted: set[tuple[str, str]] = field(default_factory=set)

    #: Of one kind; the figures count them all.
    MOST_NAMED = 10

    def fail(self, what: str) -> None:
        """Something else than a message is not as it should be."""
        if not self._is_known(what):
            self.faults.append(what)

    def _is_known(self, what: str) -> bool:
        is_known = any(text in what for text in self.known)
        if is_known and len(self.met) < self.MOST_NAMED:
            self.met.append(what)
        return is_known

    def find(self, kind: str, what: str, subject: str = "") -> None:
        """A message, a receipt or a journal that breaks the promise; a subject counts once, however it is found."""
        if self._is_known(what) or subject and (kind, subject) in self._counted:
            return
        self._counted.add((kind, subject))
        count = getattr(self.figures, kind) + 1
        setattr(self.figures, kind, count)
        if count <= self.MOST_NAMED:
            self.faults.append(f"{kind}: {what}")


def destination(receiver: str) -> str:
    return f"{'push' if receiver in _PUSHED else 'mailbox'}:{receiver}"


def judge(ledger: Ledger, chain: Chain, verdict: Verdict | None = None) -> Verdict:
    """Everything that can be said without asking the hub."""
    verdict = verdict or Verdict()
    figures = verdict.figures
    notes = list(ledger.notes.values())
    figures.attempted = len(notes)
    figures.acknowledged = sum(note.is_acknowledged for note in notes)
    figures.deliveries = len(ledger.arrivals)
    figures.unanswered = sum(note.unanswered for note in notes)
    figures.put_off = sum(note.put_off for note in notes)
    figures.refused = sum(bool(note.refusal) for note in notes)
    for fault in chain.faults:
        verdict.find("unverifiable", f"the journal: {fault}")
    arrivals: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
    for arrival in ledger.arrivals:
        arrivals[arrival.note, arrival.receiver].append(arrival)
    for note in notes:
        _judge_note(note, ledger, chain, arrivals, verdict)
    _judge_identities(ledger, chain, verdict)
    _judge_contents(ledger, verdict)
    _judge_order(ledger, verdict)
    for delivery in ledger.shown_after_settled:
        verdict.find("unsettled", f"{delivery} was shown after its acknowledgement had been confirmed")
    return verdict


def _judge_note(note: Note, ledger: Ledger, chain: Chain, arrivals: dict[tuple[str, str], list[Arrival]],
                verdict: Verdict) -> None:
    if not note.is_acknowledged:
        return
    verdict.figures.settled_by_repeat += note.unanswered > 0
    if len(note.receipts) > 1:
        verdict.find("duplicated", f"{note.name} has {len(note.receipts)} receipts")
    assert note.receipt is not None
    if fault := receipt_fault(note.receipt, note.id, note.digest, chain):
        verdict.find("unverifiable", f"the receipt of {note.name}, {note.id}: {fault}")
    accepted = chain.messages.get(note.id)
    if accepted is None:
        verdict.find("lost", f"{note.name}, {note.id}, acknowledged in life {note.life}, is not in the journal",
                     note.name)
        return
    if accepted.digest != note.digest:
        verdict.find("altered", f"{note.name}, {note.id}, has another digest in the journal")
    for receiver in note.receivers:
        _judge_delivery(note, receiver, ledger, chain, arrivals[note.name, receiver], verdict)


def _judge_delivery(note: Note, receiver: str, ledger: Ledger, chain: Chain, arrivals: list[Arrival],
                    verdict: Verdict) -> None:
    outcome, code = chain.outcome(note.id, destination(receiver))
    own = [arrival for arrival in arrivals if arrival.message == note.id]
    if own:
        verdict.figures.repeats += len(own) - 1
        verdict.figures.recovered += own[0].life > note.life
    if outcome == 3:
        verdict.figures.dead_lettered += 1
        if not own and (receiver, note.name) not in ledger.refused_by_receiver:
            verdict.find("lost", f"{note.name}, {note.id}, for {receiver}: dead-lettered with {code} without a refusal",
                         note.name)
    elif outcome != 1:
        verdict.find("unended", f"{note.name}, {note.id}, for {receiver}: not ended"
                     + (", though it has arrived" if own else ""), note.name)
    elif not own:
        verdict.find("lost", f"{note.name}, {note.id}, for {receiver}: recorded as delivered, never arrived",
                     note.name)


def _judge_identities(ledger: Ledger, chain: Chain, verdict: Verdict) -> None:
    """One identity is one message: in the journal, in the answers and at the receivers.

    It is free again once all receivers of its message have refused it for good, so what a sender repeats then, since no
    answer reached it, is another message.
    """
    ids: dict[str, set[str]] = defaultdict(set)
    for accepted in chain.messages.values():
        ids[accepted.identity.rsplit("\x1f", 1)[-1]].add(accepted.id)
    for note in ledger.notes.values():
        ids[note.name] |= note.ids
    for arrival in ledger.arrivals:
        ids[arrival.note].add(arrival.message)
    for name, found in ids.items():
        if len(found) > 1 and not _are_successive(name, found, ledger, chain):
            verdict.find("duplicated", f"{name} is {', '.join(sorted(found))}")
    for message in chain.twice:
        verdict.find("duplicated", f"{message} stands in the journal twice")


def _are_successive(name: str, found: set[str], ledger: Ledger, chain: Chain) -> bool:
    """Whether each was accepted after all receivers of the one before had refused it for good."""
    if not found <= chain.messages.keys():
        return False
    messages = sorted((chain.messages[message] for message in found), key=lambda message: message.sequence)
    return all(_is_given_up(name, first, then.sequence, ledger, chain) for first, then in pairwise(messages))


def _is_given_up(name: str, message: Accepted, before: int, ledger: Ledger, chain: Chain) -> bool:
    return bool(message.destinations) and all(
        chain.outcome(message.id, place)[0] == 3 and chain.ends[message.id, ordinal] < before
        and (place.partition(":")[2], name) in ledger.refused_by_receiver
        for ordinal, place in enumerate(message.destinations))


def _judge_contents(ledger: Ledger, verdict: Verdict) -> None:
    for arrival in ledger.arrivals:
        note = ledger.notes.get(arrival.note)
        if note is None:
            verdict.find("altered", f"{arrival.receiver} got {arrival.message}, which nobody sent")
        elif arrival.digest != note.digest or arrival.receiver not in note.receivers:
            verdict.find("altered", f"{arrival.receiver} got {arrival.note}, {arrival.message}, with other bytes "
                                    "or by mistake")


def _judge_order(ledger: Ledger, verdict: Verdict) -> None:
    """Numbers of a lane ascend at each receiver, repeats of the last one aside."""
    last: dict[tuple[str, str], int] = {}
    for arrival in ledger.arrivals:
        place = (arrival.receiver, arrival.lane)
        before = last.get(place, 0)
        if arrival.number < before:
            verdict.find("out_of_order", f"{arrival.receiver} got {arrival.note} after number {before} of its lane")
        last[place] = max(before, arrival.number)


def compare_with_hub(notes: list[Note], rows: list[dict[str, Any]], verdict: Verdict) -> None:
    """What the hub says of acknowledged messages must be what happened."""
    rows_by_id = {row["id"]: row for row in rows}
    for note in notes:
        row = rows_by_id.get(note.id)
        if row is None:
            verdict.find("lost", f"the hub does not list {note.name}, {note.id}", note.name)
        elif row["digest"] != note.digest:
            verdict.find("altered", f"the hub lists {note.name}, {note.id}, with another digest")
        elif any(delivery["phase"] == "pending" for delivery in row["deliveries"]):
            verdict.find("unended", f"the hub has not ended {note.name}, {note.id}", note.name)
