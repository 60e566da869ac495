"""The result of a run: as a table for people, as JSON for programs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from tests.benchmarks.measure import Samples
from tests.benchmarks.table import Budget, Row, Unit

_TOLERANCE = 1.15
_PER_UNIT: dict[Unit, float] = {
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1,
    "KB": 1e3,
    "MB": 1e6,
    "x": 1,
    "modules": 1,
}


@dataclass(frozen=True)
class Verdict:
    """What became of a budget.

    Attributes:
        budget: The budget in words.
        value: What was measured, in the terms of the budget's limit.
        limit: The most that it might be.
        met: Whether it is met.
        missed: Whether it is missed by more than noise explains.
    """

    budget: str
    value: float
    limit: float
    met: bool
    missed: bool


@dataclass(frozen=True)
class Line:
    """A row with its figures.

    Attributes:
        work: What was done.
        unit: The unit of the three figures.
        ours: The median of ours.
        vendor: The median of the vendor's package.
        raw: The median of raw libraries.
        over_vendor: Ours over the vendor's, the median of all rounds.
        over_raw: Ours over that of raw libraries, likewise.
        verdicts: What became of the budgets.
    """

    work: str
    unit: Unit
    ours: float
    vendor: float | None
    raw: float | None
    over_vendor: float | None
    over_raw: float | None
    verdicts: list[Verdict]

    @property
    def missed(self) -> bool:
        """Whether a budget is missed by more than noise explains."""
        return any(verdict.missed for verdict in self.verdicts)


def judge(row: Row, samples: Samples) -> Line:
    """Put the figures of a row beside its budgets.

    Args:
        row: The row.
        samples: What was measured.

    Returns:
        The line of the table.
    """

    def in_unit(value: float | None) -> float | None:
        return None if value is None else value / _PER_UNIT[row.unit]

    ours = in_unit(samples.middle("ours", row.figure))
    assert ours is not None
    verdicts: list[Verdict] = []
    for budget in row.budgets:
        if budget.against is None:
            value: float | None = ours
        elif budget.beyond:
            value = in_unit(samples.difference(budget.against, row.figure))
        else:
            value = samples.ratio(budget.against, row.figure)
        if value is not None:
            verdicts.append(_verdict(budget, row.unit, value))
    return Line(
        work=row.work,
        unit=row.unit,
        ours=ours,
        vendor=in_unit(samples.middle("vendor", row.figure)),
        raw=in_unit(samples.middle("raw", row.figure)),
        over_vendor=samples.ratio("vendor", row.figure),
        over_raw=samples.ratio("raw", row.figure),
        verdicts=verdicts,
    )


def _verdict(budget: Budget, unit: Unit, value: float) -> Verdict:
    return Verdict(
        budget=budget.words(unit),
        value=value,
        limit=budget.at_most,
        met=value <= budget.at_most,
        missed=value > budget.at_most * _TOLERANCE,
    )


_FORMAT = "{:<46} {:>9} {:>9} {:>9} {:<7} {:>8} {:>6}  {}"

HEADING = _FORMAT.format("work", "ours", "vendor", "raw", "", "/vendor", "/raw", "budget")


def text(line: Line) -> str:
    """Write a line of the table.

    Args:
        line: The line.

    Returns:
        Its text.
    """
    return _FORMAT.format(*_cells(line))


def markdown(lines: Iterable[Line]) -> str:
    """Write a run for a page of the documentation.

    Args:
        lines: The table.

    Returns:
        A table in Markdown.
    """
    heading = ("work", "ours", "vendor", "raw", "", "ours / vendor", "ours / raw", "budget")
    rows = [heading, ("---", *["---:"] * 3, "---", *["---:"] * 2, "---")]
    rows.extend(_cells(line) for line in lines)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(line: Line) -> tuple[str, ...]:
    budgets = "; ".join(
        f"{verdict.budget}: {'met' if verdict.met else 'MISSED' if verdict.missed else 'nearly'}"
        for verdict in line.verdicts
    )
    return (
        line.work,
        _number(line.ours),
        _number(line.vendor),
        _number(line.raw),
        line.unit,
        _ratio(line.over_vendor),
        _ratio(line.over_raw),
        budgets or "reported",
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # enough digits


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def as_json(lines: Iterable[Line]) -> str:
    """Write a run for programs.

    Args:
        lines: The table.

    Returns:
        The JSON text.
    """
    packages = ("httpx", "httpx2", "websockets", "aiohttp", "orjson", "pybase64", "attrs")
    return json.dumps(
        {
            "measured": datetime.now(UTC).date().isoformat(),
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
            "python": platform.python_version(),
            "vendor": "cartesia 4.2.0",
            "libraries": {name: version(name) for name in packages},
            "rows": [asdict(line) for line in lines],
        },
        indent=2,
    )
