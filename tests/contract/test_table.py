"""The document says what the table of the API says, both ways, and what differs has its reason."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.bundle import bundle
from scripts.view.document import Document
from tests.contract import described, written
from tests.contract.facts import THERE, Aspect, Facts, differences
from tests.contract.figures import figures
from tests.contract.meant import allowed, idle, unexplained
from tests.contract.update_table import update

_WAY_OUT = (
    "What the API itself has changed belongs into the table: `make table` writes it, for review. What "
    "is meant to differ belongs, with its reason, into openapi/corrections.md and "
    "table/differences.yaml."
)
OPENAPI = Path(__file__).parents[2] / "openapi"


@pytest.fixture(scope="module")
def document() -> Facts:
    return described.facts(Document(bundle(OPENAPI / "openapi.yaml")))


def test_the_document_says_what_the_table_says(document: Facts) -> None:
    table = written.facts()
    figures.count("facts of the table held to the document", len(table))
    figures.count("meant differences", len(differences(table, document)))
    found = unexplained(table, document)
    if found:
        pytest.fail("\n".join([_WAY_OUT, *map(str, found)]), pytrace=False)


def test_every_meant_difference_is_one(document: Facts) -> None:
    assert idle(written.facts(), document) == []


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


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A copy of the table."""
    return Path(shutil.copytree(written.TABLE, tmp_path / "table"))


def texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in sorted(folder.iterdir())}


def test_a_table_in_which_nothing_differs_is_written_as_it_was(
    table: Path, document: Facts
) -> None:
    before = texts(table)
    assert update(table, document) == unexplained(written.facts(), document)
    if not unexplained(written.facts(), document):
        assert texts(table) == before


def test_every_entry_can_be_written_anew(table: Path) -> None:
    before = written.facts(table)
    changes = {
        aspect: said
        for aspect, said in before.items()
        if not aspect.place.startswith("GET /voices")
    }
    update(table, changes)
    update(table, before)
    after = written.facts(table)
    assert unexplained(after, before) == []
    for file in ("schemas.yaml", "enums.yaml"):
        assert texts(table)[file] == texts(written.TABLE)[file]


CHANGES: list[tuple[Aspect, str, str]] = [
    (Aspect("GET /voices query limit", "default"), "20", "    limit: integer ?~ 1..100 = 20\n"),
    (Aspect("GET /voices", "deprecated"), "yes", "  deprecated: true\n"),
    (Aspect("GET /voices", "older"), "all, index", "  older: [all, index]\n"),
    (Aspect("GET /voices header x-more", THERE), "yes", "  headers: [x-more]\n"),
    (Aspect("Voice id", "type"), "date", "  id: date !\n"),
    (Aspect("Voice id", "type"), '"a: b"', "  id: '\"a: b\" !'\n"),
    (Aspect("Voice id", "also"), "key, number", "  id: string ! also key, number\n"),
    (Aspect("Voice id", "python"), "voice_id", "  id: string ! as voice_id\n"),
    (Aspect("Voice id", "default"), "a b", "  id: string ! = a b\n"),
    (Aspect("Emotion = off", THERE), "yes", '"off",\n'),
    (Aspect("OutputFormat | OGGOutputFormat", THERE), "yes", "ogg: OGGOutputFormat"),
    (Aspect("LegacyError", "kind"), "string or integer", "LegacyError: string or integer\n"),
]


@pytest.mark.parametrize(("aspect", "said", "line"), CHANGES)
def test_what_the_document_says_is_written_into_the_table(
    table: Path, aspect: Aspect, said: str, line: str
) -> None:
    changes = {aspect: said}
    if aspect.place == "OutputFormat | OGGOutputFormat":
        changes[aspect._replace(name="tag")] = "ogg"
    wanted = {**written.facts(), **changes}
    before = texts(table)
    update(table, wanted)
    assert unexplained(written.facts(table), wanted) == []
    assert written.facts(table)[aspect] == said
    (file,) = (name for name, text in texts(table).items() if text != before[name])
    assert line in texts(table)[file]
    assert texts(table)[file].count("#") == before[file].count("#"), "a comment was lost"


def test_meant_differences_stay_as_they_are(table: Path, document: Facts) -> None:
    aspect = Aspect("Voice locales", "required")
    update(table, {**document, Aspect("Voice name", "nullable"): "yes"})
    assert written.facts(table)[aspect] == written.facts()[aspect]
    assert "  name: string !~\n" in texts(table)["schemas.yaml"]
