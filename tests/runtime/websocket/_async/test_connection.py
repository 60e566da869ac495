"""A connection over a real socket: opening, refusing, raw use, closing."""

from __future__ import annotations

import gc
import logging
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest

from cartesia import AsyncCartesia
from cartesia._runtime.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    CartesiaError,
    ContextLostError,
    RateLimitError,
    WebSocketConnectionClosedError,
)
from cartesia._runtime.model import Model
from cartesia._runtime.websocket.connection_options import ConnectionOptions
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.faults.page import Caller
from tests.faults.sockets import TTS
from tests.runtime.websocket._async.primitives import pause, together, until, workers
from tests.runtime.websocket._async.speech import collect, connecting, kinds, received
from tests.runtime.websocket.server import KEY, Peer, Server, polite, serving
from tests.runtime.websocket.wordbook import STT, event

pytestmark = pytest.mark.anyio


def raw(context_id: str, text: str = "Hello") -> dict[str, object]:
    return {"context_id": context_id, "transcript": text}


# Opening.


async def test_the_handshake_has_our_headers_and_offers_no_compression() -> None:
    with serving() as server:
        async with connecting(server):
            pass
    headers = server.handshakes[0].headers
    assert server.handshakes[0].path == "/tts/websocket"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert "sec-websocket-extensions" not in headers
    assert "user-agent" not in headers


async def test_a_host_of_the_callers_own_replaces_ours() -> None:
    async with AsyncCartesia(api_key="k", default_headers={"Host": "other.example"}) as client:
        with serving() as server:
            there = client.with_options(base_url=server.url.replace("ws", "http"))
            async with there.tts.websocket_connect(extra_headers={"x-tenant": "a"}):
                pass
    handshake = server.handshakes[0].headers
    assert handshake.get_all("host") == ["other.example"]
    assert handshake.get_all("x-tenant") == ["a"]


@pytest.mark.parametrize(
    "name", ["Sec-WebSocket-Key", "sec-websocket-protocol", "Connection", "Upgrade"]
)
async def test_headers_of_the_handshake_itself_are_refused(name: str) -> None:
    async with AsyncCartesia(api_key="k", base_url="http://127.0.0.1:1") as client:
        with pytest.raises(ValueError, match=f"{name.lower()!r} is part of the handshake"):
            await client.tts.websocket_connect(extra_headers={name: "never-seen"}).enter()


async def test_compression_and_limits_are_the_callers_choice() -> None:
    with serving() as server:
        async with connecting(server, options={"compression": "deflate", "write_limit": 1024}):
            pass
    assert "permessage-deflate" in server.handshakes[0].headers["sec-websocket-extensions"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthenticationError),
        (429, RateLimitError),
        (307, APIStatusError),
        (503, CartesiaError),
    ],
)
async def test_a_refused_handshake_is_the_error_of_its_status(
    status: int, kind: type[CartesiaError]
) -> None:
    with serving() as server, serving() as elsewhere:
        body = b'{"title": "Refused", "message": "not you", "request_id": "r-1"}'
        server.refusals.append((status, body, {"location": elsewhere.url, "retry-after": "7"}))
        with pytest.raises(kind, match="not you") as caught:
            await connecting(server).enter()
        assert isinstance(caught.value, APIStatusError)
        assert (caught.value.status_code, caught.value.request_id) == (status, "r-1")
        assert caught.value.retry_after == 7
        assert caught.value.__cause__ is not None
        assert KEY not in f"{caught.value!r} {caught.value}"
        assert elsewhere.handshakes == []


async def test_an_unreachable_host_is_named() -> None:
    server = Server()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server.url = f"ws://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(APIConnectionError, match=server.url.removeprefix("ws://")):
            await connecting(server).enter()


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
async def test_a_server_that_speaks_something_else_is_a_connection_error(answer: bytes) -> None:
    server = Server()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.url = f"ws://127.0.0.1:{listener.getsockname()[1]}"

        async def connect() -> None:
            with pytest.raises(CartesiaError):
                await connecting(server, options={"open_timeout": 5}).enter()

        async def reply() -> None:
            listener.setblocking(False)
            peers: list[socket.socket] = []

            def accepted() -> bool:
                try:
                    peers.append(listener.accept()[0])
                except BlockingIOError:
                    return False
                return True

            await until(accepted)
            with peers[0]:
                peers[0].sendall(answer)
                peers[0].shutdown(socket.SHUT_WR)

        await together(connect, reply)


async def test_a_server_that_says_nothing_is_a_timeout() -> None:
    server = Server()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(APITimeoutError, match="in time"):
            await connecting(server, options={"open_timeout": 0.05}).enter()


async def test_an_address_that_is_none_is_told() -> None:
    server = Server()
    server.url = "wss://"
    with pytest.raises(CartesiaError, match="check base_url"):
        await connecting(server).enter()


@pytest.mark.parametrize(
    ("options", "error"), [({"max_sise": 1}, TypeError), ({"compression": "gzip"}, ValueError)]
)
async def test_wrong_options_are_named(options: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"websocket_connection_options.*(max_sise|gzip)"):
        connecting(Server(), options=options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["read_limit", "write_limit"])
@pytest.mark.parametrize(
    ("limit", "error"),
    [
        ("x", TypeError),
        ((), TypeError),
        ((1, 2, 3), TypeError),
        (-1, ValueError),
        ((10, "x"), TypeError),
        ((10, 20), ValueError),
    ],
)
async def test_wrong_limits_are_named(name: str, limit: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"websocket_connection_options: .*{name}"):
        connecting(Server(), options=cast(ConnectionOptions, {name: limit}))


async def test_logs_at_debug_level_hold_no_key_and_no_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "cartesia.socket")

    def babble(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.send(event("chunk", "spoken-secret"), event("done", context_id))
        peer.next()
        peer.send("spoken-secret")

    with serving(babble) as server:
        async with connecting(server) as connection:
            context = connection.context()
            await context.push("spoken-secret")
            assert await kinds(context) == ["done"]
            broken = connection.context()
            await broken.push("spoken-secret")
            with pytest.raises(ContextLostError) as caught:
                await kinds(broken)
            assert "spoken-secret" not in str(caught.value)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("cartesia")]
    assert len(ours) == 1
    for text in (KEY, "spoken-secret"):
        assert text not in " ".join(ours)


# Raw use.


async def test_raw_messages_and_iteration() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            await connection.send(raw("r"))
            heard: list[object] = []
            async for piece in connection:
                heard.append(piece.to_dict()["type"])
                if heard[-1] == "done":
                    break
            assert heard == ["chunk", "chunk", "done"]
            await connection.send(Model.from_dict(raw("s")))
            assert (await connection.recv()).to_dict()["context_id"] == "s"
            message = await connection.recv_bytes(timeout=5)
            assert connection.parse_event(message).to_dict()["number"] == 1
            assert (await connection.recv()).to_dict()["type"] == "done"
            with pytest.raises(TimeoutError, match="no event came over the TTS socket"):
                await connection.recv_bytes(timeout=0.01)


async def test_raw_events_beside_contexts() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            context = connection.context()
            await connection.send(raw("r"))
            await context.push("Hello", continue_=False)
            assert await kinds(context) == ["chunk", "chunk", "done"]
            assert (await connection.recv()).to_dict()["context_id"] == "r"


async def test_text_and_bytes_travel_as_they_are() -> None:
    def echo(peer: Peer) -> None:
        for message in (peer.connection.recv(), peer.connection.recv()):
            peer.send(event("heard", message=repr(message)))
        peer.connection.close(1000, "bye")

    with serving(echo) as server:
        async with connecting(server, STT) as connection:
            await connection.send("finalize")
            await connection.send_raw(b"\x00\x01")
            heard = [piece.to_dict()["message"] async for piece in connection]
            assert heard == ["'finalize'", repr(b"\x00\x01")]
            with pytest.raises(
                WebSocketConnectionClosedError, match=r"code 1000 \(bye\)"
            ) as caught:
                await connection.recv()
            assert (caught.value.code, caught.value.reason) == (1000, "bye")


async def test_a_raw_answer_that_breaks_off_is_an_error_told_once() -> None:
    def drop(peer: Peer) -> None:
        peer.speak(peer.next()["context_id"], 1)
        peer.connection.close(1000, "connection idle timeout")

    with serving(drop, drop, polite) as server:
        async with connecting(server) as connection:
            await connection.send(raw("r"))
            heard: list[Model] = []
            with pytest.raises(WebSocketConnectionClosedError, match="before the end of r"):
                await collect(connection, heard)
            assert len(heard) == 1
            # The error was told, so the next message goes over a new connection ...
            await connection.send(raw("s"))
            await until(lambda: connection._channel.session.raw.failure is not None)
            # ... and where nobody received it, the sender is told instead of being left in the dark.
            with pytest.raises(WebSocketConnectionClosedError, match="before the end of s"):
                await connection.send(raw("t"))
            await connection.send(raw("u"))
            while (await connection.recv()).to_dict()["type"] != "done":
                pass
            assert connection.stats.connections == 3


async def test_iteration_over_a_connection_that_is_cut_raises() -> None:
    with serving(Peer.cut) as server:
        async with connecting(server) as connection:
            with pytest.raises(WebSocketConnectionClosedError, match="without a close frame"):
                await collect(connection, [])
            assert "cut off" in repr(connection)


@pytest.mark.fault(TTS, "Two receive outside all contexts")
async def test_two_receivers_of_one_connection_are_a_clear_error(caller: Caller) -> None:
    with serving() as server:
        async with connecting(server) as connection:

            async def first() -> None:
                assert (await connection.recv()).to_dict()["type"] == "chunk"

            async def second() -> None:
                await until(lambda: connection._channel.session.raw.claimed)
                with pytest.raises(
                    CartesiaError, match="this connection is being received already"
                ):
                    await connection.recv()
                await connection.send(raw("r"))

            await together(first, second)
    caller.sees(
        "the second: `CartesiaError`: somebody receives from this connection already: receive in one place only, or open a context for each"
    )


@pytest.mark.parametrize("text", ["{", "[]"])
async def test_what_is_no_json_object_is_no_event(text: str) -> None:
    with serving() as server:
        async with connecting(server) as connection:
            with pytest.raises(ValueError):  # JSON libraries differ in their words
                connection.parse_event(text)


# Closing.


async def test_closing_ends_the_iteration_and_forbids_further_use() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            context = connection.context()
            await context.push("Hello")
            await received(server, 1)
            await connection.close(4000, "enough")
            assert repr(connection).endswith("Speech closed by the caller, code 4000 (enough)>")
            heard = [piece async for piece in connection]
            assert heard == []
            for use in (connection.recv, lambda: connection.send(raw("r"))):
                with pytest.raises(WebSocketConnectionClosedError, match="open another"):
                    await use()


async def test_a_manager_can_be_entered_again() -> None:
    manager = connecting(server := Server())
    with serving() as other:
        server.url = other.url
        for _ in range(2):
            async with manager as connection:
                context = connection.context()
                await context.push("Hello", continue_=False)
                assert await kinds(context) == ["chunk", "chunk", "done"]
        assert len(other.handshakes) == 2


async def test_a_manager_is_entered_once_at_a_time() -> None:
    with serving() as server:
        manager = connecting(server)
        async with manager as connection:
            with pytest.raises(CartesiaError, match="manager is entered: make another"):
                await manager.__aenter__()
            assert connection._channel.session.is_open
        assert not connection._channel.session.is_open
        assert len(server.handshakes) == 1


async def answer_late(server: Server, *openings: Callable[[], Awaitable[object]]) -> None:
    """Open several things at once; the server answers when all of them wait for it."""
    server.may_answer.clear()
    server.handshakes.clear()

    async def ahead() -> None:
        await openings[0]()

    async def beside() -> None:
        await until(lambda: len(server.handshakes) == 1)
        for opening in openings[1:]:
            await opening()

    async def answer() -> None:
        await until(lambda: len(server.handshakes) > 0)
        await pause(0.05)
        server.may_answer.set()

    await together(ahead, beside, answer)


async def test_entering_takes_what_prewarm_is_still_opening() -> None:
    with serving() as server:
        manager = connecting(server)

        async def use() -> None:
            async with manager as connection:
                context = connection.context()
                await context.push("Hello", continue_=False)
                assert await kinds(context) == ["chunk", "chunk", "done"]

        await answer_late(server, manager.prewarm, use)
        assert len(server.handshakes) == 1
        await until(lambda: workers() == [])


async def test_prewarming_twice_at_once_opens_one_connection() -> None:
    with serving() as server:
        manager = connecting(server)
        await answer_late(server, manager.prewarm, manager.prewarm)
        await manager.close()
        assert len(server.handshakes) == 1
        await until(lambda: workers() == [])


async def test_of_two_that_enter_a_manager_at_once_the_second_is_refused() -> None:
    with serving() as server:
        manager = connecting(server)

        async def enter_second() -> None:
            with pytest.raises(CartesiaError, match="manager is entered: make another"):
                await manager.__aenter__()

        await answer_late(server, manager.__aenter__, enter_second)
        assert len(server.handshakes) == 1
        await manager.__aexit__()
        await until(lambda: workers() == [])


async def test_the_end_of_a_block_closes_what_was_opened_ahead_in_it() -> None:
    with serving() as server:
        manager = connecting(server)
        async with manager:
            await manager.prewarm()
            assert len(server.handshakes) == 2
        assert manager._warm is None
        await until(lambda: workers() == [])


async def test_a_manager_that_could_not_connect_can_be_entered_later() -> None:
    refusal: tuple[int, bytes, dict[str, str]] = (401, b"{}", {})
    with serving() as server:
        manager = connecting(server)
        server.refusals += [refusal] * 3
        for opening in (manager.prewarm, manager.enter, manager.__aenter__):
            with pytest.raises(AuthenticationError):
                await opening()
        async with manager as connection:
            assert connection._channel.session.is_open
        assert len(server.handshakes) == 4


async def test_closing_is_bounded_when_the_server_does_not_answer() -> None:
    locked: list[threading.Lock] = []

    def deaf(peer: Peer) -> None:
        peer.next()
        locked.append(peer.stop_answering())

    with serving(deaf) as server:
        connection = await connecting(server, options={"close_timeout": 0.1}).enter()
        try:
            await connection.context().push("Hello")
            await until(lambda: bool(locked))
            begun = time.monotonic()
            await connection.close()
            # Far from a measurement: without the bound it would never end.
            assert time.monotonic() - begun < 10
        finally:
            locked[0].release()


@pytest.mark.parametrize(("code", "reason"), [(1005, ""), (1000, "x" * 124), (99, "")])
async def test_a_close_that_cannot_be_sent_is_refused_and_changes_nothing(
    code: int, reason: str
) -> None:
    with serving() as server:
        async with connecting(server) as connection:
            with pytest.raises(ValueError, match=r"code|reason"):
                await connection.close(code, reason)
            context = connection.context()
            await context.push("Hello", continue_=False)
            assert await kinds(context) == ["chunk", "chunk", "done"]


async def test_a_connection_that_is_dropped_is_closed() -> None:
    with serving() as server:
        connection = await connecting(server).enter()
        await connection.context().push("Hello")
        transport = connection._channel._transport
        assert transport is not None
        await pause(0.2)  # a thread that is at work would hold the connection for a moment
        gc.collect()
        descriptors = count_descriptors()
        with pytest.warns(ResourceWarning, match="dropped unclosed"):
            connection = None  # type: ignore[assignment]
        await until(lambda: transport.ended is not None)
        await until(lambda: workers() == [])
        await until(lambda: count_descriptors() < descriptors)


def count_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_connection_is_renewed_where_no_attempt_may_fail() -> None:
    with serving() as server:
        policy = Reconnection(max_retries=0)
        options: ConnectionOptions = {"max_age": 0.05}
        async with connecting(server, options=options, reconnection=policy) as connection:
            for _ in range(2):
                await pause(0.1)
                context = connection.context()
                await context.push("Hello", continue_=False)
                assert await kinds(context) == ["chunk", "chunk", "done"]
            await until(lambda: connection.stats.connections > 2)


async def test_an_old_connection_stays_where_no_other_can_be_had() -> None:
    with serving() as server:
        policy = Reconnection(max_retries=0)
        options: ConnectionOptions = {"max_age": 0.05}
        async with connecting(server, options=options, reconnection=policy) as connection:
            server.url = "ws://127.0.0.1:1"
            await pause(0.1)
            assert connection._channel.session.is_stale
            for _ in range(2):
                context = connection.context()
                await context.push("Hello", continue_=False)
                assert await kinds(context) == ["chunk", "chunk", "done"]
            assert connection.stats.connections == 1


async def test_an_old_connection_is_not_replaced_again_and_again() -> None:
    with serving() as server:
        options: ConnectionOptions = {"max_age": 0.05, "ping_interval": 0.05}
        async with connecting(server, options=options) as connection:
            server.url = "ws://127.0.0.1:1"
            await pause(0.1)
            context = connection.context()
            await context.push("Hello", continue_=False)
            assert await kinds(context) == ["chunk", "chunk", "done"]
            assert not connection._channel.session.is_stale
            await pause(0.3)
            assert not [worker for worker in workers() if "reconnecting" in worker]


async def test_a_manager_whose_connection_is_in_use_opens_no_other() -> None:
    """What is kept for the next connection would leave over any of them."""
    with serving() as server:
        manager = connecting(server)
        connection = await manager.enter()
        with pytest.raises(CartesiaError, match="manager is entered: make another"):
            await manager.enter()
        with pytest.raises(CartesiaError, match="manager is entered: send over"):
            manager.send({"context_id": "c"})
        await connection.close()
        manager.send({"context_id": "c", "transcript": "Hello"})
        async with manager as connection:
            assert (await connection.recv(10)).to_dict()["type"] == "chunk"


async def test_waiting_for_a_raw_event_ends_in_time() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            with pytest.raises(TimeoutError, match=r"0\.01 s"):
                await connection.recv(timeout=0.01)
            await connection.send({"context_id": "c", "transcript": "Hello"})
            assert (await connection.recv(timeout=10)).to_dict()["type"] == "chunk"


async def test_a_manager_used_as_a_connection_says_how_to_open_one() -> None:
    manager = connecting(Server())
    for name in ("context", "recv"):
        with pytest.raises(AttributeError, match=rf"{name!r}: .*with \.\.\. as connection.*enter"):
            getattr(manager, name)
    assert not hasattr(manager, "context")


async def test_a_message_without_an_id_gets_one() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            await connection.send({"transcript": "Hello"})
            await connection.send(Model.from_dict({"transcript": "Hello", "context_id": None}))
            heard = {(await connection.recv(10)).to_dict()["context_id"] for _ in range(6)}
            sent = {message["context_id"] for message in await received(server, 2)}
            assert len(sent) == 2
            assert heard == sent
            await connection.send({"cancel": True})
            assert await received(server, 1) == [{"cancel": True}]
