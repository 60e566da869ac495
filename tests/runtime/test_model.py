"""The base of the models: what is known is an attribute, and nothing of the rest is lost."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime, timezone

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

import cartesia
from cartesia._runtime.codec import decode_audio
from cartesia._runtime.model import (
    ErrorEvent,
    Model,
    read_datetime,
    read_each,
    read_list,
    read_model,
    read_unknown,
)
from cartesia._runtime.types import JSONObject


@define(repr=False, eq=False, getstate_setstate=False)
class Leaf(Model):
    name: str
    from_: float | None = field(default=None, metadata={"keys": ["from"]})

    @classmethod
    def _read(cls, data: JSONObject) -> Leaf:
        return cls(data["name"], data.get("from"))


@define(repr=False, eq=False, getstate_setstate=False)
class Tree(Model):
    id: str
    note: str | None
    created_at: datetime | None = None
    leaf: Leaf | None = None
    leaves: list[Leaf] | None = None
    by_name: dict[str, Leaf] | None = None
    data: str | None = None

    @classmethod
    def _read(cls, data: JSONObject) -> Tree:
        return cls(
            data["id"],
            data["note"],
            read_datetime(data.get("created_at")),
            read_model(data.get("leaf"), Leaf.from_dict),
            read_list(data.get("leaves"), Leaf.from_dict),
            read_each(data.get("by_name"), lambda item: read_model(item, Leaf.from_dict)),
            data.get("data"),
        )

    @property
    def audio(self) -> bytes | None:
        return decode_audio(self.data)


WHOLE = {
    "id": "t",
    "note": None,
    "created_at": "2024-04-01T00:00:00Z",
    "leaf": {"name": "l", "from": 1.5, "new": 1},
    "leaves": [{"name": "a"}, {"name": "b", "from": None}],
    "by_name": {"x": {"name": "x"}},
    "unknown": {"deep": [1]},
}


def test_known_and_unknown_fields_are_attributes() -> None:
    tree = Tree.from_dict(WHOLE)
    assert tree.created_at == datetime(2024, 4, 1, tzinfo=timezone.utc)
    assert tree.leaf is not None
    assert (tree.leaf.name, tree.leaf.from_) == ("l", 1.5)
    assert [leaf.name for leaf in tree.leaves or ()] == ["a", "b"]
    assert (tree.by_name or {})["x"].name == "x"
    assert tree.unknown == {"deep": [1]}  # type: ignore[attr-defined]  # unknown to checkers, too
    assert tree.leaf.new == 1  # type: ignore[attr-defined]
    assert tree.model_extra == {"unknown": {"deep": [1]}}
    assert tree.model_fields_set == {
        "id", "note", "created_at", "leaf", "leaves", "by_name", "unknown",
    }  # fmt: skip
    assert not hasattr(tree, "nothing")
    with pytest.raises(AttributeError, match="'Tree' object has no attribute 'nothing'"):
        _ = tree.nothing  # type: ignore[attr-defined]


def test_what_was_read_is_given_back() -> None:
    assert Tree.from_dict(WHOLE).to_dict() == WHOLE


LEAVES = st.fixed_dictionaries(
    {"name": st.text()},
    optional={"from": st.none() | st.floats(allow_nan=False), "more": st.integers()},
)
TREES = st.fixed_dictionaries(
    {"id": st.text(), "note": st.none() | st.text()},
    optional={
        "created_at": st.none()
        | st.sampled_from(["2024-04-01T00:00:00Z", "2024-04-01T00:00:00.5+01:00", "no date"]),
        "leaf": st.none() | LEAVES,
        "leaves": st.none() | st.lists(LEAVES),
        "by_name": st.none() | st.dictionaries(st.text(), LEAVES),
        "unknown": st.none() | st.lists(st.integers()),
    },
)


@given(TREES)
def test_whatever_was_read_is_given_back(data: dict[str, object]) -> None:
    tree = Tree.from_dict(data)
    assert tree.to_dict() == data
    assert tree == Tree.from_dict(copy.deepcopy(data))
    assert pickle.loads(pickle.dumps(tree)).to_dict() == data  # noqa: S301  # our own


def test_what_has_the_wrong_shape_is_passed_through() -> None:
    data = {
        "id": 1,
        "note": 2,
        "created_at": 3,
        "leaf": 4,
        "leaves": [5, {"name": 6}],
        "by_name": 7,
    }
    tree = Tree.from_dict(data)
    assert tree.leaf == 4
    assert tree.to_dict() == data


def test_changes_are_given() -> None:
    tree = Tree.from_dict(WHOLE)
    tree.note = "n"
    tree.leaf = Leaf("m")
    tree.created_at = datetime(2025, 1, 1, tzinfo=timezone.utc)
    changed = {
        **WHOLE,
        "note": "n",
        "leaf": {"name": "m"},
        "created_at": "2025-01-01T00:00:00+00:00",
    }
    assert tree.to_dict() == changed
    tree.leaf = None
    assert tree.to_dict()["leaf"] is None


def test_what_is_built_by_hand_says_null_only_where_it_must() -> None:
    tree = Tree(id="t", note=None, leaves=[Leaf("a", from_=0.0)])
    assert tree.to_dict() == {"id": "t", "note": None, "leaves": [{"name": "a", "from": 0.0}]}
    assert tree.model_extra == {}
    assert tree.model_fields_set == {"id", "leaves"}
    assert tree == Tree(id="t", note=None, leaves=[Leaf("a", from_=0.0)])
    assert tree != Tree(id="u", note=None)
    assert tree != "t"
    with pytest.raises(TypeError):
        hash(tree)


def test_json() -> None:
    leaf = Leaf.from_dict({"name": "ü", "from": 1})
    assert leaf.to_json() == '{"name":"ü","from":1}'
    assert leaf.to_json(indent=2) == '{\n  "name": "ü",\n  "from": 1\n}'


def test_a_repr_is_short() -> None:
    leaf = Leaf.from_dict({"name": "x" * 500, "new": 1})
    assert repr(leaf) == f"Leaf(name='{'x' * 60}'... (500 characters), new=1)"


def test_audio_is_decoded_once() -> None:
    tree = Tree.from_dict({"id": "t", "note": None, "data": "AAEC"})
    assert tree.audio == b"\x00\x01\x02"
    assert tree.audio is tree.audio
    other = Tree("t", None, data="BAUG")
    assert (other.audio, tree.audio, other.audio) == (b"\x04\x05\x06", tree.audio, b"\x04\x05\x06")
    other.data = "AAEC"
    assert other.audio == tree.audio
    assert Tree("t", None).audio is None
    with pytest.raises(cartesia.CartesiaError, match="base64"):
        _ = Tree("t", None, data="A").audio


def test_an_object_of_unknown_kind() -> None:
    event = read_unknown({"type": "news", "n": 1})
    assert (event.type, event.n) == ("news", 1)
    assert event.to_dict() == {"type": "news", "n": 1}
    assert repr(event) == "Model(type='news', n=1)"
    assert event == Model.from_dict({"type": "news", "n": 1})


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"title": "T", "message": "m"}, "T: m"),
        ({"title": None, "message": "m"}, "m"),
        ({"title": "T"}, "T"),
        ({"error": "old: text"}, "old: text"),
        ({"message": None}, "the server reported an error without a text"),
    ],
)
def test_an_error_event_has_a_text_whatever_its_shape(data: dict[str, object], text: str) -> None:
    assert ErrorEvent.from_dict(data).error == text


@pytest.mark.parametrize("text", ["2024-04-01T10:00:00Z", "2024-04-01T10:00:00.123456789Z"])
def test_date_times_of_any_precision(text: str) -> None:
    assert read_datetime(text).tzinfo is not None
    assert read_datetime(text).hour == 10
