"""The figures of a contract run: what was tried how often, printed at its end."""

from __future__ import annotations

from collections import Counter


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

    def lines(self) -> list[str]:
        """Give the figures as lines of text, names aligned."""
        width = max((len(name) for name in self._counts), default=0)
        return [f"{name:{width}}  {count:>8}" for name, count in self._counts.items()]


figures = Figures()
