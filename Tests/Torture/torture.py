#!/usr/bin/env python3
"""Tortures a hub and says whether it kept its promise.

docs/reliability.md says what is done and what is counted. Exit codes: 0 the promise held, 1 it was broken, 2 used
wrongly, 3 could not run.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

# The modules lie beside the sources of the hub, where nothing that is made belongs.
sys.dont_write_bytecode = True

import report  # noqa: E402
import selftest  # noqa: E402
import shim  # noqa: E402
from arena import Settings  # noqa: E402
from scenarios import SCENARIOS, Result, Scenario, play  # noqa: E402


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Injects faults into a running hub and holds its promise against an "
                                                 "independent ledger.")
    parser.add_argument("--lgsp", type=Path, default=Path(".build/release/lgsp"), help="the program")
    parser.add_argument("--seed", type=int, help="repeats the choices of a run; a new one by default")
    parser.add_argument("--cycles", type=int,
                        help="kill cycles of a round over all scenarios (200), or of the only one")
    parser.add_argument("--minutes", type=float, help="goes on with other seeds until the time is over")
    parser.add_argument("--only", action="append", metavar="SCENARIO", help="one scenario; can stand several times")
    parser.add_argument("--known", action="append", default=[], metavar="TEXT",
                        help="a fault with this text in it is told and does not break the run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the report there too")
    parser.add_argument("--keep", action="store_true", help="keeps the folders of a run that passed, too")
    parser.add_argument("--list", action="store_true", help="names the scenarios")
    parser.add_argument("--self-test", action="store_true", help="proves that the checker can fail")
    return parser.parse_args()


def _chosen(names: list[str] | None) -> list[Scenario]:
    if not names:
        return SCENARIOS
    by_name = {scenario.name: scenario for scenario in SCENARIOS}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        _end(2, f"There is no scenario {', '.join(unknown)}; --list names them.")
    return [by_name[name] for name in names]


def _end(status: int, what: str) -> NoReturn:
    print(f"torture.py: {what}", file=sys.stderr)
    sys.exit(status)


def _play_round(scenarios: list[Scenario], settings: Settings, arguments: argparse.Namespace, deadline: float | None
                ) -> list[Result]:
    results = []
    alone = len(scenarios) == 1 and arguments.minutes is None
    for scenario in scenarios:
        if deadline is not None and results and time.monotonic() > deadline:
            break
        cycles = arguments.cycles if alone and arguments.cycles else scenario.cycles(arguments.cycles or 200)
        result = play(scenario, settings, cycles)
        state = "skipped" if result.skipped else "passed" if result.is_passed else "FAILED"
        print(f"{scenario.name}: {state} after {result.seconds:.1f} s, {result.figures.acknowledged} acknowledged")
        if text := report.details(result):
            print(text)
        if result.faults:
            print(f"  folder: {result.folder}\n  again: {sys.argv[0]} --lgsp {arguments.lgsp} --seed {settings.seed} "
                  f"--cycles {cycles} --only {scenario.name}")
        sys.stdout.flush()
        results.append(result)
    return results


def _run(arguments: argparse.Namespace, folder: Path, library: Path) -> list[Result]:
    scenarios = _chosen(arguments.only)
    deadline = time.monotonic() + arguments.minutes * 60 if arguments.minutes is not None else None
    results: list[Result] = []
    seed = arguments.seed
    while True:
        settings = Settings(arguments.lgsp, library, seed, folder, tuple(arguments.known))
        results += _play_round(scenarios, settings, arguments, deadline)
        if deadline is None or time.monotonic() > deadline:
            return results
        seed += 1


def main() -> int:
    arguments = _arguments()
    if arguments.list:
        for scenario in SCENARIOS:
            print(f"{scenario.name:<20} {scenario.summary}")
        return 0
    arguments.lgsp = arguments.lgsp.resolve()
    if not arguments.lgsp.is_file():
        _end(3, f"There is no program at {arguments.lgsp}; build it first, or name it with --lgsp.")
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(1 << 31)
    # Ctrl-C and a polite kill leave by the same way, so that everything is cleaned up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="lgsp-torture-"))
    is_kept = arguments.keep
    print(f"seed {arguments.seed}, folder {folder}", flush=True)
    try:
        library = shim.build(folder)
        if arguments.self_test:
            return selftest.run(Settings(arguments.lgsp, library, arguments.seed, folder))
        results = _run(arguments, folder, library)
        is_kept = is_kept or any(result.faults for result in results)
    except (OSError, subprocess.CalledProcessError) as fault:
        _end(3, f"{fault}: {getattr(fault, 'stderr', '') or ''}")
    except KeyboardInterrupt:
        _end(3, "interrupted")
    finally:
        if not is_kept:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n" + report.table(results))
    if arguments.json:
        report.write_json(arguments.json, arguments.seed, arguments.lgsp, results)
    print(report.last_lines(results))
    return 0 if all(result.is_passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
