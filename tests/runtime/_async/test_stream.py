"""Streams of events: as they arrive, to their end, and given up early."""

from __future__ import annotations

import gc
import json
import threading
import weakref

import httpx
import pytest

import cartesia
from tests.runtime._async.tiny import AsyncTiny, tiny, until
from tests.runtime.server import chunked, serve

pytestmark = pytest.mark.anyio

EVENTS = "text/event-stream"
ONE = b'event: chunk\ndata: {"type": "chunk", "n": 1}\n\n'
TWO = b'event: chunk\ndata: {"n": 2}\n\n'
DONE = b'event: done\ndata: {"type": "done", "done": true}\n\n'


async def read(*pieces: bytes, cut: bool = False) -> list[object]:
    with serve(chunked(*pieces, media_type=EVENTS, cut=cut)) as server:
        async with tiny(server.url) as client:
            return [event.to_dict() async for event in await client.things.watch()]


async def test_events_are_given_as_they_arrive() -> None:
    gate = threading.Event()
    with serve(chunked(ONE, TWO, DONE, media_type=EVENTS, gate=gate)) as server:
        async with tiny(server.url) as client:
            async with await client.things.watch() as stream:
                assert (await stream.__anext__()).to_dict() == {"type": "chunk", "n": 1}
                gate.set()
                rest = [event.to_dict() async for event in stream]
            assert stream.response.headers["content-type"] == EVENTS
    assert rest == [{"type": "chunk", "n": 2}, {"type": "done", "done": True}]
    (request,) = server.requests
    assert request.headers["accept"] == EVENTS


async def test_what_is_no_event_is_passed_over() -> None:
    noise = b": hello\n\nretry: 5\n\nid: 7\n\nevent: ping\ndata: {}\n\n"
    events = await read(noise, ONE, DONE)
    assert events[0] == {"type": "ping"}
    assert len(events) == 3


@pytest.mark.parametrize("codec", ["orjson", "json"])
@pytest.mark.parametrize("data", [b"[DONE]", b"{", b"5", b"[1]", b"", b"\xff", b"[" * 9999])
async def test_an_event_that_is_no_json_object_raises(
    data: bytes, codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if codec == "json":
        monkeypatch.setattr("cartesia._runtime.codec._loads", json.loads)
    pieces = (ONE, b"data: " + data + b"\n\n", TWO, DONE)
    with serve(chunked(*pieces, media_type=EVENTS)) as server:
        async with tiny(server.url) as client:
            stream = await client.things.watch()
            assert (await stream.__anext__()).to_dict() == {"type": "chunk", "n": 1}
            with pytest.raises(cartesia.APIResponseValidationError, match="not a JSON object"):
                await stream.__anext__()
            assert stream.response.is_closed
            with pytest.raises(cartesia.CartesiaError):
                await stream.__anext__()


async def test_an_event_without_type_that_says_that_it_is_done() -> None:
    assert await read(b'data: {"data": ""}\n\n', b'data: {"done": true}\n\n') == [
        {"data": ""},
        {"done": True},
    ]


@pytest.mark.parametrize("codec", ["orjson", "json"])
@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        (b'"message": "no"', cartesia.APIError, "the server reported an error: no"),
        (b'"error": "old: text"', cartesia.APIError, "the server reported an error: old: text"),
        (b'"a": 1', cartesia.APIError, "the server reported an error: without a text"),
        (b'"message": "no", "status_code": 200', cartesia.APIError, "reported an error: no"),
        (
            b'"title": "Bad", "message": "no", "status_code": 400',
            cartesia.BadRequestError,
            "Error code: 400 - Bad: no",
        ),
        (b'"message": "none", "status_code": 404', cartesia.NotFoundError, "404 - none"),
        (b'"message": "busy", "status_code": 429', cartesia.RateLimitError, "429 - busy"),
        (b'"message": "x", "status_code": 503', cartesia.InternalServerError, "503 - x"),
    ],
)
async def test_an_error_event_is_given_and_raised_if_the_loop_goes_on(
    fields: bytes,
    kind: type[cartesia.APIError],
    text: str,
    codec: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if codec == "json":
        monkeypatch.setattr("cartesia._runtime.codec._loads", json.loads)
    error = b'event: error\ndata: {%s, "request_id": "r-1"}\n\n' % fields
    with serve(chunked(ONE, error, TWO, media_type=EVENTS)) as server:
        async with tiny(server.url) as client:
            stream = await client.things.watch()
            heard = [(await stream.__anext__()).to_dict(), (await stream.__anext__()).to_dict()]
            assert [event["type"] for event in heard] == ["chunk", "error"]
            for _ in range(2):  # it does not look like an end at the second time either
                with pytest.raises(kind, match=text) as caught:
                    await stream.__anext__()
                assert type(caught.value) is kind
                assert str(caught.value).endswith("(request id: r-1)")
                assert caught.value.body == heard[1]
    if isinstance(caught.value, cartesia.APIStatusError):
        assert caught.value.status_code == heard[1]["status_code"]
        assert caught.value.request_id == "r-1"


async def test_an_error_without_type_is_raised_and_none_is_after_a_break_or_close() -> None:
    error = b'data: {"error": "old", "done": true}\n\n'
    with serve(chunked(ONE, error, media_type=EVENTS)) as server:
        async with tiny(server.url) as client:
            stream = await client.things.watch()
            async for event in stream:
                if "error" in event.to_dict():
                    break
            await stream.close()
            assert [event async for event in stream] == []
            with pytest.raises(cartesia.APIError, match="the server reported an error: old"):
                async for _ in await client.things.watch():
                    pass


@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize("last", [b"", b"event: done\ndata: {", DONE[:-4]])
async def test_a_stream_without_its_end_is_an_error(last: bytes, cut: bool) -> None:
    pieces = [piece for piece in (ONE, last) if piece]
    with serve(chunked(*pieces, media_type=EVENTS, cut=cut)) as server:
        async with tiny(server.url, max_retries=2) as client:
            stream = await client.things.watch()
            assert (await stream.__anext__()).to_dict() == {"type": "chunk", "n": 1}
            with pytest.raises(cartesia.TruncatedResponseError) as caught:
                await stream.__anext__()
    assert caught.value.bytes_received == len(ONE) + len(last)
    assert len(server.requests) == 1


async def test_a_stalled_stream_is_a_time_out() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS, stall=True)) as server:
        async with tiny(server.url).with_options(timeout=0.1) as client:
            stream = await client.things.watch()
            await stream.__anext__()
            with pytest.raises(cartesia.APITimeoutError):
                await stream.__anext__()


async def test_an_event_over_the_limit() -> None:
    with serve(chunked(b"data: " + b"x" * 100, media_type=EVENTS)) as server:
        async with tiny(server.url) as client:
            stream = await client.things.watch()
            stream._decoder._max_event_bytes = 50
            with pytest.raises(cartesia.APIResponseValidationError, match="larger than 50"):
                await stream.__anext__()


async def test_a_stream_read_to_its_end_gives_its_connection_back() -> None:
    with serve(chunked(ONE, DONE, b": bye\n\n", media_type=EVENTS)) as server:
        async with tiny(server.url) as client:
            for _ in range(3):
                assert len([event async for event in await client.things.watch()]) == 2
    assert server.connections == 1


async def test_a_stream_cut_after_its_last_event_has_lost_nothing() -> None:
    assert len(await read(ONE, DONE, cut=True)) == 2


async def test_closing_early_ends_the_loop() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS, stall=True)) as server:
        async with tiny(server.url) as client:
            stream = await client.things.watch()
            heard = []
            async for event in stream:
                heard.append(event)
                await stream.close()
            assert len(heard) == 1
            assert stream.response.is_closed


async def fail_at_the_first_event(client: AsyncTiny) -> None:
    async for _ in await client.things.watch():
        raise ZeroDivisionError


async def test_breaking_out_frees_the_connection() -> None:
    gate = threading.Event()
    gate.set()
    with serve(chunked(ONE, DONE, media_type=EVENTS, gate=gate)) as server:
        one_at_a_time = httpx.AsyncClient(limits=httpx.Limits(max_connections=1))
        async with AsyncTiny(
            api_key="k", base_url=server.url, http_client=one_at_a_time, timeout=2.0
        ) as client:
            for turn in range(30):
                async for _ in await client.things.watch():
                    break
                if turn % 10 == 0:
                    gc.collect()
                with pytest.raises(ZeroDivisionError):
                    await fail_at_the_first_event(client)


async def test_a_stream_has_no_reference_cycle() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS)) as server:
        async with tiny(server.url) as client:
            gc.collect()
            gc.disable()
            try:
                stream = await client.things.watch()
                await stream.__anext__()
                body = weakref.ref(stream._body)
                del stream
                await until(lambda: body() is None)
            finally:
                gc.enable()


async def test_the_prefixes() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS)) as server:
        async with tiny(server.url) as client:
            response = await client.things.with_raw_response.watch()
            assert response.headers["content-type"] == EVENTS
            assert len([event async for event in await response.parse()]) == 2
            async with client.things.with_streaming_response.watch() as response:
                assert len([event async for event in await response.parse()]) == 2
