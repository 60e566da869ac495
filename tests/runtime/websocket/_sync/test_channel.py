# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/test_channel.py
# Do not edit: change that file instead.
"""The races of sending that no real server can be made to lose at will, over a port that follows a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from cartesia._runtime._sync.websocket.channel import Channel
from cartesia._runtime._sync.websocket.opening import Opening
from cartesia._runtime._sync.websocket.port.interface import Port
from cartesia._runtime._sync.websocket.primitives import Bell
from cartesia._runtime.errors import WebSocketConnectionClosedError
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.contexts import ContextRecord
from cartesia._runtime.websocket.errors import Close, ContextLostError, PortClosed
from cartesia._runtime.websocket.outbox import Outgoing
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket._sync.primitives import Flag, together, until
from tests.runtime.websocket.server import Server
from tests.runtime.websocket.wordbook import MANUAL, TTS, VOICE

IDLE = Close(1000, "connection idle timeout")
AWAY = Close(1012, "restart")


class ScriptedPort:
    """A port that closes in the moment of sending.

    Args:
        outcomes: For each message whether it leaves (None), or the connection turns out to be
            closed, and whether the message may have been written.
    """

    def __init__(self, outcomes: Sequence[bool | None] = (), end: Close = IDLE) -> None:
        self._outcomes = list(outcomes)
        self._end = end
        self.closed = Flag()
        self.sent: list[bytes] = []

    def receive(self) -> list[bytes]:
        self.closed.wait()
        raise PortClosed(self._end, written=False)

    def send(self, data: bytes, *, text: bool) -> None:
        del text
        if self.closed.is_raised():
            raise PortClosed(self._end, written=False)
        written = self._outcomes.pop(0) if self._outcomes else None
        if written is not None:
            self.closed.raise_()
            raise PortClosed(self._end, written=written)
        self.sent.append(data)

    def close(self, code: int, reason: str) -> None:
        del code, reason
        self.closed.raise_()


def channel_over(*ports: ScriptedPort) -> Channel[Model]:
    waiting = list(ports)

    def open_port() -> Port:
        return cast(Port, waiting.pop(0))

    channel = Channel(TTS, open_port)
    channel.connect()
    return channel


def conversation_over(*ports: ScriptedPort) -> Channel[Model]:
    """Give a conversation that is reconnected at once, port after port."""
    waiting = list(ports)
    request = Request(Operation("o", "GET", "/"))
    opening = Opening(Server(), request, {}, Reconnection(lambda _: None, initial_delay=0))

    def open_port() -> Port:
        return cast(Port, waiting.pop(0))

    opening.open = open_port  # type: ignore[method-assign]
    channel = Channel(MANUAL, open_port, opening)
    channel.connect()
    return channel


def open_context(channel: Channel[Model]) -> ContextRecord[Model]:
    with channel.guard:
        return channel.session.open_context(None, {"voice": VOICE}, Bell(channel.guard))


def push(channel: Channel[Model], record: ContextRecord[Model]) -> None:
    channel.send(record, {"transcript": "Hello", "continue": True}, None)


def test_a_first_message_that_was_not_written_goes_over_the_next_connection() -> None:
    second = ScriptedPort()
    channel = channel_over(ScriptedPort([False]), second)
    record = open_context(channel)
    push(channel, record)
    assert len(second.sent) == 1
    channel.close(1000, "")


def test_a_context_cancelled_while_its_first_message_failed_is_not_revived() -> None:
    first, second = ScriptedPort([False]), ScriptedPort()
    channel = channel_over(first, second)
    record = open_context(channel)
    send = first.send

    def cancel_and_send(data: bytes, *, text: bool) -> None:
        with channel.guard:
            channel.session.cancel(record)
        send(data, text=text)

    first.send = cancel_and_send  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="is cancelled"):
        push(channel, record)
    assert second.sent == []
    channel.close(1000, "")


@pytest.mark.parametrize("outcomes", [[True], [None, False], [None, True]])
def test_what_may_have_been_written_is_not_sent_again(outcomes: list[bool | None]) -> None:
    second = ScriptedPort()
    channel = channel_over(ScriptedPort(outcomes), second)
    record = open_context(channel)
    for _ in outcomes[1:]:
        push(channel, record)
    with pytest.raises(ContextLostError) as caught:
        push(channel, record)
    assert caught.value.code == 1000
    assert second.sent == []
    channel.close(1000, "")


def test_a_raw_message_that_was_not_written_goes_over_the_next_connection() -> None:
    second = ScriptedPort()
    channel = channel_over(ScriptedPort([False]), second)
    channel.send_raw(Outgoing(b"{}", True, {"context_id": "r"}))
    assert second.sent == [b"{}"]
    channel.close(1000, "")


def test_a_raw_message_that_may_have_been_written_is_an_error() -> None:
    channel = channel_over(ScriptedPort([True]))
    with pytest.raises(WebSocketConnectionClosedError, match="before the end of r"):
        channel.send_raw(Outgoing(b"{}", True, {"context_id": "r"}))
    channel.close(1000, "")


@pytest.mark.parametrize(("written", "sent"), [(False, [b"1", b"2"]), (True, [b"2"])])
def test_audio_whose_connection_broke_off_is_sent_again_unless_it_may_have_left(
    written: bool, sent: list[bytes]
) -> None:
    second = ScriptedPort(end=AWAY)
    channel = conversation_over(ScriptedPort([written], AWAY), second)
    channel.send_raw(Outgoing(b"1", False, None))
    channel.send_raw(Outgoing(b"2", False, None))
    until(lambda: second.sent == sent)
    channel.close(1000, "")


@pytest.mark.parametrize(("written", "sent"), [(False, [b"1", b"2"]), (True, [b"2"])])
def test_what_was_kept_stays_in_order_over_any_number_of_connections(
    written: bool, sent: list[bytes]
) -> None:
    second, third = ScriptedPort([written], AWAY), ScriptedPort(end=AWAY)
    channel = conversation_over(ScriptedPort([False], AWAY), second, third)
    channel.send_raw(Outgoing(b"1", False, None))
    channel.send_raw(Outgoing(b"2", False, None))
    until(lambda: third.sent == sent)
    channel.close(1000, "")


def test_connections_that_close_at_once_are_not_tried_for_ever() -> None:
    channel = channel_over(ScriptedPort([False]), ScriptedPort([False]))
    with pytest.raises(WebSocketConnectionClosedError, match="idle timeout"):
        channel.send_raw(Outgoing(b"{}", True, {}))
    channel.close(1000, "")


@pytest.mark.parametrize("end", ["finish", "cancel"])
def test_a_context_that_ends_on_a_closed_connection_troubles_nobody(end: str) -> None:
    channel = channel_over(ScriptedPort([None, False]))
    record = open_context(channel)
    push(channel, record)
    (channel.finish if end == "finish" else channel.cancel)(record)
    channel.close(1000, "")


def test_a_connection_that_opens_after_the_close_is_closed() -> None:
    first, late = ScriptedPort(), ScriptedPort()
    opening, go_on = Flag(), Flag()
    ports = [first]

    def open_port() -> Port:
        if ports:
            return cast(Port, ports.pop())
        opening.raise_()
        go_on.wait()
        return cast(Port, late)

    channel = Channel(TTS, open_port)
    channel.connect()
    first.closed.raise_()
    until(lambda: not channel.session.is_open)

    def use() -> None:
        with pytest.raises(WebSocketConnectionClosedError, match="closed by the caller"):
            channel.connect()

    def close() -> None:
        opening.wait()
        channel.close(1000, "")
        go_on.raise_()

    together(use, close)
    assert late.closed.is_raised()
