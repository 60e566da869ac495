"""The errors of a socket session, and the one place where their texts are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define

from cartesia._runtime.errors import CartesiaError, WebSocketConnectionClosedError
from cartesia._runtime.model import Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cartesia._runtime.websocket.context_state import ContextRecord

# Closes that the API documents or that browsers and proxies use for "nothing is wrong".
_NORMAL = frozenset({1000, 1001})
_NO_CLOSE_FRAME = 1006


@define(frozen=True)
class Close:
    """How a connection ended.

    Attributes:
        code: The close code; 1006 where no close frame came.
        reason: The close reason, or what broke.
        by: Who closed it: ``caller``, ``server``, or ``client`` (a bound of ours was passed).
        cause: What the library beneath raised, or the last attempt to reconnect.
        attempts: How many attempts to reconnect failed.
        is_fault: Whether a fault of this client ended it.
    """

    code: int
    reason: str = ""
    by: Literal["caller", "server", "client"] = "server"
    cause: BaseException | None = None
    attempts: int = 0
    is_fault: bool = False

    @classmethod
    def of_fault(cls, error: BaseException) -> Close:
        """Make the end of a connection that an error of this client brought about."""
        return cls(1006, f"{type(error).__name__}: {error}", "client", error, is_fault=True)

    @property
    def own(self) -> bool:
        """Whether the caller wanted it."""
        return self.by == "caller"

    @property
    def normal(self) -> bool:
        """Whether this is no fault as long as nothing was under way."""
        return self.own or self.code in _NORMAL

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        if self.code == _NO_CLOSE_FRAME:
            return f"cut off without a close frame{reason}"
        return f"closed by the {self.by}, code {self.code}{reason}"


class ContextLostError(WebSocketConnectionClosedError):
    """The connection ended while a context was under way; the rest of its events is lost.

    Attributes:
        context_id: The context.
        sent: What differed from message to message in those that were sent: the texts.
        heard: How many events had come.
        heard_bytes: The bytes of those events. Where nothing was heard, it may be spoken again.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | None,
        reason: str,
        context_id: str,
        sent: Sequence[Mapping[str, object]],
        heard: int,
        heard_bytes: int,
    ) -> None:
        super().__init__(message, code=code, reason=reason)
        self.context_id = context_id
        self.sent = list(sent)
        self.heard = heard
        self.heard_bytes = heard_bytes


class ReceiveTimeoutError(CartesiaError, TimeoutError):
    """No event came within the time that the caller gave.

    Attributes:
        context_id: The context that was waited for; None for the whole connection.
        timeout: The seconds that were waited.
    """

    def __init__(self, name: str, timeout: float, context_id: str | None) -> None:
        of = f" of context {context_id}" if context_id is not None else ""
        super().__init__(
            f"no event{of} came over the {name} socket within {timeout:g} s; "
            "receive again to wait longer, or cancel"
        )
        self.context_id = context_id
        self.timeout = timeout


class ContextInactiveError(CartesiaError, TimeoutError):
    """The server said nothing to a context for longer than ``inactivity_timeout`` allows.

    The context is over, and the server was told so; the connection stays open.

    Attributes:
        context_id: The context; None for what is outside all contexts.
        timeout: The seconds that were waited.
        sent: What differed from message to message in those that were sent: the texts.
        heard: How many events had come.
        heard_bytes: The bytes of those events.
    """

    def __init__(
        self,
        message: str,
        *,
        context_id: str | None,
        timeout: float,
        sent: Sequence[Mapping[str, object]] = (),
        heard: int = 0,
        heard_bytes: int = 0,
    ) -> None:
        super().__init__(message)
        self.context_id = context_id
        self.timeout = timeout
        self.sent = list(sent)
        self.heard = heard
        self.heard_bytes = heard_bytes


class SlowReceiverError(CartesiaError):
    """Events waited unread until there was no room for those of others, and were thrown away.

    The context is over, and the server was told so; the connection stays open. See ``read_limit``.

    Attributes:
        context_id: The context; None for what is outside all contexts.
        taken_bytes: The bytes of the events that had been received.
        lost: How many events were thrown away.
        lost_bytes: Their bytes.
    """

    def __init__(
        self, message: str, *, context_id: str | None, taken_bytes: int, lost: int, lost_bytes: int
    ) -> None:
        super().__init__(message)
        self.context_id = context_id
        self.taken_bytes = taken_bytes
        self.lost = lost
        self.lost_bytes = lost_bytes


class TransportClosed(Exception):  # noqa: N818 # never reaches the caller
    """The connection beneath is closed.

    Args:
        close: How it ended.
        written: Whether the message that was being sent may have reached the server.
    """

    def __init__(self, close: Close, *, written: bool) -> None:
        super().__init__(str(close))
        self.close = close
        self.written = written


def connection_closed(
    name: str,
    close: Close,
    *,
    unsent: Sequence[bytes | str] = (),
    last_event: object | None = None,
) -> WebSocketConnectionClosedError:
    """Make the error for using a connection that is closed.

    Args:
        name: The socket.
        close: How it ended.
        unsent: The messages that were still waiting to be sent.
        last_event: The last event that had come.
    """
    attempts = f", and {close.attempts} attempts to reconnect failed" if close.attempts else ""
    waiting = f"; {len(unsent)} messages were not sent" if unsent else ""
    error = WebSocketConnectionClosedError(
        f"the {name} socket was {close}{attempts}{waiting}"
        + ("; open another connection" if close.own else ""),
        unsent_messages=unsent,
        code=close.code,
        reason=close.reason,
        last_event=last_event if isinstance(last_event, Model) else None,
    )
    error.__cause__ = close.cause
    return error


def raw_lost(name: str, close: Close, context_ids: Sequence[str]) -> WebSocketConnectionClosedError:
    """Make the error for the raw messages that were still unanswered when the connection ended."""
    error = WebSocketConnectionClosedError(
        f"the {name} socket was {close} before the end of {', '.join(context_ids)}",
        code=close.code,
        reason=close.reason,
    )
    error.__cause__ = close.cause
    return error


def context_lost(
    name: str, close: Close, record: ContextRecord[object], since: float
) -> ContextLostError:
    """Make the error for a context that was under way when the connection ended.

    Args:
        name: The socket.
        close: How the connection ended.
        record: The context.
        since: Seconds between its last message, either way, and that end.
    """
    error = ContextLostError(
        f"the {name} socket was {close}, {since:.1f} s after the last message of context "
        f"{record.id}: {len(record.sent)} messages sent, {record.heard} events "
        f"({record.queue.received} bytes) heard, the rest is lost",
        code=close.code,
        reason=close.reason,
        context_id=record.id,
        sent=record.sent,
        heard=record.heard,
        heard_bytes=record.queue.received,
    )
    error.__cause__ = close.cause
    return error


def context_inactive(
    name: str, timeout: float, record: ContextRecord[object]
) -> ContextInactiveError:
    """Make the error for a context of which the server says nothing more.

    Args:
        name: The socket.
        timeout: The bound that was passed, in seconds.
        record: The context.
    """
    return ContextInactiveError(
        f"the {name} socket brought no event of context {record.id} for {timeout:g} s "
        f"(inactivity_timeout): {len(record.sent)} messages sent, {record.heard} events "
        f"({record.queue.received} bytes) heard; the context is cancelled",
        context_id=record.id,
        timeout=timeout,
        sent=record.sent,
        heard=record.heard,
        heard_bytes=record.queue.received,
    )


def raw_inactive(name: str, timeout: float) -> ContextInactiveError:
    """Make the error for messages outside all contexts that the server does not answer.

    Args:
        name: The socket.
        timeout: The bound that was passed, in seconds.
    """
    return ContextInactiveError(
        f"the {name} socket brought no answer for {timeout:g} s (inactivity_timeout)",
        context_id=None,
        timeout=timeout,
    )


def slow_receiver(
    name: str, context_id: str | None, limit: float, *, taken_bytes: int, lost: int, lost_bytes: int
) -> SlowReceiverError:
    """Make the error for events that were thrown away, because nobody took them in time.

    Args:
        name: The socket.
        context_id: The context; None for what is outside all contexts.
        limit: The mark that was passed, in bytes.
        taken_bytes: The bytes of the events that had been received.
        lost: How many events were thrown away.
        lost_bytes: Their bytes.
    """
    of = f" of context {context_id}" if context_id is not None else ""
    return SlowReceiverError(
        f"the receiver{of} was too slow for the {name} socket: {limit:.0f} bytes (read_limit) "
        f"waited to be received while others could not go on; {lost} events ({lost_bytes} bytes) "
        f"of it are lost, after {taken_bytes} bytes that were received",
        context_id=context_id,
        taken_bytes=taken_bytes,
        lost=lost,
        lost_bytes=lost_bytes,
    )


__all__ = ["ContextInactiveError", "ContextLostError", "ReceiveTimeoutError", "SlowReceiverError"]

for _name in __all__:
    # As in `cartesia._runtime.errors`: tracebacks name the place where users import from.
    globals()[_name].__module__ = "cartesia"
