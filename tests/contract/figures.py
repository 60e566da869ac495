"""A pytest plugin with the figures of a contract run: what was tried how often, printed at its end.

With pytest-xdist each process counts for itself, and the one that started the run adds up.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Protocol

import pytest

EXAMPLES = int(os.environ.get("EXAMPLES", "12"))
"""Examples for each schema, operation and message: more with `make contract EXAMPLES=500`."""

_FIGURES = "figures"


class Figures:
    """Counts by name, in the order in which they were first counted."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def count(self, name: str, amount: int = 1) -> None:
        """Add to a figure.

        Args:
            name: What is counted.
            amount: How many.
        """
        self._counts[name] += amount

    def add(self, counts: dict[str, int]) -> None:
        """Add the figures of another process.

        Args:
            counts: What it counted.
        """
        self._counts.update(counts)

    def counts(self) -> dict[str, int]:
        """Return all that was counted here."""
        return dict(self._counts)

    def lines(self) -> list[str]:
        """Return the figures as lines of text, names aligned."""
        width = max((len(name) for name in self._counts), default=0)
        return [f"{name:{width}}  {count:>8}" for name, count in self._counts.items()]


figures = Figures()


class _Worker(Protocol):
    """What pytest-xdist says of a process that ran tests."""

    workeroutput: dict[str, dict[str, int]]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: _Worker) -> None:
    figures.add(getattr(node, "workeroutput", {}).get(_FIGURES, {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_FIGURES] = figures.counts()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = figures.lines()
    if lines:
        terminalreporter.section("contract")
        failed = len(terminalreporter.getreports("failed"))
        for line in [*lines, f"examples each: {EXAMPLES}, failures: {failed}"]:
            terminalreporter.write_line(line)
