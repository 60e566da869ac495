"""The races of sending that no real server can be made to lose at will, over a port that follows a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from cartesia._runtime._async.websocket.channel import AsyncChannel
from cartesia._runtime._async.websocket.opening import AsyncOpening
from cartesia._runtime._async.websocket.port.interface import AsyncPort
from cartesia._runtime._async.websocket.primitives import Bell
from cartesia._runtime.errors import WebSocketConnectionClosedError
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.contexts import ContextRecord
from cartesia._runtime.websocket.errors import Close, ContextLostError, PortClosed
from cartesia._runtime.websocket.outbox import Outgoing
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket._async.primitives import Flag, together, until
from tests.runtime.websocket.server import Server
from tests.runtime.websocket.wordbook import MANUAL, TTS, VOICE

pytestmark = pytest.mark.anyio

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

    async def receive(self) -> list[bytes]:
        await self.closed.wait()
        raise PortClosed(self._end, written=False)

    async def send(self, data: bytes, *, text: bool) -> None:
        del text
        if self.closed.is_raised():
            raise PortClosed(self._end, written=False)
        written = self._outcomes.pop(0) if self._outcomes else None
        if written is not None:
            self.closed.raise_()
            raise PortClosed(self._end, written=written)
        self.sent.append(data)

    async def close(self, code: int, reason: str) -> None:
        del code, reason
        self.closed.raise_()


async def channel_over(*ports: ScriptedPort) -> AsyncChannel[Model]:
    waiting = list(ports)

    async def open_port() -> AsyncPort:
        return cast(AsyncPort, waiting.pop(0))

    channel = AsyncChannel(TTS, open_port)
    await channel.connect()
    return channel


async def conversation_over(*ports: ScriptedPort) -> AsyncChannel[Model]:
    """Give a conversation that is reconnected at once, port after port."""
    waiting = list(ports)
    request = Request(Operation("o", "GET", "/"))
    opening = AsyncOpening(Server(), request, {}, Reconnection(lambda _: None, initial_delay=0))

    async def open_port() -> AsyncPort:
        return cast(AsyncPort, waiting.pop(0))

    opening.open = open_port  # type: ignore[method-assign]
    channel = AsyncChannel(MANUAL, open_port, opening)
    await channel.connect()
    return channel


def open_context(channel: AsyncChannel[Model]) -> ContextRecord[Model]:
    with channel.guard:
        return channel.session.open_context(None, {"voice": VOICE}, Bell(channel.guard))


async def push(channel: AsyncChannel[Model], record: ContextRecord[Model]) -> None:
    await channel.send(record, {"transcript": "Hello", "continue": True}, None)


async def test_a_first_message_that_was_not_written_goes_over_the_next_connection() -> None:
    second = ScriptedPort()
    channel = await channel_over(ScriptedPort([False]), second)
    record = open_context(channel)
    await push(channel, record)
    assert len(second.sent) == 1
    await channel.close(1000, "")


async def test_a_context_cancelled_while_its_first_message_failed_is_not_revived() -> None:
    first, second = ScriptedPort([False]), ScriptedPort()
    channel = await channel_over(first, second)
    record = open_context(channel)
    send = first.send

    async def cancel_and_send(data: bytes, *, text: bool) -> None:
        with channel.guard:
            channel.session.cancel(record)
        await send(data, text=text)

    first.send = cancel_and_send  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="is cancelled"):
        await push(channel, record)
    assert second.sent == []
    await channel.close(1000, "")


@pytest.mark.parametrize("outcomes", [[True], [None, False], [None, True]])
async def test_what_may_have_been_written_is_not_sent_again(outcomes: list[bool | None]) -> None:
    second = ScriptedPort()
    channel = await channel_over(ScriptedPort(outcomes), second)
    record = open_context(channel)
    for _ in outcomes[1:]:
        await push(channel, record)
    with pytest.raises(ContextLostError) as caught:
        await push(channel, record)
    assert caught.value.code == 1000
    assert second.sent == []
    await channel.close(1000, "")


async def test_a_raw_message_that_was_not_written_goes_over_the_next_connection() -> None:
    second = ScriptedPort()
    channel = await channel_over(ScriptedPort([False]), second)
    await channel.send_raw(Outgoing(b"{}", True, {"context_id": "r"}))
    assert second.sent == [b"{}"]
    await channel.close(1000, "")


async def test_a_raw_message_that_may_have_been_written_is_an_error() -> None:
    channel = await channel_over(ScriptedPort([True]))
    with pytest.raises(WebSocketConnectionClosedError, match="before the end of r"):
        await channel.send_raw(Outgoing(b"{}", True, {"context_id": "r"}))
    await channel.close(1000, "")


@pytest.mark.parametrize(("written", "sent"), [(False, [b"1", b"2"]), (True, [b"2"])])
async def test_audio_whose_connection_broke_off_is_sent_again_unless_it_may_have_left(
    written: bool, sent: list[bytes]
) -> None:
    second = ScriptedPort(end=AWAY)
    channel = await conversation_over(ScriptedPort([written], AWAY), second)
    await channel.send_raw(Outgoing(b"1", False, None))
    await channel.send_raw(Outgoing(b"2", False, None))
    await until(lambda: second.sent == sent)
    await channel.close(1000, "")


@pytest.mark.parametrize(("written", "sent"), [(False, [b"1", b"2"]), (True, [b"2"])])
async def test_what_was_kept_stays_in_order_over_any_number_of_connections(
    written: bool, sent: list[bytes]
) -> None:
    second, third = ScriptedPort([written], AWAY), ScriptedPort(end=AWAY)
    channel = await conversation_over(ScriptedPort([False], AWAY), second, third)
    await channel.send_raw(Outgoing(b"1", False, None))
    await channel.send_raw(Outgoing(b"2", False, None))
    await until(lambda: third.sent == sent)
    await channel.close(1000, "")


async def test_connections_that_close_at_once_are_not_tried_for_ever() -> None:
    channel = await channel_over(ScriptedPort([False]), ScriptedPort([False]))
    with pytest.raises(WebSocketConnectionClosedError, match="idle timeout"):
        await channel.send_raw(Outgoing(b"{}", True, {}))
    await channel.close(1000, "")


@pytest.mark.parametrize("end", ["finish", "cancel"])
async def test_a_context_that_ends_on_a_closed_connection_troubles_nobody(end: str) -> None:
    channel = await channel_over(ScriptedPort([None, False]))
    record = open_context(channel)
    await push(channel, record)
    await (channel.finish if end == "finish" else channel.cancel)(record)
    await channel.close(1000, "")


async def test_a_connection_that_opens_after_the_close_is_closed() -> None:
    first, late = ScriptedPort(), ScriptedPort()
    opening, go_on = Flag(), Flag()
    ports = [first]

    async def open_port() -> AsyncPort:
        if ports:
            return cast(AsyncPort, ports.pop())
        opening.raise_()
        await go_on.wait()
        return cast(AsyncPort, late)

    channel = AsyncChannel(TTS, open_port)
    await channel.connect()
    first.closed.raise_()
    await until(lambda: not channel.session.is_open)

    async def use() -> None:
        with pytest.raises(WebSocketConnectionClosedError, match="closed by the caller"):
            await channel.connect()

    async def close() -> None:
        await opening.wait()
        await channel.close(1000, "")
        go_on.raise_()

    await together(use, close)
    assert late.closed.is_raised()
