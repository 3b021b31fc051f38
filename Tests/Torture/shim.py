"""Builds the shim (faults.c) and gives it orders through the memory that it shares with the hub."""

from __future__ import annotations

import errno
import mmap
import struct
import subprocess
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("faults.c")


class Call(IntEnum):
    WRITE, SYNC, CREATE, RENAME, UNLINK, RESIZE, ALLOCATE, MAKE_FOLDER, ANSWER, COMMIT = range(10)


class Kind(IntEnum):
    (ELSEWHERE, SEGMENT, DATABASE, LOG, SPOOLED, SEGMENTS_FOLDER, SPOOL_FOLDER, JOURNAL_FOLDER, SHARED, OTHER,
     SOCKET, REWRITTEN) = range(12)


class Action(IntEnum):
    KILL, FAIL, TEAR, CUT, LIE, FAIL_AND_LOSE, SHORTEN, DELAY = range(1, 9)


#: Every call on files that a power cut could come at.
EVERY_CALL = (Call.WRITE, Call.SYNC, Call.CREATE, Call.RENAME, Call.UNLINK, Call.RESIZE, Call.ALLOCATE,
              Call.MAKE_FOLDER)
EVERY_FILE = (Kind.SEGMENT, Kind.DATABASE, Kind.LOG, Kind.SPOOLED, Kind.SEGMENTS_FOLDER, Kind.SPOOL_FOLDER,
              Kind.JOURNAL_FOLDER, Kind.OTHER, Kind.REWRITTEN)
BEFORE, AFTER = 0, 1


@dataclass(frozen=True)
class Rule:
    """What happens at the `skip`-th matching call, `times` times (0: from then on)."""

    action: Action
    calls: tuple[Call, ...]
    kinds: tuple[Kind, ...]
    phase: int = BEFORE
    skip: int = 0
    times: int = 1
    #: An errno, a share in thousandths, or milliseconds; what the action takes.
    argument: int = 0

    def after(self, skip: int) -> "Rule":
        return Rule(self.action, self.calls, self.kinds, self.phase, skip, self.times, self.argument)


@dataclass(frozen=True)
class Step:
    """A named place on the road to the disk, at which a hub can be killed."""

    name: str
    rule: Rule
    #: How many matching calls may pass first, at most.
    most_skipped: int = 6
    #: Whether it is reached by large messages, by the first block of a month, by a checkpoint, or by a removal of payloads
    #: only.
    needs: str = ""
    #: How many matching calls pass first, at least.
    least_skipped: int = 0


def _kill(call: Call, kind: Kind, phase: int = BEFORE, action: Action = Action.KILL, argument: int = 0) -> Rule:
    return Rule(action, (call,), (kind,), phase, argument=argument)


def _pair(name: str, call: Call, kind: Kind, **more: object) -> list[Step]:
    return [Step(f"{name}-before", _kill(call, kind, BEFORE), **more),  # type: ignore[arg-type]
            Step(f"{name}-after", _kill(call, kind, AFTER), **more)]  # type: ignore[arg-type]


STEPS: list[Step] = [
    *_pair("spool-create", Call.CREATE, Kind.SPOOLED, most_skipped=2, needs="large"),
    *_pair("spool-write", Call.WRITE, Kind.SPOOLED, most_skipped=2, needs="large"),
    Step("spool-write-torn", _kill(Call.WRITE, Kind.SPOOLED, BEFORE, Action.TEAR, 500), 2, "large"),
    *_pair("spool-sync", Call.SYNC, Kind.SPOOLED, most_skipped=2, needs="large"),
    *_pair("spool-rename", Call.RENAME, Kind.SPOOLED, most_skipped=2, needs="large"),
    *_pair("spool-folder-sync", Call.SYNC, Kind.SPOOL_FOLDER, most_skipped=4, needs="large"),
    *_pair("block-write", Call.WRITE, Kind.SEGMENT),
    Step("block-write-torn", _kill(Call.WRITE, Kind.SEGMENT, BEFORE, Action.TEAR, 600)),
    *_pair("block-sync", Call.SYNC, Kind.SEGMENT),
    *_pair("projection-write", Call.WRITE, Kind.LOG, most_skipped=40),
    Step("projection-write-torn", _kill(Call.WRITE, Kind.LOG, BEFORE, Action.TEAR, 500), 40),
    Step("projection-commit-after", _kill(Call.COMMIT, Kind.LOG, AFTER)),
    *_pair("checkpoint-log-sync", Call.SYNC, Kind.LOG, most_skipped=0, needs="checkpoint"),
    *_pair("checkpoint-write", Call.WRITE, Kind.DATABASE, most_skipped=8, needs="checkpoint"),
    *_pair("checkpoint-sync", Call.SYNC, Kind.DATABASE, most_skipped=0, needs="checkpoint"),
    *_pair("answer", Call.ANSWER, Kind.SOCKET),
    *_pair("segment-create", Call.CREATE, Kind.SEGMENT, most_skipped=0, needs="month"),
    *_pair("segment-preallocate", Call.ALLOCATE, Kind.SEGMENT, most_skipped=0, needs="month"),
    *_pair("segment-give-back", Call.RESIZE, Kind.SEGMENT, most_skipped=0, needs="month"),
    *_pair("segment-folder-sync", Call.SYNC, Kind.SEGMENTS_FOLDER, most_skipped=0, needs="month"),
    *_pair("removal-decide-sync", Call.SYNC, Kind.SEGMENT, most_skipped=1, needs="removal", least_skipped=1),
    *_pair("removal-create", Call.CREATE, Kind.REWRITTEN, most_skipped=0, needs="removal"),
    *_pair("removal-write", Call.WRITE, Kind.REWRITTEN, most_skipped=4, needs="removal"),
    Step("removal-write-torn", _kill(Call.WRITE, Kind.REWRITTEN, BEFORE, Action.TEAR, 500), 4, "removal"),
    *_pair("removal-sync", Call.SYNC, Kind.REWRITTEN, most_skipped=0, needs="removal"),
    *_pair("removal-rename", Call.RENAME, Kind.SEGMENT, most_skipped=0, needs="removal"),
    # The first one is that of the start.
    *_pair("removal-folder-sync", Call.SYNC, Kind.SEGMENTS_FOLDER, most_skipped=1, needs="removal", least_skipped=1),
]

#: The steps of a drop of a month, in their order.
DROP_STEPS: list[Step] = [
    # The first one is that of the start.
    *_pair("drop-decide-sync", Call.SYNC, Kind.SEGMENT, most_skipped=1, least_skipped=1),
    *_pair("drop-base-create", Call.CREATE, Kind.OTHER, most_skipped=0),
    *_pair("drop-base-write", Call.WRITE, Kind.OTHER, most_skipped=0),
    Step("drop-base-write-torn", _kill(Call.WRITE, Kind.OTHER, BEFORE, Action.TEAR, 500), 0),
    *_pair("drop-base-sync", Call.SYNC, Kind.OTHER, most_skipped=0),
    *_pair("drop-base-rename", Call.RENAME, Kind.OTHER, most_skipped=0),
    *_pair("drop-rows-write", Call.WRITE, Kind.LOG, most_skipped=30, least_skipped=4),
    *_pair("drop-segment-unlink", Call.UNLINK, Kind.SEGMENT, most_skipped=0),
]


def build(folder: Path) -> Path:
    """Compiles the shim into `folder`."""
    library = folder / "faults.so"
    command = ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return library


_RULES, _RULE, _COUNTS, _SIZE = 4096, 128, 256, 8192
_ARMED, _OFFSET, _TRACKS, _SEED, _SYNCS, _WRITES, _NAMES, _DEATHS, _FATAL, _KEPT = range(8, 88, 8)


@dataclass
class Control:
    """The memory shared with the hub; the layout is that of `struct control` in faults.c."""

    path: Path
    _memory: mmap.mmap = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.path.write_bytes(bytes(_SIZE))
        with open(self.path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _SIZE)

    def _put(self, place: int, value: int) -> None:
        struct.pack_into("<q", self._memory, place, value)

    def _get(self, place: int) -> int:
        return struct.unpack_from("<q", self._memory, place)[0]

    def arm(self, *rules: Rule) -> None:
        """Gives orders; those from before are withdrawn."""
        self.disarm()
        for index, rule in enumerate(rules):
            place = _RULES + index * _RULE
            calls = sum(1 << call for call in rule.calls)
            kinds = sum(1 << kind for kind in rule.kinds)
            values = (calls, kinds, rule.phase, rule.action, rule.skip, rule.times, 0, 0, rule.argument)
            for number, value in enumerate(values, start=1):
                self._put(place + number * 8, value)
            self._put(place, 1)
        self._put(_ARMED, len(rules))

    def disarm(self) -> None:
        self._put(_ARMED, 0)
        for place in range(_RULES, _SIZE, _RULE):
            self._put(place, 0)

    def fired(self, index: int = 0) -> int:
        return self._get(_RULES + index * _RULE + 8 * 8)

    def set_clock(self, seconds: int) -> None:
        self._put(_OFFSET, seconds)

    def track(self, seed: int) -> None:
        """Has the shim remember what is not synced, for power cuts to come."""
        self._put(_SEED, seed)
        self._put(_TRACKS, 1)

    @property
    def deaths(self) -> int:
        return self._get(_DEATHS)

    @property
    def syncs_after_failure(self) -> int:
        return self._get(_SYNCS)

    @property
    def undone_writes(self) -> int:
        return self._get(_WRITES)

    def count(self, call: Call, kind: Kind) -> int:
        return self._get(_COUNTS + (call * 16 + kind) * 8)

    @property
    def unsynced(self) -> Path:
        """Where a killed hub left what it had not synced."""
        return self.path.with_name(self.path.name + ".unsynced")

    def clear_kept(self) -> None:
        """Removes the second names that a killed hub left beside the shared file, unless they may be needed yet."""
        if self.unsynced.exists():
            return
        for path in self.path.parent.glob(self.path.name + ".kept.*"):
            path.unlink()


def power_cut(survives: int = 0, skip: int = 0, phase: int = BEFORE) -> Rule:
    """The power fails; `survives` thousandths of the sectors that were not synced are on the disk all the same."""
    return Rule(Action.CUT, EVERY_CALL, EVERY_FILE, phase, skip=skip, argument=survives)


def failing(call: Call, *kinds: Kind, number: int = errno.EIO, times: int = 1, skip: int = 0) -> Rule:
    return Rule(Action.FAIL, (call,), kinds, argument=number, times=times, skip=skip)
