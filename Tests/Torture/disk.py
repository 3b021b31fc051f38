"""Scenarios in which the disk is full, fails, lies about time, or tears what it writes."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from pathlib import Path

from arena import Arena, Settings, Skipped
from hub import NO_ANSWER, wait_until
from shim import BEFORE, Action, Call, Kind, Rule, failing

_JOURNAL_FILES = (Kind.SEGMENT, Kind.DATABASE, Kind.LOG, Kind.SPOOLED)


def is_refusing(arena: Arena) -> bool:
    """Whether the hub says that its journal takes nothing."""
    try:
        readiness = arena.hub.readiness()
    except NO_ANSWER:
        return False
    checks = {check["name"]: check for check in readiness["checks"]}
    return not readiness["ready"] and not checks["journal"]["well"] and bool(checks["journal"]["reason"])


def _expect_refusal(arena: Arena, what: str) -> None:
    """The hub has to stop accepting, say so, and stay like that; nothing is acknowledged meanwhile."""
    if not wait_until(lambda: is_refusing(arena), 6):
        arena.fail(f"{what}: the hub does not say in /readyz that its journal takes nothing")
        return
    before, refusals = arena.ledger.count_acknowledged(), arena.ledger.put_off_codes["journal.unavailable"]
    heard = wait_until(lambda: arena.ledger.put_off_codes["journal.unavailable"] > refusals + 8, 6)
    arena.expect(heard, f"{what}: senders were not told journal.unavailable, but {dict(arena.ledger.put_off_codes)}")
    # A repeat of what is known is answered as one, and that is all.
    new = arena.ledger.count_acknowledged() - before
    arena.expect(new <= len(arena.senders), f"{what}: {new} messages were acknowledged afterwards")
    arena.expect(is_refusing(arena), f"{what}: the hub takes messages again without a restart")


def _round(arena: Arena, what: str, *rules: Rule) -> None:
    """One fault under load; the hub refuses until it is started again, and then goes on."""
    arena.restart()
    if not arena.pollers:
        arena.begin_load()
    arena.run_until(15)
    arena.control.arm(*rules)
    if wait_until(lambda: any(arena.control.fired(index) for index in range(len(rules))), 8):
        _expect_refusal(arena, what)
    else:
        arena.fail(f"{what}: the fault was not met")
    arena.verdict.figures.cycles += 1


def disk_full(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """ENOSPC for a while at segments, log and spool in turn; room is made, and the hub started again."""
    arena.load.large_share = 0.15
    kinds = [(Kind.SEGMENT,), (Kind.LOG,), (Kind.SPOOLED,), _JOURNAL_FILES]
    for number in range(max(1, cycles) * len(kinds)):
        kind = kinds[number % len(kinds)]
        full = Rule(Action.FAIL, (Call.WRITE, Call.ALLOCATE, Call.CREATE), kind, argument=errno.ENOSPC, times=0,
                    skip=arena.chance.randint(0, 3))
        _round(arena, f"disk full at {'/'.join(item.name for item in kind)}", full)
    arena.settle()
    return []


def failed_write(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """EIO at one write, and writes that the system cuts short without an error."""
    arena.load.large_share = 0.15
    for _ in range(max(1, cycles)):
        for kind in (Kind.SEGMENT, Kind.LOG, Kind.SPOOLED):
            _round(arena, f"EIO at {kind.name}", failing(Call.WRITE, kind, skip=arena.chance.randint(0, 5)))
    arena.restart()
    arena.control.arm(Rule(Action.SHORTEN, (Call.WRITE,), _JOURNAL_FILES, times=200))
    arena.run_until(40)
    arena.expect(arena.control.fired() > 20, "no write was cut short")
    arena.settle()
    return []


def failed_sync(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """A sync that fails, with what it should have brought to the disk kept or lost: not asked again, not believed."""
    arena.load.large_share = 0.15
    arena.control.track(arena.chance.getrandbits(32))
    again = 0
    for number in range(max(1, cycles)):
        for kind in (Kind.SEGMENT, Kind.SPOOLED, Kind.SPOOL_FOLDER, Kind.SEGMENTS_FOLDER):
            action = (Action.FAIL, Action.FAIL_AND_LOSE)[number % 2]
            before = arena.control.syncs_after_failure
            rule = Rule(action, (Call.SYNC,), (kind,), argument=errno.EIO)
            if kind is Kind.SEGMENTS_FOLDER:
                arena.restart()
                arena.run_until(5)
                arena.control.arm(rule)
                arena.advance_clock(31 * 86_400)
                _expect_refusal(arena, f"failed sync of {kind.name}")
            else:
                _round(arena, f"failed sync of {kind.name}", rule)
            repeated = arena.control.syncs_after_failure - before
            arena.expect(repeated == 0, f"failed sync of {kind.name}: synced again {repeated} times")
            again += repeated
            # The machine goes down with it: what the failed sync left behind is gone.
            if arena.chance.random() < 0.5:
                arena.control.arm(Rule(Action.CUT, (Call.SYNC, Call.WRITE, Call.RESIZE), _JOURNAL_FILES))
                arena.hub.signal(signal.SIGTERM)
                arena.hub.wait_for_death(3)
    checkpoints = _failed_checkpoints(arena)
    arena.settle()
    return [f"{again} syncs after one that failed; {checkpoints}"]


def _failed_checkpoints(arena: Arena) -> str:
    """The database is no promise, so a checkpoint that fails must cost nothing but work."""
    met = 0
    for kind in (Kind.LOG, Kind.DATABASE):
        for action in (Action.FAIL, Action.FAIL_AND_LOSE):
            arena.restart()
            arena.run_until(10)
            arena.control.arm(Rule(action, (Call.SYNC,), (kind,), argument=errno.EIO, times=2))
            arena.hub.signal(signal.SIGTERM)
            arena.hub.wait_for_death(10)
            met += arena.control.fired() > 0
            arena.start()
            arena.run_until(5)
    return f"{met} of 4 failing checkpoints met"


def torn_writes(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """A write that stops in the middle, and the process with it."""
    arena.load.large_share = 0.1
    arena.begin_load()
    reached = 0
    for _ in range(cycles):
        kind = arena.chance.choice((Kind.SEGMENT, Kind.SEGMENT, Kind.SPOOLED, Kind.LOG, Kind.DATABASE))
        deaths = arena.control.deaths
        arena.control.arm(Rule(Action.TEAR, (Call.WRITE,), (kind,), BEFORE, skip=arena.chance.randint(0, 4),
                               argument=arena.chance.randint(1, 999)))
        arena.launch()
        if not arena.hub.wait_for_death(0.5 if kind is Kind.DATABASE else 2):
            arena.hub.signal(signal.SIGTERM)
            arena.hub.wait_for_death(5)
        reached += arena.control.deaths > deaths
    arena.verdict.figures.cycles += cycles
    torn = len(list((arena.hub.journal / "segments").glob("*.torn*")))
    arena.settle()
    arena.expect(reached > cycles * 2 // 3, f"only {reached} of {cycles} writes were torn")
    return [f"{reached} writes torn, {torn} torn tails set aside"]


def slow_disk(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """Syncs that take a third of a second: slower, and nothing else."""
    arena.start()
    arena.begin_load()
    arena.control.arm(Rule(Action.DELAY, (Call.SYNC,), (Kind.SEGMENT, Kind.SPOOLED), argument=300, times=0))
    arena.run_until(25, 40)
    arena.settle()
    arena.expect(not arena.ledger.put_off_codes, f"senders were put off: {dict(arena.ledger.put_off_codes)}")
    return []


class SmallDisk:
    """A file system of its own in memory, just large enough for a journal. Needs the right to mount."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}M", "tmpfs", str(folder)]
        try:
            result = subprocess.run(command, capture_output=True, text=True)
        except OSError as fault:
            raise Skipped(f"no file system can be mounted: {fault}") from fault
        if result.returncode:
            raise Skipped(f"no file system can be mounted: {result.stderr.strip()}")

    @property
    def ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self, leave: int) -> None:
        status = os.statvfs(self.folder)
        count = status.f_bavail * status.f_frsize - leave
        try:
            with open(self.ballast, "wb", buffering=0) as file:
                while count > 0:
                    count -= file.write(bytes(min(count, 1 << 20)))
        except OSError as fault:
            # The hub writes meanwhile, so the end may come sooner.
            if fault.errno != errno.ENOSPC:
                raise

    def make_room(self) -> None:
        self.ballast.unlink(missing_ok=True)

    def __enter__(self) -> "SmallDisk":
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], capture_output=True)


def small_disk(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """A real file system that runs full under load, several times."""
    disk = SmallDisk(arena.folder / "small", 160)
    with disk:
        arena.move_data(disk.folder / "data")
        arena.load.large_share = 0.3
        for _ in range(max(1, cycles)):
            arena.restart()
            if not arena.pollers:
                arena.begin_load()
            arena.run_until(10)
            disk.fill(leave=arena.chance.randint(100, 1500) << 10)
            _expect_refusal(arena, "the small disk is full")
            # A start on a full disk must fail or refuse, and lose nothing.
            arena.hub.kill()
            arena.launch()
            arena.hub.wait_for_death(1)
            arena.hub.kill()
            disk.make_room()
            arena.verdict.figures.cycles += 1
        arena.settle()
        arena.hub.kill()
    return []
