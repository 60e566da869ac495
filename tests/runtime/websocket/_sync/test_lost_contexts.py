# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/test_lost_contexts.py
# Do not edit: change that file instead.
"""What contexts are told when their connection ends, or says what cannot be read."""

from __future__ import annotations

import pytest

from cartesia._runtime.errors import (
    ContextLostError,
    RateLimitError,
    WebSocketConnectionClosedError,
)
from cartesia._runtime.model import Model
from tests.faults.page import Caller
from tests.faults.sockets import TTS
from tests.runtime.websocket._sync.primitives import together, until
from tests.runtime.websocket._sync.speech import (
    SpeechContext,
    collect,
    connecting,
    kinds,
    received,
)
from tests.runtime.websocket.server import Peer, polite, serving
from tests.runtime.websocket.wordbook import event


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1013, None])
def test_a_connection_that_ends_wakes_every_context(code: int | None) -> None:
    def drop(peer: Peer) -> None:
        first = peer.next()["context_id"]
        peer.next()
        peer.speak(first)
        if code is None:
            peer.cut()
        else:
            peer.connection.close(code, "because")

    with serving(drop, polite) as server:
        with connecting(server) as connection:
            one, two = connection.context("one"), connection.context("two")
            silent = connection.context("silent")
            heard: list[Model] = []

            def run(context: SpeechContext) -> None:
                with pytest.raises(WebSocketConnectionClosedError) as caught:
                    collect(context.receive(), heard)
                assert isinstance(caught.value, ContextLostError)
                assert caught.value.context_id == context.context_id
                assert caught.value.code == (code or 1006)
                assert caught.value.reason == ("because" if code else caught.value.reason)
                assert caught.value.__cause__ is not None
                assert caught.value.heard == (2 if context is one else 0)
                assert caught.value.sent == [{"transcript": "Hello", "continue": True}]
                with pytest.raises(ContextLostError):
                    context.push("more")
                context.no_more_inputs()
                context.cancel()

            one.push("Hello")
            two.push("Hello")
            together(lambda: run(one), lambda: run(two))
            assert len(heard) == 2
            # The next use opens another connection, for contexts that had sent nothing too.
            silent.push("Hello", continue_=False)
            assert kinds(silent) == ["chunk", "chunk", "done"]
            assert connection.stats.connections == 2


def test_an_idle_close_is_mended_by_the_next_use() -> None:
    def idle(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.send(event("done", context_id))
        peer.connection.close(1000, "connection idle timeout")

    with serving(idle, idle, polite) as server:
        with connecting(server) as connection:
            for _ in range(2):
                context = connection.context()
                context.push("Hello", continue_=False)
                assert kinds(context) == ["done"]
                until(lambda: not connection._channel.session.is_open)
            context = connection.context()

            def push() -> None:
                until(lambda: context._record.queue.claimed)
                context.push("Hello", continue_=False)

            def receive() -> None:
                assert kinds(context) == ["chunk", "chunk", "done"]

            together(receive, push)
            assert connection.stats.connections == 3


@pytest.mark.fault(TTS, "An error without a context")
def test_a_nameless_error_reaches_the_context_that_waits(caller: Caller) -> None:
    def refuse(peer: Peer) -> None:
        peer.next()
        peer.send(event("error", message="too many contexts", status_code=429))
        peer.next()

    with serving(refuse) as server:
        with connecting(server) as connection:
            context = connection.context()
            context.push("Hello")
            heard: list[Model] = []
            with pytest.raises(RateLimitError, match="too many contexts"):
                collect(context.receive(), heard)
            assert [piece.to_dict()["type"] for piece in heard] == ["error"]
    caller.sees("the event, in the contexts of which nothing was heard; past it, the error")


def test_what_cannot_be_read_disturbs_nobody() -> None:
    def babble(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.send(event("chunk", "stranger"), '{"context_id": "c"}')
        peer.send(event("brand.new", context_id), event("done", context_id))
        peer.send(event("done", context_id))
        polite(peer)

    with serving(babble) as server:
        with connecting(server) as connection:
            context = connection.context("c")
            context.push("Hello")
            assert kinds(context) == [None, "brand.new", "done"]
            other = connection.context()
            other.push("Hello", continue_=False)
            assert kinds(other) == ["chunk", "chunk", "done"]
            stats = connection.stats
            assert (stats.malformed, stats.unknown, stats.late) == (0, 1, 1)


@pytest.mark.parametrize("message", ["{", b"\x00\xff", "[]"])
def test_a_message_that_is_no_json_ends_what_is_under_way(message: str | bytes) -> None:
    def babble(peer: Peer) -> None:
        first, second = (peer.next()["context_id"] for _ in range(2))
        peer.speak(first, 1)
        peer.send(message, event("chunk", first), event("done", second))
        peer.next()

    with serving(babble, polite) as server:
        with connecting(server) as connection:
            contexts = [connection.context(name) for name in "ab"]
            for context in contexts:
                context.push("Hello")
            for context, count in zip(contexts, (1, 0)):
                heard: list[Model] = []
                with pytest.raises(ContextLostError, match="are no JSON object") as caught:
                    collect(context.receive(), heard)
                assert len(heard) == caught.value.heard == count
            following = connection.context()
            following.push("Hello", continue_=False)
            assert kinds(following) == ["chunk", "chunk", "done"]
            assert (connection.stats.malformed, connection.stats.connections) == (1, 2)


def test_a_message_over_the_limit_is_a_loss_with_a_reason() -> None:
    def shout(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.send(event("chunk", context_id, data="x" * 2000))
        peer.next()

    with serving(shout) as server:
        with connecting(server, options={"max_size": 1000}) as connection:
            context = connection.context()
            context.push("Hello")
            with pytest.raises(ContextLostError, match="closed by the client, code 1009"):
                kinds(context)


@pytest.mark.fault(TTS, "The reader of the socket fails")
def test_an_event_that_breaks_the_reader_is_the_cause_of_what_waiters_get(
    caller: Caller,
) -> None:
    def broken(*event: object) -> None:
        raise ZeroDivisionError(event)

    with serving() as server:
        with connecting(server) as connection:
            context = connection.context()
            connection._channel.session._deliver = broken  # type: ignore[method-assign,assignment]
            context.push("Hello")
            with pytest.raises(ContextLostError, match="ZeroDivisionError") as caught:
                kinds(context)
            assert isinstance(caught.value.__cause__, ZeroDivisionError)
    caller.sees("`ContextLostError` in every context, with the failure as its cause")


def test_closing_wakes_the_receiver() -> None:
    def silent(peer: Peer) -> None:
        peer.next()
        peer.next()

    with serving(silent) as server:
        connection = connecting(server).enter()
        context = connection.context()
        context.push("Hello")

        def receive() -> None:
            with pytest.raises(WebSocketConnectionClosedError, match="closed by the caller"):
                kinds(context)

        def close() -> None:
            received(server, 1)
            until(lambda: context._record.queue.claimed)
            connection.close()
            connection.close()

        together(receive, close)
        with pytest.raises(WebSocketConnectionClosedError, match="open another conn"):
            connection.context().push("Hello")
