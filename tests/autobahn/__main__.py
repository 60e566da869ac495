"""Runs the fuzzing server against both transports: ``python -m tests.autobahn INSTALLED [CASES]``."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.autobahn.fuzzing_server import Verdict, case_count, fuzzing, verdicts

_CASES = "1.* 2.* 3.* 4.* 5.* 6.* 7.* 9.* 10.*"
_SECTIONS = {
    1: "framing",
    2: "pings and pongs",
    3: "reserved bits",
    4: "opcodes",
    5: "fragmentation",
    6: "UTF-8",
    7: "closing",
    9: "limits and performance",
    10: "automatic fragmentation",
    12: "compression",
    13: "compression, its parameters",
}
_SIDES = ("async", "sync")
_ROW = "{:<32} {:>6} {:>6} {:>14} {:>11} {:>7}"


@dataclass(frozen=True)
class Outcome:
    """What came of one side.

    Attributes:
        side: ``async`` or ``sync``.
        verdicts: The server's, by case.
        missing: How many cases have none.
        raised: Whether a case raised an error in the client.
    """

    side: str
    verdicts: list[Verdict]
    missing: int
    raised: bool

    @property
    def failed(self) -> list[Verdict]:
        """The cases that did not pass strictly."""
        return [verdict for verdict in self.verdicts if not verdict.passed]


def main() -> int:
    """Run the cases, and print the verdicts.

    Returns:
        1 if a case did not pass strictly on one of the two sides, else 0.
    """
    installed = Path(sys.argv[1]).absolute()
    cases = (" ".join(sys.argv[2:]) or _CASES).split()
    start = time.monotonic()
    with ThreadPoolExecutor() as threads:
        outcomes = list(threads.map(lambda side: _run(side, installed, cases), _SIDES))
    for outcome in outcomes:
        _print_outcome(outcome)
    print(f"\n{time.monotonic() - start:.0f} s; the reports: {installed / 'reports'}")
    return int(any(side.failed or side.missing or side.raised for side in outcomes))


def _run(side: str, installed: Path, cases: Sequence[str]) -> Outcome:
    folder = installed / "reports" / side
    with fuzzing(installed, folder, cases) as url:
        # A process for each side, so that neither waits for the other's turn with the interpreter.
        client = [sys.executable, "-m", "tests.autobahn.echo", side, url]
        done = subprocess.run(client, check=False)  # noqa: S603 # ourselves
        found = verdicts(url, side, folder)
        return Outcome(side, found, case_count(url) - len(found), done.returncode != 0)


def _print_outcome(outcome: Outcome) -> None:
    print()
    print(_ROW.format(outcome.side, "cases", "OK", "INFORMATIONAL", "NON-STRICT", "FAILED"))
    for section in sorted({verdict.section for verdict in outcome.verdicts}):
        of_section = [verdict for verdict in outcome.verdicts if verdict.section == section]
        print(_row(f"{section:>2} {_SECTIONS.get(section, '')}", of_section))
    print(_row("   all", outcome.verdicts))
    by_reason: dict[str, list[str]] = {}
    for verdict in outcome.failed:
        by_reason.setdefault(verdict.reason, []).append(verdict.case)
    for reason, failed in by_reason.items():
        print(f"   {reason}:\n      {', '.join(failed)}")
    informational = [v.case for v in outcome.verdicts if _kind(v) == "INFORMATIONAL"]
    if informational:
        print(f"   informational: {', '.join(informational)}")
    if outcome.missing:
        print(f"   without verdict: {outcome.missing}")
    if outcome.raised:
        print("   the client raised errors; see above")


def _row(name: str, found: list[Verdict]) -> str:
    kinds = Counter(_kind(verdict) for verdict in found)
    counts = (kinds[kind] for kind in ("OK", "INFORMATIONAL", "NON-STRICT", "FAILED"))
    return _ROW.format(name, len(found), *counts)


def _kind(verdict: Verdict) -> str:
    """Put a verdict into one of four columns."""
    if verdict.passed:
        return "INFORMATIONAL" if verdict.behavior == "INFORMATIONAL" else "OK"
    return "NON-STRICT" if verdict.behavior == "NON-STRICT" else "FAILED"


if __name__ == "__main__":
    sys.exit(main())
