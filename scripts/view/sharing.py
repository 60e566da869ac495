"""Which parts of two packages differ, by their text or by what they refer to.

The client of a date is printed only where it differs from those of the default date and of earlier
ones; everything else is imported from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_REFERENCES = re.compile(r"\b_(models|resources|sockets)\.(\w+)")
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Part:
    """What is printed as one module, or as one class of a module of many.

    Attributes:
        names: The names that other parts refer to it by, such as ``models.Voice``.
        view: What is printed.
    """

    names: tuple[str, ...]
    view: object

    def references(self, known: Mapping[str, str]) -> Iterator[str]:
        """Yield the parts that this one refers to.

        Args:
            known: Each name, and the first name of its part.
        """
        printed = repr(self.view)
        for package, name in _REFERENCES.findall(printed):
            if found := known.get(f"{package}.{name}"):
                yield found
        if self.names[0].endswith("Param"):  # those refer to each other without a prefix
            for word in set(_WORDS.findall(printed)):
                if found := known.get(f"models.{word}"):
                    yield found


def differing(base: Mapping[str, Part], other: Mapping[str, Part]) -> frozenset[str]:
    """Find the parts of a package that cannot be taken from another one.

    Args:
        base: The parts of the package to take from, by their first names.
        other: The parts of the package that takes.

    Returns:
        The first names of the parts that are new, that are printed otherwise, or that refer to such
        a part.
    """
    known = {name: first for first, part in other.items() for name in part.names}
    users: dict[str, set[str]] = {}
    for first, part in other.items():
        for reference in part.references(known):
            users.setdefault(reference, set()).add(first)
    pending = [first for first, part in other.items() if first not in base or base[first] != part]
    found: set[str] = set()
    while pending:
        first = pending.pop()
        if first not in found:
            found.add(first)
            pending += users.get(first, ())
    return frozenset(found)
