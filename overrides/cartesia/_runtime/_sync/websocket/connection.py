# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/websocket/connection.py
# Do not edit: change that file instead.
"""An open connection, as its user holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Generic, TypeVar, cast

from cartesia._runtime._sync.websocket.primitives import Bell, settle
from cartesia._runtime.codec import decode_json
from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.model import ErrorEvent
from cartesia._runtime.websocket.handlers import Listens
from cartesia._runtime.websocket.outbox import write_message

if TYPE_CHECKING:
    import sys
    from collections.abc import Mapping

    from cartesia._runtime._sync.websocket.channel import Channel
    from cartesia._runtime.model import Model
    from cartesia._runtime.types import JSONObject
    from cartesia._runtime.websocket.contexts import ContextRecord
    from cartesia._runtime.websocket.ledger import Message
    from cartesia._runtime.websocket.outbox import Payload
    from cartesia._runtime.websocket.stats import Stats

    if sys.version_info >= (3, 11):
        from typing import Self
    else:
        from typing_extensions import Self

EventT = TypeVar("EventT")
ContextT = TypeVar("ContextT")


class Connection(Listens, Generic[EventT]):
    """One WebSocket, and the contexts over it.

    Events of contexts go to their own receivers. Iterating the connection, and `recv`, give all
    others: those of raw messages, and errors that name no context. A connection that the server
    closes between two uses is opened again by the next use.

    Args:
        channel: What moves its messages.
    """

    def __init__(self, channel: Channel[EventT]) -> None:
        self._channel = channel
        self._handlers = channel.handlers

    @property
    def stats(self) -> Stats:
        """What was counted: connections, events, and what was dropped of late or unknown ones."""
        return self._channel.session.stats

    def prewarm(self) -> None:
        """See that the socket is open, ahead of the next utterance.

        It opens another one where the server closed the last, or where that is older than
        ``max_age`` and nothing is under way.

        Raises:
            APIStatusError: The server refused: `AuthenticationError`, `RateLimitError` and so on.
            APIConnectionError: It could not be reached, or did not answer in time.
            WebSocketConnectionClosedError: The connection is over.
        """
        self._channel.connect()

    def recv(self) -> EventT:
        """Give the next event outside all contexts.

        Raises:
            WebSocketConnectionClosedError: The connection is closed.
        """
        return (self._next(None)).event

    def recv_bytes(self, timeout: float | None = None) -> bytes:
        """Give the next message outside all contexts, as it travelled; `parse_event` reads it.

        Args:
            timeout: Seconds to wait; None for no limit.

        Raises:
            WebSocketConnectionClosedError: The connection is closed.
            TimeoutError: Nothing came in time.
        """
        return (self._next(timeout)).data

    def parse_event(self, data: str | bytes) -> EventT:
        """Read a message of the server.

        Args:
            data: The JSON text.

        Raises:
            ValueError: It is no JSON object.
        """
        read = decode_json(data)
        if not isinstance(read, dict):
            raise ValueError("a message of the server is a JSON object")  # noqa: TRY004 # as for no JSON
        return self._channel.session.vocabulary.read(cast("JSONObject", read))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> EventT:
        message = self._channel.next_raw(None)
        if message is None:
            raise StopIteration
        return message.event

    def send_raw(self, data: Payload | str) -> None:
        """Send audio, or text of your own making.

        Args:
            data: The bytes of the audio, which leave as one binary frame; some 100 ms at a time
                are best. A str leaves as text, as it is.

        Raises:
            TypeError: The socket takes no such message.
            WebSocketConnectionClosedError: The connection is closed.
            WebSocketQueueFullError: It is being opened again, and more waits than may.
        """
        vocabulary = self._channel.session.vocabulary
        self._channel.send_raw(write_message(vocabulary, data, raw=True))

    def dispatch_events(self) -> None:
        """Hand each event to its handlers, until the connection closes.

        Handlers are those of `on` and `once`, for the type of the event, then for ``event``. They
        are called one after the other, in the order in which they came.

        Raises:
            CartesiaError: An ``error`` event came, and there is no handler for errors.
            WebSocketConnectionClosedError: The connection did not close normally.
        """
        for event in self:
            kind = getattr(event, "type", None)
            handlers = self._handlers.take(kind) if isinstance(kind, str) else []
            if kind == "error" and not handlers:
                said = event.error if isinstance(event, ErrorEvent) else repr(event)
                name = self._channel.session.vocabulary.name
                raise CartesiaError(f"the {name} socket reports an error: {said}")
            for handler in (*handlers, *self._handlers.take("event")):
                settle(handler(event), handler)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection for good, in two seconds at most; calling it again does nothing.

        Receivers of contexts that were still under way get a `WebSocketConnectionClosedError`.

        Args:
            code: The close code.
            reason: The close reason.
        """
        self._channel.close(code, reason)

    def _context(
        self,
        factory: Callable[[Channel[EventT], ContextRecord[EventT], Bell, float | None], ContextT],
        context_id: str | None,
        timeout: float | None,
        settings: Mapping[str, object],
    ) -> ContextT:
        """Open a context; nothing is sent yet.

        Args:
            factory: The class of the context.
            context_id: Its id; None makes one.
            timeout: Seconds that its receiver waits for each event.
            settings: What goes with each of its messages; None and ``omit`` are left out.
        """
        channel = self._channel
        channel.home.check()
        bell = Bell(channel.guard)
        with channel.guard:
            record = channel.session.open_context(context_id, settings, bell)
        return factory(channel, record, bell, timeout)

    def _send_message(self, command: Mapping[str, object] | Model | str) -> None:
        """Send a command.

        Args:
            command: A JSON object, as a mapping or a model; or a word, where the socket has words.
        """
        self._channel.send_raw(write_message(self._channel.session.vocabulary, command))

    def _next(self, timeout: float | None) -> Message[EventT]:
        message = self._channel.next_raw(timeout)
        if message is None:
            raise self._channel.session.closed_error()
        return message

    def __repr__(self) -> str:
        session = self._channel.session
        state = "open" if session.is_open else str(session.close or "not opened yet")
        return f"<{type(self).__name__} {state}>"
