"""All scenarios, how much of each belongs to one run, and how one is played."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import damage
import disk
import kills
import surroundings
from arena import Arena, Settings, Skipped
from verdict import Figures

Play = Callable[[Settings, Arena, int], "list[str]"]


@dataclass(frozen=True)
class Scenario:
    play: Play
    #: Thousandths of the kill cycles of a run; 0 for scenarios that have rounds instead.
    share: int = 0
    rounds: int = 1

    @property
    def name(self) -> str:
        return self.play.__name__.replace("_", "-")

    @property
    def summary(self) -> str:
        return (self.play.__doc__ or "").strip().splitlines()[0]

    def cycles(self, total: int) -> int:
        return max(1, round(total * self.share / 1000)) if self.share else self.rounds


SCENARIOS: list[Scenario] = [
    Scenario(kills.random_kills, share=300),
    Scenario(kills.named_steps, share=400),
    Scenario(kills.restart_storm, share=100),
    Scenario(kills.power_cuts, share=200),
    Scenario(kills.kill_and_cut, rounds=15),
    Scenario(kills.dropped_months, rounds=16),
    Scenario(kills.kept_months, rounds=8),
    Scenario(disk.torn_writes, rounds=15),
    Scenario(disk.disk_full),
    Scenario(disk.small_disk, rounds=2),
    Scenario(disk.failed_write),
    Scenario(disk.failed_sync, rounds=2),
    Scenario(disk.slow_disk),
    Scenario(surroundings.suspended, rounds=2),
    Scenario(surroundings.clock_jumps, rounds=4),
    Scenario(surroundings.clock_back),
    Scenario(surroundings.rude_receivers, rounds=6),
    Scenario(surroundings.refusing_receivers, rounds=3),
    Scenario(damage.flipped_segments, rounds=3),
    Scenario(damage.flipped_ends, rounds=2),
    Scenario(damage.flipped_database, rounds=4),
    Scenario(damage.flipped_spool, rounds=2),
    Scenario(damage.lost_database, rounds=6),
    Scenario(damage.older_segments),
]


@dataclass
class Result:
    """What became of one scenario."""

    name: str
    cycles: int
    seed: int
    seconds: float = 0
    figures: Figures = field(default_factory=Figures)
    faults: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str = ""
    folder: Path | None = None

    @property
    def is_passed(self) -> bool:
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "seed": self.seed, "cycles": self.cycles, "passed": self.is_passed,
                "skipped": self.skipped, "seconds": round(self.seconds, 1), "figures": self.figures.as_json(),
                "faults": self.faults, "known": self.known, "notes": self.notes,
                "folder": str(self.folder) if self.faults else ""}


def play(scenario: Scenario, settings: Settings, cycles: int) -> Result:
    """Plays one scenario in a folder of its own; whatever goes wrong is a fault of the result."""
    result = Result(scenario.name, cycles, settings.seed)
    began = time.monotonic()
    arena: Arena | None = None
    try:
        with Arena(settings, scenario.name) as arena:
            result.folder = arena.folder
            result.notes = scenario.play(settings, arena, cycles)
    except Skipped as reason:
        result.skipped = str(reason)
    except Exception as fault:  # whatever it is, the other scenarios are still to be played
        place = traceback.extract_tb(fault.__traceback__)[-1]
        result.faults.append(f"the scenario ended with {type(fault).__name__}: {fault} ({Path(place.filename).name}:"
                             f"{place.lineno})")
    if arena is not None:
        result.figures = arena.verdict.figures
        result.known = arena.verdict.met
        result.faults = arena.verdict.faults + result.faults
    result.seconds = time.monotonic() - began
    return result
