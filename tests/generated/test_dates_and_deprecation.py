"""Dates, nested lists and maps, deprecated operations and binary answers of any media type."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Generator
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cartesia import AsyncCartesia, Cartesia
from tests.generated.conftest import Server
from tests.generated.support import (
    body,
    document,
    generate_into,
    imported,
    obj,
    operation,
    part,
    ref,
    text,
)

DAY = text(format="date")
MOMENT = text(format="date-time")


def array(items: object) -> dict[str, object]:
    """A described array."""
    return {"type": "array", "description": "Some.", "items": items}


def map_of(values: object) -> dict[str, object]:
    """A described map."""
    return {"type": "object", "description": "By name.", "additionalProperties": values}


def query(name: str, schema: dict[str, object], **more: object) -> dict[str, object]:
    """A query parameter."""
    return {"name": name, "in": "query", "schema": schema, **more}


DIARY = document(
    tags=("client", "diary"),
    paths={
        "/entries": {
            "get": operation(
                "diary.list",
                ref("Entry"),
                deprecated=True,
                parameters=[
                    query("date", DAY),
                    query("moods[]", array(ref("Mood"))),
                    query("old", text(), deprecated=True),
                ],
                extensions={"x-replaced-by": "diary.write", "x-aliases": [{"name": "entries"}]},
            ),
            "post": operation("diary.write", ref("Entry"), requestBody=body("Entry")),
        },
        "/entries/all": {
            "get": operation(
                "diary.export",
                text(format="binary"),
                "application/zip",
                deprecated=True,
                externalDocs={"url": "https://example.com/export"},
                extensions={"x-aliases": [{"name": "dump", "deprecated": True}]},
            ),
            "delete": operation("diary.burn", status="204", deprecated=True),
        },
        "/entries/song": {"get": operation("diary.sing", text(format="binary"), "audio/ogg")},
    },
    schemas={
        "Mood": text(enum=["glad", "sad"]),
        "Place": obj(("name",), name=text(), since=DAY),
        "Entry": obj(
            ("date",),
            date=DAY,
            edited={**DAY, "type": ["string", "null"]},
            days=array(DAY),
            moments=array(MOMENT),
            holidays=map_of(DAY),
            moods=array(ref("Mood")),
            places=map_of(array(ref("Place"))),
            weeks=array(array(DAY)),
            speed=text(deprecated=True),
        ),
    },
)

ENTRY: dict[str, Any] = {
    "date": "2026-11-28",
    "edited": None,
    "days": ["2026-11-01", "someday"],
    "moments": ["2026-11-28T08:00:00Z"],
    "holidays": {"christmas": "2026-12-25"},
    "moods": ["glad", "new"],
    "places": {"home": [{"name": "Kitchen", "since": "2020-02-29"}]},
    "weeks": [["2026-11-23"]],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_into(tmp_path_factory.mktemp("diary"), DIARY)


@pytest.fixture
def diary(folder: Path) -> Generator[ModuleType]:
    with imported(folder) as package:
        yield package


@pytest.fixture
def client(diary: ModuleType, server: Server) -> Generator[Any]:
    with Cartesia(api_key="key", base_url=server.url, max_retries=0) as real:
        yield part(diary, "client").ClientResources(real._requester)


def test_dates_are_read_wherever_they_are(diary: ModuleType) -> None:
    entry = part(diary, "models").Entry.from_dict(ENTRY)
    assert entry.date == date(2026, 11, 28)
    assert entry.edited is None
    assert entry.days == [date(2026, 11, 1), "someday"]
    assert entry.moments == [datetime(2026, 11, 28, 8, tzinfo=UTC)]
    assert entry.holidays == {"christmas": date(2026, 12, 25)}
    assert entry.places["home"][0].since == date(2020, 2, 29)
    assert entry.weeks == [[date(2026, 11, 23)]]
    assert entry.moods == ["glad", "new"]


def test_dates_are_given_back_as_text(diary: ModuleType) -> None:
    entry = part(diary, "models").Entry.from_dict(ENTRY)
    given = {**ENTRY, "moments": ["2026-11-28T08:00:00+00:00"]}
    assert entry.to_dict() == given
    entry.date = date(2027, 1, 1)
    assert entry.to_dict() == {**given, "date": "2027-01-01"}


@pytest.mark.parametrize("value", [None, 5, True, "", "2026-13-01", "tomorrow", ["2026-01-01"]])
def test_what_is_no_date_is_handed_on_as_it_is(diary: ModuleType, value: object) -> None:
    entry = part(diary, "models").Entry.from_dict({"date": value, "days": value})
    assert (entry.date, entry.to_dict()["date"]) == (value, value)


def test_dates_are_sent_from_dates_and_texts(client: Any, server: Server) -> None:
    server.answer = b'{"date": "2026-11-28"}'
    day = date(2026, 11, 28)
    entry = client.diary.write(
        date=day, edited="2026-11-29", days=[day, "2026-11-01"], holidays={"a": day}, moods=["sad"]
    )
    assert entry.date == day
    assert server.last.json == {
        "date": "2026-11-28",
        "edited": "2026-11-29",
        "days": ["2026-11-28", "2026-11-01"],
        "holidays": {"a": "2026-11-28"},
        "moods": ["sad"],
    }
    with pytest.warns(DeprecationWarning, match="diary.list"):
        client.diary.list(date=day, moods=["glad", "sad"])
    assert server.last.target == "/entries?date=2026-11-28&moods%5B%5D=glad&moods%5B%5D=sad"


def test_the_annotations_say_date(client: Any, diary: ModuleType) -> None:
    parameters = inspect.signature(client.diary.write).parameters
    assert parameters["date"].annotation == "_date | str"
    assert parameters["days"].annotation == "Sequence[_date | str] | Omit | None"
    fields = part(diary, "models").Entry.__annotations__
    assert (fields["date"], fields["days"]) == ("_date", "list[_date] | None")


WARNINGS = [
    ("list", "`diary.list` is deprecated: use `diary.write`"),
    ("entries", "`diary.list` is deprecated: use `diary.write`"),
    ("export", "`diary.export` is deprecated: see https://example.com/export"),
    ("dump", "`diary.export` is deprecated: see https://example.com/export"),
    ("burn", "`diary.burn` is deprecated: the API will drop it"),
]


@pytest.mark.parametrize(("name", "said"), WARNINGS)
def test_a_deprecated_operation_warns_once_where_it_is_called(
    client: Any, server: Server, name: str, said: str
) -> None:
    if name in {"export", "dump"}:
        server.media = "application/zip"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        getattr(client.diary, name)()
    assert [(str(one.message), one.category, one.filename) for one in caught] == [
        (said, DeprecationWarning, __file__)
    ]
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        getattr(client.diary.with_raw_response, name)()


@pytest.mark.anyio
async def test_a_deprecated_operation_of_the_async_client_warns_where_it_is_called(
    diary: ModuleType, server: Server
) -> None:
    server.answer = b'{"date": "2026-11-28"}'
    async with AsyncCartesia(api_key="key", base_url=server.url, max_retries=0) as real:
        resources = part(diary, "client").AsyncClientResources(real._requester)
        with pytest.warns(DeprecationWarning, match=r"use `diary\.write`") as caught:
            entry = await resources.diary.list()
    assert entry.date == date(2026, 11, 28)
    assert [one.filename for one in caught] == [__file__]


def test_other_operations_do_not_warn(client: Any, server: Server) -> None:
    server.answer = b'{"date": "2026-11-28"}'
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client.diary.write(date="2026-11-28")


def test_docstrings_say_what_is_deprecated(client: Any, diary: ModuleType) -> None:
    documentation = inspect.getdoc(client.diary.list) or ""
    assert "Deprecated: use `diary.write`." in documentation
    assert "old: Deprecated. Said in a sentence." in documentation
    source = inspect.getsource(part(diary, "models").Entry)
    assert '"""Deprecated. Said in a sentence."""' in source


@pytest.mark.parametrize(("name", "media"), [("export", "application/zip"), ("sing", "audio/ogg")])
def test_an_answer_of_any_media_type_is_bytes(
    client: Any, server: Server, name: str, media: str
) -> None:
    server.media, server.answer = media, b"\0\xff"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert getattr(client.diary, name)().read() == b"\0\xff"
    assert server.last.headers["accept"] == media
