"""Streams of events: every legal spelling is understood, and no fault looks like the end."""

from __future__ import annotations

import gc
import ssl
from collections.abc import Awaitable, Callable
from itertools import count, pairwise

import httpx
import pytest

import cartesia
from cartesia import AsyncCartesia
from cartesia._runtime._async.primitives import sleep
from tests.faults._async.calls import connect, one_at_a_time, watch
from tests.faults.page import Caller
from tests.faults.server import (
    CHUNK,
    DONE,
    EVENTS,
    certificate,
    chunk,
    forever,
    head,
    hold,
    raw,
    tls,
)
from tests.runtime.server import Step, chunked, serve

pytestmark = pytest.mark.anyio

GROUP = "Streams of events"
BOTH = ["chunk", "done"]


def sent(fault: str, *pieces: bytes) -> object:
    return pytest.param(pieces, marks=pytest.mark.fault(GROUP, fault))


def bytewise(data: bytes) -> list[bytes]:
    return [data[place : place + 1] for place in range(len(data))]


def halves(data: bytes, at: bytes) -> list[bytes]:
    """Cut data behind the first byte of each place where ``at`` is."""
    places = [place + 1 for place in range(len(data)) if data.startswith(at, place)]
    return [data[start:end] for start, end in pairwise([0, *places, len(data)])]


PLAIN = CHUNK + DONE
UMLAUT = '{"type": "chunk", "data": "AAA=", "context_id": "Ünïcödé 🗣"}'.encode()


@pytest.mark.parametrize(
    "pieces",
    [
        sent("Lines end in CR", PLAIN.replace(b"\n", b"\r")),
        sent("Lines end in CRLF", PLAIN.replace(b"\n", b"\r\n")),
        sent("Cut between CR and LF", *halves(PLAIN.replace(b"\n", b"\r\n"), b"\r\n")),
        sent("Cut after every byte", *bytewise(PLAIN.replace(b"\n", b"\r\n"))),
        sent("Cut inside of UTF-8 characters", *bytewise(b"data: " + UMLAUT + b"\n\n"), DONE),
        sent(
            "Comments between and in events",
            b": hi\n\n",
            CHUNK.replace(b"data", b":\ndata", 1),
            DONE,
        ),
        sent("Fields that nobody asked for", b"id: 7\nretry: 5\nx: y\n\n" + PLAIN),
        sent("An event in several data lines", b'data: {"type":\ndata: "chunk"}\n\n' + DONE),
        sent("A byte order mark", b"\xef\xbb\xbf" + PLAIN),
        sent("No space behind the colon", PLAIN.replace(b": {", b":{")),
        sent("Events with a name and no data", b"event: ping\n\n" + PLAIN),
        sent("No blank line behind the last event", PLAIN[:-1]),
        sent("No line end behind the last event", PLAIN[:-2]),
        sent("CR and no blank line at the end", PLAIN.replace(b"\n", b"\r")[:-1]),
    ],
)
async def test_every_legal_spelling(pieces: tuple[bytes, ...], caller: Caller) -> None:
    with serve(chunked(*pieces, media_type=EVENTS)) as server:
        async with connect(server.url) as client:
            events = [event async for event in await watch(client)]
    assert [event.type for event in events] == BOTH
    if any(b"n\xc3" in b"".join(pieces) for _ in pieces):
        assert events[0].to_dict()["context_id"] == "Ünïcödé 🗣"
    caller.sees("the events")


@pytest.mark.fault(GROUP, "An event of a kind that nobody knows")
async def test_an_unknown_event(caller: Caller) -> None:
    new = b'event: viseme\ndata: {"type": "viseme", "mouth": "o"}\n\n'
    with serve(chunked(new, CHUNK, DONE, media_type=EVENTS)) as server:
        async with connect(server.url) as client:
            first, *rest = [event async for event in await watch(client)]
    assert first.to_dict() == {"type": "viseme", "mouth": "o"}
    assert [event.type for event in rest] == BOTH
    caller.sees("an object with its fields, and the events that follow")


@pytest.mark.parametrize("data", [b"[DONE]", b"{", b"\xff\xfe", b"5", b"[" * 9999])
@pytest.mark.fault(GROUP, "Events that are no JSON objects")
async def test_events_that_are_none(data: bytes, caller: Caller) -> None:
    pieces = (CHUNK, b"data: " + data + b"\n\n", DONE)
    with serve(chunked(*pieces, media_type=EVENTS)) as server:
        async with connect(server.url) as client:
            stream = await watch(client)
            assert (await stream.__anext__()).type == "chunk"
            with pytest.raises(cartesia.APIResponseValidationError, match="not a JSON object"):
                await stream.__anext__()
    caller.sees(
        "the events before it; `APIResponseValidationError`: an event of the stream is not a JSON "
        "object: ..."
    )


@pytest.mark.fault(GROUP, "Fields of the wrong types")
async def test_fields_of_wrong_types(caller: Caller) -> None:
    types = [b'["chunk"]', b"{}", b"5", b"null", b"true"]
    odd = b"".join(b'data: {"type": %s, "done": 1, "data": [1]}\n\n' % kind for kind in types)
    with serve(chunked(odd, CHUNK, DONE, media_type=EVENTS)) as server:
        async with connect(server.url) as client:
            events = [event async for event in await watch(client)]
    assert [event.to_dict().get("type") for event in events[:3]] == [["chunk"], {}, 5]
    assert [event.type for event in events[5:]] == BOTH
    caller.sees("objects with these fields, and the events that follow")


@pytest.mark.fault(GROUP, "An `error` event within 200")
async def test_an_error_event(caller: Caller) -> None:
    error = (
        b'event: error\ndata: {"title": "Too long", "message": "Say less.", "status_code": 400}\n\n'
    )
    with serve(chunked(CHUNK, error, media_type=EVENTS)) as server:
        async with connect(server.url) as client:
            stream = await watch(client)
            events = [await stream.__anext__(), await stream.__anext__()]
            with pytest.raises(cartesia.BadRequestError) as caught:
                await stream.__anext__()
    assert [event.type for event in events] == ["chunk", "error"]
    said = getattr(events[1], "error", None)
    assert said == "Too long: Say less."
    caller.sees(
        f"the event, whose `.error` is {said!r}; if the loop goes on, `BadRequestError`: "
        f"{caught.value}"
    )


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(
            chunked(CHUNK, DONE[:20], media_type=EVENTS, cut=True),
            marks=pytest.mark.fault(GROUP, "The connection is cut inside of an event"),
        ),
        pytest.param(
            chunked(CHUNK, DONE[:-1], media_type=EVENTS, cut=True),
            marks=pytest.mark.fault(GROUP, "The connection is cut before the last blank line"),
        ),
        pytest.param(
            chunked(CHUNK, DONE[:-4], media_type=EVENTS),
            marks=pytest.mark.fault(GROUP, "The answer ends inside of an event"),
        ),
        pytest.param(
            chunked(CHUNK[:-1], media_type=EVENTS),
            marks=pytest.mark.fault(GROUP, "The answer ends after half of the events"),
        ),
        pytest.param(
            chunked(CHUNK, media_type=EVENTS),
            marks=pytest.mark.fault(GROUP, "The answer ends without `done`"),
        ),
        pytest.param(
            chunked(b"", media_type=EVENTS),
            marks=pytest.mark.fault(GROUP, "The answer ends without any event"),
        ),
        pytest.param(
            raw(head(EVENTS) + chunk(CHUNK) + b"nonsense", close=True),
            marks=pytest.mark.fault(GROUP, "The chunks of the answer are broken"),
        ),
    ],
)
async def test_an_end_that_is_none(step: Step, caller: Caller) -> None:
    with serve(step) as server:
        async with connect(server.url, max_retries=3) as client:
            with caller.raises(cartesia.TruncatedResponseError):
                async for _ in await watch(client):
                    pass
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(
            hold(head(EVENTS) + chunk(CHUNK)),
            marks=pytest.mark.fault(GROUP, "No byte comes any more"),
        ),
        pytest.param(
            forever(head(EVENTS) + chunk(CHUNK), chunk(b": alive\n\n")),
            marks=pytest.mark.fault(GROUP, "Nothing but keep-alive comments"),
        ),
        pytest.param(
            forever(head(EVENTS) + chunk(CHUNK + b"id: 5"), chunk(b"\n\nid: 5")),
            marks=pytest.mark.fault(GROUP, "Fields that say nothing, cut where they hurt"),
        ),
        pytest.param(
            forever(head(EVENTS) + chunk(CHUNK + b"data: {\n"), chunk(b": alive\n")),
            marks=pytest.mark.fault(GROUP, "Nothing but comments inside of an event"),
        ),
    ],
)
async def test_silence(step: Step, caller: Caller) -> None:
    with serve(step) as server:
        async with connect(server.url, timeout=0.3) as client:
            stream = await watch(client)
            await stream.__anext__()
            with pytest.raises(
                cartesia.APITimeoutError, match=r"stalled after [0-9]+ bytes"
            ) as caught:
                await stream.__anext__()
    assert "http" in str(caught.value)
    caller.sees(
        "`APITimeoutError`: the response of http://host stalled after ... bytes; see `timeout`"
    )


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(
            forever(head(EVENTS) + chunk(CHUNK), chunk(b"data: [1]\n\n")),
            marks=pytest.mark.fault(GROUP, "Nothing but events that are none"),
        ),
        pytest.param(
            forever(head(EVENTS) + chunk(CHUNK + b"data: 5"), chunk(b"\n\ndata: 5")),
            marks=pytest.mark.fault(GROUP, "Events that are none, cut where they hurt"),
        ),
    ],
)
async def test_no_json_for_ever(step: Step, caller: Caller) -> None:
    with serve(step) as server:
        async with connect(server.url) as client:
            stream = await watch(client)
            await stream.__anext__()
            with caller.raises(cartesia.APIResponseValidationError, match="not a JSON object"):
                await stream.__anext__()


@pytest.mark.fault(
    GROUP, "An event that comes slowly, longer than the read time-out, among comments"
)
async def test_a_slow_event_is_no_silence(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    # Each look at the clock of the stream finds that more than half of the time-out has passed.
    seconds = count(0, 0.6)
    monkeypatch.setattr("cartesia._runtime._async.stream.monotonic", lambda: next(seconds))
    pieces = bytewise(CHUNK[CHUNK.index(b"data") : -2])
    with serve(chunked(*pieces, b"\n\n: alive\n\n", DONE, media_type=EVENTS)) as server:
        async with connect(server.url, timeout=1.0) as client:
            assert [event.type async for event in await watch(client)] == BOTH
    caller.sees("the events")


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize(
    "step",
    [
        hold(head(EVENTS) + chunk(PLAIN)),
        forever(head(EVENTS) + chunk(PLAIN), chunk(b": alive\n\n")),
    ],
)
@pytest.mark.fault(GROUP, "The answer goes on without end after `done`")
async def test_no_end_after_the_last_event(step: Step, encrypted: bool, caller: Caller) -> None:
    trusted = ssl.create_default_context(cafile=certificate())
    with serve(step, tls=tls() if encrypted else None) as server:
        http = httpx.AsyncClient(limits=httpx.Limits(max_connections=1), verify=trusted)
        async with connect(server.url, http_client=http) as client:
            for _ in range(3):
                assert [event.type async for event in await watch(client)] == BOTH
    assert server.connections == 3
    caller.sees("the events; the loop ends within a quarter of a second, the connection is closed")


@pytest.mark.parametrize(
    "pieces",
    [(PLAIN,), (CHUNK, DONE), (CHUNK, DONE, b": bye\n\n"), (CHUNK, DONE[:-1], DONE[-1:])],
)
@pytest.mark.fault(GROUP, "A stream read to `done`")
@pytest.mark.untraced
async def test_the_connection_is_used_again(pieces: tuple[bytes, ...], caller: Caller) -> None:
    with serve(chunked(*pieces, media_type=EVENTS)) as server:
        async with connect(server.url, http_client=one_at_a_time()) as client:
            for _ in range(20):
                assert [event.type async for event in await watch(client)] == BOTH
    assert server.connections == 1
    caller.sees("the events; the connection is used again")


def megabyte() -> bytes:
    return b'data: {"type": "chunk", "data": "' + b"QUJD" * 262_144 + b'"}\n\n'


@pytest.mark.parametrize("size", [1 << 20, 997])
@pytest.mark.fault(GROUP, "An event of 1 MB, whole or in pieces")
async def test_a_large_event(size: int, caller: Caller) -> None:
    data = megabyte() + DONE
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    with serve(chunked(*pieces, media_type=EVENTS)) as server:
        async with connect(server.url) as client:
            events = [event async for event in await watch(client)]
    assert events[0].type == "chunk"
    assert events[0].audio == b"ABC" * 262_144
    caller.sees("the events")


@pytest.mark.fault(GROUP, "An event that never ends")
async def test_an_endless_event(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "cartesia._runtime.sse.SSEDecoder.__init__.__kwdefaults__", {"max_event_bytes": 100_000}
    )
    with serve(
        forever(head(EVENTS), chunk(b"data: " + b"x" * 10_000 + b"\n"), seconds=0)
    ) as server:
        async with connect(server.url) as client:
            with caller.raises(
                cartesia.APIResponseValidationError, match="larger than 100000 bytes"
            ):
                async for _ in await watch(client):
                    pass


async def leave(client: AsyncCartesia) -> None:
    async for _ in await watch(client):
        break


async def fail_at_once(client: AsyncCartesia) -> None:
    async for _ in await watch(client):
        raise ZeroDivisionError


async def fail(client: AsyncCartesia) -> None:
    with pytest.raises(ZeroDivisionError):
        await fail_at_once(client)


async def close(client: AsyncCartesia) -> None:
    async with await watch(client) as stream:
        await stream.__anext__()


async def ignore(client: AsyncCartesia) -> None:
    await watch(client)


@pytest.mark.parametrize("collector", ["off", "always", "usual"])
@pytest.mark.parametrize(
    "give_up",
    [
        pytest.param(leave, marks=pytest.mark.fault(GROUP, "1,000 loops are left with `break`")),
        pytest.param(fail, marks=pytest.mark.fault(GROUP, "1,000 loops are left by an exception")),
        pytest.param(close, marks=pytest.mark.fault(GROUP, "1,000 streams are closed early")),
        pytest.param(ignore, marks=pytest.mark.fault(GROUP, "1,000 streams are never read")),
    ],
)
@pytest.mark.untraced
@pytest.mark.timeout(300)
async def test_giving_up(
    give_up: Callable[[AsyncCartesia], Awaitable[None]], collector: str, caller: Caller
) -> None:
    thresholds = gc.get_threshold()
    turns = {"off": 1000, "always": 50, "usual": 200}[collector]
    with serve(chunked(CHUNK, DONE, media_type=EVENTS)) as server:
        async with connect(server.url, http_client=one_at_a_time()) as client:
            gc.collect()
            try:
                if collector == "off":
                    gc.disable()
                elif collector == "always":
                    gc.set_threshold(1, 1, 1)
                for _ in range(turns):
                    await give_up(client)
                assert [event.type async for event in await watch(client)] == BOTH
            finally:
                gc.enable()
                gc.set_threshold(*thresholds)
    caller.sees("each next call works over a single connection at a time")


@pytest.mark.fault(GROUP, "A stream is left, and nothing else is called")
async def test_a_stream_is_no_cycle(caller: Caller) -> None:
    with serve(chunked(CHUNK, DONE, media_type=EVENTS)) as server:
        async with connect(server.url) as client:
            gc.collect()
            gc.disable()
            try:
                await leave(client)
                for _ in range(500):
                    await sleep(0.01)
                    if server.wires[0].closed:
                        break
            finally:
                gc.enable()
            assert server.wires[0].closed, "without the collector, and without another call"
    caller.sees("its connection is closed at once")
