"""The session without any socket: routing, states, settings, and that nothing is lost or waits for ever."""

from __future__ import annotations

import json

import pytest

from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.types import NotGiven, omit
from cartesia._runtime.websocket.close import Close
from cartesia._runtime.websocket.context_state import ContextState
from cartesia._runtime.websocket.messages import SocketSpec
from tests.runtime.websocket.sessions import (
    CountingNotifier,
    hear,
    new_session,
    note,
    open_context,
    say,
    taken,
)
from tests.runtime.websocket.wordbook import VOICE, event


@pytest.mark.parametrize(
    ("close", "message", "is_last"),
    [
        ({"text": "", "continue": False}, {"text": "Hello", "continue": True}, False),
        ({"text": "", "continue": False}, {"text": "Hello", "continue": False}, True),
        ({"text": "", "continue": False}, {"text": "Hello"}, True),
        ({"text": ""}, {"text": "Hello"}, False),  # a text that fills the message says nothing
        ({}, {"text": "Hello"}, False),
    ],
)
def test_which_message_is_the_last(
    close: dict[str, object], message: dict[str, object], is_last: bool
) -> None:
    spec: SocketSpec[object] = SocketSpec(name="TTS", parse=dict, close=close)
    assert spec.is_last(message) is is_last


# Settings: one set of them goes with every message.


def test_the_settings_of_the_context_go_with_every_message_and_the_closing_one() -> None:
    session = new_session()
    record = open_context(
        session, "c", language="de", speed=None, add_timestamps=omit, emotion=NotGiven()
    )
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
    record = session.open_context("c", {}, CountingNotifier())
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
    record = session.open_context(None, {}, CountingNotifier())
    with pytest.raises(ValueError, match="lacks 'voice'"):
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
    with pytest.raises(ValueError, match="is open; leave"):
        open_context(session, "c")
    session.cancel(record)
    with pytest.raises(ValueError, match="cannot be used again"):
        open_context(session, "c")
    note(session, {"context_id": "raw", "transcript": "a"})
    with pytest.raises(ValueError, match="is open; leave"):
        open_context(session, "raw")


@pytest.mark.parametrize("context_id", ["", 5])
def test_an_id_is_a_text(context_id: object) -> None:
    with pytest.raises(ValueError, match="context_id"):
        open_context(new_session(), context_id)  # type: ignore[arg-type]


def test_only_the_latest_ids_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cartesia._runtime.websocket.session._REMEMBERED_IDS", 2)
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
    assert record.state is ContextState.DONE
    assert record.queue.ended
    assert record.queue.failure is None


def test_finishing_twice_sends_once_and_refuses_more_input() -> None:
    session = new_session()
    record = open_context(session)
    say(session, record, "a")
    assert session.finish(record) is not None
    assert session.finish(record) is None
    assert record.state is ContextState.FINISHING
    with pytest.raises(ValueError, match="no more input"):
        say(session, record, "b")


@pytest.mark.parametrize("last", [True, None])
def test_a_last_message_finishes_the_context(last: bool | None) -> None:
    session = new_session()
    record = open_context(session)
    say(session, record, "a", last=last)
    assert record.state is ContextState.FINISHING
    assert session.finish(record) is None


def test_done_ends_a_context_once() -> None:
    session = new_session()
    record = open_context(session, "c")
    say(session, record, "a", last=True)
    hear(session, event("chunk", "c"), event("done", "c"), event("done", "c"), event("chunk", "c"))
    assert taken(record.queue) == ["chunk", "done"]
    assert record.queue.ended
    assert session.stats.late == 2
    with pytest.raises(ValueError, match="is done"):
        say(session, record, "b")


def test_a_context_that_expired_says_so() -> None:
    session = new_session()
    record = open_context(session, "c")
    say(session, record, "a")
    hear(session, event("chunk", "c"), event("done", "c"))
    assert taken(record.queue) == ["chunk", "done"]
    with pytest.raises(CartesiaError, match="context c has expired"):
        say(session, record, "b")


def test_an_error_event_ends_its_context_alone() -> None:
    session = new_session()
    one, two = open_context(session, "1"), open_context(session, "2")
    say(session, one, "a")
    say(session, two, "b")
    hear(session, event("error", "1", message="no"), event("chunk", "2"))
    assert (one.state, two.state) == (ContextState.ERROR, ContextState.OPEN)
    assert taken(one.queue) == ["error"]
    assert taken(two.queue) == ["chunk"]
    with pytest.raises(CartesiaError, match="reported an error: no"):
        say(session, one, "c")


def test_cancel_drops_what_waits_and_what_comes() -> None:
    session = new_session()
    record = open_context(session, "c")
    say(session, record, "a")
    hear(session, event("chunk", "c"))
    session.cancel(record)
    assert [json.loads(text) for text in session.take_owed()] == [
        {"context_id": "c", "cancel": True}
    ]
    hear(session, event("chunk", "c"), event("done", "c"))
    assert taken(record.queue) == []
    assert record.queue.waiting == 0
    assert record.queue.ended
    assert session.stats.late == 2
    session.cancel(record)
    assert session.take_owed() == []
    with pytest.raises(ValueError, match="is cancelled"):
        say(session, record, "b")


def test_a_context_that_sent_nothing_is_cancelled_without_a_message() -> None:
    session = new_session()
    record = open_context(session)
    session.cancel(record)
    assert session.take_owed() == []
    assert record.state is ContextState.CANCELLED


def test_abandoned_contexts_are_cancelled_together() -> None:
    session = new_session()
    one, two = open_context(session, "1"), open_context(session, "2")
    say(session, one, "a")
    session.abandoned.extend([one, two, one])
    assert [json.loads(text)["context_id"] for text in session.take_owed()] == ["1"]
    assert (one.state, two.state) == (ContextState.CANCELLED, ContextState.CANCELLED)
    assert session.take_owed() == []


def test_a_message_that_may_have_been_written_is_lost_with_its_connection() -> None:
    session = new_session()
    first, second, cancelled = (open_context(session, name) for name in "abc")
    say(session, second, "a")
    say(session, second, "b")
    say(session, first, "a")
    say(session, cancelled, "a")
    session.cancel(cancelled)
    session.closed(Close(1006))
    assert (first.state, second.state) == (ContextState.ERROR, ContextState.ERROR)
    assert cancelled.state is ContextState.CANCELLED


def test_what_was_sent_is_told_in_the_order_of_its_fields() -> None:
    session = new_session()
    record = open_context(session, "c")
    say(session, record, "a", flush=True)
    say(session, record, "b", last=True)
    assert [list(fields.items()) for fields in record.account().sent] == [
        [("transcript", "a"), ("continue", True), ("flush", True)],
        [("transcript", "b"), ("continue", False)],
    ]
