"""Paths, query strings and forms as they travel."""

from __future__ import annotations

from datetime import date, datetime, timezone
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia import omit
from cartesia._runtime.model import Model
from cartesia._runtime.request import encode_query, fill_path, form_fields


def test_a_path_is_filled_segment_by_segment() -> None:
    assert fill_path("/a/{id}/b/{sub_id}", {"id": "x/y ü?", "sub_id": ".a"}) == (
        "/a/x%2Fy%20%C3%BC%3F/b/.a"
    )
    assert fill_path("/a", {}) == "/a"


@pytest.mark.parametrize("value", ["", ".", "..", "..."])
def test_a_segment_that_would_change_the_path(value: str) -> None:
    with pytest.raises(ValueError, match="`id` must not be empty"):
        fill_path("/a/{id}", {"id": value})


@pytest.mark.parametrize("value", [None, 5, Model(), omit])
def test_a_segment_that_is_no_text(value: str) -> None:
    with pytest.raises(TypeError, match="`id` must be a str"):
        fill_path("/a/{id}", {"id": value})


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({}, ""),
        ({"a": None, "b": omit}, ""),
        ({"a": True, "b": False}, "a=true&b=false"),
        ({"a": 1, "b": 1.5}, "a=1&b=1.5"),
        ({"expand[]": ["x", "y"]}, "expand%5B%5D=x&expand%5B%5D=y"),
        ({"keyterm": ["Ink 2", "+"]}, "keyterm=Ink%202&keyterm=%2B"),
        ({"a": []}, ""),
        ({"a": {"b": 1, "c": [2, None]}}, "a%5Bb%5D=1&a%5Bc%5D=2"),
        ({"t": datetime(2024, 4, 1, tzinfo=timezone.utc)}, "t=2024-04-01T00%3A00%3A00%2B00%3A00"),
        ({"t": date(2024, 4, 1)}, "t=2024-04-01"),
    ],
)
def test_a_query(query: dict[str, object], text: str) -> None:
    assert encode_query(query) == text


def test_later_layers_win() -> None:
    assert encode_query({"a": 1, "b": 1}, None, {"b": 2}, {"c": 3}) == "a=1&b=2&c=3"


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_a_query_can_be_read_again(query: dict[str, str]) -> None:
    text = encode_query(query)
    assert dict(parse_qsl(text, keep_blank_values=True)) == query
    assert text.isascii()


def test_a_form() -> None:
    voice = Model.from_dict({"mode": "id", "id": "v"})
    fields = form_fields(
        {"voice": voice, "output_format": {"container": "wav", "sample_rate": 8000}, "x": None},
        {"timestamp_granularities[]": ("word",), "flag": True, "y": omit},
    )
    assert fields == [
        ("voice[mode]", "id"),
        ("voice[id]", "v"),
        ("output_format[container]", "wav"),
        ("output_format[sample_rate]", "8000"),
        ("timestamp_granularities[]", "word"),
        ("flag", "true"),
    ]
