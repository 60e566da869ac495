"""Responses that outlive their client, and those that are left before their end."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

import cartesia
from cartesia import AsyncAPIResponse, AsyncBinaryAPIResponse, AsyncCursorIDPage, AsyncStream, Model
from cartesia._runtime._async.responses import AsyncBodyIterator
from tests.runtime._async.tiny import tiny, until
from tests.runtime.server import RawServer, Received, Wire, answer, chunked, serve

pytestmark = pytest.mark.anyio

AUDIO = "audio/x-raw"
EVENTS = "text/event-stream"
ONE = b'data: {"n": 1}\n\n'
DONE = b'data: {"type": "done"}\n\n'
PAGE = b'{"data": [{"id": "a"}], "has_more": true}'
LAST_PAGE = b'{"data": [{"id": "b"}], "has_more": false}'


# Each of these makes a client that is gone when it returns.


async def an_answer(server: RawServer) -> AsyncBinaryAPIResponse:
    return await tiny(server.url).things.speak()


async def pieces(server: RawServer) -> AsyncBodyIterator[bytes]:
    return (await tiny(server.url).things.speak()).iter_bytes()


async def a_stream(server: RawServer) -> AsyncStream[Model]:
    return await tiny(server.url).things.watch()


async def a_raw_stream(server: RawServer) -> AsyncAPIResponse[AsyncStream[Model]]:
    return await tiny(server.url).things.with_raw_response.watch()


async def a_page(server: RawServer) -> AsyncCursorIDPage[Model]:
    return await tiny(server.url).things.list()


async def forget() -> None:
    """Let the client be collected, and whatever follows from that be done."""
    gc.collect()
    if True:  # ASYNC
        import asyncio

        await asyncio.sleep(0.01)
    gc.collect()


async def while_waiting(
    wait: Callable[[], Awaitable[object]], act: Callable[[], Awaitable[object]]
) -> object:
    """Begin to wait, and act a moment later; return what the wait ended with, if only an error.

    Neither may last until the time-out of the client.
    """
    ended: list[object] = []
    begin = time.monotonic()

    async def note() -> None:
        try:
            ended.append(await wait())
        except Exception as error:  # noqa: BLE001  # whichever it is
            ended.append(error)

    if True:  # ASYNC
        import anyio

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(note)
            await anyio.sleep(0.1)
            await act()
    else:  # SYNC
        thread = threading.Thread(target=note)
        thread.start()
        threading.Event().wait(0.1)
        act()
        thread.join()
    assert time.monotonic() - begin < 3
    return ended[0]


async def test_an_answer_outlives_its_client() -> None:
    with serve(chunked(b"abc", b"def", media_type=AUDIO)) as server:
        speech = await an_answer(server)
        await forget()
        assert await speech.read() == b"abcdef"
        await until(lambda: server.wires[0].closed)


async def test_pieces_outlive_their_client_and_their_answer() -> None:
    gate = threading.Event()
    with serve(chunked(b"abc", b"def", media_type=AUDIO, gate=gate)) as server:
        heard = await pieces(server)
        await forget()
        assert await heard.__anext__() == b"abc"
        gate.set()
        assert await heard.__anext__() == b"def"


async def test_a_stream_outlives_its_client() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS)) as server:
        stream = await a_stream(server)
        await forget()
        assert len([event async for event in stream]) == 2


async def test_a_raw_stream_outlives_its_client() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS)) as server:
        response = await a_raw_stream(server)
        await forget()
        assert len([event async for event in await response.parse()]) == 2


async def test_a_page_outlives_its_client() -> None:
    with serve(answer(PAGE), answer(LAST_PAGE)) as server:
        page = await a_page(server)
        await forget()
        assert [thing.to_dict()["id"] async for thing in page] == ["a", "b"]


async def test_an_unread_answer_that_outlives_its_client_is_closed_when_it_is_dropped() -> None:
    with serve(chunked(b"abc", media_type=AUDIO, stall=True)) as server:
        speech = await an_answer(server)
        await forget()
        assert not server.wires[0].closed
        del speech
        await until(lambda: server.wires[0].closed)


async def test_what_the_client_closed_is_not_told_as_a_fault_of_the_server() -> None:
    with serve(chunked(b"abc", media_type=AUDIO, stall=True)) as server:
        async with tiny(server.url) as client:
            speech = await client.things.speak()
            heard = speech.iter_bytes()
            assert await heard.__anext__() == b"abc"
        with pytest.raises(cartesia.ClientClosedError):
            await heard.__anext__()
        with pytest.raises(cartesia.ClientClosedError):
            await speech.read()


@pytest.mark.parametrize("is_client", [False, True])
async def test_a_stream_that_is_closed_while_it_waits_says_so(is_client: bool) -> None:
    with serve(chunked(ONE, media_type=EVENTS, stall=True)) as server:
        async with tiny(server.url) as client:
            stream = await client.things.watch()
            await stream.__anext__()
            close = client.close if is_client else stream.close
            error = await while_waiting(stream.__anext__, close)
            assert isinstance(error, cartesia.ClientClosedError)
            if not is_client:
                with pytest.raises(StopAsyncIteration):
                    await stream.__anext__()


async def test_an_answer_that_is_closed_while_it_is_read_says_so() -> None:
    with serve(chunked(b"abc", media_type=AUDIO, stall=True)) as server:
        async with tiny(server.url) as client:
            speech = await client.things.speak()
            heard = speech.iter_bytes()
            await heard.__anext__()
            error = await while_waiting(heard.__anext__, speech.close)
            assert isinstance(error, cartesia.ClientClosedError)


async def test_an_answer_without_a_length_that_is_closed_did_not_end() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: audio/x-raw\r\n\r\nabc"

    def step(wire: Wire, _: Received) -> None:
        wire.send(head)
        wire.wait_for_close()

    with serve(step) as server:
        async with tiny(server.url) as client:
            heard = (await client.things.speak()).iter_bytes()
            await heard.__anext__()
            error = await while_waiting(heard.__anext__, heard.aclose)
            assert isinstance(error, cartesia.ClientClosedError)


@pytest.mark.parametrize("is_call_first", [True, False])
async def test_a_call_and_the_end_of_a_stream_do_not_wait_for_each_other(
    is_call_first: bool,
) -> None:
    # The event says that all is done, but the end of the body is still to come.
    with serve(chunked(DONE, media_type=EVENTS, stall=True), answer(b"{}")) as server:
        async with tiny(server.url) as client:
            stream = await client.things.watch()
            await stream.__anext__()

            async def call() -> object:
                return await client.things.get("t")

            async def rest() -> object:
                return [event async for event in stream]

            await while_waiting(*((call, rest) if is_call_first else (rest, call)))


async def test_a_dropped_answer_stops_the_server_while_the_client_is_idle() -> None:
    with serve(chunked(b"abc", media_type=AUDIO, stall=True)) as server:
        async with tiny(server.url) as client:
            speech = await client.things.speak()
            async for _ in speech.iter_bytes():
                break
            del speech
            await until(lambda: server.wires[0].closed)


async def test_a_dropped_stream_stops_the_server_while_the_client_is_idle() -> None:
    with serve(chunked(ONE, media_type=EVENTS, stall=True)) as server:
        async with tiny(server.url) as client:
            async for _ in await client.things.watch():
                break
            await until(lambda: server.wires[0].closed)


async def test_pieces_that_are_closed_stop_the_server() -> None:
    with serve(chunked(b"abc", media_type=AUDIO, stall=True)) as server:
        async with tiny(server.url) as client:
            speech = await client.things.speak()
            if True:  # ASYNC
                heard = speech.iter_bytes()
                async for _ in heard:
                    break
                await heard.aclose()
            else:  # SYNC
                with contextlib.closing(speech.iter_bytes()) as heard:
                    next(heard)
            assert speech.is_closed
            await until(lambda: server.wires[0].closed)
            with pytest.raises(StopAsyncIteration):
                await heard.__anext__()


async def test_streams_left_at_their_last_event_share_one_connection() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS)) as server:
        async with tiny(server.url) as client:
            for _ in range(6):
                stream = await client.things.watch()
                async for event in stream:
                    if event.to_dict().get("type") == "done":
                        break
    assert server.connections == 1


async def test_streams_closed_at_their_last_event_share_one_connection() -> None:
    with serve(chunked(ONE, DONE, media_type=EVENTS)) as server:
        async with tiny(server.url) as client:
            for _ in range(6):
                async with await client.things.watch() as stream:
                    async for event in stream:
                        if event.to_dict().get("type") == "done":
                            break
    assert server.connections == 1


async def test_answers_left_at_their_last_byte_share_one_connection() -> None:
    with serve(answer(b"abc", headers={"content-type": AUDIO})) as server:
        async with tiny(server.url) as client:
            for _ in range(6):
                speech = await client.things.speak()
                async for _ in speech.iter_bytes():
                    break
                await speech.close()
    assert server.connections == 1


def never_ending(wire: Wire, _: Received) -> None:
    """Send the last event, and then go on for ever."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {EVENTS}\r\ntransfer-encoding: chunked\r\n\r\n"
    wire.send(head.encode() + b"%x\r\n%s\r\n" % (len(DONE), DONE))
    wire.wait_for_close()
    wire.close()


async def test_a_finished_stream_that_is_kept_open_does_not_hold_up_the_next_call() -> None:
    with serve(never_ending) as server:
        async with tiny(server.url) as client:
            for _ in range(3):
                stream = await client.things.watch()
                assert (await stream.__anext__()).to_dict() == {"type": "done"}
    assert server.connections == 3


async def test_an_empty_answer_has_its_raw_response() -> None:
    with serve(answer(status=204)) as server:
        async with tiny(server.url) as client:
            response = await client.things.with_raw_response.delete("t")
            assert response.status_code == 204
            assert response.headers["content-type"] == "application/json"
            assert await response.read() == b""
            async with client.things.with_streaming_response.delete("t") as response:
                assert response.status_code == 204
            await client.things.delete("t")


async def test_an_answer_of_text_has_its_raw_response() -> None:
    with serve(answer(b"a,b\n", headers={"content-type": "text/csv"})) as server:
        async with tiny(server.url) as client:
            response = await client.things.with_raw_response.export()
            assert response.status_code == 200
            assert await response.parse() == "a,b\n"
