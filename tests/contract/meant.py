"""The differences between table and document that are meant, from ``table/differences.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tests.contract import written
from tests.contract.facts import Difference, Facts, differences


class Allowed(NamedTuple):
    """A difference that is meant, as ``table/differences.yaml`` writes it."""

    places: tuple[str, ...]
    aspect: str
    table: str
    document: str
    row: str

    def covers(self, difference: Difference) -> bool:
        """Whether it speaks of this difference."""
        return (
            self.aspect == difference.aspect
            and any(matches(place, difference.place) for place in self.places)
            and matches(self.table, difference.table)
            and matches(self.document, difference.document)
        )


def matches(pattern: str, text: str) -> bool:
    """Whether a text is as a pattern says, in which `*` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


@cache
def allowed() -> tuple[Allowed, ...]:
    """Return every entry."""
    return tuple(_allowed())


def _allowed() -> Iterator[Allowed]:
    for node in written.entries("differences.yaml"):
        at = node["at"]
        places = at if isinstance(at, list) else [at]
        aspect, *said = (str(node[key]) for key in ("aspect", "table", "document", "row"))
        yield Allowed(tuple(map(str, places)), aspect, *said)


def unexplained(table: Facts, document: Facts) -> list[Difference]:
    """Return the differences that no entry speaks of."""
    return [
        difference
        for difference in differences(table, document)
        if not any(entry.covers(difference) for entry in allowed())
    ]


def idle(table: Facts, document: Facts) -> list[Allowed]:
    """Return the entries, one for each place, that speak of no difference."""
    found = differences(table, document)
    each = [entry._replace(places=(place,)) for entry in allowed() for place in entry.places]
    return [entry for entry in each if not any(map(entry.covers, found))]
