# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_core/_async/socket/connection.py
# Do not edit: change that file instead.
"""An open connection, as its user holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Generic, TypeVar, cast

from cartesia._core._sync.socket.io import Bell
from cartesia._core.codec import decode_json, encode_json
from cartesia._core.model import Model

if TYPE_CHECKING:
    import sys
    from collections.abc import Mapping

    from cartesia._core._sync.socket.channel import Channel
    from cartesia._core.socket.contexts import ContextRecord
    from cartesia._core.socket.session import Message, Stats
    from cartesia._core.types import JSONObject

    if sys.version_info >= (3, 11):
        from typing import Self
    else:
        from typing_extensions import Self

EventT = TypeVar("EventT")
ContextT = TypeVar("ContextT")


class Connection(Generic[EventT]):
    """One WebSocket, and the contexts over it.

    Events of contexts go to their own receivers. Iterating the connection, and `recv`, give all
    others: those of raw messages, and errors that name no context. A connection that the server
    closes between two uses is opened again by the next use.

    Args:
        channel: What moves its messages.
    """

    def __init__(self, channel: Channel[EventT]) -> None:
        self._channel = channel

    @property
    def stats(self) -> Stats:
        """What was counted: connections, events, and what was dropped of late or unknown ones."""
        return self._channel.session.stats

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
        bell = Bell(channel.guard)
        with channel.guard:
            record = channel.session.open_context(context_id, settings, bell)
        return factory(channel, record, bell, timeout)

    def _send_message(self, event: Mapping[str, object] | Model | str | bytes) -> None:
        """Send a message as it is.

        Args:
            event: A JSON object, as a mapping or a model; a str goes as bare text, bytes as a
                binary frame.
        """
        if isinstance(event, str):
            self._channel.send_raw(event.encode(), text=True, message=None)
        elif isinstance(event, bytes):
            self._channel.send_raw(event, text=False, message=None)
        else:
            message = event.to_dict() if isinstance(event, Model) else event
            self._channel.send_raw(encode_json(message), text=True, message=message)

    def _next(self, timeout: float | None) -> Message[EventT]:
        message = self._channel.next_raw(timeout)
        if message is None:
            raise self._channel.session.closed_error()
        return message

    def __repr__(self) -> str:
        session = self._channel.session
        state = "open" if session.is_open else str(session.close or "not opened yet")
        return f"<{type(self).__name__} {state}>"
