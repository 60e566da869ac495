"""When a failed attempt is repeated, and after how long; it never sleeps or sends itself.

An answer of 408, 409, 429 or 5xx is repeated, and so is every failure of the connection. A call
that is billed is repeated only where the server cannot have begun it: when the connection failed
before the head of an answer was complete, and not because an answer was late or broke off.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum
from time import monotonic, time
from typing import Callable, NamedTuple

LONGEST_WAIT_SECONDS = 60.0
"""Where a server asks to wait longer, the call is not repeated: the error is raised at once."""

_FIRST_WAIT_SECONDS = 0.5
_LONGEST_OWN_WAIT_SECONDS = 8.0

# A wait is shortened by up to a quarter, so that clients that failed together do not come back
# together.
_JITTER = 0.25

# Enough for any wait; more would be too much for a float.
_DOUBLED_AT_MOST = 60


class Failure(Enum):
    """How an attempt failed without a whole answer."""

    UNANSWERED = "unanswered"
    """The connection was refused, or broke before the head of an answer was complete."""
    LATE = "late"
    """No answer came in time."""
    CUT = "cut"
    """The answer broke off."""
    FINAL = "final"
    """The same would happen again: a request that cannot be written, redirects without end."""


class Deadline(NamedTuple):
    """When a call must be over.

    Attributes:
        seconds: The seconds that it may take.
        end: The time on the monotonic clock.
    """

    seconds: float
    end: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Begin to count.

        Args:
            seconds: The seconds that the call may take.

        Returns:
            The deadline.
        """
        return cls(seconds, monotonic() + seconds)

    def left(self) -> float:
        """Return the seconds that are left; negative when it has passed."""
        return self.end - monotonic()


class RetryPolicy(NamedTuple):
    """The rules for one call.

    Attributes:
        max_retries: Attempts after the first.
        cautious: Whether to repeat only what the server cannot have begun.
        random: Gives a number from 0 to 1.
        now: Gives the seconds since 1970.
    """

    max_retries: int
    cautious: bool
    # `random` is slow to import.
    random: Callable[[], float] = lambda: os.urandom(1)[0] / 256
    now: Callable[[], float] = time

    def wait_after_failure(self, retries: int, failure: Failure) -> float | None:
        """Decide after an attempt without a whole answer.

        Args:
            retries: How often the call has been repeated so far.
            failure: How the attempt failed.

        Returns:
            Seconds to wait before the next attempt, None to give up.
        """
        may_have_begun = self.cautious and failure is not Failure.UNANSWERED
        if retries >= self.max_retries or failure is Failure.FINAL or may_have_begun:
            return None
        return self._own_wait(retries)

    def wait_after_answer(
        self, retries: int, status: int, headers: Mapping[str, str]
    ) -> float | None:
        """Decide after an answer that is no success.

        Args:
            retries: How often the call has been repeated so far.
            status: The status code.
            headers: The headers of the answer.

        Returns:
            Seconds to wait before the next attempt, None to give up.
        """
        if retries >= self.max_retries:
            return None
        wish = headers.get("x-should-retry")
        if wish == "false" or (wish != "true" and not is_temporary(status)):
            return None
        asked = asked_wait(headers, self.now)
        if asked is None or asked <= 0:
            return self._own_wait(retries)
        return asked if asked <= LONGEST_WAIT_SECONDS else None

    def _own_wait(self, retries: int) -> float:
        return backoff(retries, _FIRST_WAIT_SECONDS, _LONGEST_OWN_WAIT_SECONDS, self.random())


def backoff(retries: int, first: float, longest: float, random: float) -> float:
    """Return the wait before an attempt for which the server did not ask for one.

    Args:
        retries: How many attempts were repeated already.
        first: Seconds before the first repetition; each further one waits twice as long.
        longest: Seconds that no wait exceeds.
        random: A number from 0 to 1.

    Returns:
        Seconds.
    """
    doubled = first * 2.0 ** min(retries, _DOUBLED_AT_MOST)
    return min(doubled, longest) * (1 - _JITTER * random)


def is_temporary(status: int) -> bool:
    """Return whether the same request may have another answer later.

    Args:
        status: The status code of the answer.

    Returns:
        Whether it may.
    """
    return status in (408, 409, 429) or status >= 500  # noqa: PLR2004


def asked_wait(headers: Mapping[str, str], now: Callable[[], float] = time) -> float | None:
    """Read how long the server asks to wait.

    Args:
        headers: The headers of the answer.
        now: Gives the seconds since 1970.

    Returns:
        Seconds, None where it does not say.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if text is None or seconds is not None:
        return seconds
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp() - now()
    except (ValueError, TypeError, OverflowError):  # TypeError: before Python 3.10
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    # "nan" and "inf" are numbers to Python, and no time to wait.
    return number if abs(number) < float("inf") else None
