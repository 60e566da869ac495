# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/test_channel.py
# Do not edit: change that file instead.
"""The races of sending that no real server can be made to lose at will, over a scripted transport."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import pytest

from cartesia._runtime._sync.requester import Requester
from cartesia._runtime._sync.websocket.connection import Channel
from cartesia._runtime._sync.websocket.primitives import Notifier
from cartesia._runtime._sync.websocket.websocket_transport import WebSocketTransport
from cartesia._runtime.errors import (
    CartesiaError,
    ContextLostError,
    WebSocketConnectionClosedError,
)
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.close import Close
from cartesia._runtime.websocket.context_state import ContextRecord, ContextState
from cartesia._runtime.websocket.messages import OutgoingMessage, OutgoingQueue, SocketSpec
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket._sync.primitives import Flag, together, until
from tests.runtime.websocket.wordbook import MANUAL, TTS, VOICE

IDLE = Close(1000, "connection idle timeout")
AWAY = Close(1012, "restart")


class ScriptedTransport:
    """A transport that ends in the moment of sending.

    Args:
        outcomes: For each message whether it leaves (None), or the connection ends, and whether
            that is while it is written (True), or was about to happen before (False).
    """

    def __init__(self, outcomes: Sequence[bool | None] = (), end: Close = IDLE) -> None:
        self._outcomes = list(outcomes)
        self._end = end
        self.channel: Channel[Model] | None = None
        self.ended: Close | None = None
        self.sent: list[bytes] = []

    def start(self) -> None:
        assert self.channel is not None

    def end(self) -> None:
        """End the connection; called with the guard held, as by a real one."""
        if self.ended is None:
            self.ended = self._end
            assert self.channel is not None
            self.channel.transport_ended(cast(WebSocketTransport, self), self._end)

    @property
    def is_open(self) -> bool:
        return self.ended is None and self._outcomes[:1] != [False]

    def write(self, data: bytes, *, text: bool) -> bool:
        del text
        if not self.is_open:
            return False
        if self._outcomes and self._outcomes.pop(0):
            self.end()
            return False
        self.sent.append(data)
        return True

    def drain(self) -> None:
        self.end()

    def begin_close(self, code: int, reason: str) -> None:
        del code, reason
        self.end()

    def update(self) -> None:
        pass


def new_channel(
    spec: SocketSpec[Model],
    dial: Callable[[], ScriptedTransport],
    reconnection: Reconnection | None = None,
) -> Channel[Model]:
    request = Request(Operation("o", "GET", "/"))
    reconnection = reconnection or Reconnection(max_queue_size=0, initial_delay=0)
    outgoing = OutgoingQueue(reconnection.max_queue_size)
    channel = Channel(cast(Requester, None), spec, request, {}, reconnection, outgoing)

    def connect() -> object:
        transport = dial()
        transport.channel = channel
        return transport

    channel._dial = connect  # type: ignore[method-assign, assignment]
    return channel


def channel_over(
    *transports: ScriptedTransport,
    spec: SocketSpec[Model] = TTS,
    reconnection: Reconnection | None = None,
) -> Channel[Model]:
    waiting = list(transports)

    def dial() -> ScriptedTransport:
        return waiting.pop(0)

    channel = new_channel(spec, dial, reconnection)
    channel.connect()
    return channel


def conversation_over(*transports: ScriptedTransport) -> Channel[Model]:
    """Return a conversation that is reconnected at once, transport after transport."""
    reconnection = Reconnection(lambda _: None, initial_delay=0)
    return channel_over(*transports, spec=MANUAL, reconnection=reconnection)


def open_context(channel: Channel[Model]) -> ContextRecord[Model]:
    with channel.guard:
        return channel.session.open_context(None, {"voice": VOICE}, Notifier(channel.guard))


def push(channel: Channel[Model], record: ContextRecord[Model]) -> None:
    channel.send(record, {"transcript": "Hello", "continue": True}, None)


def test_a_first_message_that_was_not_written_goes_over_the_next_connection() -> None:
    second = ScriptedTransport()
    channel = channel_over(ScriptedTransport([False]), second)
    record = open_context(channel)
    push(channel, record)
    assert len(second.sent) == 1
    channel.close(1000, "")


def test_a_context_cancelled_while_its_first_message_waited_is_not_revived() -> None:
    first, second = ScriptedTransport([False]), ScriptedTransport()
    channel = channel_over(first, second)
    record = open_context(channel)
    drain = first.drain

    def cancel_and_drain() -> None:
        channel.session.cancel(record)
        drain()

    first.drain = cancel_and_drain  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="is cancelled"):
        push(channel, record)
    assert second.sent == []
    channel.close(1000, "")


@pytest.mark.parametrize("error", [CartesiaError("no"), KeyboardInterrupt()])
def test_a_receiver_is_told_when_the_first_message_finds_no_connection(
    error: BaseException,
) -> None:
    first: ScriptedTransport | None = ScriptedTransport([False])

    def dial() -> ScriptedTransport:
        nonlocal first
        if first is None:
            raise error
        made, first = first, None
        return made

    channel = new_channel(TTS, dial)
    channel.connect()
    record = open_context(channel)
    record.queue.claimed = True  # as by a receiver, in another task or thread
    with pytest.raises(type(error)):
        push(channel, record)
    assert record.queue.failure is not None
    assert isinstance(record.queue.failure(), ContextLostError)
    channel.close(1000, "")


def test_a_context_cancelled_while_a_later_message_waited_stays_cancelled() -> None:
    transport = ScriptedTransport()
    channel = channel_over(transport)
    record = open_context(channel)
    push(channel, record)
    drain = transport.drain

    def cancel_and_drain() -> None:
        channel.session.cancel(record)
        drain()

    transport.drain = cancel_and_drain  # type: ignore[method-assign]
    transport.write = lambda data, *, text: not (text and data)  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="is cancelled"):
        push(channel, record)
    assert record.state is ContextState.CANCELLED
    assert record.queue.failure is None
    channel.close(1000, "")


def test_a_context_that_is_kept_ends_if_its_next_message_cannot_be_sent() -> None:
    outcomes: list[list[bool | None]] = [[None, False], [None, False]]
    reconnection = Reconnection(initial_delay=0, resend_unheard=True)
    channel = channel_over(*map(ScriptedTransport, outcomes), reconnection=reconnection)
    record = open_context(channel)
    push(channel, record)
    with pytest.raises(ContextLostError):
        push(channel, record)
    assert record.state.is_end
    channel.close(1000, "")


@pytest.mark.parametrize("outcomes", [[True], [None, False], [None, True]])
def test_what_may_have_been_written_is_not_sent_again(outcomes: list[bool | None]) -> None:
    second = ScriptedTransport()
    channel = channel_over(ScriptedTransport(outcomes), second)
    record = open_context(channel)
    for _ in outcomes[1:]:
        push(channel, record)
    with pytest.raises(ContextLostError) as caught:
        push(channel, record)
    assert caught.value.code == 1000
    assert second.sent == []
    channel.close(1000, "")


def test_a_raw_message_that_was_not_written_goes_over_the_next_connection() -> None:
    second = ScriptedTransport()
    channel = channel_over(ScriptedTransport([False]), second)
    channel.send_raw(OutgoingMessage(b"{}", True, {"context_id": "r"}))
    assert second.sent == [b"{}"]
    channel.close(1000, "")


def test_a_raw_message_that_may_have_been_written_is_an_error() -> None:
    channel = channel_over(ScriptedTransport([True]))
    with pytest.raises(WebSocketConnectionClosedError, match="before the end of r"):
        channel.send_raw(OutgoingMessage(b"{}", True, {"context_id": "r"}))
    channel.close(1000, "")


@pytest.mark.parametrize("written", [False, True])
def test_audio_whose_connection_broke_off_is_sent_again_once(written: bool) -> None:
    second = ScriptedTransport(end=AWAY)
    channel = conversation_over(ScriptedTransport([written], AWAY), second)
    channel.send_raw(OutgoingMessage(b"1", False, None))
    channel.send_raw(OutgoingMessage(b"2", False, None))
    until(lambda: second.sent == [b"1", b"2"])
    channel.close(1000, "")


@pytest.mark.parametrize("written", [False, True])
def test_what_was_kept_stays_in_order_over_any_number_of_connections(written: bool) -> None:
    second, third = ScriptedTransport([written], AWAY), ScriptedTransport(end=AWAY)
    channel = conversation_over(ScriptedTransport([False], AWAY), second, third)
    channel.send_raw(OutgoingMessage(b"1", False, None))
    channel.send_raw(OutgoingMessage(b"2", False, None))
    until(lambda: third.sent == [b"1", b"2"])
    channel.close(1000, "")


def test_audio_is_kept_if_the_connection_breaks_off_just_before_it_is_sent() -> None:
    first, second = ScriptedTransport(end=AWAY), ScriptedTransport(end=AWAY)
    channel = conversation_over(first, second)
    ensure_open = channel._ensure_open

    def break_off() -> object:
        channel._ensure_open = ensure_open  # type: ignore[method-assign]
        with channel.guard:
            first.end()
        return ensure_open()

    channel._ensure_open = break_off  # type: ignore[method-assign, assignment]
    channel.send_raw(OutgoingMessage(b"1", False, None))
    until(lambda: second.sent == [b"1"])
    channel.close(1000, "")


def test_connections_that_close_at_once_are_not_tried_for_ever() -> None:
    channel = channel_over(ScriptedTransport([False]), ScriptedTransport([False]))
    with pytest.raises(WebSocketConnectionClosedError, match="idle timeout"):
        channel.send_raw(OutgoingMessage(b"{}", True, {}))
    channel.close(1000, "")


@pytest.mark.parametrize("end", ["finish", "cancel"])
def test_a_context_that_ends_on_a_closed_connection_troubles_nobody(end: str) -> None:
    channel = channel_over(ScriptedTransport([None, False]))
    record = open_context(channel)
    push(channel, record)
    (channel.finish if end == "finish" else channel.cancel)(record)
    channel.close(1000, "")


def test_a_connection_that_opens_after_the_close_is_closed() -> None:
    first, late = ScriptedTransport(), ScriptedTransport()
    dialling, go_on = Flag(), Flag()
    transports = [first]

    def dial() -> ScriptedTransport:
        if transports:
            return transports.pop()
        dialling.raise_()
        go_on.wait()
        return late

    channel = new_channel(TTS, dial)
    channel.connect()
    with channel.guard:
        first.end()
    assert not channel.session.is_open

    def use() -> None:
        with pytest.raises(WebSocketConnectionClosedError, match="closed by the caller"):
            channel.connect()

    def close() -> None:
        dialling.wait()
        channel.close(1000, "")
        go_on.raise_()

    together(use, close)
    assert late.ended is not None


class StillbornTransport(ScriptedTransport):
    """A transport that has ended before it is used."""

    def start(self) -> None:
        self.end()


def test_what_goes_on_waits_for_a_connection_that_is_still_open_when_it_begins() -> None:
    third = ScriptedTransport()
    channel = channel_over(
        ScriptedTransport([True], AWAY),
        StillbornTransport(end=AWAY),
        third,
        reconnection=Reconnection(initial_delay=0, resend_unheard=True),
    )
    record = open_context(channel)
    push(channel, record)
    until(lambda: len(third.sent) == 1)
    assert not record.state.is_end
    channel.close(1000, "")
