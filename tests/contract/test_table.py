"""The document says what the table of the API says, both ways, and what differs has its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts.bundle import bundle
from scripts.view.document import Document
from tests.contract import described, written
from tests.contract.facts import THERE, Aspect, Difference, Facts, differences
from tests.contract.figures import figures

OPENAPI = Path(__file__).parents[2] / "openapi"


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
    return tuple(_allowed())


def _allowed() -> Iterator[Allowed]:
    for node in written.entries("differences.yaml"):
        at = node["at"]
        places = at if isinstance(at, list) else [at]
        aspect, *said = (str(node[key]) for key in ("aspect", "table", "document", "row"))
        yield Allowed(tuple(map(str, places)), aspect, *said)


@pytest.fixture(scope="module")
def document() -> Facts:
    return described.facts(Document(bundle(OPENAPI / "openapi.yaml")))


def unexplained(table: Facts, document: Facts) -> list[Difference]:
    return [
        difference
        for difference in differences(table, document)
        if not any(entry.covers(difference) for entry in allowed())
    ]


def test_the_document_says_what_the_table_says(document: Facts) -> None:
    table = written.facts()
    figures.count("facts of the table held to the document", len(table))
    figures.count("meant differences", len(differences(table, document)))
    assert list(map(str, unexplained(table, document))) == [], (
        "what the API itself has changed belongs into the table; what is meant to differ belongs, "
        "with its reason, into openapi/corrections.md and table/differences.yaml"
    )


def test_every_meant_difference_is_one(document: Facts) -> None:
    found = differences(written.facts(), document)
    each = [entry._replace(places=(place,)) for entry in allowed() for place in entry.places]
    idle = [entry for entry in each if not any(map(entry.covers, found))]
    assert idle == []


def test_every_meant_difference_has_its_reason() -> None:
    rows = re.findall(
        r"^\| (.+?) \| (.+?) \| .+ \| .+ \|$",
        (OPENAPI / "corrections.md").read_text("utf-8"),
        re.MULTILINE,
    )
    known = {f"{where} | {vendor}" for where, vendor in rows}
    assert len(known) == len(rows), "two rows of openapi/corrections.md cannot be told apart"
    assert sorted({entry.row for entry in allowed()} - known) == []


def changed(facts: Facts, changes: Mapping[Aspect, str]) -> Facts:
    return {aspect: said for aspect, said in {**facts, **changes}.items() if said != "gone"}


@pytest.mark.parametrize(
    ("place", "aspect", "said"),
    [
        ("GET /voices", "python", "voices.index"),
        ("GET /voices", THERE, "gone"),
        ("POST /tts/bytes body transcript", "required", "no"),
        ("POST /tts/bytes body transcript", THERE, "gone"),
        ("POST /tts/bytes body shout", THERE, "yes"),
        ("GET /voices query limit", "default", "20"),
        ("Emotion = sarcastic", THERE, "gone"),
        ("Emotion = hungry", THERE, "yes"),
        ("Voice name", "nullable", "yes"),
        ("WebsocketResponse | WebsocketDone", THERE, "gone"),
        ("GET /stt/websocket", "sends", "STTManualFinalizeWebsocketRequest"),
    ],
)
def test_a_document_that_says_something_else_is_found_out(
    document: Facts, place: str, aspect: str, said: str
) -> None:
    table = written.facts()
    before = unexplained(table, document)
    found = unexplained(table, changed(document, {Aspect(place, aspect): said}))
    new = [difference for difference in found if difference not in before]
    assert [(difference.place, difference.aspect) for difference in new] == [(place, aspect)]


def test_a_field_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"'string maybe' is no field"):
        written.field("string maybe")
