# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/test_contexts.py
# Do not edit: change that file instead.
"""Contexts over a real socket: what is sent, what is heard, and how each of them ends."""

from __future__ import annotations

import gc
from contextlib import suppress

import pytest

from cartesia._runtime.errors import CartesiaError, NotFoundError
from cartesia._runtime.model import ErrorEvent, Model
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
from tests.runtime.websocket.wordbook import VOICE, event


@pytest.mark.fault(TTS, "A context has settings of its own")
def test_a_context_speaks_and_is_done(caller: Caller) -> None:
    with serving() as server:
        with connecting(server) as connection:
            context = connection.context("c", language="en")
            context.push("Hello, ")
            context.push("world.")
            context.no_more_inputs()
            context.no_more_inputs()
            assert kinds(context) == ["chunk"] * 6 + ["done"]
            assert context.state == "done"
            assert kinds(context) == []
            assert repr(context) == f"<{type(context).__name__} c done>"
            messages = received(server, 3)
        settings = {"model_id": "sonic-latest", "voice": VOICE, "language": "en"}
        assert messages == [
            {**settings, "context_id": "c", "transcript": text, "continue": bool(text)}
            for text in ("Hello, ", "world.", "")
        ]
    caller.sees("they go with every message, the last and empty one too")


@pytest.mark.fault(
    TTS, "Several threads, or tasks, use one connection, each with a context of its own"
)
def test_many_contexts_at_once_hear_their_own_events_alone(caller: Caller) -> None:
    with serving() as server:
        with connecting(server) as connection:
            heard: dict[str, list[object]] = {}

            def converse(context: SpeechContext) -> None:
                for word in ("one ", "two ", "three"):
                    context.push(word)
                context.no_more_inputs()
                heard[context.context_id] = [
                    event.to_dict()["context_id"] for event in context.receive()
                ]

            contexts = [connection.context() for _ in range(8)]
            together(*(lambda c=context: converse(c) for context in contexts))
    assert heard == {context.context_id: [context.context_id] * 9 for context in contexts}
    caller.sees("each its own events, in order")


@pytest.mark.fault(TTS, "The server answers with an error event")
def test_an_error_event_is_handed_over_and_raised_past_it(caller: Caller) -> None:
    def refuse(peer: Peer) -> None:
        fields = {"title": "Bad", "message": "no such voice", "status_code": 404}
        peer.send(event("error", peer.next()["context_id"], **fields, request_id="r-1"))
        peer.next()

    with serving(refuse) as server:
        with connecting(server) as connection:
            context = connection.context()
            context.push("Hello")
            events: list[Model] = []
            with pytest.raises(NotFoundError, match="Bad: no such voice") as caught:
                collect(context.receive(), events)
            assert isinstance(events[0], ErrorEvent)
            assert events[0].error == "Bad: no such voice"
            assert len(events) == 1
            assert (caught.value.status_code, caught.value.request_id) == (404, "r-1")
            with pytest.raises(NotFoundError, match="Bad: no such voice"):
                context.push("more")
            caller.sees(f"the event; past it, `{type(caught.value).__name__}`: {caught.value}")


def test_an_error_event_without_a_status_is_raised_too() -> None:
    def refuse(peer: Peer) -> None:
        peer.send(event("error", peer.next()["context_id"], error="Bad: no such voice"))
        peer.next()

    with serving(refuse) as server:
        with connecting(server) as connection:
            context = connection.context()
            context.push("Hello")
            heard: list[Model] = []
            with pytest.raises(CartesiaError, match="reported an error: Bad: no such"):
                collect(context.receive(), heard)
            assert isinstance(heard[0], ErrorEvent)


@pytest.mark.fault(TTS, "The loop over the events of a context is left early")
def test_a_loop_that_was_left_goes_on_where_it_was(caller: Caller) -> None:
    with serving() as server:
        with connecting(server) as connection:
            context = connection.context("c")
            context.push("Hello")
            heard: list[Model] = []
            for piece in context.receive():
                heard.append(piece)
                break
            events = context.receive()
            heard.append(events.__next__())
            events.close()
            gc.collect()
            context.push("world", continue_=False)
            collect(context.receive(), heard)
            assert [piece.to_dict().get("number") for piece in heard] == [0, 1, 0, 1, None]
            assert context.state == "done"
            assert [sent.get("cancel") for sent in received(server, 2)] == [None, None]
    caller.sees("the context goes on, and another receiver where that loop was")


@pytest.mark.fault(TTS, "A context is dropped before its end")
def test_a_context_that_is_dropped_is_cancelled_and_no_other(caller: Caller) -> None:
    with serving() as server:
        with connecting(server) as connection:
            dropped, other = connection.context("dropped"), connection.context("other")
            dropped.push("Hello")
            record = dropped._record
            events = dropped.receive()
            del dropped
            gc.collect()
            # Its receiver holds it.
            assert (events.__next__()).to_dict()["type"] == "chunk"
            del events
            gc.collect()
            until(lambda: record.state.value == "cancelled")
            other.push("Hi", continue_=False)
            assert kinds(other) == ["chunk", "chunk", "done"]
            assert (received(server, 3))[1] == {"context_id": "dropped", "cancel": True}
    caller.sees("the context is cancelled, and no other")


def test_the_reader_cancels_what_was_dropped_when_nobody_sends() -> None:
    def chatter(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.speak(context_id)
        while True:
            peer.speak(context_id, 1)
            try:
                message = peer.connection.recv(timeout=0.005)
            except TimeoutError:
                continue
            peer.send(event("heard", "raw", message=str(message)))
            return

    with serving(chatter) as server:
        with connecting(server) as connection:
            context = connection.context("c")
            context.push("Hello")
            for _ in context.receive():
                break
            del context
            until(lambda: connection.stats.unknown == 1)


@pytest.mark.fault(TTS, "A context is cancelled while it is received and spoken")
def test_cancel_wakes_the_receiver_and_drops_what_still_comes(caller: Caller) -> None:
    def slow(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.speak(context_id, 1)
        assert peer.next() == {"context_id": context_id, "cancel": True}
        peer.speak(context_id, 3)
        peer.send(event("done", context_id))
        polite(peer)

    with serving(slow) as server:
        with connecting(server) as connection:
            context = connection.context()
            heard: list[object] = []

            def receive() -> None:
                heard.extend(kinds(context))

            def cancel() -> None:
                context.push("Hello")
                until(lambda: context._record.heard == 1)
                context.cancel()
                context.cancel()

            together(receive, cancel)
            assert heard in ([], ["chunk"])
            assert context.state == "cancelled"
            other = connection.context()
            other.push("Next", continue_=False)
            assert kinds(other) == ["chunk", "chunk", "done"]
            assert connection.stats.late == 4
            with pytest.raises(ValueError, match="cannot be used again"):
                connection.context(context.context_id)
    caller.sees(
        "its receiver is done at once; what still comes is dropped, and counted in `stats.late`; its id is refused from then on; the other contexts go on"
    )


@pytest.mark.fault(
    TTS, "No event comes within `receive(timeout=)`, or the `timeout` of the context"
)
def test_a_timeout_leaves_the_context_usable(caller: Caller) -> None:
    with serving() as server:
        with connecting(server) as connection:
            context = connection.context("c", timeout=0.01)
            context.push("Hello")
            heard: list[Model] = []
            with pytest.raises(
                TimeoutError, match="of context c came over the TTS socket"
            ) as caught:
                collect(context.receive(), heard)
            assert isinstance(caught.value, CartesiaError)
            del caught
            gc.collect()
            context.no_more_inputs()
            collect(context.receive(timeout=10), heard)
            assert len(heard) == 5
            assert context.state == "done"
    caller.sees("`ReceiveTimeoutError`; the context stays open, and its events are received later")


def test_polling_with_timeouts_loses_nothing() -> None:
    with serving() as server:
        with connecting(server) as connection:
            context = connection.context()
            for timeout in (0.001, 0.001):
                with pytest.raises(TimeoutError):
                    context.receive(timeout).__next__()
            context.push("Hello", continue_=False)
            polled: list[object] = []
            while context.state != "done" or len(polled) < 3:
                with suppress(TimeoutError):
                    polled.append((context.receive(0.02).__next__()).to_dict()["type"])
            assert polled == ["chunk", "chunk", "done"]


@pytest.mark.fault(TTS, "Two receive from one context")
def test_two_receivers_of_one_context_are_a_clear_error(caller: Caller) -> None:
    with serving() as server:
        with connecting(server) as connection:
            context = connection.context()

            def first() -> None:
                assert kinds(context) == ["chunk", "chunk", "done"]

            def second() -> None:
                until(lambda: context._record.queue.claimed)
                with pytest.raises(CartesiaError, match="received already"):
                    kinds(context)
                assert context.state == "open"
                context.push("Hello", continue_=False)

            together(first, second)
    caller.sees(
        "the second: `CartesiaError`: context ... is being received already: receive it in one place only"
    )


def test_bad_input_is_refused_before_anything_is_sent() -> None:
    with serving() as server:
        with connecting(server) as connection:
            taken = connection.context("c")
            with pytest.raises(ValueError, match="is open; leave"):
                connection.context(taken.context_id)
            with pytest.raises(ValueError, match="'voice'"):
                connection.context(voice=None).push("Hello")
            context = connection.context()
            for text in (None, 5, b"Hello", ["Hello"]):
                with pytest.raises(TypeError, match="`transcript` must be a str, not "):
                    context.push(text)  # type: ignore[arg-type]
            with pytest.raises(TypeError, match="`continue_` must be of the JSON type boolean"):
                context.push("Hello", continue_="no")  # type: ignore[arg-type]
            with pytest.raises(TypeError, match="`language` must be a str, not 5"):
                connection.context(language=5)
            context.push("Hello", continue_=False)
            with pytest.raises(ValueError, match=r"no more input|is done"):
                context.push("more")
            assert kinds(context) == ["chunk", "chunk", "done"]
        assert server.received.qsize() == 1


@pytest.mark.parametrize(
    ("timeout", "error"),
    [("1", TypeError), (True, TypeError), (-1, ValueError), (float("nan"), ValueError)],
)
def test_a_receiver_waits_for_a_number_of_seconds(timeout: float, error: type[Exception]) -> None:
    with serving() as server:
        with connecting(server) as connection:
            with pytest.raises(error, match=r"`timeout` must be .* seconds"):
                connection.context(timeout=timeout)
            with pytest.raises(error, match=r"`timeout` must be .* seconds"):
                connection.context().receive(timeout)
            with pytest.raises(error, match=r"`timeout` must be .* seconds"):
                connection.recv(timeout=timeout)
            with pytest.raises(TimeoutError):
                connection.recv(timeout=0)


def test_a_context_without_input_is_done_at_once() -> None:
    with serving() as server:
        with connecting(server) as connection:
            context = connection.context()
            context.no_more_inputs()
            assert kinds(context) == []
            assert server.received.empty()


def test_a_block_finishes_its_context() -> None:
    with serving() as server:
        with connecting(server) as connection:
            with connection.context("c") as context:
                context.push("Hello")
            assert kinds(context) == ["chunk"] * 4 + ["done"]
            assert (received(server, 2))[1]["continue"] is False


def test_a_block_that_fails_or_leaves_early_cancels_its_context() -> None:
    def leave(context: SpeechContext) -> None:
        with context:
            context.push("Hello")
            for _ in context.receive():
                return

    def fail(context: SpeechContext) -> None:
        with context:
            context.push("Hello")
            raise LookupError

    with serving() as server:
        with connecting(server) as connection:
            left, failed = connection.context("left"), connection.context("failed")
            leave(left)
            with pytest.raises(LookupError):
                fail(failed)
            assert (left.state, failed.state) == ("cancelled", "cancelled")
            messages = received(server, 4)
        assert messages[1] == {"context_id": "left", "cancel": True}
        assert messages[3] == {"context_id": "failed", "cancel": True}
