"""A hub as a process of its own: its folder, its life and death, and what can be asked of it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from library import PROVINCE, PUSHED, write_library
from shim import Control


class HubFault(Exception):
    """The hub does not do what every scenario needs, such as starting."""


def wait_until(condition: Callable[[], bool], seconds: float, interval: float = 0.01) -> bool:
    """Whether `condition` came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True


_given: set[int] = set()


def free_port(chance: random.Random) -> int:
    """A port below those that the system gives to outgoing connections, so that none takes it while a hub is down."""
    while True:
        port = chance.randrange(15000, 31000)
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return self.headers.get("lgsp-error", "")

    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """One keep-alive connection to one port."""

    def __init__(self, port: int, timeout: float = 10) -> None:
        self.port = port
        self.timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: bytes | None = None,
             headers: dict[str, str] | None = None) -> Answer:
        """Raises OSError or HTTPException when there is no whole answer."""
        connection = self._connection
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        self._connection = None
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            answer = Answer(response.status, response.read(),
                            {name.lower(): value for name, value in response.getheaders()})
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._connection = connection
        return answer

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


NO_ANSWER = (OSError, http.client.HTTPException)


@dataclass
class Hub:
    """One hub in `folder`, under the shim; its ports and keys stay the same over all its lives."""

    lgsp: Path
    shim: Path
    folder: Path
    chance: random.Random
    endpoints: dict[str, int]
    #: Where the journal is, when not in the folder of the hub.
    data: Path | None = None
    delivery: str = ("{ retry-first: 20ms, retry-longest: 300ms, lease: 1s, timeout: 3s, "
                     "give-up-after: 20000d, concurrency: 16 }")
    process: subprocess.Popen[bytes] | None = None
    #: How often it was started.
    lives: int = 0
    control: Control = field(init=False)
    secrets: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        library = self.folder / "library"
        write_library(library)
        self.port, self.admin_port = free_port(self.chance), free_port(self.chance)
        self.run("init", str(self.home), "--province", PROVINCE, "--port", str(self.port),
                 "--admin-port", str(self.admin_port), "--library", str(library), check=True)
        self._configure()
        text = (self.home / "secrets.yaml").read_text()
        self.secrets = dict(re.findall(r'^ *([\w-]+): "(.*)"$', text, re.MULTILINE))
        self.data_folder.mkdir(parents=True, exist_ok=True)
        self.control = Control(self.folder / "faults.control")

    @property
    def home(self) -> Path:
        return self.folder / "hub"

    @property
    def config(self) -> Path:
        return self.home / "hub.yaml"

    @property
    def public_key(self) -> Path:
        return self.home / "keys/hub.pub.pem"

    @property
    def data_folder(self) -> Path:
        return self.data or self.home / "data"

    @property
    def journal(self) -> Path:
        return self.data_folder / "journal"

    @property
    def segments(self) -> list[Path]:
        return sorted((self.journal / "segments").glob("*.seg"))

    @property
    def log(self) -> Path:
        return self.folder / "hub.log"

    def _configure(self) -> None:
        text = self.config.read_text()
        text = re.sub(r"(?m)^endpoints:\n(?:  .*\n)*", "", text)
        text = re.sub(r"(?m)^data: .*$", f"data: {self.data_folder}", text)
        endpoints = "".join(f"  {system.name}: http://127.0.0.1:{self.endpoints[system.name]}\n" for system in PUSHED)
        self.config.write_text(f"{text}endpoints:\n{endpoints}delivery: {self.delivery}\n")

    def move_data(self, data: Path) -> None:
        self.data = data
        data.mkdir(parents=True)
        self.config.write_text(re.sub(r"(?m)^data: .*$", f"data: {data}", self.config.read_text()))

    def keep_identities(self, days: int) -> None:
        """Before the first start: what is older may leave the journal."""
        text = self.config.read_text().replace("give-up-after: 20000d", f"give-up-after: {days - 1}d")
        self.config.write_text(f"{text}journal: {{ keep-identities: {days}d }}\n")

    def keep_months(self, days: int, archives: Path) -> None:
        """Before the first start: months go by themselves so many days after their end."""
        self.keep_identities(days)
        self.config.write_text(self.config.read_text().replace(
            f"keep-identities: {days}d", f"keep-identities: {days}d, keep-records: {days}d, archives: {archives}, look-every: 1s"))

    # ---- life and death

    def launch(self, *command: str) -> None:
        """Starts the process, which serves unless another command is given, and does not wait for it."""
        self.kill()
        environment = dict(os.environ, LD_PRELOAD=str(self.shim), LGSP_FAULTS_CONTROL=str(self.control.path),
                           LGSP_FAULTS_FOLDER=str(self.data_folder), LGSP_FAULTS_TIED="1")
        self.lives += 1
        with open(self.log, "ab") as log:
            log.write(f"---- life {self.lives}\n".encode())
            log.flush()
            self.process = subprocess.Popen([str(self.lgsp), *(command or ("serve",)), "--config", str(self.config)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
                                            start_new_session=True)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        try:
            return Caller(self.admin_port, timeout=2).call("GET", "/readyz").status == 200
        except NO_ANSWER:
            return False

    def start(self, seconds: float = 30) -> None:
        """Starts the process and waits until it takes messages."""
        self.launch()
        if not wait_until(lambda: not self.is_alive or self.is_ready(), seconds) or not self.is_alive:
            raise HubFault(f"The hub does not start: {self.last_words()}")

    def wait_for_death(self, seconds: float) -> bool:
        assert self.process is not None
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        if self.process is None:
            return
        if self.is_alive:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def signal(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def stop(self, seconds: float = 30) -> None:
        """Asks it to end in peace."""
        if not self.is_alive:
            return
        self.signal(signal.SIGTERM)
        if not self.wait_for_death(seconds):
            self.kill()
            raise HubFault("The hub did not stop in time.")

    def last_words(self) -> str:
        text = self.log.read_text(errors="replace").rsplit("---- life", 1)[-1]
        return " ".join(text.split())[-600:]

    # ---- questions

    def run(self, *arguments: str, check: bool = False, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """A command of the program, without the shim."""
        result = subprocess.run([str(self.lgsp), *arguments], capture_output=True, text=True, timeout=seconds,
                                stdin=subprocess.DEVNULL)
        if check and result.returncode:
            raise HubFault(f"lgsp {arguments[0]}: {result.stdout}{result.stderr}")
        return result

    def admin(self, path: str) -> Answer:
        headers = {"Authorization": f"Bearer {self.secrets['admin-token']}"}
        return Caller(self.admin_port).call("GET", path, headers=headers)

    def totals(self) -> dict[str, Any]:
        return self.admin("/admin/v1/totals").json()

    def ledger(self) -> list[dict[str, Any]]:
        """What the hub says of every message; refusals are left out."""
        lines = self.admin("/admin/v1/ledger").body.splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
        return [row for row in rows if "deliveries" in row]

    def readiness(self) -> dict[str, Any]:
        return Caller(self.admin_port).call("GET", "/readyz").json()


class Session:
    """Calls of one system, with its token and a connection of its own."""

    def __init__(self, hub: Hub, system: str, timeout: float = 10) -> None:
        self.hub = hub
        self.system = system
        self.caller = Caller(hub.port, timeout)
        self._token = ""

    def call(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """With a new token when there is none or the hub knows it no more."""
        if not self._token:
            self._token = self._sign_in()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        answer = self.caller.call(method, path, body, headers)
        if answer.status == 401:
            self._token = ""
        return answer

    def _sign_in(self) -> str:
        secret = base64.b64encode(f"{self.system}:{self.hub.secrets[self.system]}".encode()).decode()
        answer = self.caller.call("POST", "/oauth2/token", b"grant_type=client_credentials", {
            "Authorization": f"Basic {secret}", "Content-Type": "application/x-www-form-urlencoded"})
        if answer.status != 200:
            raise http.client.HTTPException(f"no token: {answer.status}")
        return answer.json()["access_token"]

    def close(self) -> None:
        self.caller.close()
