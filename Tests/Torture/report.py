"""Results as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scenarios import Result
from verdict import Figures

_COLUMNS = [("cycles", "cycles"), ("attempted", "attempted"), ("acked", "acknowledged"), ("arrivals", "deliveries"),
            ("lost", "lost"), ("unended", "unended"), ("duplicated", "duplicated"), ("recovered", "recovered"),
            ("disorder", "out_of_order"), ("unverif.", "unverifiable"), ("altered", "altered"),
            ("unsettled", "unsettled"), ("repeats", "repeats"), ("dead", "dead_lettered")]


def totals(results: list[Result]) -> Figures:
    figures = Figures()
    for result in results:
        figures.add(result.figures)
    return figures


def _row(name: str, figures: Figures, seconds: float, verdict: str) -> str:
    numbers = " ".join(f"{getattr(figures, key):>{max(len(title), 5)}}" for title, key in _COLUMNS)
    return f"{name:<20} {numbers} {seconds:>6.1f}  {verdict}"


def table(results: list[Result]) -> str:
    titles = " ".join(f"{title:>{max(len(title), 5)}}" for title, _ in _COLUMNS)
    lines = [f"{'scenario':<20} {titles} {'s':>6}"]
    for result in results:
        verdict = "skipped" if result.skipped else "passed" if result.is_passed else "FAILED"
        lines.append(_row(result.name, result.figures, result.seconds, verdict))
    lines.append(_row("all", totals(results), sum(result.seconds for result in results), ""))
    return "\n".join(lines)


def details(result: Result) -> str:
    """What there is to say of one scenario besides its figures."""
    lines = [f"  {note}" for note in result.notes]
    if result.skipped:
        lines.append(f"  skipped: {result.skipped}")
    lines += [f"  known: {fault}" for fault in result.known]
    lines += [f"  FAULT: {fault}" for fault in result.faults]
    return "\n".join(lines)


def write_json(path: Path, seed: int, lgsp: Path, results: list[Result]) -> None:
    report: dict[str, Any] = {
        "seed": seed, "lgsp": str(lgsp), "passed": all(result.is_passed for result in results),
        "seconds": round(sum(result.seconds for result in results), 1), "totals": totals(results).as_json(),
        "scenarios": [result.as_json() for result in results],
    }
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def last_lines(results: list[Result]) -> str:
    """Counts of scenarios, then the verdict, which is the last line of all."""
    failed = [result.name for result in results if not result.is_passed]
    skipped = sum(bool(result.skipped) for result in results)
    passed = len(results) - len(failed) - skipped
    figures = totals(results)
    counts = f"{passed} passed, {len(failed)} failed" + (f", {skipped} skipped" if skipped else "")
    if known := sum(bool(result.known) for result in results):
        counts += f"; {known} met known faults, which are not in the figures"
    if failed:
        return f"{counts}\nFAILED: {', '.join(failed)}"
    return (f"{counts}\nPASSED: {figures.cycles} cycles, {figures.acknowledged} messages acknowledged, "
            f"{figures.lost} lost, {figures.duplicated} duplicated, {figures.out_of_order} out of order, "
            f"{figures.unverifiable} unverifiable")
