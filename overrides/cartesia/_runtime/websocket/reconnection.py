"""Whether and when a connection that broke off is opened again: the policy, without I/O."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Callable, Optional, TypedDict, Union

from attrs import define

from cartesia._runtime.errors import APIConnectionError, APIStatusError, CartesiaError
from cartesia._runtime.retry import backoff, is_temporary

if TYPE_CHECKING:
    from cartesia._runtime.model import Model
    from cartesia._runtime.types import Headers, Query
    from cartesia._runtime.websocket.close import Close

# RFC 6455, section 7.4.1: going away, no code, cut off, internal error, service restart, try again
# later, TLS failure. Any other code says that the server would close again.
RECOVERABLE = frozenset({1001, 1005, 1006, 1011, 1012, 1013, 1015})


@define(frozen=True)
class ReconnectingEvent:
    """What ``on_reconnecting`` is told before each attempt.

    Attributes:
        attempt: The number of the attempt, from 1.
        max_attempts: How many there will be at most.
        delay: Seconds until it is made.
        close_code: The close code that the connection ended with; 1006 where none came.
        extra_query: The query parameters that the caller added, as they stand.
        extra_headers: The headers that the caller added, as they stand.
        last_event: The last event that came: what was heard of an unfinished sentence, for one.
    """

    attempt: int
    max_attempts: int
    delay: float
    close_code: int
    extra_query: Query
    extra_headers: Headers
    last_event: Model | None = None


class ReconnectingOverrides(TypedDict, total=False):
    """What ``on_reconnecting`` may answer.

    Attributes:
        extra_query: The query parameters to add, from now on, in place of those before.
        extra_headers: The headers to add, from now on, in place of those before.
        abort: True to give up now.
    """

    extra_query: Query
    extra_headers: Headers
    abort: bool


ReconnectingHandler = Callable[[ReconnectingEvent], Optional[ReconnectingOverrides]]
"""``on_reconnecting`` of the sync client."""

AsyncReconnectingHandler = Callable[
    [ReconnectingEvent],
    Union[Optional[ReconnectingOverrides], Awaitable[Optional[ReconnectingOverrides]]],
]
"""``on_reconnecting`` of the async client: a function, or a coroutine function."""


@define
class Reconnection:
    """Whether and how it goes on over another connection after one that broke off.

    Args:
        on_reconnecting: Called before each attempt. Without it, no conversation is taken up again;
            a socket with contexts is opened again by the next use anyway.
        max_retries: How many attempts in a row may fail. With 0 there are none; but where the last
            connection was closed normally while it was idle, the next use opens another.
        initial_delay: Seconds before the first; each further one waits twice as long.
        max_delay: Seconds that no delay exceeds.
        max_queue_size: Bytes of messages kept while there is no connection, and as many of audio
            to be sent again.
        resend_unheard: Whether the text of a context of which nothing was heard yet is sent again
            over the new connection. It may be spoken, and billed, twice.
        resend_unfinalized: Whether the audio since the last final transcript is sent again.

    Raises:
        TypeError: `on_reconnecting` cannot be called.
        ValueError: A number is negative.
    """

    on_reconnecting: AsyncReconnectingHandler | None = None
    max_retries: int = 5
    initial_delay: float = 0.5
    max_delay: float = 8.0
    max_queue_size: int = 1_048_576
    resend_unheard: bool = False
    resend_unfinalized: bool = True

    def __attrs_post_init__(self) -> None:
        handler = self.on_reconnecting
        if handler is not None and not callable(handler):
            raise TypeError(f"on_reconnecting must be a function, not {handler!r:.80}")
        for name in ("max_retries", "initial_delay", "max_delay", "max_queue_size"):
            number: float = getattr(self, name)
            if number < 0:
                raise ValueError(f"{name} must not be negative: {number!r}")


@define(eq=False)
class Attempts:
    """Counts the attempts at one connection, and says when the next one is due.

    A connection that brought an event, or lasted longer than the longest delay, was a good one:
    the count begins anew. One that opens and is closed at once is one more attempt that failed.

    Args:
        settings: What the caller wants.
        clock: Gives seconds; only differences count.
        random: Gives numbers from 0 to 1.
        made: How many were made in a row.
    """

    settings: Reconnection
    clock: Callable[[], float]
    random: Callable[[], float]
    made: int = 0
    _opened_at: float = 0.0
    _ended_at: float = 0.0

    def opened(self) -> None:
        """Note that a connection is open."""
        self._opened_at = self.clock()

    def broke_off(self, *, heard: bool) -> None:
        """Note that the connection ended.

        Args:
            heard: Whether it had brought an event.
        """
        self._ended_at = self.clock()
        if heard or self._ended_at - self._opened_at > self.settings.max_delay:
            self.made = 0

    def may_go_on(self, close: Close) -> bool:
        """Return whether a conversation is to go on over another connection.

        Args:
            close: How the last one ended.
        """
        return self.settings.on_reconnecting is not None and close.code in RECOVERABLE

    def first_delay(self, delay: float, close: Close) -> float:
        """Shorten the delay before the first attempt for a caller that waits for the connection.

        Args:
            delay: The delay, which counts from the end of the last connection.
            close: How that ended; after a normal end there is nothing to wait for.
        """
        if close.normal:
            return 0.0
        return max(delay - (self.clock() - self._ended_at), 0.0)

    def next_delay(self, failure: CartesiaError | None) -> float | None:
        """Return when another attempt is due.

        Args:
            failure: Why the attempt before it failed; None for the first.

        Returns:
            The seconds to wait before it; None to give up.
        """
        settings = self.settings
        if self.made >= settings.max_retries:
            return None
        delay = backoff(self.made, settings.initial_delay, settings.max_delay, self.random())
        if isinstance(failure, APIStatusError):
            asked = failure.retry_after or 0.0
            if asked > settings.max_delay or not is_temporary(failure.status_code):
                return None
            delay = max(delay, asked)
        elif failure is not None and not isinstance(failure, APIConnectionError):
            return None  # there is no key, no library, no such address: time mends none of it
        return delay


for _kind in (ReconnectingEvent, ReconnectingOverrides):
    _kind.__module__ = "cartesia"  # where users import them from
