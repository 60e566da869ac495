"""Moments as the API writes them: RFC 3339 text."""

from __future__ import annotations

import datetime as dt
import re

_SECONDS_A_DAY = 86400
_EPOCH = dt.date(1970, 1, 1).toordinal()
_TEXT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))", re.IGNORECASE
)


def write(moment: dt.datetime) -> str:
    """Write a moment: UTC, to the millisecond."""
    utc = moment.astimezone(dt.timezone.utc)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(text: str) -> float:
    """Read a moment.

    Args:
        text: RFC 3339 text, of any year and offset, leap seconds included.

    Returns:
        Seconds since 1970: a number has room for what a `datetime` refuses.

    Raises:
        ValueError: It is no such text.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a moment such as 2026-01-31T12:00:00Z")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    days = dt.date(year, month, day).toordinal() - _EPOCH
    seconds = days * _SECONDS_A_DAY + hour * 3600 + minute * 60 + second
    ahead = 60 * (60 * int(match[9]) + int(match[10])) if match[8] else 0
    return seconds + float(match[7] or 0) - (ahead if match[8] == "+" else -ahead)
