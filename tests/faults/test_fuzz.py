"""Whatever comes from a server gives events, models, or an error of ours: never another exception.

A short run is part of `make test`; `make fuzz` goes on for longer and records how far it came.
"""

from __future__ import annotations

import inspect
import json
import math
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cartesia_rest.models
from cartesia import BaseModel, CartesiaError
from cartesia._runtime.codec import decode_base64, decode_json, encode_json
from cartesia._runtime.content import LineDecoder, TextDecoder
from cartesia._runtime.errors import error_details
from cartesia._runtime.model import fields_of
from cartesia._runtime.retry import RetryPolicy
from cartesia._runtime.sse import EventTooLargeError, SSEDecoder
from cartesia._runtime.storage import wav_length
from cartesia._runtime.websocket.close import Close
from tests.faults.page import record_run
from tests.runtime.websocket.sessions import drain, hear, new_session, open_context, say

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "100"))
LONG = "FUZZ_EXAMPLES" in os.environ
pytestmark = pytest.mark.timeout(3600 if LONG else 120)

fuzz = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
_tried: dict[str, int] = {}
_began = monotonic()


@pytest.fixture(scope="module", autouse=True)
def record(request: pytest.FixtureRequest) -> Iterator[None]:
    """Write down what a long run has tried, if it found nothing."""
    failed = request.session.testsfailed
    yield
    if LONG and request.session.testsfailed == failed:
        total = sum(_tried.values())
        record_run(
            "fuzz",
            f"{total:,} inputs in {monotonic() - _began:.0f} seconds for {len(_tried)} readers: "
            "no exception but ours",
        )


def tried(what: str) -> None:
    _tried[what] = _tried.get(what, 0) + 1


# Bytes that look like a stream of events, and often are not.
_WORDS = [b"data", b"event", b"id", b":", b" ", b"\n", b"\r", b"\r\n", b"\xef\xbb\xbf", b"{", b"}"]
_WORDS += [
    b'"type"',
    b'"done"',
    b"true",
    b"[",
    b"]",
    b"null",
    b"\x00",
    b"\xff",
    b"error",
    b",",
    b"1",
]
streams = st.one_of(
    st.binary(max_size=200), st.lists(st.sampled_from(_WORDS), max_size=60).map(b"".join)
)


@fuzz
@given(stream=streams, cuts=st.lists(st.integers(0, 200), max_size=8))
def test_the_decoder_of_events(stream: bytes, cuts: list[int]) -> None:
    tried("SSEDecoder")
    first, decoder = SSEDecoder(), SSEDecoder()
    whole = first.feed(stream)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in zip(edges, edges[1:], strict=False)]
    assert [event for piece in pieces for event in decoder.feed(piece)] == whole
    assert decoder.event_bytes == first.event_bytes <= len(stream)
    # What ends properly loses no event, whether it has its last blank line or not.
    assert [*whole, *decoder.feed(b"\n\n")] == SSEDecoder().feed(stream + b"\n\n")
    assert (decoder.event_bytes, decoder.feed(b"\n\n")) == (0, [])
    small = SSEDecoder(max_event_bytes=20)
    try:
        assert [event for piece in pieces for event in small.feed(piece)] == whole
    except EventTooLargeError:
        assert len(stream) > 20


@fuzz
@given(
    data=st.binary(max_size=100),
    size=st.integers(1, 9),
    encoding=st.sampled_from(["utf-8", "x", "latin-1", "utf-16", "base64", "idna"]),
)
def test_texts_and_lines(data: bytes, size: int, encoding: str) -> None:
    tried("TextDecoder, LineDecoder")
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    for make in (TextDecoder, LineDecoder):
        expected = make(encoding).decode(data, final=True)
        cut = make(encoding)
        found = [text for piece in pieces for text in cut.decode(piece)]
        found += cut.decode(b"", final=True)
        # Those two give up at different places.
        assert encoding in ("utf-16", "idna") or "".join(found) == "".join(expected)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["chunk", "done", "error", "AAA=", "2025-01-01T00:00:00Z", "9999-99", "====", ""]
    ),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)


def models() -> list[type[BaseModel]]:
    found = [getattr(cartesia_rest.models, name) for name in cartesia_rest.models.MODULES]
    return [item for item in found if inspect.isclass(item) and issubclass(item, BaseModel)]


def parsers() -> list[Callable[[dict[str, Any]], object]]:
    """Return what reads the unions."""
    from importlib import import_module
    from pkgutil import iter_modules

    modules = [
        import_module(f"cartesia_rest.models.{module.name}")
        for module in iter_modules(cartesia_rest.models.__path__)
    ]
    return [
        parse
        for module in modules
        for name, parse in vars(module).items()
        if name.startswith("parse_") and parse.__module__ == module.__name__
    ]


def names_of(model: type[BaseModel]) -> list[str]:
    return [field.key for field in fields_of(model)]


def exercise(read: Callable[[dict[str, Any]], object], data: dict[str, Any]) -> None:
    """Read an object, and ask all that can be asked of what it became."""
    result = read(data)
    repr(result)
    if not isinstance(result, BaseModel):
        return
    assert isinstance(result.to_dict(), dict)
    assert result == type(result).from_dict(data)
    assert isinstance(result.model_extra, dict)
    assert isinstance(result.model_fields_set, set)
    for name in ("audio", "error"):
        try:
            value = getattr(result, name)
        except (CartesiaError, AttributeError):
            continue
        repr(value)
    try:
        result.to_json()
    except (ValueError, TypeError):  # what no server can say: NaN, an unpaired surrogate
        assert not is_sayable(data)


def is_sayable(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


def readers() -> dict[str, tuple[Callable[[dict[str, Any]], object], list[str]]]:
    """Return every reader of an object with the names that it may know."""
    found = {model.__name__: (model.from_dict, names_of(model)) for model in models()}
    tags = ["type", "mode", "container", "data", "message"]
    return found | {parse.__name__: (parse, tags) for parse in parsers()}


READERS = readers()


@st.composite
def objects(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    name = draw(st.sampled_from(sorted(READERS)))
    keys = st.sampled_from([*READERS[name][1], "type", "new"]) | st.text(max_size=10)
    return name, draw(st.dictionaries(keys, json_values, max_size=8))


@settings(fuzz, max_examples=4 * EXAMPLES)
@given(named=objects())
@pytest.mark.untraced
def test_every_model_and_union(named: tuple[str, dict[str, Any]]) -> None:
    name, data = named
    tried(name)
    exercise(READERS[name][0], data)


@pytest.mark.parametrize("name", sorted(READERS))
@settings(fuzz, max_examples=max(EXAMPLES // 50, 2))
@given(data=st.data())
def test_each_reader(name: str, data: st.DataObject) -> None:
    """Every `from_dict`, and every field of it, has its turn: chance alone leaves some out."""
    tried(name)
    read, fields = READERS[name]
    exercise(read, {field: data.draw(json_values) for field in fields})


def test_there_are_readers() -> None:
    assert {"Voice", "VoicePage", "parse_tts_sse_event"} <= READERS.keys()


@fuzz
@given(text=st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_json(text: bytes) -> None:
    tried("decode_json")
    try:
        value = decode_json(text)
    except ValueError:
        return
    error_details(value)
    try:
        again = decode_json(encode_json(value))
    except ValueError:
        return
    assert again == value


@fuzz
@given(text=st.text(max_size=60) | st.text("ABab01+/=\n ", max_size=60))
def test_base64(text: str) -> None:
    tried("decode_base64")
    with suppress(CartesiaError):
        assert isinstance(decode_base64(text), bytes)


@fuzz
@given(text=st.text(max_size=30) | st.floats().map(str) | st.datetimes().map(datetime.ctime))
def test_retry_after(text: str) -> None:
    tried("RetryPolicy")
    policy = RetryPolicy(2, cautious=False)
    for name in ("retry-after", "retry-after-ms"):
        wait = policy.wait_after_answer(0, 503, {name: text})
        assert wait is None or (0 <= wait <= 60 and math.isfinite(wait))


@fuzz
@given(
    head=st.binary(min_size=12, max_size=20)
    | st.binary(min_size=4, max_size=4).map(lambda size: b"RIFF" + size + b"WAVE")
)
def test_wav(head: bytes) -> None:
    tried("wav_length")
    length = wav_length(head)
    assert length is None or 8 < length < 2**31 + 8


_messages = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda kind, said: json.dumps({"type": kind, **said}).encode(),
        st.sampled_from(["chunk", "done", "error", "timestamps", "flush_done", "new"])
        | json_values,
        st.dictionaries(
            st.sampled_from(["context_id", "data", "done", "status_code", "error", "message"]),
            json_values | st.sampled_from(["a", "b", "gone"]),
            max_size=6,
        ),
    ),
)


@settings(fuzz, max_examples=2 * EXAMPLES)
@given(messages=st.lists(_messages, max_size=20), cancelled_at=st.integers(0, 20))
@pytest.mark.untraced
def test_the_session_of_a_socket(
    caplog: pytest.LogCaptureFixture, messages: list[bytes], cancelled_at: int
) -> None:
    """Whatever a server says, no context hears another's events, and none is left waiting."""
    tried("Session")
    caplog.set_level("ERROR")  # thousands of lines say that something was dropped
    session = new_session()
    records = {name: open_context(session, name) for name in ("a", "b")}
    for record in records.values():
        say(session, record, "text")
    for number, message in enumerate(messages):
        if number == cancelled_at:
            session.cancel(records["b"])
        try:
            hear(session, message)
        except CartesiaError:
            break  # it is no JSON object, and the connection ends
    session.closed(Close(1006))
    for name, record in records.items():
        heard = [event.to_dict() for event in drain(record.queue)]
        assert all(event.get("context_id") in (None, name) for event in heard)
        assert record.state.is_end
        assert record.queue.ended
        assert record.queue.waiting == 0
    drain(session.raw)
