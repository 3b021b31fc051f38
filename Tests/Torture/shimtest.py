"""Proves that the shim does what it is ordered to, with a small program in the place of a hub."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

from shim import AFTER, EVERY_FILE, Action, Call, Control, Kind, Rule

#: Written to a segment: `A` is synced with its name, `B` is not; then a spooled file gets its name, unsynced.
_FIRST = """
import os
names = os.open("journal/segments", os.O_RDONLY)
file = os.open("journal/segments/00000000.seg", os.O_RDWR | os.O_CREAT, 0o600)
os.pwrite(file, b"A", 0)
os.fsync(file)
os.fsync(names)
os.pwrite(file, b"B", 1)
spooled = os.open("journal/spool/ab/x.part", os.O_RDWR | os.O_CREAT, 0o600)
os.pwrite(spooled, b"C", 0)
os.fsync(spooled)
os.rename("journal/spool/ab/x.part", "journal/spool/ab/x")
os.pwrite(file, b"D", 2)
"""
_SECOND = """
import os
file = os.open("journal/segments/00000000.seg", os.O_RDWR)
os.fsync(file)
"""


class _Bench:
    def __init__(self, library: Path, folder: Path) -> None:
        self.library, self.folder = library, folder
        (folder / "data/journal/segments").mkdir(parents=True)
        (folder / "data/journal/spool/ab").mkdir(parents=True)
        self.control = Control(folder / "control")
        self.control.track(1)

    def run(self, program: str, *rules: Rule) -> int:
        self.control.arm(*rules)
        environment = dict(os.environ, LD_PRELOAD=str(self.library), LGSP_FAULTS_CONTROL=str(self.control.path),
                           LGSP_FAULTS_FOLDER=str(self.folder / "data"))
        return subprocess.run([sys.executable, "-c", program], env=environment, cwd=self.folder / "data",
                              capture_output=True).returncode

    @property
    def segment(self) -> bytes:
        return (self.folder / "data/journal/segments/00000000.seg").read_bytes()

    @property
    def segments(self) -> list[str]:
        return os.listdir(self.folder / "data/journal/segments")

    @property
    def spooled(self) -> list[str]:
        return sorted(os.listdir(self.folder / "data/journal/spool/ab"))


_LAST_WRITE = Rule(Action.CUT, (Call.WRITE,), (Kind.SEGMENT,), AFTER, skip=2)


def _power_cut(bench: _Bench) -> bool:
    status = bench.run(_FIRST, _LAST_WRITE)
    return status == -signal.SIGKILL and bench.segment == b"A" and bench.spooled == []


def _kill_keeps(bench: _Bench) -> bool:
    status = bench.run(_FIRST, Rule(Action.KILL, (Call.WRITE,), (Kind.SEGMENT,), AFTER, skip=2))
    return status == -signal.SIGKILL and bench.segment == b"ABD" and bench.spooled == ["x"]


def _cut_after_kill(bench: _Bench) -> bool:
    _kill_keeps(bench)
    status = bench.run(_SECOND, Rule(Action.CUT, (Call.SYNC,), (Kind.SEGMENT,)))
    return status == -signal.SIGKILL and bench.segment == b"A" and bench.spooled == []


def _sync_after_kill(bench: _Bench) -> bool:
    _kill_keeps(bench)
    status = bench.run(_SECOND, Rule(Action.CUT, (Call.SYNC,), (Kind.SEGMENT,), AFTER))
    return status == -signal.SIGKILL and bench.segment == b"ABD" and bench.spooled == []


def _lying_sync(bench: _Bench) -> bool:
    lie = Rule(Action.LIE, (Call.SYNC,), EVERY_FILE, times=0)
    status = bench.run(_FIRST, lie, _LAST_WRITE)
    return status == -signal.SIGKILL and not bench.segments


def _failed_sync(bench: _Bench) -> bool:
    """The second sync succeeds and is counted, and the power cut takes what the first did not bring to the disk."""
    program = _FIRST.replace("os.fsync(file)\nos", "try: os.fsync(file)\nexcept OSError: os.fsync(file)\nos", 1)
    status = bench.run(program, Rule(Action.FAIL, (Call.SYNC,), (Kind.SEGMENT,)), _LAST_WRITE)
    return status == -signal.SIGKILL and bench.segment == b"" and bench.control.syncs_after_failure == 1


def _torn_write(bench: _Bench) -> bool:
    program = _FIRST.replace('b"D", 2', 'b"DEFGHIJKLM", 2')
    status = bench.run(program, Rule(Action.TEAR, (Call.WRITE,), (Kind.SEGMENT,), skip=2, argument=300))
    return status == -signal.SIGKILL and bench.segment == b"ABDEF"


def _clock(bench: _Bench) -> bool:
    bench.control.set_clock(3600)
    program = f"import sys, time; sys.exit(0 if time.time() > {time.time() + 3500} else 1)"
    return bench.run(program) == 0


TRIALS: list[tuple[str, Callable[[_Bench], bool]]] = [
    ("a power cut takes back what was not synced, and nothing else", _power_cut),
    ("a kill takes back nothing", _kill_keeps),
    ("a power cut takes back what a process killed before had not synced", _cut_after_kill),
    ("a sync keeps what a process killed before had written", _sync_after_kill),
    ("a sync that lies keeps nothing", _lying_sync),
    ("a sync behind one that failed keeps nothing and is counted", _failed_sync),
    ("a torn write stops in the middle", _torn_write),
    ("the clock is an hour ahead", _clock),
]


def try_shim(library: Path, folder: Path, tell: Callable[[str, bool, str], None]) -> None:
    for number, (what, trial) in enumerate(TRIALS):
        bench = _Bench(library, folder / f"shim-{number}")
        works = trial(bench)
        state = "as ordered" if works else f"segments {bench.segments}, spool {bench.spooled}"
        tell(what, works, state)
