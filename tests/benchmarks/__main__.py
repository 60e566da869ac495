"""Runs the benchmarks: ``python -m tests.benchmarks [--short] [--only WORDS]``; see `make bench`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.benchmarks import chart, report
from tests.benchmarks.measure import ROOT, Figures, Samples, Side, compete, serving
from tests.benchmarks.table import CONTESTS, Contest

_DOCS = ROOT / "docs"
_TABLE = "<!-- table -->"
_END = "<!-- end of the table -->"


def main() -> int:
    """Measure, print and write.

    Returns:
        1 where a budget is missed by more than noise explains, else 0.
    """
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--vendor", type=Path, help="the Python that has the vendor's package")
    parser.add_argument(
        "--ours", type=Path, default=sys.executable, help="the Python that has ours"
    )
    parser.add_argument("--short", action="store_true", help="only see that everything works")
    parser.add_argument("--only", default="", help="only rows whose name has these words")
    arguments = parser.parse_args()
    pythons: dict[Side, Path] = {"ours": arguments.ours, "raw": arguments.ours}
    if arguments.vendor is not None:
        pythons["vendor"] = arguments.vendor
    start = time.monotonic()
    print(report.HEADING)
    lines: list[report.Line] = []
    for line in _lines(pythons, arguments.only, short=arguments.short):
        print(report.text(line), flush=True)
        lines.append(line)
    print(f"{time.monotonic() - start:.0f} s; load of the machine: {os.getloadavg()[0]:.1f}")
    if arguments.short:
        return 0
    if not arguments.only and arguments.vendor is not None:
        _write(lines)
    return int(any(line.missed for line in lines))


def _write(lines: list[report.Line]) -> None:
    """Put a whole run into the documentation."""
    (_DOCS / "performance.json").write_text(report.as_json(lines) + "\n", "utf-8")
    (_DOCS / "performance.svg").write_text(chart.draw(lines), "utf-8")
    page = _DOCS / "performance.md"
    before, mark, rest = page.read_text("utf-8").partition(_TABLE)
    _, end, after = rest.partition(_END)
    table = report.markdown(lines)
    page.write_text(f"{before}{mark}\n{table}\n{end}{after}", "utf-8")


def _lines(pythons: dict[Side, Path], only: str, *, short: bool) -> Iterator[report.Line]:
    with serving() as urls:
        for contest in _chosen(only):
            lives = 1 if short else contest.lives
            rounds: list[dict[Side, Figures]] = []
            for _ in range(lives):
                samples = compete(
                    contest.tasks,
                    pythons,
                    urls,
                    times=contest.short if short else contest.times,
                    rounds=1 if short else contest.rounds // lives,
                    warm_up=0 if short else 1,
                )
                rounds.extend(samples.rounds)
            for row in contest.rows:
                # One cold round says nothing of a budget.
                yield report.judge(replace(row, budgets=()) if short else row, Samples(rounds))


def _chosen(words: str) -> list[Contest]:
    return [contest for contest in CONTESTS if any(words in row.work for row in contest.rows)]


if __name__ == "__main__":
    sys.exit(main())
