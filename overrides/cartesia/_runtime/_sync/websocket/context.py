# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/websocket/context.py
# Do not edit: change that file instead.
"""One context of a connection, as its user holds it, and the iterator over its events."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Callable, Generic, TypeVar
from weakref import ref

from attrs import define

from cartesia._runtime.options import check_wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from cartesia._runtime._sync.websocket.connection import Channel
    from cartesia._runtime._sync.websocket.primitives import LoopAffinity
    from cartesia._runtime.types import Body
    from cartesia._runtime.websocket.context_state import ContextRecord
    from cartesia._runtime.websocket.session import Stats

EventT_co = TypeVar("EventT_co", covariant=True)


@define(eq=False, slots=False)
class Context(Generic[EventT_co]):
    """One utterance over a connection that may carry many: text in, events out.

    Settings given to ``context()`` go with every message. As a context manager it says "no more
    inputs" when the block ends, and cancels when the block raises or left ``receive()`` early. A
    context that is dropped before its end is cancelled, since its events can reach no one.

    Args:
        channel: What it shares with the other contexts of its connection.
        record: What the session knows of it.
        timeout: Seconds that ``receive()`` waits for each event; None for no limit.
    """

    _channel: Channel[EventT_co]
    _record: ContextRecord[EventT_co]
    _timeout: float | None
    _receiver: ref[Events[EventT_co]] | None = None

    @property
    def context_id(self) -> str:
        """The id of the context; the API never sees it twice."""
        return self._record.id

    @property
    def state(self) -> str:
        """Where it stands: ``open``, ``finishing``, ``done``, ``cancelled`` or ``error``."""
        return self._record.state.value

    @property
    def stats(self) -> Stats:
        """What its connection has counted."""
        return self._channel.session.stats

    def push(self, text: str, /) -> None:
        """Send text; generated contexts name it, and take their settings here as well.

        Args:
            text: The text.
        """
        raise NotImplementedError

    def no_more_inputs(self) -> None:
        """Say that no more text follows, so that the server finishes and says done.

        It repeats the settings that were last sent. Calling it again does nothing. A context that
        never sent anything ends at once.
        """
        self._channel.finish(self._record)

    def cancel(self) -> None:
        """Stop: the receiver is done at once, and what the server still sends is dropped."""
        self._channel.cancel(self._record)

    def receive(self, timeout: float | None = None) -> Events[EventT_co]:
        """Iterate over the events of this context, in order.

        It ends after ``done`` and after `cancel`. An error event is handed over, and raised if the
        iteration goes on past it. Leaving the iteration early ends nothing: another receiver goes
        on where it was.

        Args:
            timeout: Seconds to wait for each event; without it the context's own timeout holds.

        Returns:
            The iterator.

        Raises:
            APIStatusError: While iterating: the last event was an error event.
            WebSocketConnectionClosedError: While iterating: the connection was lost; it says what
                was sent and heard.
            TypeError: `timeout` is no number.
            ValueError: `timeout` is negative.
            TimeoutError: While iterating: no event came in time. The context stays open: receive
                again, or cancel. A `ContextInactiveError` is one too, and the end of the context.
            SlowReceiverError: While iterating: events waited too long to be received, and there was
                no room for those of others. It says what was lost.
            CartesiaError: While iterating: another receiver is waiting already.
        """
        timeout = self._timeout if timeout is None else timeout
        check_wait(timeout)
        channel, queue = self._channel, self._record.queue
        take = partial(channel.next_event, queue, timeout, self._record)
        events = Events(self, channel.affinity, take)
        self._receiver = ref(events)
        return events

    def __enter__(self) -> Self:
        return self

    def __exit__(self, exc_type: object, *exc: object) -> None:
        # Who still holds a receiver may still receive; a loop that was left has dropped its own.
        is_left = self._receiver is not None and self._receiver() is None
        if exc_type is not None or is_left:
            self.cancel()
        else:
            self.no_more_inputs()

    def _push_last(self, text: str) -> None:
        """Send a whole text: the closing message, with the text in place of its empty one."""
        close = self._channel.session.spec.close
        self._send({name: text if value == "" else value for name, value in close.items()})

    def _send(self, fields: Mapping[str, object], extra_body: Body | None = None) -> None:
        """Send one message.

        Args:
            fields: Its fields under their wire names: ``omit`` stands for the context's own value,
                None suppresses it.
            extra_body: Further fields; they win.
        """
        self._channel.send(self._record, fields, extra_body)

    def __del__(self) -> None:
        record: ContextRecord[EventT_co] | None = getattr(self, "_record", None)
        if record is not None and not record.state.is_end:
            self._channel.abandon(record)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.context_id} {self.state}>"


@define(eq=False, repr=False)
class Events(Generic[EventT_co]):
    """An iterator over a context's events: a view, which may be left, closed or dropped.

    Args:
        context: The context, which lives as long as one of its receivers.
        affinity: Where it may be used.
        take: Gives the next event.
    """

    _context: Context[EventT_co]
    _affinity: LoopAffinity
    _take: Callable[[], EventT_co]

    def __iter__(self) -> Self:
        self._affinity.check()  # before anything is taken
        return self

    def __next__(self) -> EventT_co:
        return self._take()

    def close(self) -> None:
        """Do nothing: the context goes on, for another receiver, until it is cancelled."""
