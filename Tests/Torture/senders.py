"""Systems that hand messages in, and repeat what was not answered, as real ones do."""

from __future__ import annotations

import hashlib
import json
import random
import threading
from dataclasses import dataclass

from hub import NO_ANSWER, Hub, Session
from ledger import Ledger, Note
from library import RECEIVERS, SENDERS, System

#: Above what the hub keeps inside its blocks, so that the payload goes to the spool.
LARGE = 270_000
#: Above what the hub holds of a message at all, so that it goes to the spool while it comes in.
HUGE = 9_000_000


@dataclass
class Load:
    """What senders do; may be changed while they run."""

    #: The longest pause between two messages of one sender, in seconds.
    pause: float = 0.02
    large_share: float = 0.01
    huge_share: float = 0
    #: How often an acknowledged message is handed in again, on purpose.
    repeat_share: float = 0.05
    #: How often the same message is handed in on two connections at once.
    twin_share: float = 0.03
    #: How long a sender waits for an answer before it repeats; read when it begins.
    timeout: float = 10


class Sender(threading.Thread):
    """Hands in one message after the other; numbers of a lane ascend, and none begins before the last was answered."""

    LANES = 3

    def __init__(self, hub: Hub, ledger: Ledger, system: System, load: Load, chance: random.Random,
                 numbers: list[int]) -> None:
        """`numbers` are the last ones of its lanes, and go on."""
        super().__init__(name=system.name, daemon=True)
        self.hub, self.ledger, self.system, self.load = hub, ledger, system, load
        self._chance = chance
        self._numbers = numbers
        self._ends = threading.Event()
        self._gives_up = threading.Event()
        self._session = Session(hub, system.name, load.timeout)

    def end(self) -> None:
        """No new message; the present one is repeated until it is answered."""
        self._ends.set()

    def give_up(self) -> None:
        self._ends.set()
        self._gives_up.set()

    def run(self) -> None:
        while not self._ends.is_set():
            note, body = self._next()
            if self._chance.random() < self.load.twin_share:
                threading.Thread(target=self._hand_in_once, args=(note, body), daemon=True).start()
            if self._hand_in(note, body) and self._chance.random() < self.load.repeat_share:
                self._hand_in(note, body)
            self._ends.wait(self._chance.uniform(0, self.load.pause))
        self._session.close()

    def _next(self) -> tuple[Note, bytes]:
        lane = self._chance.randrange(self.LANES)
        self._numbers[lane] += 1
        name = f"{self.system.name}-{lane}-{self._numbers[lane]}"
        receivers = self._chance.sample(RECEIVERS, self._chance.choice((1, 1, 1, 2)))
        length = LARGE if self._chance.random() < self.load.large_share else self._chance.randrange(20, 1500)
        if self._chance.random() < self.load.huge_share:
            length = HUGE
        content = {
            "note": name, "from": self.system.code, "to": [receiver.code for receiver in receivers],
            "lane": f"{self.system.name}-{lane}", "number": self._numbers[lane],
            "text": f"{self._chance.getrandbits(64):016x}" + "x" * length,
        }
        body = json.dumps(content).encode()
        note = Note(name, self.system.name, self.system.agency, content["lane"], content["number"],
                    tuple(receiver.name for receiver in receivers), hashlib.sha256(body).hexdigest(), len(body))
        self.ledger.begin(note)
        return note, body

    def _hand_in_once(self, note: Note, body: bytes) -> None:
        """On a connection of its own, at the same time; whatever comes of it, it must name the same id."""
        session = Session(self.hub, self.system.name, self.load.timeout)
        try:
            answer = session.call("POST", "/v1/messages", body)
            if answer.status in (200, 202):
                self.ledger.acknowledged(note, answer.json())
        except NO_ANSWER:
            pass
        finally:
            session.close()

    def _hand_in(self, note: Note, body: bytes) -> bool:
        """Whether it was acknowledged, after as many tries as that takes."""
        while not self._gives_up.is_set():
            self.ledger.tried(note)
            try:
                answer = self._session.call("POST", "/v1/messages", body)
            except NO_ANSWER:
                self.ledger.unanswered(note)
                self._gives_up.wait(self._chance.uniform(0.005, 0.03))
                continue
            if answer.status in (200, 202):
                self.ledger.acknowledged(note, answer.json())
                return True
            if answer.status == 401:
                continue
            if answer.status in (408, 429) or answer.status >= 500:
                self.ledger.put_off(note, answer.code)
                self._gives_up.wait(self._chance.uniform(0.02, 0.1))
                continue
            self.ledger.refused(note, answer.code or str(answer.status))
            return False
        return False


def make_senders(hub: Hub, ledger: Ledger, load: Load, seed: str, numbers: dict[str, list[int]]) -> list[Sender]:
    return [Sender(hub, ledger, system, load, random.Random(f"{seed}/{system.name}"),
                   numbers.setdefault(system.name, [0] * Sender.LANES)) for system in SENDERS]
