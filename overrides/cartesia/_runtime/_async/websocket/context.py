"""One context of a connection, as its user holds it, and the iterator over its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import define

from cartesia._runtime._async.websocket.connection import notifier_of
from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.websocket.context_state import ContextRecord, ContextState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from cartesia._runtime._async.websocket.connection import AsyncChannel
    from cartesia._runtime._async.websocket.primitives import Notifier
    from cartesia._runtime.types import Body

EventT_co = TypeVar("EventT_co", covariant=True)


@define(eq=False, slots=False)
class AsyncContext(Generic[EventT_co]):
    """One utterance over a connection that may carry many: text in, events out.

    Settings given to ``context()`` go with every message. As a context manager it says "no more
    inputs" when the block ends, and cancels when the block raises or left ``receive()`` early.

    Args:
        channel: What it shares with the other contexts of its connection.
        record: What the session knows of it.
        timeout: Seconds that ``receive()`` waits for each event; None for no limit.
    """

    _channel: AsyncChannel[EventT_co]
    _record: ContextRecord[EventT_co]
    _timeout: float | None

    @property
    def context_id(self) -> str:
        """The id of the context; the API never sees it twice."""
        return self._record.id

    @property
    def state(self) -> str:
        """Where it stands: ``open``, ``finishing``, ``done``, ``cancelled`` or ``error``."""
        return self._record.state.value

    async def push(self, transcript: str, *, continue_: bool | None = True) -> None:
        """Send text; generated contexts take their settings here as well.

        Args:
            transcript: The text.
            continue_: Whether more text follows.
        """
        raise NotImplementedError

    async def no_more_inputs(self) -> None:
        """Say that no more text follows, so that the server finishes and says done.

        It repeats the settings that were last sent. Calling it again does nothing. A context that
        never sent anything ends at once.
        """
        await self._channel.finish(self._record)

    async def cancel(self) -> None:
        """Stop: the receiver is done at once, and what the server still sends is dropped."""
        await self._channel.cancel(self._record)

    def receive(self, timeout: float | None = None) -> AsyncEvents[EventT_co]:
        """Iterate over the events of this context, in order.

        It ends after ``done``, after an error event (which is handed over, not raised), and after
        `cancel`. Leaving the iteration early cancels the context.

        Args:
            timeout: Seconds to wait for each event; without it the context's own timeout holds.

        Returns:
            The iterator.

        Raises:
            WebSocketConnectionClosedError: While iterating: the connection was lost; it says what
                was sent and heard.
            TimeoutError: While iterating: no event came in time. The context stays open: receive
                again, or cancel. A `ContextInactiveError` is one too, and the end of the context.
            SlowReceiverError: While iterating: events waited too long to be received, and there was
                no room for those of others. It says what was lost.
            CartesiaError: While iterating: another receiver is at work.
        """
        timeout = self._timeout if timeout is None else timeout
        notifier = notifier_of(self._record.queue)
        return AsyncEvents(self._channel, self._record, notifier, timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, exc_type: object, *exc: object) -> None:
        if exc_type is not None or self._record in self._channel.session.abandoned:
            await self.cancel()
        else:
            await self.no_more_inputs()

    async def _send(self, fields: Mapping[str, object], extra_body: Body | None = None) -> None:
        """Send one message.

        Args:
            fields: Its fields under their wire names: ``omit`` stands for the context's own value,
                None suppresses it.
            extra_body: Further fields; they win.
        """
        await self._channel.send(self._record, fields, extra_body)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.context_id} {self.state}>"


@define(eq=False, repr=False)
class AsyncEvents(Generic[EventT_co]):
    """The iterator over a context's events. Closing it, or dropping it, cancels the context."""

    _channel: AsyncChannel[EventT_co]
    _record: ContextRecord[EventT_co]
    _notifier: Notifier
    _timeout: float | None
    _is_reading: bool = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EventT_co:
        channel, record = self._channel, self._record
        queue = record.queue
        if not self._is_reading:
            await self._begin()
        while True:
            # Looked at first: what was put before the end is still taken.
            ended, failure = queue.ended, queue.failure
            if queue.items:
                try:
                    event = queue.take()
                except IndexError:
                    continue  # another thread cancelled
                if channel.session.flow.is_full:
                    channel.note_taken()
                return event
            if failure is not None:
                self._end()
                raise failure()
            if ended:
                self._end()
                raise StopAsyncIteration
            if not await channel.wait(queue, self._notifier, self._timeout, record):
                self._end()  # the context goes on: the caller may receive again
                raise channel.no_event(queue, self._timeout)

    async def aclose(self) -> None:
        """Stop receiving; a context that has not ended is cancelled."""
        if self._is_reading:
            self._end()
            await self._channel.cancel(self._record)

    async def _begin(self) -> None:
        record = self._record
        self._channel.affinity.check()
        if record.queue.claimed:
            raise CartesiaError(
                f"context {record.id} is being received already: receive it in one place only"
            )
        record.queue.claimed = True
        self._is_reading = True
        is_unsent = record.state is ContextState.OPEN and not record.sent
        if is_unsent and not self._channel.session.is_open:
            # Another task is about to send, over the connection that is opened here.
            await self._channel.connect()

    def _end(self) -> None:
        self._is_reading = False
        self._record.queue.claimed = False

    def __del__(self) -> None:
        if self._is_reading:
            self._end()
            if not self._record.state.is_end:
                self._channel.abandon(self._record)
