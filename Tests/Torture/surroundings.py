"""Scenarios in which the hub is well and what is around it is not: the scheduler, the clock, the receivers."""

from __future__ import annotations

import signal
import time

from arena import Arena, Settings
from hub import wait_until
from receivers import MANNERS

HOUR = 3600


def suspended(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """SIGSTOP for longer than leases and timeouts, then SIGCONT, while everyone else goes on."""
    arena.load.timeout = 1.5
    arena.start()
    arena.begin_load()
    for _ in range(max(1, cycles)):
        arena.run_until(20)
        arena.hub.signal(signal.SIGSTOP)
        time.sleep(arena.chance.uniform(0.5, 4))
        arena.hub.signal(signal.SIGCONT)
        arena.verdict.figures.cycles += 1
    arena.run_until(20)
    arena.settle()
    return []


def clock_jumps(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """An hour or two forwards or backwards, while running and between two lives, while receivers fail."""
    arena.start()
    arena.begin_load()
    arena.run_until(20)
    latest = 0
    for number in range(max(2, cycles)):
        arena.manners.weights = {"take": 2, "fail": 1, "busy": 1}
        jump = (HOUR, -HOUR)[number % 2] * arena.chance.choice((1, 1, 2))
        if arena.chance.random() < 0.5:
            arena.advance_clock(jump)
        else:
            if arena.clock + jump < latest:
                _end_retries(arena)
            arena.hub.kill()
            arena.advance_clock(jump)
            arena.start()
        latest = max(latest, arena.clock)
        arena.run_until(20)
        arena.verdict.figures.cycles += 1
    _end_retries(arena)
    arena.settle()
    return []


def _end_retries(arena: Arena) -> None:
    """Waits until nothing waits for another attempt; `clock_back` is for what happens otherwise."""
    arena.manners.weights = {"take": 1}
    wait_until(lambda: not any(delivery["phase"] == "pending" and delivery["attempts"] for row in arena.hub.ledger()
                               for delivery in row["deliveries"]), 15, 0.1)


def clock_back(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """The clock is an hour back after a restart, and failed deliveries wait for a time that is far ahead."""
    arena.manners.weights = {"fail": 1}
    arena.start()
    arena.begin_load()
    arena.run_until(40)
    arena.hub.kill()
    arena.advance_clock(-HOUR)
    arena.manners.weights = {"take": 1}
    arena.start()
    arena.verdict.figures.cycles += 1
    arena.settle()
    return []


def rude_receivers(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """Receivers with all bad manners at once, and kills in between."""
    arena.manners.weights = {"take": 30} | {name: 2 for name in MANNERS if name not in ("take", "refuse", "silent")}
    arena.manners.weights["silent"] = 1
    arena.begin_load()
    arena.start()
    for _ in range(max(1, cycles)):
        arena.run_until(25)
        if arena.chance.random() < 0.5:
            arena.restart()
        arena.verdict.figures.cycles += 1
    arena.settle()
    return []


def refusing_receivers(settings: Settings, arena: Arena, cycles: int) -> list[str]:
    """Some messages are refused for good: they end as dead letters, also over kills, and nothing else does."""
    arena.manners.weights = {"take": 3, "refuse": 1, "drop-reply": 1}
    # A message that was refused for good may be handed in anew, and is then another one.
    arena.load.repeat_share = arena.load.twin_share = 0
    arena.begin_load()
    arena.start()
    for _ in range(max(1, cycles)):
        arena.run_until(25)
        arena.restart()
        arena.verdict.figures.cycles += 1
    arena.settle()
    arena.expect(arena.verdict.figures.dead_lettered > 0, "nothing was dead-lettered")
    return [f"{arena.verdict.figures.dead_lettered} dead letters, each refused by its receiver"]
