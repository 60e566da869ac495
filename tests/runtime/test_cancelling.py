"""Async calls that are cancelled at any point leave nothing behind, and nothing half done as done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import anyio
import httpx
import pytest

import cartesia
from tests.runtime._async.tiny import AsyncTiny, until
from tests.runtime.server import answer, chunked, serve

pytestmark = pytest.mark.anyio

THING = answer(b'{"id": "t"}')
STALLED = chunked(b"abc", b"def", media_type="audio/wav", stall=True)
STALLED_EVENTS = chunked(b'data: {"n": 1}\n\n', b"", media_type="text/event-stream", stall=True)


def one_at_a_time(url: str) -> AsyncTiny:
    """A client that stands still when a single connection is lost."""
    http = httpx.AsyncClient(limits=httpx.Limits(max_connections=1))
    return AsyncTiny(api_key="k", base_url=url, http_client=http, timeout=5.0, max_retries=0)


async def test_a_body_whose_reading_was_cancelled_is_not_taken_for_whole() -> None:
    with serve(STALLED, STALLED, THING) as server:
        async with one_at_a_time(server.url) as client:
            speech = await client.things.speak()
            pieces = speech.iter_bytes()
            assert await pieces.__anext__() == b"abc"
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(pieces.__anext__(), 0.05)
            with pytest.raises(cartesia.CartesiaError, match="cancelled"):
                await pieces.__anext__()
            with pytest.raises(cartesia.CartesiaError, match="cancelled"):
                await speech.read()
            await speech.close()
            speech = await client.things.speak()
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(speech.read(), 0.05)
            with pytest.raises(cartesia.CartesiaError):
                await speech.read()
            del speech, pieces
            assert (await client.things.get("t")).to_dict() == {"id": "t"}


async def test_a_stream_whose_reading_was_cancelled_does_not_just_end() -> None:
    with serve(STALLED_EVENTS, THING) as server:
        async with one_at_a_time(server.url) as client:
            stream = await client.things.watch()
            assert (await stream.__anext__()).to_dict() == {"n": 1}
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stream.__anext__(), 0.05)
            with pytest.raises(cartesia.CartesiaError, match="cancelled"):
                await stream.__anext__()
            del stream
            assert (await client.things.get("t")).to_dict() == {"id": "t"}


async def test_a_stream_whose_end_was_cancelled_gives_its_connection_back_when_it_is_closed() -> (
    None
):
    done = chunked(b'data: {"type": "done"}\n\n', media_type="text/event-stream", stall=True)
    with serve(done, THING) as server:
        async with one_at_a_time(server.url) as client:
            stream = await client.things.watch()
            await stream.__anext__()
            with pytest.raises(asyncio.TimeoutError):  # while what follows is drained
                await asyncio.wait_for(stream.__anext__(), 0.05)
            await stream.close()
            assert (await client.things.get("t")).to_dict() == {"id": "t"}
            del stream


class NotedStream(httpx.AsyncByteStream):
    def __init__(self) -> None:
        self.is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{}"

    async def aclose(self) -> None:
        self.is_closed = True


class Checkpoint(httpx.AsyncBaseTransport):
    """Responds after a checkpoint, at which a cancellation is deferred."""

    def __init__(self) -> None:
        self.stream = NotedStream()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        return httpx.Response(200, stream=self.stream)


async def test_a_response_that_arrives_together_with_a_cancellation_is_closed() -> None:
    transport = Checkpoint()
    http = httpx.AsyncClient(transport=transport)
    async with AsyncTiny(api_key="k", base_url="http://api.test", http_client=http) as client:
        call = asyncio.create_task(client.things.get("t"))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert transport.stream.is_closed


async def test_a_client_closed_while_calls_connect_ends_them_and_leaves_no_connection() -> None:
    with serve(THING) as server:
        client = AsyncTiny(api_key="k", base_url=server.url, max_retries=0)
        assert (await client.things.get("t")).to_dict() == {"id": "t"}
        calls = [asyncio.ensure_future(client.things.get("t")) for _ in range(20)]
        await asyncio.sleep(0)
        await client.close()
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(end) for end in ends} == {cartesia.ClientClosedError}
        await until(lambda: all(wire.closed for wire in server.wires))


@pytest.mark.parametrize("steps", range(16))
async def test_a_call_that_a_scope_of_anyio_cancels_ends(steps: int) -> None:
    """Its cancellations come again and again, until the task has left the scope."""
    with serve(*[THING] * 4) as server:
        async with one_at_a_time(server.url) as client:
            await client.things.get("t")
            with anyio.CancelScope() as scope:

                async def cancel() -> None:
                    for _ in range(steps):
                        await asyncio.sleep(0)
                    scope.cancel()

                cancelling = asyncio.create_task(cancel())
                await client.things.get("t")
            await cancelling
            assert (await client.things.get("t")).to_dict() == {"id": "t"}


async def test_a_call_in_a_scope_of_anyio_that_is_over_ends() -> None:
    with serve(THING, THING) as server:
        async with one_at_a_time(server.url) as client:
            with anyio.move_on_after(0):
                await client.things.get("t")
            assert (await client.things.get("t")).to_dict() == {"id": "t"}


async def test_reads_that_are_cancelled_twice_give_their_connections_back() -> None:
    """As by a time limit and by the task group around it, in the same moment."""
    stalled = chunked(b'{"id":', b'"t"}', media_type="application/json", stall=True)
    with serve(*[stalled] * 5, THING) as server:
        http = httpx.AsyncClient(limits=httpx.Limits(max_connections=5))
        async with AsyncTiny(
            api_key="k", base_url=server.url, http_client=http, timeout=5.0, max_retries=0
        ) as client:
            calls = [asyncio.create_task(client.things.get("t")) for _ in range(5)]
            await until(lambda: len(server.requests) == 5)
            await asyncio.sleep(0.1)
            for _ in range(2):
                for call in calls:
                    call.cancel()
                await asyncio.sleep(0)
            await asyncio.wait(calls)
            assert (await client.things.get("t")).to_dict() == {"id": "t"}
