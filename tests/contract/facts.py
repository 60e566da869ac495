"""Facts about an API, so that a table and a document can be compared: what is where, and how it is.

A fact is a value by place and aspect: ``("GET /voices query limit", "default") -> "10"``. What is not
said is not a fact. Places are operations, their fields (``path``, ``query``, ``body``, ``header``), named
schemas, their fields, the values of enums (``TTSModel = sonic-3``) and the members of unions
(``OutputFormat | RawOutputFormat``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from scripts.field_summary import FieldSummary


class Aspect(NamedTuple):
    """One side of one thing."""

    place: str
    name: str


Facts: TypeAlias = Mapping[Aspect, str]

THERE = "there"
YES, NO = "yes", "no"


def facts_of(field: FieldSummary, place: str) -> dict[Aspect, str]:
    """Say what is said of a field as facts; a default and a range only where there is one."""
    found = {
        Aspect(place, THERE): YES,
        Aspect(place, "type"): field.type,
        Aspect(place, "required"): YES if field.required else NO,
        Aspect(place, "nullable"): YES if field.nullable else NO,
        Aspect(place, "python"): field.python or place.rpartition(" ")[2],
        Aspect(place, "also"): field.also,
    }
    found |= {Aspect(place, "range"): field.range} if field.range else {}
    return found | ({Aspect(place, "default"): field.default} if field.default else {})


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
