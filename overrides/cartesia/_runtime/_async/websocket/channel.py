"""What all contexts of one connection, and the user of the connection itself, share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, TypeVar

from cartesia._runtime._async.websocket.line import AsyncLine
from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.websocket.errors import PortClosed, ReceiveTimeoutError
from cartesia._runtime.websocket.handlers import Handlers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from cartesia._runtime._async.websocket.opening import AsyncOpening
    from cartesia._runtime._async.websocket.port.interface import AsyncPort
    from cartesia._runtime._async.websocket.primitives import Bell
    from cartesia._runtime.websocket.bounds import Bounds
    from cartesia._runtime.websocket.contexts import ContextRecord
    from cartesia._runtime.websocket.inbox import Inbox
    from cartesia._runtime.websocket.ledger import Message
    from cartesia._runtime.websocket.outbox import Outbox, Outgoing
    from cartesia._runtime.websocket.vocabulary import Vocabulary

EventT = TypeVar("EventT")
T = TypeVar("T")


class AsyncChannel(AsyncLine[EventT]):
    """Moves messages between their senders and receivers and whatever port is open at the time.

    Args:
        vocabulary: The vocabulary of the socket.
        open_port: Connects and shakes hands.
        opening: Opens another port after one that broke off; None where nobody wants it.
        bounds: What bounds it in time and memory.

    Attributes:
        handlers: Who wants to know of which events outside all contexts.
    """

    def __init__(
        self,
        vocabulary: Vocabulary[EventT],
        open_port: Callable[[], Awaitable[AsyncPort]],
        opening: AsyncOpening | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        super().__init__(vocabulary, open_port, opening, bounds)
        self.handlers = Handlers()

    async def send(
        self,
        record: ContextRecord[EventT],
        fields: Mapping[str, object],
        extra: Mapping[str, object] | None,
    ) -> None:
        """Send the next message of a context, over a new connection if the last one ended.

        Raises:
            ValueError: The context takes no more input, or a setting is missing.
            CartesiaError: The context, or the connection, is over.
        """
        self.home.check()
        await self.sweep()
        async with self._sending:
            for _ in range(2):
                port = await self._ensure_port(record)
                with self.guard:
                    text = self.session.send(record, fields, extra)
                written = True
                try:
                    await self._write(port, text, text=True)
                except PortClosed as closed:
                    written = closed.written
                else:
                    return
                finally:
                    with self.guard:
                        again = self.session.settle(record, written=written)
                await self._reader_end()
                if record in self.session.kept:
                    return  # it goes again, with all that went before it
                if not again:
                    break
        record.ensure_open()
        raise self.session.closed_error()

    async def finish(self, record: ContextRecord[EventT]) -> None:
        """Say that a context gets no more input."""
        self.home.check()
        await self.sweep()
        async with self._sending:
            with self.guard:
                text = self.session.finish(record)
            await self._send_if_open(text)

    async def cancel(self, record: ContextRecord[EventT]) -> None:
        """End a context; its receiver is woken before the server is told."""
        self.home.check()
        with self.guard:
            text = self.session.cancel(record)
        if self.session.reservoir.is_full:
            self.relieve()
        if text is not None:
            async with self._sending:
                await self._send_if_open(text)

    def relieve(self) -> None:
        """Let a reader that pauses go on, if enough was taken."""
        with self.guard:
            if self.session.reservoir.relieve():
                self._room_bell.ring()

    async def send_raw(self, outgoing: Outgoing) -> None:
        """Send what the caller made himself; keep it while a conversation is being reconnected.

        Args:
            outgoing: The message.

        Raises:
            CartesiaError: The connection is over, or was lost since the last message.
            WebSocketQueueFullError: There is no connection for now, and no room to keep it.
        """
        self.home.check()
        await self.sweep()
        async with self._sending:
            with self.guard:
                failure = self.session.raw_failure()
            if failure is not None:
                raise failure
            for _ in range(2):
                with self.guard:
                    if self.session.is_reconnecting:
                        self.session.conversation.outbox.put(outgoing)
                        return
                try:
                    await self._send_own(await self._ensure_port(), outgoing)
                except PortClosed as closed:
                    written = closed.written
                else:
                    return
                with self.guard:
                    if written and self.session.is_reconnecting:
                        return  # as all that was on its way when the connection broke off
                    failure = self.session.raw_failure()
                if written:
                    break
        raise failure or self.session.closed_error()

    async def send_queued(self, outbox: Outbox) -> None:
        """Send the messages that were kept before there was a connection."""
        async with self._sending:
            with self.guard:
                outbox.move_to(self.session.conversation.outbox)
                port = self._port
            if port is not None:
                await self._send_kept(port)

    async def wait(
        self, inbox: Inbox[T], bell: Bell, timeout: float | None, context_id: str | None
    ) -> None:
        """Wait until an inbox has something to say.

        Raises:
            ReceiveTimeoutError: It has not, within `timeout` seconds.
        """
        self.home.check()
        with self.guard:
            if not await bell.wait_for(inbox.is_ready, timeout):
                raise ReceiveTimeoutError(self.session.vocabulary.name, timeout or 0.0, context_id)

    async def next_raw(self, timeout: float | None) -> Message[EventT] | None:
        """Give the next event outside all contexts.

        Args:
            timeout: Seconds to wait; None for no limit.

        Returns:
            The event with its message; None when the connection closed normally.

        Raises:
            WebSocketConnectionClosedError: It did not close normally.
            ReceiveTimeoutError: Nothing came in time.
        """
        inbox, reservoir = self.session.raw, self.session.reservoir
        while True:
            # Looked at first: what was put before the end is still taken.
            ended = inbox.ended
            try:
                message = None if inbox.has_gap else inbox.take()
            except IndexError:
                message = None
            if message is not None:
                if reservoir.is_full:
                    self.relieve()
                return message
            failure = self.session.raw_failure()
            if failure is not None:
                raise failure
            if ended:
                close = self.session.close
                if close is None:
                    continue  # another thread is reconnecting
                if self.session.conversation.ended_well(close):
                    return None
                raise self.session.closed_error()
            if inbox.claimed:
                raise CartesiaError(
                    "somebody receives from this connection already: receive in one place only, "
                    "or open a context for each"
                )
            inbox.claimed = True
            try:
                await self.wait(inbox, self.raw_bell, timeout, None)
            finally:
                inbox.claimed = False
