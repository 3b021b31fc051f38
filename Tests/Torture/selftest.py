"""Proves that the checker can fail: books that were tampered with, and a disk that lies, must be found out."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Callable

from arena import Arena, Settings
from chain import Chain
from ledger import Arrival, Ledger, Note
from shim import EVERY_CALL, EVERY_FILE, Action, Call, Rule
from shimtest import try_shim
from verdict import Figures, judge

Change = Callable[[Ledger, Chain], None]


def _delivered_note(ledger: Ledger) -> Note:
    """An acknowledged message of a lane in which others follow it at the same receiver."""
    for arrival in ledger.arrivals:
        later = [other for other in ledger.arrivals
                 if (other.receiver, other.lane) == (arrival.receiver, arrival.lane) and other.number > arrival.number]
        if later:
            return ledger.notes[arrival.note]
    raise AssertionError("the sample is too small")


def _remove_arrivals(ledger: Ledger, chain: Chain) -> None:
    name = _delivered_note(ledger).name
    ledger.arrivals = [arrival for arrival in ledger.arrivals if arrival.note != name]


def _forget_in_journal(ledger: Ledger, chain: Chain) -> None:
    del chain.messages[_delivered_note(ledger).id]


def _leave_pending(ledger: Ledger, chain: Chain) -> None:
    chain.outcomes = {key: value for key, value in chain.outcomes.items() if key[0] != _delivered_note(ledger).id}


def _add_second_id(ledger: Ledger, chain: Chain) -> None:
    first = ledger.arrivals[0]
    ledger.arrivals.append(Arrival(first.receiver, "00000000-0000-7000-8000-000000000000", first.note, first.lane,
                                   10_000, first.digest, first.life))


def _answer_with_second_id(ledger: Ledger, chain: Chain) -> None:
    _delivered_note(ledger).ids.add("00000000-0000-7000-8000-000000000000")


def _refuse_and_accept_again(ledger: Ledger, chain: Chain, gap: int) -> None:
    """A message that its receivers refused for good, and another one under its identity `gap` records behind that."""
    note = _delivered_note(ledger)
    first = chain.messages[note.id]
    ledger.refused_by_receiver.update((receiver, note.name) for receiver in note.receivers)
    for message in (first, replace(first, id="ffffffff-ffff-7fff-bfff-ffffffffffff", sequence=chain.records + gap)):
        chain.messages[message.id] = message
        for ordinal in range(len(message.destinations)):
            chain.outcomes[message.id, ordinal] = (3, "")
            chain.ends[message.id, ordinal] = chain.records + (0 if message is first else 2)


def _accept_before_refused(ledger: Ledger, chain: Chain) -> None:
    _refuse_and_accept_again(ledger, chain, -1)


def _answer_with_second_receipt(ledger: Ledger, chain: Chain) -> None:
    _delivered_note(ledger).receipts.add("{}")


def _swap_order(ledger: Ledger, chain: Chain) -> None:
    name = _delivered_note(ledger).name
    late = [arrival for arrival in ledger.arrivals if arrival.note == name]
    ledger.arrivals = [arrival for arrival in ledger.arrivals if arrival.note != name] + late


def _change_bytes(ledger: Ledger, chain: Chain) -> None:
    first = ledger.arrivals[0]
    ledger.arrivals[0] = replace(first, digest="0" * 64)


def _change_receipt(ledger: Ledger, chain: Chain) -> None:
    note = _delivered_note(ledger)
    receipt = json.loads(json.dumps(note.receipt))
    receipt["block"] = "A" * 12 + receipt["block"][12:]
    note.receipt = receipt


def _cut_chain(ledger: Ledger, chain: Chain) -> None:
    chain.headers = chain.headers[:1]


def _show_settled(ledger: Ledger, chain: Chain) -> None:
    ledger.settles(["x.0"])
    ledger.shown("x.0")


#: What is done to the books, and the figure that has to rise.
CHANGES: list[tuple[str, Change, str]] = [
    ("a message taken from the receivers' log", _remove_arrivals, "lost"),
    ("a message taken from the journal", _forget_in_journal, "lost"),
    ("a delivery without an end", _leave_pending, "unended"),
    ("one identity under a second id at a receiver", _add_second_id, "duplicated"),
    ("one identity answered with a second id", _answer_with_second_id, "duplicated"),
    ("an identity accepted again before all receivers had refused its message", _accept_before_refused, "duplicated"),
    ("a repeat answered with another receipt", _answer_with_second_receipt, "duplicated"),
    ("an order that was swapped", _swap_order, "out_of_order"),
    ("a delivery with other bytes", _change_bytes, "altered"),
    ("a receipt that was changed", _change_receipt, "unverifiable"),
    ("a journal that was cut off", _cut_chain, "unverifiable"),
    ("a settled delivery that is shown again", _show_settled, "unsettled"),
]


def _play_sound(settings: Settings) -> tuple[Ledger, Chain, Figures]:
    with Arena(settings, "sound") as arena:
        arena.start()
        arena.begin_load()
        arena.run_until(60)
        arena.restart()
        arena.run_until(20)
        arena.end_senders()
        arena.drain()
        arena.end_pollers()
        arena.hub.stop()
        chain = arena.judge()
        return arena.ledger, chain, arena.verdict.figures


def _play_lying_disk(settings: Settings) -> int:
    """A disk that answers syncs without doing them, and a power cut: acknowledged messages are lost."""
    with Arena(settings, "lying-disk") as arena:
        lie = Rule(Action.LIE, (Call.SYNC,), EVERY_FILE, times=0)
        arena.control.track(settings.seed)
        arena.start()
        arena.begin_load()
        arena.run_until(20)
        arena.control.arm(lie)
        arena.run_until(20)
        arena.control.arm(lie, Rule(Action.CUT, EVERY_CALL, EVERY_FILE))
        arena.hub.wait_for_death(10)
        arena.settle()
        lost = arena.verdict.figures.lost
        # Found, as it has to be: nothing to keep the folder for.
        arena.verdict.faults.clear()
        return lost


def run(settings: Settings) -> int:
    """0 when everything was found out."""
    passed = failed = 0

    def tell(what: str, is_found: bool, how: str) -> None:
        nonlocal passed, failed
        passed, failed = passed + is_found, failed + (not is_found)
        print(f"{'found' if is_found else 'NOT FOUND'}: {what} ({how})", flush=True)

    try_shim(settings.shim, settings.folder, tell)
    ledger, chain, figures = _play_sound(settings)
    tell("nothing in a sound run", not figures.is_broken and figures.acknowledged >= 80,
         f"{figures.acknowledged} acknowledged")
    # Locks are not copied, so the books are taken out of the ledger first.
    for what, change, kind in CHANGES:
        own = Ledger()
        own.notes, own.arrivals = copy.deepcopy(ledger.notes), list(ledger.arrivals)
        own.refused_by_receiver = set(ledger.refused_by_receiver)
        own_chain = copy.deepcopy(chain)
        change(own, own_chain)
        found = getattr(judge(own, own_chain).figures, kind)
        tell(what, found > 0, f"{kind} {found}")
    repeated = Ledger()
    repeated.notes, repeated.arrivals = ledger.notes, [*ledger.arrivals, ledger.arrivals[-1]]
    verdict = judge(repeated, chain)
    tell("a repeat of one id, which is no fault", not verdict.figures.is_broken
         and verdict.figures.repeats == figures.repeats + 1, f"repeats {verdict.figures.repeats}")
    again = Ledger()
    again.notes, again.arrivals = copy.deepcopy(ledger.notes), list(ledger.arrivals)
    own_chain = copy.deepcopy(chain)
    _refuse_and_accept_again(again, own_chain, 1)
    figures = judge(again, own_chain).figures
    tell("an identity that came again after that, which is no fault", not figures.duplicated, f"duplicated {figures.duplicated}")
    lost = _play_lying_disk(settings)
    tell("messages lost by a disk that lies about syncs", lost > 0, f"lost {lost}")
    print(f"{passed} passed, {failed} failed")
    print("PASSED: the checker can fail" if not failed else "FAILED: the checker overlooks faults")
    return 0 if not failed else 1
