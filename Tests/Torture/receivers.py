"""Systems that take messages: servers that the hub pushes to, and pollers of mailboxes, with real manners."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import socket
import threading
import time
from dataclasses import dataclass, field

from hub import NO_ANSWER, Hub, Session, free_port
from ledger import Ledger
from library import POLLED, PUSHED, System

#: What a receiver may do with a push, and what the hub has to make of it.
MANNERS = {
    "take": "takes the message and answers 200",
    "die": "takes it, answers 200, and is gone for a while",
    "drop-reply": "takes it and closes the connection without an answer",
    "slow": "takes it and answers byte by byte",
    "half": "takes it and closes in the middle of the answer",
    "silent": "takes it and never answers",
    "odd": "takes it and answers 200 with an error inside, which is the receiver's own affair",
    "fail": "answers 500 and takes nothing",
    "busy": "answers 503 with Retry-After and takes nothing",
    "hang-up": "closes the connection before it has read the message",
    "refuse": "answers 422: a refusal for good",
}


@dataclass
class Manners:
    """How often a receiver does what; may be changed while it runs."""

    weights: dict[str, int] = field(default_factory=lambda: {"take": 1})

    def choose(self, chance: random.Random) -> str:
        weights = self.weights
        return chance.choices(list(weights), list(weights.values()))[0]


class PushReceiver:
    """An HTTP server of a few lines, since the point is to break the protocol at chosen places."""

    ABSENCE = 0.3

    def __init__(self, system: System, ledger: Ledger, manners: Manners, seed: str) -> None:
        self.system, self.ledger, self.manners = system, ledger, manners
        self._chance = random.Random(f"{seed}/{system.name}")
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._is_closed = False
        self.port = free_port(random.Random(f"{seed}/{system.name}/port"))
        self.open()

    def open(self) -> None:
        with self._lock:
            if self._is_closed or self._listener is not None:
                return
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen(64)
            self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def vanish(self) -> None:
        """As if its process had been killed."""
        with self._lock:
            listener, self._listener = self._listener, None
            connections, self._connections = self._connections, set()
        if listener is not None:
            # A thread that waits in accept keeps a closed listener alive; a shutdown wakes it.
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()
        for connection in connections:
            _break(connection)

    def close(self) -> None:
        self._is_closed = True
        self.vanish()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                if self._listener is not listener:
                    connection.close()
                    return
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(60)
            with connection.makefile("rb") as stream:
                while self._serve_one(connection, stream):
                    pass
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    def _serve_one(self, connection: socket.socket, stream: "socket.SocketIO") -> bool:  # type: ignore[name-defined]
        line = stream.readline()
        if not line:
            return False
        headers: dict[str, str] = {}
        while (line := stream.readline().strip()):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        with self._lock:
            manner = self.manners.choose(self._chance)
        if manner == "hang-up":
            return False
        length = int(headers.get("content-length", "0"))
        body = stream.read(length)
        if len(body) != length:
            return False
        return self._answer(connection, manner, headers.get("lgsp-message-id", ""), body)

    def _answer(self, connection: socket.socket, manner: str, message: str, body: bytes) -> bool:
        content = json.loads(body)
        if manner == "fail":
            return _reply(connection, "500 Internal Server Error", b"no")
        if manner == "busy":
            return _reply(connection, "503 Service Unavailable", b"busy", "Retry-After: 1\r\n")
        if manner == "refuse":
            self.ledger.refuses(self.system.name, content["note"])
            return _reply(connection, "422 Unprocessable Content", b"never")
        self.ledger.arrived(self.system.name, message, content, hashlib.sha256(body).hexdigest())
        if manner == "drop-reply":
            return False
        if manner == "silent":
            connection.settimeout(10)
            connection.recv(1)
            return False
        if manner == "half":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
            return False
        if manner == "slow":
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
                connection.sendall(bytes((byte,)))
                time.sleep(0.003)
            return True
        if manner == "odd":
            return _reply(connection, "200 OK", b'{"status":"FAIL","ErrorCode":"99"}')
        _reply(connection, "200 OK", b"ok")
        if manner == "die":
            self.vanish()
            timer = threading.Timer(self.ABSENCE, self.open)
            timer.daemon = True
            timer.start()
            return False
        return True


def _reply(connection: socket.socket, status: str, body: bytes, more: str = "") -> bool:
    connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body)
    return True


def _break(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


class Poller(threading.Thread):
    """Empties a mailbox; some of what it got it does not acknowledge, and gets it again when the lease is over."""

    def __init__(self, hub: Hub, ledger: Ledger, system: System, chance: random.Random) -> None:
        super().__init__(name=system.name, daemon=True)
        self.hub, self.ledger, self.system = hub, ledger, system
        self._chance = chance
        self._ends = threading.Event()
        self._session = Session(hub, system.name)
        #: How much is taken and left without an acknowledgement.
        self.forgets_share = 0.02

    def end(self) -> None:
        self._ends.set()

    def run(self) -> None:
        while not self._ends.is_set():
            try:
                self._empty()
            except NO_ANSWER:
                self._ends.wait(0.03)
        self._session.close()

    def _empty(self) -> None:
        answer = self._session.call("GET", "/v1/mailbox?max=20&wait=1")
        if answer.status != 200:
            self._ends.wait(0.05)
            return
        taken: list[str] = []
        for delivery in answer.json()["deliveries"]:
            body = base64.b64decode(delivery["payload"])
            self.ledger.shown(delivery["delivery"])
            self.ledger.arrived(self.system.name, delivery["message"], json.loads(body),
                                hashlib.sha256(body).hexdigest())
            if self._chance.random() >= self.forgets_share:
                taken.append(delivery["delivery"])
        if not taken:
            return
        answer = self._session.call("POST", "/v1/mailbox/ack", json.dumps({"deliveries": taken}).encode())
        if answer.status == 200:
            self.ledger.settles(answer.json()["acknowledged"])


def make_receivers(ledger: Ledger, manners: Manners, seed: str) -> list[PushReceiver]:
    return [PushReceiver(system, ledger, manners, seed) for system in PUSHED]


def make_pollers(hub: Hub, ledger: Ledger, seed: str) -> list[Poller]:
    return [Poller(hub, ledger, system, random.Random(f"{seed}/{system.name}")) for system in POLLED]
