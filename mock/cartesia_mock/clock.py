"""The server's clock, which tests can put forward."""

from __future__ import annotations

import datetime as dt
import threading
import time

_MOST_SECONDS = 10 * 366 * 86400.0


class Clock:
    """The true time, plus what was added to it; it never goes back.

    Fine-tunes progress and tokens expire by it. Audio and sockets keep to true time.

    Args:
        offset: Seconds that it is ahead of the true time.
    """

    def __init__(self, offset: float = 0.0) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0
        self.advance(offset)

    @property
    def offset(self) -> float:
        """Seconds that it is ahead of the true time."""
        return self._offset

    def now(self) -> dt.datetime:
        """Give the time, in UTC."""
        return self.at(self.seconds())

    @staticmethod
    def at(seconds: float) -> dt.datetime:
        """Give a moment that is told in seconds since 1970, in UTC."""
        return dt.datetime.fromtimestamp(seconds, dt.timezone.utc)

    def seconds(self) -> float:
        """Give the time as seconds since 1970."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Put the clock forward.

        Args:
            seconds: By how much, from 0 up.

        Raises:
            ValueError: It would go back, or more than ten years ahead.
        """
        with self._lock:
            if not 0 <= seconds <= _MOST_SECONDS - self._offset:
                raise ValueError(
                    f"{seconds} is no number of seconds to put a clock forward by: "
                    "give one from 0 up, within ten years in all"
                )
            self._offset += seconds
