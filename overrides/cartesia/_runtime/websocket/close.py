"""How a WebSocket ended."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal

from attrs import define

from cartesia._runtime.errors import CartesiaError, printable

if TYPE_CHECKING:
    from websockets.exceptions import ConnectionClosed

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
        is_fault: Whether an error raised in this client ended it.
    """

    code: int
    reason: str = ""
    by: Literal["caller", "server", "client"] = "server"
    cause: BaseException | None = None
    attempts: int = 0
    is_fault: bool = False

    @classmethod
    def of_fault(cls, error: BaseException) -> Close:
        """Make the end of a connection that an error raised in this client brought about."""
        name = "" if isinstance(error, CartesiaError) else f"{type(error).__name__}: "
        return cls(1006, f"{name}{error}", "client", error, is_fault=True)

    @classmethod
    def of_library(cls, error: ConnectionClosed) -> Close:
        """Read it from what the `websockets` library raises."""
        if error.rcvd is not None:
            return cls(error.rcvd.code, error.rcvd.reason, "server", error)
        if error.sent is not None:
            # Our side gave up first: a message too large, a ping without answer.
            return cls(error.sent.code, error.sent.reason, "client", error)
        return cls(_NO_CLOSE_FRAME, str(error.__cause__ or ""), "server", error)

    @property
    def own(self) -> bool:
        """Whether the caller wanted it."""
        return self.by == "caller"

    @property
    def normal(self) -> bool:
        """Whether this is no fault as long as nothing was under way."""
        return self.own or self.code in _NORMAL

    def __str__(self) -> str:
        reason = f" ({printable(self.reason)})" if self.reason else ""
        if self.is_fault:
            return f"broken off by this client{reason}"
        if self.code == _NO_CLOSE_FRAME:
            return f"cut off without a close frame{reason}"
        return f"closed by the {self.by}, code {self.code}{reason}"


def check_close(code: int, reason: str) -> None:
    """Check what a close frame is to say (RFC 6455, sections 5.5 and 7.4).

    Raises:
        ValueError: A client may not send this.
    """
    if code not in {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)}:
        raise ValueError(f"code must be 1000 or 3000 to 4999, for example, not {code!r}")
    if len(reason.encode()) > 123:  # noqa: PLR2004 # of 125 bytes, two are the code
        raise ValueError(f"reason must have at most 123 bytes: {reason!r:.80}")


def warn_dropped() -> None:
    """Warn of a connection that was dropped unclosed."""
    text = "a WebSocket was dropped unclosed: use `with`, or call close()"
    warnings.warn(text, ResourceWarning, stacklevel=2)


class TransportClosed(Exception):  # noqa: N818 # never reaches the caller
    """The connection beneath is closed; the session knows how it ended."""
