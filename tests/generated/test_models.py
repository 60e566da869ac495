"""Generated models: what is read, kept and given back."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.generated.support import imported, part
from tests.generated.update_golden import CASES

ROOT = Path(__file__).parents[2]

CALL = {
    "id": "c1",
    "startedAt": "2025-05-02T09:30:00Z",
    "from": "here",
    "class": "first",
    "field": "from",
    "labels": {"one": {"ok": True, "more": 1}},
    "parent": {"id": "c0", "startedAt": "2025-05-01T09:30:00.250Z", "parent": None},
    "event": {"type": "chunk", "data": "AAE="},
    "filename": "a.wav",
    "unknown": {"kept": [1]},
}


@pytest.fixture
def models(rest: ModuleType) -> Any:
    """The package of models."""
    return part(rest, "models")


def test_every_kind_of_field_is_read(models: Any) -> None:
    call = models.Call.from_dict(CALL)
    assert call.started_at == datetime(2025, 5, 2, 9, 30, tzinfo=UTC)
    assert (call.from_, call.class_, call.unknown) == ("here", "first", {"kept": [1]})
    assert call.field == "from"  # hides no name that the module uses
    assert call.labels["one"].ok is True
    assert isinstance(call.parent, models.Call)
    assert call.parent.parent is None
    assert call.event.audio == b"\x00\x01"
    assert call.event.audio is call.event.audio
    assert call.name == call.filename == "a.wav"


def test_what_was_read_is_given_back(models: Any) -> None:
    assert models.Call.from_dict(CALL).to_dict() == CALL


@pytest.fixture
def story(tmp_path: Path) -> Generator[Any]:
    """The model of the golden case that has every kind of field."""
    shutil.copytree(CASES / "model" / "expected", tmp_path / "cartesia_rest")
    with imported(tmp_path) as package:
        yield part(package, "models").Story


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ({"title": "a"}, "a"),
        ({"name": "b"}, "b"),
        ({"heading": "c", "name": None}, "c"),
        ({"title": "a", "name": "b"}, "a"),
        ({"title": None, "name": "b"}, "b"),
        ({"title": None}, None),
        ({"name": None}, None),
        ({}, None),
    ],
)
def test_a_field_is_read_from_the_first_of_its_names_and_given_back_there(
    story: Any, data: dict[str, object], title: str | None
) -> None:
    read = story.from_dict(data)
    assert (read.title, read.name, read.heading) == (title, title, title)
    assert read.to_dict() == data
    assert read.model_extra == {}
    assert ("title" in read.model_fields_set) is (title is not None or "title" in data)


def test_a_change_goes_where_the_field_was_read_from_and_to_both_of_two_that_agree(
    story: Any,
) -> None:
    for data, wanted in (
        ({"name": "a"}, {"name": "z"}),
        ({"title": "a", "name": "a"}, {"title": "z", "name": "z"}),
        ({"title": "a", "name": "b"}, {"title": "z", "name": "b"}),
    ):
        read = story.from_dict(data)
        read.title = "z"
        assert read.to_dict() == wanted


def test_a_list_may_come_as_arrays_and_goes_back_as_it_came(story: Any) -> None:
    arrays = {"words": ["a", "b"], "places": [1, 2], "more": True}
    read = story.from_dict({"words": arrays})
    assert [(word.word, word.place) for word in read.words] == [("a", 1), ("b", 2)]
    assert read.to_dict() == {"words": arrays}
    same = story.from_dict({"words": [{"word": "a", "place": 1}, {"word": "b", "place": 2}]})
    assert [word.word for word in same.words] == ["a", "b"]
    read.words[1].place = 3
    assert read.to_dict() == {"words": [{"word": "a", "place": 1}, {"word": "b", "place": 3}]}
    read.words = []
    assert read.to_dict() == {"words": []}


@pytest.mark.parametrize(
    "value",
    [{"words": []}, {"words": ["a"]}, {"words": ["a"], "places": None}, {"words": "a"}, {}, "a", 5],
)
def test_arrays_that_are_empty_short_or_none_are_kept(story: Any, value: object) -> None:
    read = story.from_dict({"words": value})
    assert read.to_dict() == {"words": value}
    listed = isinstance(value, dict) and isinstance(value.get("words"), list)
    assert isinstance(read.words, list) is listed


def test_what_is_missing_is_none_and_a_wrong_shape_passes_through(models: Any) -> None:
    call = models.Call.from_dict({"id": 5, "startedAt": "soon", "labels": [], "event": "x"})
    assert (call.id, call.started_at, call.labels, call.event) == (5, "soon", [], "x")
    assert call.from_ is None


def test_fixed_fields_fill_themselves(models: Any) -> None:
    assert models.Voice(id="v").to_dict() == {"mode": "id", "id": "v"}


def test_a_tagged_union_is_read_by_its_tag(models: Any) -> None:
    assert isinstance(models.parse_event({"type": "chunk"}), models.Chunk)
    assert models.parse_event({"type": "error", "title": "t"}).error == "t"
    unknown = models.parse_event({"type": "new", "text": "x"})
    assert not isinstance(unknown, models.Chunk)
    assert unknown.text == "x"


def test_a_union_without_a_tag_is_read_by_what_is_in_it(models: Any) -> None:
    assert isinstance(models.parse_loose({"type": "error"}), models.Failure)
    assert isinstance(models.parse_loose({"done": True}), models.Finished)
    assert isinstance(models.parse_loose({"ok": False}), models.Status)
    assert models.parse_loose({"else": 1}).to_dict() == {"else": 1}


def test_names_are_listed_and_unknown_ones_refused(models: Any) -> None:
    assert {"Voice", "Event", "parse_event"} <= set(models.__all__)
    assert set(models.__all__) <= set(dir(models))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = models.Nothing
    # A body is written as arguments of its call: nobody needs a class of it.
    assert "Generate" not in models.__all__


def test_nothing_heavy_is_imported_before_it_is_used(kitchen: Path) -> None:
    code = (
        "import sys, cartesia_rest.client, cartesia_rest.resources.tts as tts, cartesia_rest.models\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'httpx', 'attrs', 'attr'}, loaded\n"
        "assert 'cartesia_rest.models.voice' not in sys.modules\n"
        "assert 'cartesia_rest.params' not in sys.modules\n"
    )
    path = f"{kitchen}:{ROOT / 'overrides'}"
    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, check=True)  # noqa: S603


def test_parameter_types_name_their_required_keys(rest: ModuleType) -> None:
    params = part(rest, "params")
    assert params.VoiceParam.__required_keys__ == {"mode", "id"}
