"""What cannot be read harms nobody, and any interleaving keeps the promises."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.websocket.close import Close
from cartesia._runtime.websocket.context_state import ContextState
from tests.runtime.websocket.sessions import (
    drain,
    hear,
    new_session,
    note,
    open_context,
    raw_kinds,
    say,
)
from tests.runtime.websocket.wordbook import event

# What cannot be read.


@pytest.mark.parametrize("message", [b"", b"{", b"\xff\xfe", b"[1]", b"null", b"5", b"[" * 100_000])
def test_what_is_no_json_object_is_counted_and_raised(message: bytes) -> None:
    session = new_session()
    with pytest.raises(CartesiaError, match=f"{len(message)} bytes that are no JSON object"):
        hear(session, message)
    assert session.stats.malformed == 1
    assert raw_kinds(session) == []


@pytest.mark.parametrize("odd", [["list"], {"a": 1}, 7, True])
def test_an_id_that_is_no_text_is_unknown(odd: object) -> None:
    session = new_session()
    open_context(session, "c")
    hear(session, event("chunk", odd))
    assert session.stats.unknown == 1


@pytest.mark.parametrize(("odd", "text"), [(7, "7"), (True, "True")])
def test_an_id_that_is_no_text_stands_for_its_text(odd: object, text: str) -> None:
    session = new_session()
    record = open_context(session, text)
    hear(session, event("chunk", odd), event("done", odd), event("chunk", odd))
    assert (record.heard, record.state) == (2, ContextState.DONE)
    assert session.stats.late == 1


def test_an_event_without_a_type_goes_to_its_context_as_a_plain_object() -> None:
    session = new_session()
    record = open_context(session, "c")
    hear(session, json.dumps({"context_id": "c", "data": "x"}))
    assert record.queue.take().to_dict() == {"context_id": "c", "data": "x"}


@settings(deadline=None)  # others may use the processor
@given(st.binary(max_size=80))
def test_random_bytes_raise_nothing_else(message: bytes) -> None:
    session = new_session()
    record = open_context(session, "c")
    say(session, record, "a")
    with suppress(CartesiaError):
        hear(session, message)
    assert record.state in ContextState


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
        note(self.session, {"context_id": "raw"})
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
        if self.records[name].state is ContextState.OPEN:
            say(self.session, self.records[name], "text")

    def finish(self, name: str, _: str) -> None:
        self.session.finish(self.records[name])

    def cancel(self, name: str, _: str) -> None:
        self.take(name)
        self.session.cancel(self.records[name])

    def abandon(self, name: str, _: str) -> None:
        self.take(name)
        self.session.abandoned.append(self.records[name])
        self.session.take_owed()

    def take(self, name: str, _: str = "") -> None:
        numbers = [taken.to_dict().get("number") for taken in drain(self.records[name].queue)]
        self.heard[name].extend(number for number in numbers if number is not None)

    def garbage(self, *_: str) -> None:
        with pytest.raises(CartesiaError):
            hear(self.session, "garbage")
        self.reconnect()

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
        assert record.queue.ended or not record.sent
        assert record.queue.waiting == 0
        assert record.queue.failure is None or record.state is ContextState.ERROR
    assert conversation.heard == conversation.said
