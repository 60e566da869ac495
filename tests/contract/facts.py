"""Facts about an API, so that a table and a document can be compared: what is where, and how it is.

A fact is a value by place and aspect: ``("GET /voices query limit", "default") -> "10"``. What is not
said is no fact. Places are operations, their fields (``path``, ``query``, ``body``, ``header``), named
schemas, their fields, the values of enums (``TTSModel = sonic-3``) and the members of unions
(``OutputFormat | RawOutputFormat``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Aspect(NamedTuple):
    """One side of one thing."""

    place: str
    name: str


Facts: TypeAlias = Mapping[Aspect, str]

THERE = "there"
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Field:
    """What is said of one field."""

    type: str
    required: bool
    nullable: bool = False
    range: str = ""
    default: str = ""
    python: str = ""
    """Its name in Python, where that is not its name on the wire."""
    also: str = ""
    """Further names in Python, and to read it from."""

    def facts(self, place: str) -> dict[Aspect, str]:
        """Say it as facts; a default and a range only where there is one."""
        found = {
            Aspect(place, THERE): YES,
            Aspect(place, "type"): self.type,
            Aspect(place, "required"): YES if self.required else NO,
            Aspect(place, "nullable"): YES if self.nullable else NO,
            Aspect(place, "python"): self.python or place.rpartition(" ")[2],
            Aspect(place, "also"): self.also,
        }
        found |= {Aspect(place, "range"): self.range} if self.range else {}
        return found | ({Aspect(place, "default"): self.default} if self.default else {})


class Difference(NamedTuple):
    """One aspect in which two sets of facts differ; an empty text where one says nothing."""

    place: str
    aspect: str
    table: str
    document: str

    def __str__(self) -> str:
        said = self.table or "nothing", self.document or "nothing"
        return f"{self.place}, {self.aspect}: the table says {said[0]}, the document {said[1]}"


def differences(table: Facts, document: Facts) -> list[Difference]:
    """Compare two sets of facts, both ways.

    Args:
        table: What the table says.
        document: What the document says.

    Returns:
        Every difference; one alone for a thing that is missing altogether.
    """
    found: list[Difference] = []
    for aspect in sorted(table.keys() | document.keys()):
        there = Aspect(aspect.place, THERE)
        sides = table.get(aspect, ""), document.get(aspect, "")
        missing = (there in table) != (there in document)
        if sides[0] != sides[1] and (aspect == there or not missing):
            found.append(Difference(aspect.place, aspect.name, *sides))
    return found
