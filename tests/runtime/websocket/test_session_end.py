"""How a session ends, and what belongs to no context."""

from __future__ import annotations

import pytest

from cartesia._runtime.errors import (
    CartesiaError,
    ContextInactiveError,
    ContextLostError,
    SlowReceiverError,
    WebSocketConnectionClosedError,
)
from cartesia._runtime.model import Model
from cartesia._runtime.websocket.close import Close
from cartesia._runtime.websocket.connection_options import Bounds
from cartesia._runtime.websocket.context_state import ContextState
from cartesia._runtime.websocket.session import Session
from tests.runtime.websocket.sessions import (
    Clock,
    hear,
    new_session,
    note,
    open_context,
    raw_kinds,
    say,
    taken,
)
from tests.runtime.websocket.wordbook import STT, event

# The end of the connection.


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011])
def test_any_close_ends_every_context_that_is_under_way(code: int) -> None:
    clock = Clock()
    session = new_session(clock=clock)
    spoken, silent, waiting = (open_context(session, name) for name in "abc")
    say(session, spoken, "Hello")
    say(session, spoken, " world", last=True)
    hear(session, event("chunk", "a"))
    waiting.queue.claimed = True
    clock.now += 1.5
    cause = OSError("reset")
    session.closed(Close(code, "why", cause=cause))
    assert taken(spoken.queue) == ["chunk"]
    assert spoken.queue.failure is not None
    error = spoken.queue.failure()
    assert isinstance(error, ContextLostError)
    assert isinstance(error, WebSocketConnectionClosedError)
    assert (error.code, error.reason, error.context_id) == (code, "why", "a")
    assert [message["transcript"] for message in error.sent] == ["Hello", " world"]
    assert (error.heard, error.heard_bytes) == (1, len(event("chunk", "a")))
    assert error.__cause__ is cause
    assert "1.5 s after" in str(error)
    assert "2 messages sent, 1 events" in str(error)
    # Their first message opens another connection, even if a receiver waits already.
    assert (silent.state, waiting.state) == (ContextState.OPEN, ContextState.OPEN)
    with pytest.raises(ContextLostError):
        say(session, spoken, "more")
    session.opened()
    assert say(session, silent, "over the next connection")["context_id"] == "b"
    assert say(session, waiting, "over the next connection")["context_id"] == "c"


def test_the_callers_own_close_ends_every_context() -> None:
    session = new_session()
    record = open_context(session)
    session.closed(Close(1000, by="caller"))
    assert record.queue.failure is not None
    assert "closed by the caller" in str(record.queue.failure())


@pytest.mark.parametrize(
    ("close", "text"),
    [
        (Close(1006), "cut off without a close frame"),
        (Close(1006, "reset"), r"cut off without a close frame \(reset\)"),
        (Close(1000, "connection idle timeout"), r"by the server, code 1000 \(connection idle"),
        (Close(1009, by="client"), "by the client, code 1009"),
        (Close(1000, by="caller"), "by the caller, code 1000; open another"),
    ],
)
def test_the_error_says_who_closed(close: Close, text: str) -> None:
    session = new_session()
    session.closed(close)
    with pytest.raises(WebSocketConnectionClosedError, match=text) as caught:
        raise session.closed_error()
    assert caught.value.code == close.code


def test_a_connection_that_was_opened_again_meanwhile_is_said_to_have_closed() -> None:
    error = new_session().closed_error()
    assert isinstance(error, WebSocketConnectionClosedError)
    assert error.code == 1000
    assert "code 1000 (another use has opened it again)" in str(error)


# Outside all contexts.


def test_without_contexts_everything_is_raw() -> None:
    session = new_session()
    hear(session, event("chunk", "x"), event("chunk"), event("done", "x"))
    assert raw_kinds(session) == ["chunk", "chunk", "done"]


def test_beside_contexts_only_raw_contexts_are_raw() -> None:
    session = new_session()
    record = open_context(session, "c")
    note(session, {"context_id": "r", "transcript": "a"})
    hear(session, event("chunk", "r"), event("chunk", "c"), event("chunk", "who"))
    hear(session, event("done", "r"), event("chunk", "r"))
    assert raw_kinds(session) == ["chunk", "done"]
    assert taken(record.queue) == ["chunk"]
    assert session.stats.unknown == 2


def test_a_raw_cancel_ends_the_context_it_names() -> None:
    session = new_session()
    record = open_context(session, "c")
    say(session, record, "a")
    note(session, {"context_id": "r", "transcript": "a"})
    note(session, {"context_id": "c", "cancel": True})
    note(session, {"context_id": "r", "cancel": True})
    assert record.state is ContextState.CANCELLED
    session.closed(Close(1000))
    session.check_raw()


def test_a_raw_message_for_an_open_context_stays_with_it() -> None:
    session = new_session()
    record = open_context(session, "c")
    note(session, {"context_id": "c", "transcript": "a"})
    hear(session, event("chunk", "c"))
    assert taken(record.queue) == ["chunk"]


def test_raw_messages_without_an_answer_are_owed_an_error_once() -> None:
    session = new_session()
    note(session, {"context_id": "r", "transcript": "a"})
    note(session, {"context_id": "s", "transcript": "b"})
    hear(session, event("done", "s"))
    session.closed(Close(1000, "connection idle timeout"))
    with pytest.raises(WebSocketConnectionClosedError, match="before the end of r"):
        session.check_raw()
    session.check_raw()


def test_the_callers_own_close_owes_the_raw_user_nothing() -> None:
    session = new_session()
    note(session, {"context_id": "r", "transcript": "a"})
    session.closed(Close(1000, by="caller"))
    session.check_raw()
    assert session.raw.ended


def test_a_socket_without_contexts_is_all_raw() -> None:
    session = new_session(STT)
    note(session, {"type": "close"})
    hear(session, event("transcript", text="hello"), event("error", message="no"), event("done"))
    assert raw_kinds(session) == ["transcript", "error", "done"]
    session.closed(Close(1000))
    assert session.raw.failure is None


# Errors that name no context.


def test_a_nameless_error_ends_the_contexts_that_were_not_answered() -> None:
    session = new_session()
    heard, unheard, unsent = (open_context(session, name) for name in "abc")
    say(session, heard, "a")
    say(session, unheard, "b")
    hear(session, event("chunk", "a"), event("error", message="no"))
    assert (heard.state, unheard.state, unsent.state) == (
        ContextState.OPEN,
        ContextState.ERROR,
        ContextState.OPEN,
    )
    assert taken(unheard.queue) == ["error"]
    assert raw_kinds(session) == []


def test_a_nameless_error_with_all_contexts_answered_ends_them_all() -> None:
    session = new_session()
    record = open_context(session, "a")
    say(session, record, "a")
    hear(session, event("chunk", "a"), event("error", message="no"))
    assert record.state is ContextState.ERROR


def test_a_nameless_error_is_raw_where_nothing_is_under_way_or_raw_messages_wait() -> None:
    session = new_session()
    hear(session, event("error", message="no"))
    record = open_context(session, "a")
    say(session, record, "a")
    hear(session, event("chunk", "a"))
    note(session, {"transcript": "a"})
    hear(session, event("error", message="no"))
    assert raw_kinds(session) == ["error", "error"]
    assert record.state is ContextState.OPEN


# What waits for a receiver that does not come.


def test_a_context_that_ended_and_is_not_received_makes_room_for_others() -> None:
    clock = Clock()
    session = new_session(clock=clock, bounds=Bounds(high=4000, low=1000))
    ended, waiting = open_context(session, "a"), open_context(session, "b")
    say(session, ended, "a", last=True)
    say(session, waiting, "b")
    hear(session, event("chunk", "a", data="x" * 5000), event("done", "a"))
    assert session.flow.is_full
    waiting.queue.claimed = True
    clock.now += 3
    session.tick()
    assert not session.flow.is_full
    assert ended.queue.ended
    assert ended.queue.failure is not None
    assert isinstance(ended.queue.failure(), SlowReceiverError)
    assert session.raw.failure is waiting.queue.failure is None


def test_pauses_do_not_put_off_the_end_of_a_context_that_hears_nothing() -> None:
    clock = Clock()
    session = new_session(
        clock=clock, bounds=Bounds(high=4000, low=1000, inactivity_timeout=5, pause_timeout=2)
    )
    record = open_context(session, "a")
    note(session, {"context_id": "raw"})
    say(session, record, "a")
    record.queue.claimed = True
    begin = clock.now
    while record.state is ContextState.OPEN and clock.now < begin + 60:
        hear(session, event("chunk", "raw", data="x" * 5000))  # which nobody receives
        assert session.flow.is_full
        clock.now += 2  # a pause, in which nothing can be heard
        session.tick()
        assert not session.flow.is_full
        clock.now += 1
        session.tick()
    assert record.queue.failure is not None
    assert isinstance(record.queue.failure(), ContextInactiveError)
    assert clock.now < begin + 20


def test_a_pause_is_bounded_from_when_a_receiver_waits() -> None:
    clock = Clock()
    session = new_session(clock=clock, bounds=Bounds(high=4000, low=1000, pause_timeout=2))
    slow, other = open_context(session, "a"), open_context(session, "b")
    say(session, slow, "a")
    hear(session, event("chunk", "a", data="x" * 5000))
    clock.now += 60
    session.tick()
    assert session.flow.is_full, "it keeps nobody waiting"
    say(session, other, "b")
    session.await_event(other.queue)
    assert session.deadline == pytest.approx(clock.now + 2)
    clock.now += 1.9
    session.tick()
    assert slow.queue.failure is None
    assert session.deadline == pytest.approx(clock.now + 0.1)
    clock.now += 0.2
    session.tick()
    assert slow.queue.failure is not None
    assert isinstance(slow.queue.failure(), SlowReceiverError)


def drop_raw_events(session: Session[Model], clock: Clock) -> None:
    """Have events outside all contexts dropped, since a context waits for its own."""
    waiting = open_context(session, "a")
    note(session, {"context_id": "raw"})
    say(session, waiting, "a")
    hear(session, event("chunk", "raw", data="x" * 5000))
    session.await_event(waiting.queue)
    clock.now += 3
    session.tick()


def test_a_gap_is_told_before_the_end_of_the_connection() -> None:
    clock = Clock()
    session = new_session(clock=clock, bounds=Bounds(high=4000, low=1000, pause_timeout=2))
    drop_raw_events(session, clock)
    session.closed(Close(1006, ""))
    assert session.raw.has_gap
    with pytest.raises(SlowReceiverError):
        session.check_raw()
    with pytest.raises(WebSocketConnectionClosedError):
        session.is_over()


def test_an_id_of_a_message_of_ones_own_may_be_a_number() -> None:
    session = new_session()
    say(session, open_context(session, "a"), "Hello")
    note(session, {"context_id": 5})
    hear(session, event("chunk", 5), event("done", "5"), event("chunk", 5))
    assert raw_kinds(session) == ["chunk", "done"]
    assert session.stats.unknown == 1


def test_a_gap_is_told_before_another_failure() -> None:
    clock = Clock()
    session = new_session(clock=clock, bounds=Bounds(high=4000, low=1000, pause_timeout=2))
    session._fail_raw(lambda: CartesiaError("earlier"))
    drop_raw_events(session, clock)
    with pytest.raises(SlowReceiverError):
        session.check_raw()


def test_a_text_that_is_pushed_into_a_pause_has_its_bound_too() -> None:
    clock = Clock()
    session = new_session(clock=clock, bounds=Bounds(high=4000, low=1000, pause_timeout=2))
    slow, other = open_context(session, "a"), open_context(session, "b")
    say(session, slow, "a")
    hear(session, event("chunk", "a", data="x" * 5000))
    session.await_event(other.queue)
    clock.now += 3
    session.tick()
    say(session, other, "b")  # only now the receiver waits for something
    assert session.deadline <= clock.now + 2
    clock.now += 2
    session.tick()
    assert slow.queue.failure is not None


def test_a_raw_message_of_a_context_is_a_message_of_that_context() -> None:
    clock = Clock()
    session = new_session(clock=clock, bounds=Bounds(max_age=5))
    record = open_context(session, "a")
    clock.now += 6
    assert session.is_stale
    note(session, {"context_id": "a", "transcript": "Hello"})
    assert record.sent
    assert not session.is_stale, "an answer is under way"
