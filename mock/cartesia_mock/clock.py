"""The server's clock, which tests can advance, and RFC 3339 timestamps."""

from __future__ import annotations

import datetime as dt
import re
import threading
import time

_MAX_OFFSET_SECONDS = 10 * 366 * 86400.0
_SECONDS_A_DAY = 86400
_EPOCH = dt.date(1970, 1, 1).toordinal()
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))", re.IGNORECASE
)


class Clock:
    """The system time plus an offset that only grows.

    Fine-tunes progress and access tokens expire by this clock. Audio pacing and socket timeouts
    use real time.

    Args:
        offset: Seconds ahead of the system time.
    """

    def __init__(self, offset: float = 0.0) -> None:
        self._lock = threading.Lock()
        self._initial = offset
        self._offset = 0.0
        self.advance(offset)

    @property
    def offset(self) -> float:
        """Seconds ahead of the system time."""
        return self._offset

    def now(self) -> dt.datetime:
        """Return the current time in UTC."""
        return self.at(self.seconds())

    @staticmethod
    def at(seconds: float) -> dt.datetime:
        """Convert seconds since 1970 to a datetime in UTC."""
        return dt.datetime.fromtimestamp(seconds, dt.timezone.utc)

    def seconds(self) -> float:
        """Return the current time as seconds since 1970."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Advance the clock.

        Args:
            seconds: By how much, 0 or more.

        Raises:
            ValueError: The number is negative, or the offset would exceed ten years.
        """
        with self._lock:
            if not 0 <= seconds <= _MAX_OFFSET_SECONDS - self._offset:
                raise ValueError(
                    f"cannot advance the clock by {seconds} seconds: "
                    "use a number from 0 up, at most ten years in all"
                )
            self._offset += seconds

    def reset(self) -> None:
        """Return to the offset that the clock was created with."""
        with self._lock:
            self._offset = self._initial


def format_timestamp(moment: dt.datetime) -> str:
    """Format a datetime as RFC 3339 text: UTC, with milliseconds."""
    utc = moment.astimezone(dt.timezone.utc)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_timestamp(text: str) -> float:
    """Parse RFC 3339 text.

    Args:
        text: A timestamp of any year and offset, leap seconds included.

    Returns:
        Seconds since 1970. A float can represent timestamps that `datetime` rejects.

    Raises:
        ValueError: The text is not an RFC 3339 timestamp.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a timestamp such as 2026-01-31T12:00:00Z")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    days = dt.date(year, month, day).toordinal() - _EPOCH
    seconds = days * _SECONDS_A_DAY + hour * 3600 + minute * 60 + second
    ahead = 60 * (60 * int(match[9]) + int(match[10])) if match[8] else 0
    return seconds + float(match[7] or 0) - (ahead if match[8] == "+" else -ahead)
