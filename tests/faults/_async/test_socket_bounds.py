"""What bounds a socket in time: connecting, sending, silence, pings, closing, age."""

from __future__ import annotations

import socket

import pytest

from cartesia import (
    APITimeoutError,
    ContextInactiveError,
    ContextLostError,
    WebSocketConnectionClosedError,
)
from cartesia._runtime.model import Model
from cartesia._runtime.websocket.connection_options import Bounds, ConnectionOptions
from tests.faults.page import Caller
from tests.faults.sockets import BOUNDS, Deaf, read_on, said
from tests.runtime.websocket._async.listening import listening
from tests.runtime.websocket._async.primitives import pause, until
from tests.runtime.websocket._async.speech import AsyncSpeechContext, collect, connecting, kinds
from tests.runtime.websocket.server import Peer, Server, attentive, polite, serving
from tests.runtime.websocket.wordbook import event

pytestmark = pytest.mark.anyio


async def fill(context: AsyncSpeechContext) -> None:
    """Send more than the network holds."""
    for _ in range(1000):
        await context.push("x" * 900_000)


@pytest.mark.fault(BOUNDS, "The server does not answer the handshake (`open_timeout`, 5 s)")
async def test_connecting(caller: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server()
        server.url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(APITimeoutError) as caught:
            await connecting(server, options={"open_timeout": 0.1}).enter()
    assert "did not open a WebSocket in time" in str(caught.value)
    caller.sees("`APITimeoutError`: the host did not open a WebSocket in time")


@pytest.mark.fault(BOUNDS, "The server takes no message any more (`send_timeout`, 5 s)")
async def test_sending(caller: Caller) -> None:
    deaf = Deaf()
    with serving(deaf, polite) as server:
        options: ConnectionOptions = {"send_timeout": 0.2, "ping_interval": None}
        async with connecting(server, options=options) as connection:
            stuck, other = connection.context("stuck"), connection.context("other")
            try:
                await other.push("Hello")
                reason = r"the server took nothing for 0\.2 s \(send_timeout\)"
                with pytest.raises(ContextLostError, match=reason):
                    await fill(stuck)
                with pytest.raises(ContextLostError, match=reason) as caught:
                    await kinds(other)
                assert caught.value.__cause__ is not None
            finally:
                deaf.let_go()
            after = connection.context()
            await after.push("Hello", continue_=False)
            assert await kinds(after) == ["chunk", "chunk", "done"]
    caller.sees(
        "`ContextLostError` in the sender and in every context: the server took nothing for ... s "
        "(send_timeout); the next use connects again"
    )


@pytest.mark.fault(BOUNDS, "A context hears nothing, not even `done` (`inactivity_timeout`, 30 s)")
async def test_silence(caller: Caller) -> None:
    with serving(attentive) as server:
        options: ConnectionOptions = {"inactivity_timeout": 0.2}
        async with connecting(server, options=options) as connection:
            idle = connection.context("idle")
            context = connection.context("c", timeout=None)
            await context.push("Hello", continue_=False)
            with pytest.raises(ContextInactiveError) as caught:
                await kinds(context)
            error = caught.value
            assert (error.context_id, error.heard, error.timeout) == ("c", 1, 0.2)
            assert error.sent == [{"transcript": "Hello", "continue": False}]
            assert isinstance(error, TimeoutError)
            assert (context.state, idle.state) == ("error", "open")
            with pytest.raises(ContextInactiveError):
                await context.push("more")
            caller.sees(f"{said(error)}; other contexts go on")
            assert server.received.get(timeout=10)["context_id"] == "c"
            assert server.received.get(timeout=10) == {"context_id": "c", "cancel": True}
            assert connection.stats.connections == 1


@pytest.mark.fault(BOUNDS, "No context is open, or nobody waits for its events")
async def test_silence_that_is_none(caller: Caller) -> None:
    def patient(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.speak(context_id, 1)
        peer.next()
        peer.send(event("done", context_id))
        read_on(peer)

    with serving(patient) as server:
        options: ConnectionOptions = {"inactivity_timeout": 0.1}
        async with connecting(server, options=options) as connection:
            context = connection.context("c")
            await context.push("Hello")
            await pause(0.4)
            await context.no_more_inputs()
            assert await kinds(context) == ["chunk", "done"]
            await pause(0.3)
            assert connection.stats.connections == 1
    caller.sees("no bound holds")


@pytest.mark.fault(BOUNDS, "A message outside all contexts is never answered")
async def test_silence_outside_contexts(caller: Caller) -> None:
    with serving(read_on) as server:
        options: ConnectionOptions = {"inactivity_timeout": 0.2}
        async with connecting(server, options=options) as connection:
            await connection.send({"context_id": "raw", "transcript": "Hello"})
            with pytest.raises(ContextInactiveError) as caught:
                await connection.recv()
            caller.sees(said(caught.value))


@pytest.mark.fault(BOUNDS, "A conversation was told to end, and `done` never comes")
async def test_silence_at_the_end_of_a_conversation(caller: Caller) -> None:
    def mute(peer: Peer) -> None:
        for _ in peer.connection:
            pass

    with serving(mute) as server:
        manager = listening(server, options={"inactivity_timeout": 0.2})
        async with manager as connection:
            await connection.send("close")
            with pytest.raises(ContextInactiveError) as caught:
                await collect(connection, [])
            caller.sees(said(caught.value))


@pytest.mark.fault(BOUNDS, "The peer is gone without a word (`ping_interval` 10 s, then 5 s)")
async def test_half_open(caller: Caller) -> None:
    deaf = Deaf()
    options: ConnectionOptions = {"ping_interval": 0.1, "ping_timeout": 0.1, "close_timeout": 0.1}
    with serving(deaf, polite) as server:
        async with connecting(server, options=options) as connection:
            context = connection.context("c", timeout=None)
            await context.push("Hello")
            try:
                with pytest.raises(ContextLostError, match="ping timeout") as caught:
                    await kinds(context)
                caller.sees(said(caught.value))
            finally:
                deaf.let_go()


@pytest.mark.fault(BOUNDS, "The peer of a conversation that listens is gone without a word")
async def test_half_open_while_listening(caller: Caller) -> None:
    deaf = Deaf()

    def transcribe(peer: Peer) -> None:
        peer.connection.recv()
        peer.send('{"type": "transcript", "text": "Hello"}')
        deaf.leave(peer)

    options: ConnectionOptions = {
        "ping_interval": 0.1,
        "ping_timeout": 0.1,
        "close_timeout": 0.1,
        "inactivity_timeout": None,
    }
    with serving(transcribe) as server:
        async with listening(server, options=options) as connection:
            await connection.send("finalize")
            heard: list[Model] = []
            try:
                with pytest.raises(WebSocketConnectionClosedError, match="ping timeout") as caught:
                    await collect(connection, heard)
                assert len(heard) == 1
                caller.sees(said(caught.value))
            finally:
                deaf.let_go()


@pytest.mark.fault(BOUNDS, "The server does not answer the close (`close_timeout`, 2 s)")
async def test_closing(caller: Caller) -> None:
    deaf = Deaf()
    with serving(deaf) as server:
        connection = await connecting(server, options={"close_timeout": 0.1}).enter()
        context = connection.context("c")
        await context.push("Hello")
        await until(lambda: context._record.heard == 1)
        try:
            await connection.close()
            with pytest.raises(WebSocketConnectionClosedError, match="closed by the caller"):
                await kinds(context)
        finally:
            deaf.let_go()
    caller.sees("the connection is closed within the bound")


@pytest.mark.fault(BOUNDS, "The socket is older than `max_age` (300 s)")
async def test_age(caller: Caller) -> None:
    """It is replaced when nobody speaks, at once or by the next use, and never before."""
    with serving() as server:
        async with connecting(server, options={"max_age": 0.5}) as connection:
            long = connection.context("long")
            await long.push("Hello")
            channel = connection._channel
            await pause(0.8)
            await long.push("still here", continue_=False)
            assert await kinds(long) == ["chunk"] * 4 + ["done"]
            assert connection.stats.connections == 1
            await until(lambda: connection.stats.connections == 2)
            await until(lambda: channel.session.is_open)
            # Nothing was said over the new one, so it stays.
            await pause(0.8)
            assert connection.stats.connections == 2
            await connection.prewarm()
            assert connection.stats.connections == 3
            following = connection.context()
            await following.push("Hello", continue_=False)
            assert await kinds(following) == ["chunk", "chunk", "done"]
    caller.sees("another one, between two utterances; a context that is open keeps the old one")


@pytest.mark.fault(BOUNDS, "The socket is to be open before the first utterance (`prewarm`)")
async def test_prewarming(caller: Caller) -> None:
    def idle(peer: Peer) -> None:
        peer.connection.close(1000, "connection idle timeout")

    with serving(polite) as server:
        manager = connecting(server)
        await manager.prewarm()
        await manager.prewarm()
        assert len(server.handshakes) == 1
        async with manager as connection:
            assert len(server.handshakes) == 1
            context = connection.context()
            await context.push("Hello", continue_=False)
            assert await kinds(context) == ["chunk", "chunk", "done"]
        await manager.prewarm()
        await manager.close()
        await manager.close()
        assert len(server.handshakes) == 2
    with serving(idle, idle, polite) as server:
        manager = connecting(server)
        await manager.prewarm()
        await until(lambda: not manager._warm[0].session.is_open if manager._warm else False)
        async with manager as connection:
            await until(lambda: not connection._channel.session.is_open)
            await connection.prewarm()
            assert connection._channel.session.is_open
            assert len(server.handshakes) == 3
    caller.sees("an open connection, without a wait when it is entered, or used again")


@pytest.mark.fault(BOUNDS, "A bound is no number, or not positive")
async def test_bounds_that_are_none(caller: Caller) -> None:
    with serving() as server:
        with pytest.raises(ValueError, match="send_timeout") as wrong:
            connecting(server, options={"send_timeout": 0})
        caller.sees(said(wrong.value))
        with pytest.raises(TypeError, match="max_age") as none:
            connecting(server, options={"max_age": "5"})  # type: ignore[arg-type]
        caller.sees(said(none.value))
        with pytest.raises(ValueError, match="low mark") as marks:
            connecting(server, options={"read_limit": (100, 200)})
        caller.sees(said(marks.value))
    unbounded: ConnectionOptions = {
        "read_limit": None,
        "send_timeout": None,
        "inactivity_timeout": None,
        "max_age": None,
    }
    bounds = Bounds.of(unbounded)
    assert bounds.high == bounds.send_timeout == float("inf")
    assert bounds.inactivity_timeout == bounds.max_age == float("inf")
    assert Bounds.of({}) == Bounds()
    assert Bounds.of({"read_limit": (100, None)}).low == 25
