"""The decoder of server-sent events, whole and cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia._runtime.sse import EventTooLargeError, ServerSentEvent, SSEDecoder


def decode(*chunks: bytes) -> list[ServerSentEvent]:
    decoder = SSEDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in zip(edges, edges[1:])]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", [("", b"a")]),
        (b"event: e\ndata:a\n\n", [("e", b"a")]),
        (b"data:  a\n\n", [("", b" a")]),
        (b"data\n\n", [("", b"")]),
        (b"data: a\ndata\ndata: b\n\n", [("", b"a\n\nb")]),
        (b"data: a\r\rdata: b\n\ndata: c\r\n\r\n", [("", b"a"), ("", b"b"), ("", b"c")]),
        (b"\xef\xbb\xbfdata: a\n\n", [("", b"a")]),
        (b"data: \xef\xbb\xbfa\n\n", [("", b"\xef\xbb\xbfa")]),
        (b": ping\n\n:\n\nid: 1\nretry: 9\n\n\n", []),
        (b"event: e\n\ndata: a\n\n", [("", b"a")]),
        (b"event: e\nevent: f\ndata: a\n\n", [("f", b"a")]),
        (b"event: e\ndata: a\n\ndata: b\n\n", [("e", b"a"), ("", b"b")]),
        (b"event:\xc3\xbc\xff\ndata: a\n\n", [("ü\ufffd", b"a")]),
        (b"dat: a\nDATA: b\n data: c\n\n", []),
        (b"data: a\n", []),
        (b"data: a", []),
        (b"", []),
        (b"data: a\r\n\r", [("", b"a")]),
    ],
)
def test_the_standard(stream: bytes, events: list[tuple[str, bytes]]) -> None:
    assert decode(stream) == events
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == events


LINES = st.sampled_from(
    [
        b"data: a",
        b"data: \xc3\xbc",
        b"data",
        b"event: e",
        b": c",
        b"id: 1",
        b"x",
        b"",
        b"",
        b"data: {}",
    ]
)
STREAMS = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r", b"\r\n"]))).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


@given(STREAMS | st.binary(), st.lists(st.integers(0, 10_000)))
def test_where_the_stream_is_cut_does_not_matter(stream: bytes, places: list[int]) -> None:
    assert decode(*cut(stream, places)) == decode(stream)


@given(st.lists(st.tuples(st.sampled_from(["", "chunk", "ü"]), st.binary().map(bytes.hex))))
def test_what_is_written_is_read(events: list[tuple[str, str]]) -> None:
    stream = "".join(
        (f"event: {name}\n" if name else "") + f"data: {data}\n\n" for name, data in events
    )
    assert decode(stream.encode()) == [(name, data.encode()) for name, data in events]


@pytest.mark.parametrize("size", [1, 4096])
def test_a_large_event_in_many_pieces(size: int) -> None:
    data = b"x" * (100_000 if size == 1 else 1_000_000)
    stream = b"data: " + data + b"\n\n"
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert decode(*pieces) == [("", data)]


def test_the_work_grows_with_the_length_alone() -> None:
    # Counted, not timed: each piece is joined once, so the pieces are all that is held.
    decoder = SSEDecoder()
    for _ in range(1000):
        decoder.feed(b"x")
    assert len(decoder._line) == 1000


@pytest.mark.parametrize("piece", [b"data: " + b"x" * 40 + b"\n", b"x" * 40])
def test_an_event_has_a_limit(piece: bytes) -> None:
    decoder = SSEDecoder(max_event_bytes=100)
    decoder.feed(piece)
    decoder.feed(piece)
    with pytest.raises(EventTooLargeError, match="larger than 100 bytes"):
        decoder.feed(piece)
