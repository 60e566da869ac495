"""JSON and base64, with the fast libraries and without: the same results."""

from __future__ import annotations

import base64
import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cartesia
from cartesia._runtime import codec
from cartesia._runtime.model import Model


@pytest.fixture(params=["fast", "standard library"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        if request.param == "standard library":
            patch.setitem(sys.modules, "orjson", None)
            patch.setitem(sys.modules, "pybase64", None)
        importlib.reload(codec)
        assert (codec._loads is json.loads) is (request.param == "standard library")
        yield
    importlib.reload(codec)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        ('"ü"', "ü"),
        (b'"\\ud800"', "\ud800"),
        (b"[Infinity]", [float("inf")]),
        (b" 1 ", 1),
    ],
)
def test_json_is_read(either: None, text: bytes | str, value: object) -> None:
    assert codec.decode_json(text) == value


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[1,]", b"'a'", "x", b'{"data":"\xff"}'])
def test_what_is_no_json(either: None, text: bytes | str) -> None:
    with pytest.raises(ValueError):
        codec.decode_json(text)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
@pytest.mark.untraced
def test_both_ways_read_the_same(value: object) -> None:
    text = json.dumps(value).encode()
    assert codec.decode_json(text) == json.loads(text)


@given(VALUES.filter(lambda value: "Infinity" not in json.dumps(value)))
@pytest.mark.untraced
def test_what_is_written_is_read(value: object) -> None:
    assert json.loads(codec.encode_json(value)) == value


class Color(Enum):
    RED = "red"


@dataclass
class Point:
    x: int = 1


def test_json_is_written(either: None) -> None:
    value = {
        "model": Model.from_dict({"a": 1}),
        "when": datetime(2024, 4, 1, tzinfo=timezone.utc),
        "mapping": MappingProxyType({"ü": None}),
        "tuple": (1, 2),
    }
    assert codec.encode_json(value).decode() == (
        '{"model":{"a":1},"when":"2024-04-01T00:00:00+00:00","mapping":{"ü":null},"tuple":[1,2]}'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({1: "null"}, '{"1":"null"}'),
        (2**70, "1180591620717411303424"),
        (Decimal("1.0"), "1"),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Color.RED, '"red"'),
        (datetime(2024, 4, 1, 12, microsecond=5), '"2024-04-01T12:00:00.000005"'),  # noqa: DTZ001 # callers pass such
        (date(2024, 4, 1), '"2024-04-01"'),
    ],
)
def test_odd_values_are_written_alike(either: None, value: object, text: str) -> None:
    assert codec.encode_json([value]).decode() == f"[{text}]"


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        ({"a": object()}, TypeError, "cannot be sent as JSON"),
        ({"a": b"bytes"}, TypeError, "cannot be sent as JSON: its type is bytes"),
        (cartesia.omit, TypeError, "its type is Omit"),
        (Point(), TypeError, "its type is Point"),
        ({1, 2}, TypeError, "its type is set"),
        ({"a": float("nan")}, ValueError, "represent NaN or infinity"),
        ([None, float("inf")], ValueError, "represent NaN or infinity"),
        ({"a": "half \ud83d"}, ValueError, "cut inside a character, after .*half"),
    ],
)
def test_what_cannot_be_written(
    either: None, value: object, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        codec.encode_json(value)


@given(st.binary())
def test_base64(data: bytes) -> None:
    assert codec.decode_base64(base64.b64encode(data).decode()) == data


@pytest.mark.parametrize("text", ["AAEC\n", "AA\nEC", " AAEC", "AAE=", "A A\r\nE=", ""])
def test_base64_is_read_as_the_standard_library_does(either: None, text: str) -> None:
    assert codec.decode_base64(text) == base64.b64decode(text)


@pytest.mark.parametrize(
    "text", ["A", "AAE", "ü", 5, True, ["AAEC"], "AA-EC", "A-_C", "!!!!", "QQ==QUJD", "AAE=\x00"]
)
def test_what_is_no_base64(either: None, text: str) -> None:
    with pytest.raises(cartesia.CartesiaError, match="base64"):
        codec.decode_base64(text)


def test_without_the_fast_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "orjson", None)
        patch.setitem(sys.modules, "pybase64", None)
        importlib.reload(codec)
        assert codec._loads is json.loads
        assert codec.decode_json(b"[1]") == [1]
        assert codec.decode_base64("AAEC") == bytes([0, 1, 2])
    importlib.reload(codec)
    assert codec._loads is not json.loads
