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

_FIX = (
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
        pytest.fail("\n".join([_FIX, *map(str, found)]), pytrace=False)


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


def first(facts: Facts, place: str, **aspects: str) -> str:
    """Return the first place that reads like a pattern, and of which these aspects say this."""
    return next(
        aspect.place
        for aspect in facts
        if aspect.name == THERE
        and re.fullmatch(place, aspect.place)
        and all(facts.get(Aspect(aspect.place, name)) == said for name, said in aspects.items())
    )


@pytest.mark.parametrize(
    ("place", "known", "aspect", "said"),
    [
        (r"GET /\w+", {}, "python", "nowhere.index"),
        (r"GET /\w+", {}, THERE, "gone"),
        (r"GET /\w+", {}, "deprecated", "yes"),
        (r"POST \S+ body \w+", {"required": "yes"}, "required", "no"),
        (r"POST \S+ body \w+", {"required": "yes"}, THERE, "gone"),
        (r"GET \S+ query \w+", {"default": "10"}, "default", "20"),
        (r"\w+ = \w+", {}, THERE, "gone"),
        (r"[A-Z]\w+ id", {"nullable": "no"}, "nullable", "yes"),
        (r"\w+ \| \w+", {}, THERE, "gone"),
        (r"GET \S+", {"answer": "101 socket"}, "sends", "AnotherMessage"),
    ],
)
def test_a_document_that_says_something_else_is_found_out(
    document: Facts, place: str, known: dict[str, str], aspect: str, said: str
) -> None:
    table = written.facts()
    before = unexplained(table, document)
    here = first({key: value for key, value in table.items() if key in document}, place, **known)
    found = unexplained(table, changed(document, {Aspect(here, aspect): said}))
    new = [difference for difference in found if difference not in before]
    assert [(difference.place, difference.aspect) for difference in new] == [(here, aspect)]


@pytest.mark.parametrize("place", [r"POST \S+ body \w+", r"\w+ = \w+"])
def test_a_document_that_says_more_is_found_out(document: Facts, place: str) -> None:
    here = first(document, place).rpartition(" ")[0] + " that_is_nowhere"
    table = written.facts()
    before = unexplained(table, document)
    found = unexplained(table, changed(document, {Aspect(here, THERE): "yes"}))
    new = [difference for difference in found if difference not in before]
    assert [(difference.place, difference.aspect) for difference in new] == [(here, THERE)]


def test_a_field_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"'string maybe' is not a field"):
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


SMALL_TABLE = {
    "operations.yaml": """# Operations.

GET /things:
  python: things.list
  credentials: key
  query:
    limit: integer ?~ 1..100 = 10
  answer: 200 page of ThingPage

# More of them.

DELETE /things:
  python: things.clear
  answer: "204"
""",
    "schemas.yaml": """Thing:
  id: string !
  # A comment inside.
  name: string ?

Either:
  by type: {a: Thing, b: Other}

Plain: string
""",
    "enums.yaml": """Mood:
  open: false
  values: [
    calm,
  ]
""",
}

CHANGES: list[tuple[Aspect, str, str]] = [
    (Aspect("GET /things query limit", "default"), "20", "    limit: integer ?~ 1..100 = 20\n"),
    (Aspect("GET /things", "deprecated"), "yes", "  deprecated: true\n"),
    (Aspect("GET /things", "older"), "all, index", "  older: [all, index]\n"),
    (Aspect("GET /things header x-more", THERE), "yes", "  headers: [x-more]\n"),
    (Aspect("DELETE /things", "answer"), "200 Thing", "  answer: 200 Thing\n"),
    (Aspect("Thing id", "type"), "date", "  id: date !\n"),
    (Aspect("Thing id", "type"), '"a: b"', "  id: '\"a: b\" !'\n"),
    (Aspect("Thing id", "also"), "key, number", "  id: string ! also key, number\n"),
    (Aspect("Thing id", "python"), "thing_id", "  id: string ! as thing_id\n"),
    (Aspect("Thing id", "default"), "a b", "  id: string ! = a b\n"),
    (Aspect("Mood = off", THERE), "yes", 'calm, "off",\n'),
    (Aspect("Either | Third", THERE), "yes", "  by type: {a: Thing, b: Other, c: Third}\n"),
    (Aspect("Plain", "kind"), "string or integer", "Plain: string or integer\n"),
    (Aspect("Fresh", THERE), "yes", "Fresh: map<string>\n"),
]


@pytest.mark.parametrize(("aspect", "said", "line"), CHANGES)
def test_what_the_document_says_is_written_into_the_table(
    tmp_path: Path, aspect: Aspect, said: str, line: str
) -> None:
    for name, content in SMALL_TABLE.items():
        (tmp_path / name).write_text(content, "utf-8")
    changes = {aspect: said}
    if aspect.place == "Either | Third":
        changes[aspect._replace(name="tag")] = "c"
    if aspect.place == "Fresh":
        changes[aspect._replace(name="kind")] = "map<string>"
    wanted = {**written.facts(tmp_path), **changes}
    update(tmp_path, wanted)
    assert written.facts(tmp_path) == wanted
    (file,) = (name for name, content in SMALL_TABLE.items() if texts(tmp_path)[name] != content)
    new = texts(tmp_path)[file]
    assert line in new
    assert [one for one in SMALL_TABLE[file].splitlines() if one.startswith("#")] == [
        one for one in new.splitlines() if one.startswith("#")
    ]
    assert len(new.splitlines()) - len(SMALL_TABLE[file].splitlines()) <= 2


def test_what_is_gone_is_taken_out_of_the_table(tmp_path: Path) -> None:
    for name, content in SMALL_TABLE.items():
        (tmp_path / name).write_text(content, "utf-8")
    before = written.facts(tmp_path)
    wanted = {
        aspect: said
        for aspect, said in before.items()
        if not aspect.place.startswith(("DELETE /things", "Thing name", "Plain"))
    }
    update(tmp_path, wanted)
    assert written.facts(tmp_path) == wanted
    assert "Plain" not in texts(tmp_path)["schemas.yaml"]


def test_meant_differences_stay_as_they_are(table: Path, document: Facts) -> None:
    before = written.facts(table)
    meant = [
        each for each in differences(before, document) if Aspect(each.place, each.aspect) in before
    ]
    place = first(document, r"[A-Z]\w+ id", nullable="no")
    update(table, {**document, Aspect(place, "nullable"): "yes"})
    after = written.facts(table)
    assert after[Aspect(place, "nullable")] == "yes"
    assert meant
    for each in meant:
        if each not in unexplained(before, document):
            aspect = Aspect(each.place, each.aspect)
            assert after[aspect] == before[aspect]
