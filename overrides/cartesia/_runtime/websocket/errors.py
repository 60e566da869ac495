"""How a WebSocket ended, and the errors that follow from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import define

from cartesia._runtime.errors import (
    ContextInactiveError,
    ContextLostError,
    ReceiveTimeoutError,
    SlowReceiverError,
    WebSocketConnectionClosedError,
)
from cartesia._runtime.model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartesia._runtime.websocket.contexts import ContextRecord

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
    """

    code: int
    reason: str = ""
    by: Literal["caller", "server", "client"] = "server"
    cause: BaseException | None = None
    attempts: int = 0

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


class PortClosed(Exception):  # noqa: N818 # never reaches the caller
    """The connection beneath is closed.

    Args:
        close: How it ended.
        written: Whether the message that was being sent may have reached the server.
    """

    def __init__(self, close: Close, *, written: bool) -> None:
        super().__init__(str(close))
        self.close = close
        self.written = written


class HandshakeRefused(Exception):  # noqa: N818 # never reaches the caller
    """The server answered the handshake with a status code.

    Args:
        status: The status code.
        headers: The headers of the answer.
        body: Its body.
    """

    def __init__(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.headers = headers
        self.body = body


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
    return ContextLostError(
        name,
        close,
        idle=since,
        context_id=record.id,
        sent=record.sent,
        heard=record.heard,
        heard_bytes=record.inbox.received,
    )


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
        name,
        timeout,
        context_id=record.id,
        sent=record.sent,
        heard=record.heard,
        heard_bytes=record.inbox.received,
    )


raw_inactive = ContextInactiveError
slow_receiver = SlowReceiverError

# Found here by the modules that raise them.
__all__ = ["ContextInactiveError", "ContextLostError", "ReceiveTimeoutError", "SlowReceiverError"]
