"""The session without any socket: routing, states, settings, and that nothing is lost or waits for ever."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartesia._core.errors import CartesiaError, WebSocketConnectionClosedError
from cartesia._core.model import Model
from cartesia._core.sentinels import omit
from cartesia._core.socket.contexts import ContextRecord, State
from cartesia._core.socket.errors import Close, ContextLostError
from cartesia._core.socket.inbox import Inbox
from cartesia._core.socket.session import Session
from cartesia._core.socket.vocabulary import Vocabulary
from tests.core.socket.wordbook import STT, TTS, VOICE, event

T = TypeVar("T")


class CountingBell:
    def __init__(self) -> None:
        self.rings = 0

    def ring(self) -> None:
        self.rings += 1


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def new_session(vocabulary: Vocabulary[Model] = TTS, clock: Clock | None = None) -> Session[Model]:
    ids = itertools.count(1)
    session = Session(
        vocabulary,
        raw_bell=CountingBell(),
        new_id=lambda: f"new-{next(ids)}",
        clock=clock or Clock(),
    )
    session.opened()
    return session


def open_context(
    session: Session[Model], context_id: str | None = None, **settings: object
) -> ContextRecord[Model]:
    return session.open_context(context_id, {"voice": VOICE, **settings}, CountingBell())


def say(
    session: Session[Model],
    record: ContextRecord[Model],
    text: str,
    *,
    settle: bool = True,
    last: bool | None = False,
    **settings: object,
) -> dict[str, object]:
    fields = {"transcript": text, "continue": None if last is None else not last, **settings}
    sent: dict[str, object] = json.loads(session.send(record, fields, None))
    if settle:
        session.settle(record, written=True)
    return sent


def hear(session: Session[Model], *messages: str | bytes) -> None:
    for message in messages:
        session.receive(message.encode() if isinstance(message, str) else message)


def taken(inbox: Inbox[Model]) -> list[str]:
    return [str(taken.to_dict()["type"]) for taken in drain(inbox)]


def drain(inbox: Inbox[T]) -> list[T]:
    items: list[T] = []
    with suppress(IndexError):
        while True:
            items.append(inbox.take())
    return items


# Settings: one set of them goes with every message.


def test_the_settings_of_the_context_go_with_every_message_and_the_closing_one() -> None:
    session = new_session()
    record = open_context(session, "c", language="de", speed=None, add_timestamps=omit)
    expected = {
        "model_id": "sonic-latest",
        "voice": VOICE,
        "language": "de",
        "context_id": "c",
        "continue": True,
    }
    assert say(session, record, "Guten ") == {**expected, "transcript": "Guten "}
    assert say(session, record, "Tag.", flush=omit) == {**expected, "transcript": "Tag."}
    closing = session.finish(record)
    assert closing is not None
    assert json.loads(closing) == {**expected, "transcript": "", "continue": False}


def test_the_settings_of_the_first_message_are_those_of_the_context() -> None:
    session = new_session()
    record = session.open_context("c", {}, CountingBell())
    first = say(session, record, "a", voice=VOICE, language="fr")
    second = say(session, record, "b")
    assert (first["voice"], first["language"]) == (second["voice"], second["language"])


def test_what_a_later_message_names_holds_for_it_and_for_the_closing_message_after_it() -> None:
    session = new_session()
    record = open_context(session, "c", emotion="calm")
    say(session, record, "a")
    assert say(session, record, "b", emotion="angry")["emotion"] == "angry"
    assert say(session, record, "c")["emotion"] == "calm"
    say(session, record, "d", emotion="sad")
    assert json.loads(session.finish(record) or b"")["emotion"] == "sad"


def test_none_suppresses_a_setting_of_the_context() -> None:
    session = new_session()
    record = open_context(session, "c", language="de")
    assert "language" not in say(session, record, "a", language=None)
    assert "language" not in say(session, record, "b")


def test_extra_fields_win_but_the_id_stays() -> None:
    session = new_session()
    record = open_context(session, "c")
    fields = {"transcript": "a", "continue": True}
    extra = {"transcript": "z", "new_field": 1, "context_id": "other"}
    sent = json.loads(session.send(record, fields, extra))
    assert (sent["transcript"], sent["new_field"], sent["context_id"]) == ("z", 1, "c")
    assert say(session, record, "b")["new_field"] == 1


@pytest.mark.parametrize("fields", [{}, {"voice": None}])
def test_a_missing_setting_is_named(fields: dict[str, object]) -> None:
    session = new_session()
    record = session.open_context(None, {}, CountingBell())
    with pytest.raises(ValueError, match=r"'voice'.*voice="):
        session.send(record, {"transcript": "a", **fields}, None)
    assert record.sent == []


def test_a_value_without_a_json_form_is_refused_before_anything_is_counted() -> None:
    session = new_session()
    record = open_context(session)
    with pytest.raises(TypeError):
        session.send(record, {"transcript": b"bytes"}, None)
    assert record.sent == []


# Ids.


def test_an_id_is_made_where_none_is_given() -> None:
    session = new_session()
    assert [open_context(session).id, open_context(session).id] == ["new-1", "new-2"]


def test_an_id_is_used_once() -> None:
    session = new_session()
    record = open_context(session, "c")
    with pytest.raises(ValueError, match="open already"):
        open_context(session, "c")
    session.cancel(record)
    with pytest.raises(ValueError, match="cannot be used again"):
        open_context(session, "c")
    session.note_raw({"context_id": "raw", "transcript": "a"})
    with pytest.raises(ValueError, match="open already"):
        open_context(session, "raw")


@pytest.mark.parametrize("context_id", ["", 5])
def test_an_id_is_a_text(context_id: object) -> None:
    with pytest.raises(ValueError, match="context_id"):
        open_context(new_session(), context_id)  # type: ignore[arg-type]


def test_only_the_latest_ids_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cartesia._core.socket.session._REMEMBERED_IDS", 2)
    session = new_session()
    for name in "abc":
        session.cancel(open_context(session, name))
    assert open_context(session, "a").id == "a"
    with pytest.raises(ValueError, match="cannot be used again"):
        open_context(session, "b")


# States.


def test_a_context_without_input_ends_here() -> None:
    session = new_session()
    record = open_context(session)
    assert session.finish(record) is None
    assert record.state is State.DONE
    assert record.inbox.ended
    assert record.inbox.failure is None


def test_finishing_twice_sends_once_and_refuses_more_input() -> None:
    session = new_session()
    record = open_context(session)
    say(session, record, "a")
    assert session.finish(record) is not None
    assert session.finish(record) is None
    assert record.state is State.FINISHING
    with pytest.raises(ValueError, match="no more input"):
        say(session, record, "b")


@pytest.mark.parametrize("last", [True, None])
def test_a_last_message_finishes_the_context(last: bool | None) -> None:
    session = new_session()
    record = open_context(session)
    say(session, record, "a", last=last)
    assert record.state is State.FINISHING
    assert session.finish(record) is None


def test_done_ends_a_context_once() -> None:
    session = new_session()
    record = open_context(session, "c")
    say(session, record, "a")
    hear(session, event("chunk", "c"), event("done", "c"), event("done", "c"), event("chunk", "c"))
    assert taken(record.inbox) == ["chunk", "done"]
    assert record.inbox.ended
    assert session.stats.late == 2
    with pytest.raises(ValueError, match="is done"):
        say(session, record, "b")


def test_an_error_event_ends_its_context_alone() -> None:
    session = new_session()
    one, two = open_context(session, "1"), open_context(session, "2")
    say(session, one, "a")
    say(session, two, "b")
    hear(session, event("error", "1", message="no"), event("chunk", "2"))
    assert (one.state, two.state) == (State.ERROR, State.OPEN)
    assert taken(one.inbox) == ["error"]
    assert taken(two.inbox) == ["chunk"]
    with pytest.raises(CartesiaError, match="receive"):
        say(session, one, "c")


def test_cancel_drops_what_waits_and_what_comes() -> None:
    session = new_session()
    record = open_context(session, "c")
    say(session, record, "a")
    hear(session, event("chunk", "c"))
    assert json.loads(session.cancel(record) or b"") == {"context_id": "c", "cancel": True}
    hear(session, event("chunk", "c"), event("done", "c"))
    assert taken(record.inbox) == []
    assert record.inbox.waiting == 0
    assert record.inbox.ended
    assert session.stats.late == 2
    assert session.cancel(record) is None
    with pytest.raises(ValueError, match="is cancelled"):
        say(session, record, "b")


def test_a_context_that_sent_nothing_is_cancelled_without_a_message() -> None:
    session = new_session()
    record = open_context(session)
    assert session.cancel(record) is None
    assert record.state is State.CANCELLED


def test_abandoned_contexts_are_cancelled_together() -> None:
    session = new_session()
    one, two = open_context(session, "1"), open_context(session, "2")
    say(session, one, "a")
    session.abandoned.extend([one, two, one])
    assert [json.loads(text)["context_id"] for text in session.drop_abandoned()] == ["1"]
    assert (one.state, two.state) == (State.CANCELLED, State.CANCELLED)
    assert session.drop_abandoned() == []


@pytest.mark.parametrize("noticed", [True, False])
def test_a_first_message_of_which_nothing_was_written_may_be_sent_again(noticed: bool) -> None:
    session = new_session()
    record = open_context(session, "c")
    first = say(session, record, "a", settle=False, last=True)
    if noticed:
        session.closed(Close(1000))
    assert session.settle(record, written=False)
    if not noticed:
        session.closed(Close(1000))
    assert not record.state.is_end
    session.opened()
    assert say(session, record, "a", settle=False, last=True) == first
    assert not session.settle(record, written=True)
    assert record.state is State.FINISHING


def test_a_message_that_may_have_been_written_is_lost_with_its_connection() -> None:
    session = new_session()
    first, second, cancelled = (open_context(session, name) for name in "abc")
    say(session, second, "a")
    session.settle(second, written=True)
    say(session, second, "b")
    say(session, first, "a", settle=False)
    say(session, cancelled, "a", settle=False)
    session.cancel(cancelled)
    session.closed(Close(1006))
    assert not first.inbox.is_ready()
    for record in (first, second, cancelled):
        assert not session.settle(record, written=record is not second)
    assert (first.state, second.state) == (State.ERROR, State.ERROR)
    assert cancelled.state is State.CANCELLED


# The end of the connection.


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011])
def test_any_close_ends_every_context_that_is_under_way(code: int) -> None:
    clock = Clock()
    session = new_session(clock=clock)
    spoken, silent, waiting = (open_context(session, name) for name in "abc")
    say(session, spoken, "Hello")
    say(session, spoken, " world", last=True)
    hear(session, event("chunk", "a"))
    waiting.inbox.claimed = True
    clock.now += 1.5
    cause = OSError("reset")
    session.closed(Close(code, "why", cause=cause))
    assert taken(spoken.inbox) == ["chunk"]
    assert spoken.inbox.failure is not None
    error = spoken.inbox.failure()
    assert isinstance(error, ContextLostError)
    assert isinstance(error, WebSocketConnectionClosedError)
    assert (error.code, error.reason, error.context_id) == (code, "why", "a")
    assert [message["transcript"] for message in error.sent] == ["Hello", " world"]
    assert (error.heard, error.heard_bytes) == (1, len(event("chunk", "a")))
    assert error.__cause__ is cause
    assert "1.5 s after" in str(error)
    assert "2 messages sent, 1 events" in str(error)
    assert waiting.inbox.failure is not None
    assert silent.state is State.OPEN
    with pytest.raises(ContextLostError):
        say(session, spoken, "more")
    session.opened()
    assert say(session, silent, "over the next connection")["context_id"] == "b"


def test_the_callers_own_close_ends_every_context() -> None:
    session = new_session()
    record = open_context(session)
    session.closed(Close(1000, by="caller"))
    assert record.inbox.failure is not None
    assert "closed by the caller" in str(record.inbox.failure())


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


def test_there_is_no_error_for_an_open_connection() -> None:
    with pytest.raises(AssertionError):
        new_session().closed_error()


# Outside all contexts.


def raw_kinds(session: Session[Model]) -> list[str]:
    return [str(message.event.to_dict()["type"]) for message in drain(session.raw)]


def test_without_contexts_everything_is_raw() -> None:
    session = new_session()
    hear(session, event("chunk", "x"), event("chunk"), event("done", "x"))
    assert raw_kinds(session) == ["chunk", "chunk", "done"]


def test_beside_contexts_only_raw_contexts_are_raw() -> None:
    session = new_session()
    record = open_context(session, "c")
    session.note_raw({"context_id": "r", "transcript": "a"})
    hear(session, event("chunk", "r"), event("chunk", "c"), event("chunk", "who"))
    hear(session, event("done", "r"), event("chunk", "r"))
    assert raw_kinds(session) == ["chunk", "done"]
    assert taken(record.inbox) == ["chunk"]
    assert session.stats.unknown == 2


def test_a_raw_cancel_ends_the_context_it_names() -> None:
    session = new_session()
    record = open_context(session, "c")
    say(session, record, "a")
    session.note_raw({"context_id": "r", "transcript": "a"})
    session.note_raw({"context_id": "c", "cancel": True})
    session.note_raw({"context_id": "r", "cancel": True})
    assert record.state is State.CANCELLED
    session.closed(Close(1000))
    assert session.raw_failure() is None


def test_a_raw_message_for_an_open_context_stays_with_it() -> None:
    session = new_session()
    record = open_context(session, "c")
    session.note_raw({"context_id": "c", "transcript": "a"})
    hear(session, event("chunk", "c"))
    assert taken(record.inbox) == ["chunk"]


def test_raw_messages_without_an_answer_are_owed_an_error_once() -> None:
    session = new_session()
    session.note_raw({"context_id": "r", "transcript": "a"})
    session.note_raw({"context_id": "s", "transcript": "b"})
    hear(session, event("done", "s"))
    session.closed(Close(1000, "connection idle timeout"))
    error = session.raw_failure()
    assert isinstance(error, WebSocketConnectionClosedError)
    assert "before the end of r" in str(error)
    assert session.raw_failure() is None


def test_the_callers_own_close_owes_the_raw_user_nothing() -> None:
    session = new_session()
    session.note_raw({"context_id": "r", "transcript": "a"})
    session.closed(Close(1000, by="caller"))
    assert session.raw_failure() is None
    assert session.raw.ended


def test_a_socket_without_contexts_is_all_raw() -> None:
    session = new_session(STT)
    session.note_raw({"type": "close"})
    hear(session, event("transcript", text="hello"), event("error", message="no"), event("done"))
    assert raw_kinds(session) == ["transcript", "error", "done"]
    session.closed(Close(1000))
    assert session.raw_failure() is None


# Errors that name no context.


def test_a_nameless_error_ends_the_contexts_that_were_not_answered() -> None:
    session = new_session()
    heard, unheard, unsent = (open_context(session, name) for name in "abc")
    say(session, heard, "a")
    say(session, unheard, "b")
    hear(session, event("chunk", "a"), event("error", message="no"))
    assert (heard.state, unheard.state, unsent.state) == (State.OPEN, State.ERROR, State.OPEN)
    assert taken(unheard.inbox) == ["error"]
    assert raw_kinds(session) == []


def test_a_nameless_error_with_all_contexts_answered_ends_them_all() -> None:
    session = new_session()
    record = open_context(session, "a")
    say(session, record, "a")
    hear(session, event("chunk", "a"), event("error", message="no"))
    assert record.state is State.ERROR


def test_a_nameless_error_is_raw_where_nothing_is_under_way_or_raw_messages_wait() -> None:
    session = new_session()
    hear(session, event("error", message="no"))
    record = open_context(session, "a")
    say(session, record, "a")
    hear(session, event("chunk", "a"))
    session.note_raw({"transcript": "a"})
    hear(session, event("error", message="no"))
    assert raw_kinds(session) == ["error", "error"]
    assert record.state is State.OPEN


# What cannot be read.


@pytest.mark.parametrize("message", [b"", b"{", b"\xff\xfe", b"[1]", b"null", b"5", b"[" * 100_000])
def test_what_is_no_json_object_is_counted_and_dropped(message: bytes) -> None:
    session = new_session()
    hear(session, message)
    assert session.stats.malformed == 1
    assert raw_kinds(session) == []


@pytest.mark.parametrize("odd", [["list"], {"a": 1}, 7, True])
def test_an_id_that_is_no_text_is_unknown(odd: object) -> None:
    session = new_session()
    open_context(session, "c")
    hear(session, event("chunk", odd))
    assert session.stats.unknown == 1


def test_an_event_without_a_type_goes_to_its_context_as_a_plain_object() -> None:
    session = new_session()
    record = open_context(session, "c")
    hear(session, json.dumps({"context_id": "c", "data": "x"}))
    assert record.inbox.take().to_dict() == {"context_id": "c", "data": "x"}


@settings(deadline=None)  # others may use the processor
@given(st.binary(max_size=80))
def test_random_bytes_never_raise(message: bytes) -> None:
    session = new_session()
    record = open_context(session, "c")
    say(session, record, "a")
    hear(session, message)
    assert record.state in State


# Everything at once.

CONTEXTS = ("a", "b", "c")
_operations = st.one_of(
    st.tuples(st.just("hear"), st.sampled_from(CONTEXTS), st.sampled_from(["chunk", "flush_done"])),
    st.tuples(st.just("hear"), st.sampled_from(CONTEXTS), st.sampled_from(["done", "error"])),
    st.tuples(st.just("hear"), st.sampled_from(["unknown", "raw"]), st.just("chunk")),
    st.tuples(
        st.sampled_from(["say", "finish", "cancel", "abandon", "take"]),
        st.sampled_from(CONTEXTS),
        st.just(""),
    ),
    st.tuples(st.sampled_from(["garbage", "reconnect", "nameless"]), st.just(""), st.just("")),
)


class Conversation:
    """Does one operation after the other, and keeps the books on what each context should hear."""

    def __init__(self) -> None:
        self.session = new_session()
        self.session.note_raw({"context_id": "raw"})
        self.records = {name: open_context(self.session, name) for name in CONTEXTS}
        self.heard: dict[str, list[object]] = {name: [] for name in CONTEXTS}
        self.said: dict[str, list[object]] = {name: [] for name in CONTEXTS}
        self._numbers = itertools.count()

    def hear(self, name: str, kind: str) -> None:
        number = next(self._numbers)
        if name in self.records and not self.records[name].state.is_end:
            self.said[name].append(number)
        hear(self.session, event(kind, name, number=number))

    def say(self, name: str, _: str) -> None:
        if self.records[name].state is State.OPEN:
            say(self.session, self.records[name], "text")

    def finish(self, name: str, _: str) -> None:
        self.session.finish(self.records[name])

    def cancel(self, name: str, _: str) -> None:
        self.take(name)
        self.session.cancel(self.records[name])

    def abandon(self, name: str, _: str) -> None:
        self.take(name)
        self.session.abandoned.append(self.records[name])
        self.session.drop_abandoned()

    def take(self, name: str, _: str = "") -> None:
        numbers = [taken.to_dict().get("number") for taken in drain(self.records[name].inbox)]
        self.heard[name].extend(number for number in numbers if number is not None)

    def garbage(self, *_: str) -> None:
        hear(self.session, "garbage")

    def nameless(self, *_: str) -> None:
        hear(self.session, event("error", message="no"))

    def reconnect(self, *_: str) -> None:
        self.session.closed(Close(1006))
        self.session.opened()


@settings(deadline=None)  # others may use the processor
@given(st.lists(_operations, max_size=60))
def test_any_interleaving_keeps_the_promises(operations: list[tuple[str, str, str]]) -> None:
    """Each context hears exactly its own events, in order, up to its end; at the last nobody waits."""
    conversation = Conversation()
    for action, name, kind in operations:
        getattr(conversation, action)(name, kind)
    conversation.session.closed(Close(1006))
    for name, record in conversation.records.items():
        conversation.take(name)
        assert record.inbox.ended or not record.sent
        assert record.inbox.waiting == 0
        assert record.inbox.failure is None or record.state is State.ERROR
    assert conversation.heard == conversation.said
