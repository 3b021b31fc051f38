"""Scenarios that end the process: at random, at named steps, by storms of restarts, and by power cuts."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from arena import Arena, Settings
from hub import wait_until
from chain import read_base
from shim import AFTER, BEFORE, DROP_STEPS, STEPS, Action, Call, Kind, Rule, Step, power_cut

MONTH = 31 * 86_400


def random_kills(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """kill -9 at a random moment under load, while starting too."""
    arena.load.huge_share = 0.005
    arena.begin_load()
    for _ in range(cycles):
        arena.launch()
        time.sleep(arena.chance.choice((0.0, 0.1, 0.25)) + arena.chance.uniform(0.005, 0.25))
        arena.hub.kill()
    arena.verdict.figures.cycles += cycles
    arena.settle()
    return []


def named_steps(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """Killed at each named step of the road to the disk in turn, at a random one of its calls."""
    missed: dict[str, int] = {}
    arena.load.large_share = 0.05
    arena.load.huge_share = 0.005
    arena.begin_load()
    for cycle in range(cycles):
        step = STEPS[cycle % len(STEPS)]
        if not kill_at(arena, step):
            missed[step.name] = missed.get(step.name, 0) + 1
    arena.verdict.figures.cycles += cycles
    arena.expect(sum(missed.values()) <= cycles // 10, f"steps that were not reached: {missed}")
    arena.settle()
    return [f"{cycles} kills at {len(STEPS)} steps, not reached: {missed or 'none'}"]


def kill_at(arena: Arena, step: Step, seconds: float = 2.5) -> bool:
    """Whether the hub died at the step; it is dead afterwards in any case."""
    rule = step.rule.after(arena.chance.randint(step.least_skipped, step.most_skipped))
    usual = arena.load.large_share
    deaths = arena.control.deaths
    try:
        if step.needs == "large":
            arena.load.large_share = 0.5
        if step.needs in ("checkpoint", "month"):
            arena.start()
            arena.run_until(3)
        elif step.needs == "removal":
            fill_month(arena)
        arena.control.arm(rule)
        if step.needs == "checkpoint":
            arena.hub.signal(signal.SIGTERM)
        elif step.needs == "month":
            arena.advance_clock(MONTH)
        elif step.needs == "removal":
            today = datetime.fromtimestamp(time.time() + arena.clock, timezone(timedelta(hours=7))).date()
            arena.hub.launch("journal", "forget", "--before", str(today), "--reason", "torture")
        else:
            arena.launch()
        arena.hub.wait_for_death(seconds)
    finally:
        arena.load.large_share = usual
        arena.hub.kill()
        arena.control.disarm()
    return arena.control.deaths > deaths


def fill_month(arena: Arena) -> None:
    """Leaves a stopped hub with a month that is over, so that there are payloads that can be removed."""
    arena.start()
    arena.run_until(5)
    arena.advance_clock(MONTH)
    arena.run_until(3)
    arena.hub.kill()


def restart_storm(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """Killed again and again while it starts, then started in peace, over and over."""
    arena.start()
    arena.begin_load()
    arena.run_until(40)
    for _ in range(cycles):
        arena.launch()
        time.sleep(arena.chance.uniform(0.0, 0.06))
        arena.hub.kill()
        if arena.chance.random() < 0.1:
            arena.start()
            arena.run_until(5)
            arena.hub.kill()
    arena.verdict.figures.cycles += cycles
    arena.settle()
    return []


def power_cuts(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """What was not synced is gone, all or a part of it, at a random call: lost writes, torn blocks, lost names."""
    missed = undone = 0
    arena.load.large_share = 0.05
    arena.load.huge_share = 0.005
    arena.begin_load()
    for _ in range(cycles):
        arena.control.track(arena.chance.getrandbits(32))
        if arena.chance.random() < 0.3:
            # At the moment at which most is at stake: a block is written, and its sync has not begun.
            rule = Rule(Action.CUT, (Call.WRITE,), (arena.chance.choice((Kind.SEGMENT, Kind.SPOOLED, Kind.LOG)),),
                        AFTER, skip=arena.chance.randint(0, 8), argument=arena.chance.choice((0, 500, 900)))
        else:
            rule = power_cut(arena.chance.choice((0, 0, 200, 500, 900)), arena.chance.randint(0, 250),
                             arena.chance.choice((BEFORE, AFTER)))
        deaths = arena.control.deaths
        arena.control.arm(rule)
        arena.launch()
        arena.hub.wait_for_death(2.5)
        arena.hub.kill()
        arena.control.disarm()
        missed += arena.control.deaths == deaths
    arena.verdict.figures.cycles += cycles
    arena.expect(missed <= cycles // 5, f"power cuts that did not come: {missed}")
    undone = arena.control.undone_writes
    torn = len(list((arena.hub.journal / "segments").glob("*.torn*")))
    arena.settle()
    return [f"{undone} writes taken back, {torn} torn tails set aside, {missed} cuts did not come"]


def kill_and_cut(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """Killed in a write, and the power fails while it starts again: what was in memory only is gone too."""
    both = 0
    arena.load.large_share = 0.1
    arena.load.huge_share = 0.005
    arena.begin_load()
    for _ in range(cycles):
        arena.control.track(arena.chance.getrandbits(32))
        kind = arena.chance.choice((Kind.SEGMENT, Kind.SEGMENT, Kind.SPOOLED, Kind.LOG))
        deaths = arena.control.deaths
        arena.control.arm(Rule(Action.KILL, (Call.WRITE, Call.SYNC), (kind,), AFTER,
                               skip=arena.chance.randint(0, 4 if kind is Kind.SPOOLED else 40)))
        arena.launch()
        arena.hub.wait_for_death(2.5)
        arena.control.arm(power_cut(arena.chance.choice((0, 0, 500)), arena.chance.choice((0, 10, 30, 200))))
        arena.launch()
        arena.hub.wait_for_death(2.5)
        arena.hub.kill()
        both += arena.control.deaths == deaths + 2
    arena.control.disarm()
    arena.verdict.figures.cycles += 2 * cycles
    arena.expect(both >= cycles * 3 // 4, f"only {both} of {cycles} kills were followed by a power cut")
    undone = arena.control.undone_writes
    arena.settle()
    return [f"{undone} writes taken back"]


def dropped_months(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """A month is archived and dropped, killed at each step of it or cut off from power; journal and archives stay one chain."""
    missed = undone = 0
    arena.load.large_share = 0.1
    arena.hub.keep_identities(6)
    before: Path | None = None
    for cycle in range(cycles + 1):
        arena.start()
        arena.begin_load()
        arena.run_until(12)
        arena.end_senders()
        arena.drain()
        arena.end_pollers()
        arena.hub.stop()
        if before is not None:
            # Every fourth time the power fails, at any of its calls.
            step = None if cycle % 4 == 3 else DROP_STEPS[(cycle - 1) % len(DROP_STEPS)]
            missed += not drop_until_killed(arena, before, step)
            finish_drop(arena, before)
            if cycle == cycles:
                break
        month = datetime.fromtimestamp(time.time() + arena.clock, timezone(timedelta(hours=7))).strftime("%Y-%m")
        before = arena.folder / "archives" / f"{month}.tar"
        arena.advance_clock(MONTH)
    undone = arena.control.undone_writes
    arena.verdict.figures.cycles += cycles
    arena.expect(missed <= cycles // 3, f"drops that were not killed: {missed}")
    arena.settle()
    return [f"{cycles} months dropped, {missed} kills did not come, {undone} writes taken back"]


def kept_months(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """The hub archives and drops its months itself under load, killed at steps of it or cut off from power; what nobody has
    fetched from the mailboxes outlives its month."""
    missed = carried = 0
    arena.load.large_share = 0.1
    archives = arena.folder / "archives"
    arena.hub.keep_months(6, archives)
    steps = [step for step in DROP_STEPS if "base" in step.name or "unlink" in step.name]
    for cycle in range(cycles + 1):
        dropped = read_base(arena.hub.journal).segment
        if cycle:
            missed += not keep_until_killed(arena, None if cycle % 4 == 3 else steps[(cycle - 1) % len(steps)])
        arena.start()
        if not cycle:
            arena.begin_load(polled=False)
        arena.run_until(12)
        if cycle:
            arena.expect(wait_until(lambda: read_base(arena.hub.journal).segment > dropped, 20), "a month was not dropped in time")
            arena.archives = sorted(archives.glob("*.tar"))
            carried += read_base(arena.hub.journal).carried
        arena.end_senders()
        arena.begin_pollers()
        arena.drain()
        arena.end_pollers()
        arena.begin_load(polled=False)
        arena.run_until(12)
        arena.end_senders()
        arena.hub.stop()
        if cycle:
            left = [path for path in arena.hub.segments if int(path.stem) < read_base(arena.hub.journal).segment]
            arena.expect(not left, f"segments of dropped months are left: {left}")
            arena.audit()
        # Far enough for the month to have ended longer ago than it is kept.
        arena.advance_clock(MONTH + 9 * 86_400)
    arena.verdict.figures.cycles += cycles
    arena.expect(missed <= cycles // 3, f"drops that were not killed: {missed}")
    arena.expect(carried > 0, "no message outlived its month")
    arena.settle()
    return [f"{cycles} months dropped, {carried} messages outlived theirs, {missed} kills did not come"]


def arm_drop(arena: Arena, step: Step | None, least: int, most: int) -> None:
    """Lets the process die at a step, or the power fail behind so many calls."""
    if step is None:
        arena.control.track(arena.chance.getrandbits(32))
        arena.control.arm(power_cut(arena.chance.choice((0, 500)), arena.chance.randint(least, most)))
    else:
        arena.control.arm(step.rule.after(arena.chance.randint(step.least_skipped, step.most_skipped)))


def died_whole(arena: Arena, step: Step | None, deaths: int, seconds: float) -> bool:
    """Waits for the death, and looks at what is left; whether it came at the step."""
    arena.hub.wait_for_death(seconds)
    arena.hub.kill()
    arena.control.disarm()
    check = arena.hub.run("journal", "check", "--config", str(arena.hub.config))
    # Nothing of the chain may be damaged; a power cut may take back what the database knew.
    arena.expect(check.returncode == 0, f"after {step.name if step else 'a power cut'}: {check.stdout}{check.stderr}")
    return arena.control.deaths > deaths


def keep_until_killed(arena: Arena, step: Step | None) -> bool:
    """Serves until the drop of a month dies of it; what is left must be whole, before anything mends it."""
    deaths = arena.control.deaths
    if step and "base" in step.name:
        # The file of messages that outlive their month comes before it, by the same calls.
        step = replace(step, most_skipped=step.most_skipped + 1)
    arm_drop(arena, step, 60, 400)
    arena.launch()
    arena.begin_load(polled=False)
    return died_whole(arena, step, deaths, 8)


def drop_until_killed(arena: Arena, archive: Path, step: Step | None) -> bool:
    """Archives a month and drops it; whether that died. What is left must be whole, before anything mends it."""
    result = arena.hub.run("journal", "archive", "--month", archive.stem, "--out", str(archive.parent), "--config",
                           str(arena.hub.config))
    made = list(archive.parent.glob(f"*-{archive.name}"))
    if result.returncode or len(made) != 1:
        arena.fail(f"{archive.stem} was not archived: {result.stdout}{result.stderr}")
        return False
    made[0].rename(archive)
    deaths = arena.control.deaths
    arm_drop(arena, step, 20, 160)
    launch_drop(arena, archive)
    return died_whole(arena, step, deaths, 20)


def launch_drop(arena: Arena, archive: Path) -> None:
    arena.hub.launch("journal", "drop", "--month", archive.stem, "--archive", str(archive), "--reason", "torture")


def finish_drop(arena: Arena, archive: Path) -> None:
    """By a start or by the same command; the month is gone afterwards, and the archives hold it."""
    if arena.chance.random() < 0.5:
        arena.start()
        arena.hub.stop()
    launch_drop(arena, archive)
    arena.expect(arena.hub.wait_for_death(30), f"{archive.stem} was not dropped in time")
    arena.archives.append(archive)
    left = [path for path in arena.hub.segments if int(path.stem) < read_base(arena.hub.journal).segment]
    arena.expect(not left, f"segments of {archive.stem} are left: {left}")
    arena.audit()
