"""What only tasks can do: be cancelled while they wait, and be left behind by their loop."""

from __future__ import annotations

import asyncio
import queue
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from cartesia._runtime._async.websocket.websocket_transport import AsyncWebSocketTransport
from cartesia._runtime.errors import (
    APIConnectionError,
    APITimeoutError,
    CartesiaError,
    WebSocketConnectionClosedError,
)
from cartesia._runtime.model import Model
from cartesia._runtime.websocket.connection_options import ConnectionOptions
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket._async.listening import listening
from tests.runtime.websocket._async.primitives import until, workers
from tests.runtime.websocket._async.speech import collect, connecting, kinds, received
from tests.runtime.websocket._async.writing import speak, waiting
from tests.runtime.websocket.ears import Ears
from tests.runtime.websocket.server import CERTIFICATE, Peer, attentive, serving

pytestmark = pytest.mark.anyio


async def test_a_receiver_whose_wait_was_cancelled_goes_on() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            context = connection.context()
            events = context.receive()
            waiting = asyncio.ensure_future(events.__anext__())
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await context.push("Hello", continue_=False)
            heard = [event.to_dict()["type"] async for event in events]
            assert heard == ["chunk", "chunk", "done"]


async def test_polling_with_wait_for_loses_nothing() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            context = connection.context()
            events = context.receive()
            heard: list[object] = []
            for number in range(200):
                try:
                    piece = await asyncio.wait_for(events.__anext__(), 0.002)
                except asyncio.TimeoutError:  # noqa: PERF203 # polling, as its user does it
                    if number == 5:
                        await context.push("Hello", continue_=False)
                except StopAsyncIteration:
                    break
                else:
                    heard.append(piece.to_dict()["type"])
            assert heard == ["chunk", "chunk", "done"]


def test_without_asyncio_the_way_out_is_told() -> None:
    """As under trio, where no event loop of asyncio runs."""
    with serving() as server:
        entering = connecting(server).enter()
        with pytest.raises(CartesiaError, match=r"asyncio; .*trio, use those of Cartesia in a thr"):
            entering.send(None)


async def test_a_cancelled_task_cancels_its_context_and_no_other() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            context, other = connection.context(), connection.context()

            async def converse() -> None:
                async with context:
                    await context.push("Hello")
                    await kinds(context)

            task = asyncio.create_task(converse())
            await until(lambda: context._record.heard > 0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert context.state == "cancelled"
            await other.push("Hello", continue_=False)
            assert await kinds(other) == ["chunk", "chunk", "done"]


async def test_coroutine_functions_are_handlers() -> None:
    ears = Ears()
    heard: list[object] = []
    with serving(ears.listen()) as server:
        async with listening(server) as connection:

            @connection.on("done")
            async def done(piece: Model) -> None:
                await asyncio.sleep(0)
                heard.append(piece.to_dict()["type"])

            await connection.send("close")
            await connection.dispatch_events()
    assert heard == ["done"]


@pytest.mark.parametrize("in_block", [True, False])
async def test_a_cancelled_task_stops_its_speech_and_its_text(in_block: bool) -> None:
    text = waiting("Hello")
    heard: list[Model] = []
    with serving(attentive) as server:

        async def listen() -> None:
            stream = speak(connecting(server), text.write())
            if in_block:
                async with stream:
                    await collect(stream, heard)
            else:
                await collect(stream, heard)

        task = asyncio.create_task(listen())
        await until(lambda: len(heard) == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert text.closed.is_raised()
        assert workers() == []
        assert (await received(server, 2))[1] == {"context_id": "c", "cancel": True}


async def test_an_iterator_that_blocks_does_not_block_the_loop() -> None:
    written: queue.Queue[str] = queue.Queue()
    written.put("Hello")
    with serving() as server:
        heard = 0
        async for _ in speak(connecting(server), iter(written.get, "")):
            heard += 1
            # Meanwhile the thread waits for the next piece.
            await asyncio.sleep(0)
            if heard in (2, 4):
                written.put("more" if heard == 2 else "")
        assert heard == 7


async def test_an_iterator_that_blocks_is_closed_once_it_goes_on() -> None:
    go_on, closed = threading.Event(), threading.Event()

    def write() -> Iterator[str]:
        try:
            yield "Hello"
            go_on.wait(10)
            yield "more"
        finally:
            closed.set()

    with serving(attentive) as server:
        async with speak(connecting(server), write()) as stream:
            await stream.__anext__()
        assert workers() == []
        assert not closed.is_set()
        go_on.set()
        await until(closed.is_set)
        assert [sent.get("cancel") for sent in await received(server, 2)] == [None, True]


async def test_an_iterator_without_a_close_is_an_iterator() -> None:
    with serving() as server:
        async with speak(connecting(server), AsyncCountdown()) as stream:
            await stream.__anext__()
        assert workers() == []


class AsyncCountdown:
    def __aiter__(self) -> AsyncCountdown:
        return self

    async def __anext__(self) -> str:
        await asyncio.sleep(0.001)
        return "more"


def test_a_loop_that_ends_with_a_connection_open_makes_no_noise() -> None:
    code = """
import asyncio
from tests.runtime.websocket._async.speech import connecting
from tests.runtime.websocket._async.writing import speak
from tests.runtime.websocket.server import Peer, attentive, serving

async def main():
    connection = await connecting(server).enter()
    context = connection.context()
    await context.push("Hello")
    await context.receive().__anext__()
    stream = speak(connecting(server), ["Hello", "world"])
    await stream.__anext__()
    keep.extend([connection, stream])

keep = []
with serving() as server:
    asyncio.run(main())
"""
    done = subprocess.run(  # noqa: S603 # the interpreter of these tests
        [sys.executable, "-W", "default", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    # The garbage collector, which takes the connection after it, knows that it has ended.
    assert (done.stdout, done.stderr) == ("", "")


async def test_a_caller_that_gives_up_connecting_ends_no_other_context() -> None:
    def idle(peer: Peer) -> None:
        peer.connection.close(1000, "connection idle timeout")

    with serving(idle, attentive) as server:
        async with connecting(server) as connection:
            channel = connection._channel
            await until(lambda: not channel.session.is_open)
            dial, dialling = channel._dial, asyncio.Event()

            async def never() -> None:
                dialling.set()
                await asyncio.Event().wait()

            channel._dial = never  # type: ignore[method-assign, assignment]
            impatient = asyncio.ensure_future(connection.context().push("Hello"))
            await dialling.wait()
            channel._dial = dial  # type: ignore[method-assign]
            patient = connection.context()
            receiving = asyncio.ensure_future(patient.receive().__anext__())
            await until(lambda: patient._record.queue.claimed)
            impatient.cancel()
            await patient.push("Hello")
            assert (await receiving).to_dict()["type"] == "chunk"


async def test_an_entering_that_is_cancelled_leaves_open_nothing_that_prewarm_was_opening() -> None:
    with serving() as server:
        server.may_answer.clear()
        manager = connecting(server)
        warming = asyncio.ensure_future(manager.prewarm())
        entering = asyncio.ensure_future(manager.enter())
        await until(lambda: len(server.handshakes) == 1)
        entering.cancel()
        server.may_answer.set()
        with pytest.raises(asyncio.CancelledError):
            await entering
        with pytest.raises(WebSocketConnectionClosedError):
            await warming
        assert len(server.handshakes) == 1


async def test_closing_while_it_reconnects_stops_the_task_that_connects() -> None:
    ears = Ears()
    policy = Reconnection(lambda _: None, initial_delay=0.001)
    with serving(ears.hear_then(1, Peer.cut), ears.listen()) as server:
        connection = await listening(server, reconnection=policy).enter()
        server.may_answer.clear()
        await connection.send_raw(b"one")
        await until(lambda: len(server.handshakes) == 2)
        await connection.close()
        assert workers() == []
        server.may_answer.set()


async def test_a_handler_that_closes_the_connection_is_not_cancelled_by_it() -> None:
    ears = Ears()
    handled = asyncio.Event()

    async def close(_: object) -> None:
        await connection.close()
        await asyncio.sleep(0.01)
        handled.set()

    policy = Reconnection(close, initial_delay=0.001)
    with serving(ears.hear_then(1, Peer.cut)) as server:
        connection = await listening(server, reconnection=policy).enter()
        await connection.send_raw(b"one")
        await asyncio.wait_for(handled.wait(), 10)
        await until(lambda: workers() == [])
        assert len(server.handshakes) == 1


@pytest.fixture
async def busy() -> AsyncIterator[None]:
    """Keep all threads of the event loop's executor at work."""
    go_on = threading.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    work = loop.run_in_executor(None, go_on.wait, 20)
    yield
    go_on.set()
    await work


async def test_without_tls_no_thread_is_needed_to_connect(busy: None) -> None:
    del busy
    with serving() as server:
        connection = await asyncio.wait_for(connecting(server).enter(), 10)
        await connection.close()


async def test_with_a_tls_context_no_thread_is_needed_to_connect(busy: None) -> None:
    del busy
    context = ssl.create_default_context(cafile=CERTIFICATE)
    context.check_hostname = False
    with serving(tls=True) as server:
        manager = connecting(server, options={"ssl": context})
        connection = await asyncio.wait_for(manager.enter(), 10)
        await connection.close()


async def test_reading_certificates_counts_as_opening(busy: None) -> None:
    del busy
    with serving(tls=True) as server, pytest.raises(APITimeoutError, match="open_timeout"):
        await connecting(server, options={"open_timeout": 0.05}).enter()


@pytest.mark.parametrize(
    ("options", "low", "high"),
    [
        ({}, 8192, 32768),
        ({"write_limit": 1000}, 250, 1000),
        ({"write_limit": (1000, 10)}, 10, 1000),
        ({"write_limit": (1000, None)}, 250, 1000),
        ({"write_limit": None}, 2**31 - 1, 2**31 - 1),
    ],
)
async def test_the_write_limit_is_that_of_the_transport(
    options: ConnectionOptions, low: int, high: int
) -> None:
    with serving() as server:
        async with connecting(server, options=options) as connection:
            transport = connection._channel._transport
            assert transport is not None
            limits = transport.transport.get_write_buffer_limits()
            assert limits == (low, high)


async def test_a_connection_lost_before_its_handshake_is_a_failure_to_connect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handshake = AsyncWebSocketTransport.handshake

    async def late(
        self: AsyncWebSocketTransport, headers: Sequence[tuple[str, str]], user_agent: None
    ) -> None:
        self.transport.abort()
        await until(lambda: self.ended is not None)
        await handshake(self, headers, user_agent)

    monkeypatch.setattr(AsyncWebSocketTransport, "handshake", late)
    lost = pytest.raises(APIConnectionError, match="did not receive a valid HTTP response")
    with serving() as server, lost:
        await connecting(server).enter()


async def test_a_connection_that_has_ended_keeps_no_time() -> None:
    with serving(lambda peer: peer.cut()) as server:
        async with connecting(server) as connection:
            transport = connection._channel._transport
            assert transport is not None
            await until(lambda: transport.ended is not None)
            transport.start()  # as for one that ended before it is used
            transport.begin_close(1000, "")
            assert transport._timer is None or transport._timer.cancelled()
