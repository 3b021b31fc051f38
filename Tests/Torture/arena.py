"""One hub with its senders and receivers, from the first start to the verdict."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chain import Chain, read_base, read_chain, signature_holds
from hub import NO_ANSWER, Hub, HubFault, wait_until
from ledger import Ledger, Note
from receivers import Manners, Poller, PushReceiver, make_pollers, make_receivers
from senders import Load, Sender, make_senders
from verdict import Verdict, compare_with_hub, judge


class Skipped(Exception):
    """A scenario cannot be played here, and why."""


@dataclass
class Settings:
    """What all scenarios of a run share."""

    lgsp: Path
    shim: Path
    seed: int
    folder: Path
    #: Texts of faults that are known; they are told and do not break the run.
    known: tuple[str, ...] = ()


class Arena:
    """Use as a context: whatever happens, nothing keeps running."""

    #: Receipts whose signature is checked, that are given to the audit, and packs that are verified.
    SIGNATURES, RECEIPTS, PACKS = 8, 40, 3

    def __init__(self, settings: Settings, name: str) -> None:
        self.settings = settings
        self.name = name
        self.seed = f"{settings.seed}/{name}"
        self.chance = random.Random(self.seed)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=settings.folder))
        self.ledger = Ledger()
        self.manners = Manners()
        self.load = Load()
        self.verdict = Verdict(known=settings.known)
        self.receivers: list[PushReceiver] = make_receivers(self.ledger, self.manners, self.seed)
        self.pollers: list[Poller] = []
        self.senders: list[Sender] = []
        self._generation = 0
        self._numbers: dict[str, list[int]] = {}
        self.clock = 0
        #: Of the months that were dropped from the journal.
        self.archives: list[Path] = []
        try:
            endpoints = {receiver.system.name: receiver.port for receiver in self.receivers}
            self.hub = Hub(settings.lgsp, settings.shim, self.folder, self.chance, endpoints)
        except BaseException:
            self._close_receivers()
            raise
        self.control = self.hub.control

    def __enter__(self) -> "Arena":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for sender in self.senders:
            sender.give_up()
        for poller in self.pollers:
            poller.end()
        self.hub.kill()
        self._close_receivers()
        if kind is None and not self.verdict.faults:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _close_receivers(self) -> None:
        for receiver in self.receivers:
            receiver.close()

    def fail(self, what: str) -> None:
        self.verdict.fail(what)

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.fail(what)

    def move_data(self, data: Path) -> None:
        """Before the first start: the journal is to be elsewhere."""
        self.hub.move_data(data)

    # ---- running

    def launch(self) -> None:
        """Starts the hub and does not wait."""
        self.control.clear_kept()
        self.hub.launch()
        self.ledger.life = self.hub.lives

    def start(self, seconds: float = 30) -> None:
        self.control.clear_kept()
        self.ledger.life = self.hub.lives + 1
        self.hub.start(seconds)

    def advance_clock(self, seconds: int) -> None:
        """Moves the hub's clock, now and for the lives to come."""
        self.clock += seconds
        self.control.set_clock(self.clock)

    def restart(self) -> None:
        """Without any fault."""
        self.hub.kill()
        self.control.disarm()
        self.start()

    def begin_load(self, polled: bool = True) -> None:
        """Senders and pollers begin, or begin again with other messages; the hub need not be there yet. Without pollers, what is
        for a mailbox waits."""
        seed = f"{self.seed}/{self._generation}" if self._numbers else self.seed
        self.senders = make_senders(self.hub, self.ledger, self.load, seed, self._numbers)
        for sender in self.senders:
            sender.start()
        if polled:
            self.begin_pollers()

    def begin_pollers(self) -> None:
        self._generation += 1
        self.pollers = make_pollers(self.hub, self.ledger, f"{self.seed}/{self._generation}")
        for poller in self.pollers:
            poller.start()

    def run_until(self, acknowledged: int, seconds: float = 20) -> None:
        """Waits until so many more messages are acknowledged."""
        goal = self.ledger.count_acknowledged() + acknowledged
        if not wait_until(lambda: self.ledger.count_acknowledged() >= goal, seconds):
            raise HubFault(f"Only {self.ledger.count_acknowledged()} of {goal} messages were acknowledged in time: "
                           + self.hub.last_words())

    def end_senders(self, seconds: float = 30) -> None:
        """Lets every message under way come to its answer."""
        for sender in self.senders:
            sender.end()
        for sender in self.senders:
            sender.join(seconds)
            if sender.is_alive():
                self.fail(f"{sender.name} got no answer in {seconds} s")
                sender.give_up()
        self.senders = []

    def drain(self, seconds: float = 40) -> None:
        """Lets every delivery come to its end; receivers behave."""
        self.manners.weights = {"take": 1}
        for poller in self.pollers:
            poller.forgets_share = 0
        if not wait_until(self._nothing_pends, seconds, 0.05):
            self.fail(f"after {seconds} s {self.hub.totals()['pending']} deliveries have not ended")

    def _nothing_pends(self) -> bool:
        try:
            return self.hub.totals()["pending"] == 0
        except (*NO_ANSWER, KeyError, json.JSONDecodeError):
            return False

    def end_pollers(self) -> None:
        for poller in self.pollers:
            poller.end()
        for poller in self.pollers:
            poller.join(5)
        self.pollers = []

    # ---- the end of every scenario

    def settle(self) -> None:
        """Ends the faults, brings everything to its end, and judges."""
        self.control.disarm()
        if not self.hub.is_alive or not self.hub.is_ready():
            self.restart()
        if not self.pollers:
            self.begin_pollers()
        self.end_senders()
        self.drain()
        compare_with_hub(self._kept_notes(), self.hub.ledger(), self.verdict)
        self._verify_packs()
        self.end_pollers()
        self.hub.stop()
        self.audit()
        self.judge()

    def judge(self) -> Chain:
        chain = read_chain(self.hub.journal, self.archives)
        judge(self.ledger, chain, self.verdict)
        for note in self._sample(self.SIGNATURES):
            if not signature_holds(note.receipt or {}, self.hub.public_key):
                self.verdict.find("unverifiable", f"the signature of the receipt of {note.name}")
        return chain

    def _kept_notes(self) -> list[Note]:
        """The acknowledged messages that were not dropped from the journal."""
        if not self.archives:
            return self.ledger.acknowledged_notes
        first = read_base(self.hub.journal).record
        chain = read_chain(self.hub.journal, self.archives)
        return [note for note in self.ledger.acknowledged_notes
                if note.id not in chain.messages or chain.messages[note.id].sequence >= first]

    def _sample(self, count: int, notes: list[Note] | None = None) -> list[Note]:
        notes = self.ledger.acknowledged_notes if notes is None else notes
        return self.chance.sample(notes, min(count, len(notes)))

    def _verify_packs(self) -> None:
        for note in self._sample(self.PACKS, self._kept_notes()):
            pack = self.folder / f"{note.id}.tar"
            result = self.hub.run("evidence", "export", note.id, "--config", str(self.hub.config), "--out", str(pack))
            if result.returncode == 0:
                result = self.hub.run("evidence", "verify", str(pack), "--trust", str(self.hub.public_key))
            if result.returncode:
                self.verdict.find("unverifiable", f"the pack of {note.name}, {note.id}: {result.stdout}{result.stderr}")

    def audit(self, expects_whole: bool = True) -> dict[str, Any]:
        """`lgsp evidence audit` of the stopped hub, with some receipts."""
        arguments = []
        for note in self._sample(self.RECEIPTS):
            path = self.folder / f"{note.id}.json"
            path.write_text(json.dumps(note.receipt))
            arguments += ["--receipt", str(path)]
        for archive in self.archives:
            arguments += ["--archive", str(archive)]
        result = self.hub.run("evidence", "audit", "--config", str(self.hub.config), "--json", *arguments)
        try:
            report = json.loads(result.stdout)
        except json.JSONDecodeError:
            report = {"whole": False, "faults": [result.stdout + result.stderr]}
        if expects_whole and (result.returncode or not report.get("whole")):
            faults = report.get("faults") or report.get("projection")
            self.verdict.find("unverifiable", f"the audit: exit {result.returncode}, {json.dumps(faults)[:600]}")
        return report
