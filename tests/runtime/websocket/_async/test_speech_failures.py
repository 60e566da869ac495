"""What the reader and the writer of a speech are told when it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from cartesia._runtime._async.websocket.speech import AsyncSpeechStream
from cartesia._runtime.errors import (
    APIConnectionError,
    AuthenticationError,
    BadRequestError,
    CartesiaError,
    ContextLostError,
    WebSocketConnectionClosedError,
)
from cartesia._runtime.model import Model
from tests.runtime.websocket._async.primitives import WORKERS, together, until, workers
from tests.runtime.websocket._async.speech import (
    AsyncSpeech,
    AsyncSpeechContext,
    collect,
    connecting,
    received,
)
from tests.runtime.websocket._async.writing import Text, speak, types, waiting
from tests.runtime.websocket.server import Peer, polite, serving
from tests.runtime.websocket.wordbook import event

pytestmark = pytest.mark.anyio


# What goes wrong.


async def test_an_error_of_the_writer_reaches_the_reader_and_cancels() -> None:
    failure = LookupError("no more tokens")
    failure.__cause__ = OSError("reset")
    text = Text("Hello", fails=failure)
    with serving() as server:
        async with connecting(server) as connection:
            with pytest.raises(LookupError) as caught:
                await types(speak(connection, text.write()))
            assert caught.value is failure
            assert isinstance(failure.__cause__, OSError)
            assert (await received(server, 2))[1] == {"context_id": "c", "cancel": True}
            await until(lambda: len(workers()) == WORKERS)


async def test_a_speech_that_is_closed_while_it_connects_is_over_and_leaves_nothing_open() -> None:
    with serving() as server:
        stream = speak(connecting(server), "Hello")
        server.may_answer.clear()

        async def first() -> None:
            assert await types(stream) == []

        async def second() -> None:
            await until(lambda: len(server.handshakes) == 1)
            await stream.aclose()
            server.may_answer.set()

        await together(first, second)
        await until(lambda: workers() == [])


async def test_an_error_of_the_reader_stops_the_writer() -> None:
    text = waiting("Hello")

    async def read() -> None:
        async with speak(connecting(server), text.write()) as stream:
            async for _ in stream:
                raise LookupError

    with serving() as server:
        with pytest.raises(LookupError):
            await read()
        text.go_on.raise_()
        await text.closed.wait()
        await until(lambda: workers() == [])


async def test_an_error_of_the_server_is_raised_at_once() -> None:
    def refuse(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.speak(context_id, 1)
        peer.send(event("error", context_id, title="Bad", message="voice", status_code=400))
        polite(peer)

    text = waiting("Hello")
    with serving(refuse) as server:
        heard: list[Model] = []
        with pytest.raises(BadRequestError, match="Bad: voice"):
            await collect(speak(connecting(server), text.write()), heard)
        assert [piece.to_dict()["type"] for piece in heard] == ["chunk"]
        text.go_on.raise_()
        await text.closed.wait()
        await until(lambda: workers() == [])


async def test_a_connection_that_is_lost_is_told_and_told_again_where_reading_goes_on() -> None:
    def drop(peer: Peer) -> None:
        peer.speak(peer.next()["context_id"], 1)
        peer.cut()

    text = waiting("Hello")
    with serving(drop) as server:
        heard: list[Model] = []
        stream = speak(connecting(server), text.write())
        with pytest.raises(ContextLostError):
            await collect(stream, heard)
        assert len(heard) == 1
        with pytest.raises(ContextLostError):
            await types(stream)
        text.go_on.raise_()
        await text.closed.wait()
        await until(lambda: workers() == [])


async def test_a_connection_that_is_lost_while_the_text_goes_on_is_told() -> None:
    def drop(peer: Peer) -> None:
        peer.next()
        peer.cut()

    async def endless() -> AsyncIterator[str]:
        while True:
            yield "more"

    with serving(drop) as server:
        with pytest.raises(WebSocketConnectionClosedError):
            await types(speak(connecting(server), endless()))
        await until(lambda: workers() == [])


async def test_a_server_that_says_nothing_is_a_timeout_and_the_end() -> None:
    def silent(peer: Peer) -> None:
        peer.next()
        peer.next()

    with serving(silent) as server:
        stream = speak(connecting(server), "Hello", timeout=0.01)
        with pytest.raises(TimeoutError):
            await types(stream)
        assert (await received(server, 2))[1].get("cancel")
        await until(lambda: workers() == [])


@pytest.mark.parametrize("in_block", [True, False])
async def test_a_refused_connection_is_told(in_block: bool) -> None:
    text = Text("Hello")
    with serving() as server:
        server.refusals.append((401, b"", {}))
        stream = speak(connecting(server), text.write())
        begin = stream.__aenter__ if in_block else stream.__anext__
        with pytest.raises(AuthenticationError):
            await begin()
        await until(lambda: workers() == [])
        assert text.given == 0


async def test_a_connection_that_cannot_be_opened_again_is_told() -> None:
    def idle(peer: Peer) -> None:
        peer.connection.close(1000, "connection idle timeout")

    with serving(idle) as server:
        async with connecting(server) as connection:
            await until(lambda: not connection._channel.session.is_open)
            server.url = "ws://127.0.0.1:1"
            with pytest.raises(APIConnectionError):
                await types(speak(connection, "Hello"))
            await until(lambda: workers() == [])


async def test_settings_that_are_wrong_close_the_connection_of_its_own() -> None:
    with serving() as server:
        stream = speak(connecting(server), "Hello", context_id="")
        with pytest.raises(ValueError, match="context_id"):
            await types(stream)
        await until(lambda: workers() == [])


async def test_a_text_the_context_does_not_take_is_told() -> None:
    with serving() as server:
        async with connecting(server) as connection:

            def without_voice(connection: AsyncSpeech) -> AsyncSpeechContext:
                return connection.context("c", voice=None)

            stream = AsyncSpeechStream(connection, without_voice, "Hello")
            with pytest.raises(ValueError, match="'voice'"):
                await types(stream)


# What ends nothing, and what is told for ever.


if True:  # ASYNC

    async def test_a_speech_whose_wait_was_cancelled_is_stopped_and_says_so() -> None:
        import asyncio

        text = waiting("Hello")
        with serving() as server:
            async with connecting(server) as connection:
                stream = speak(connection, text.write())
                heard = [await stream.__anext__(), await stream.__anext__()]
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(stream.__anext__(), 0.01)
                await text.closed.wait()
                for _ in range(2):
                    with pytest.raises(CartesiaError, match=r"stopped when the wait .* cancelled"):
                        await stream.__anext__()
        assert len(heard) == 2


async def test_a_second_reader_is_refused_and_does_not_end_the_first() -> None:
    text = waiting("Hello")
    with serving() as server:
        async with connecting(server) as connection:
            stream = speak(connection, text.write())
            heard: list[Model] = []

            async def first() -> None:
                await collect(stream, heard)

            async def second() -> None:
                await until(lambda: len(heard) == 2)
                queue = connection._channel.session._contexts["c"].queue
                await until(lambda: queue.claimed)
                with pytest.raises(CartesiaError, match="received already"):
                    await stream.__anext__()
                text.go_on.raise_()

            await together(first, second)
            assert heard[-1].to_dict()["type"] == "done"


class Broken:
    def __iter__(self) -> Iterator[str]:
        raise StopIteration


async def test_a_text_that_cannot_be_iterated_is_told() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            with pytest.raises(RuntimeError, match="StopIteration"):
                await types(speak(connection, Broken()))
