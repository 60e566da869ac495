"""API versions: the version that a request asks for, and what depends on it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from cartesia_mock.api.http_errors import HTTPError

VERSION_HEADER = "cartesia-version"
VERSION_QUERY = "cartesia_version"
_STRUCTURED_ERRORS = dt.date(2026, 3, 1)
_FLUSHES_FROM_ONE = dt.date(2025, 11, 4)


@dataclass(frozen=True)
class Version:
    """One dated version of the API."""

    date: dt.date

    @classmethod
    def parse(cls, text: str) -> Version:
        """Parse a version.

        Args:
            text: A date as `YYYY-MM-DD`.

        Returns:
            The version.

        Raises:
            ValueError: The text is not such a date.
        """
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                return cls(dt.date.fromisoformat(text))
        except ValueError:
            pass  # The form is right, but there is no such day.
        raise ValueError(f"{text!r} is not a date of the form YYYY-MM-DD")

    @property
    def has_structured_errors(self) -> bool:
        """Whether errors are JSON objects; before 2026-03-01 they are text."""
        return self.date >= _STRUCTURED_ERRORS

    @property
    def first_flush_id(self) -> int:
        """The flush id of audio before the first flush: clients of earlier versions index by it."""
        return 0 if self.date < _FLUSHES_FROM_ONE else 1

    def __str__(self) -> str:
        return self.date.isoformat()


def request_version(
    connection: HTTPConnection, default: str, dates: Sequence[str], *, required: bool
) -> Version:
    """Decide which API version a request or a handshake asks for.

    Args:
        connection: The request, or the WebSocket before it is accepted.
        default: The version of a request that names none.
        dates: The versions that there are, the oldest first.
        required: Whether a request must name a version.

    Returns:
        The version.

    Raises:
        HTTPError: The version is missing, malformed or unknown (400).
    """
    text = _version_text(connection)
    if not text:
        if not required:
            return Version.parse(default)
        message = f"send the header `Cartesia-Version: {default}`"
        if connection.scope["type"] == "websocket":
            message += f" or the query parameter `{VERSION_QUERY}`"
        raise HTTPError(400, "Missing API version", message)
    try:
        served_date(text, dates)
        return Version.parse(text)
    except ValueError as error:
        raise HTTPError(400, "Invalid API version", f"Cartesia-Version: {error}") from None


def served_date(text: str, dates: Sequence[str]) -> str:
    """Return the version by whose document a version is served: itself, or the one before it.

    Args:
        text: The version that is asked for.
        dates: The versions that there are, the oldest first. A single one serves all.

    Returns:
        One of `dates`.

    Raises:
        ValueError: It is older than all, newer than all, or no date.
    """
    known = f"there are {', '.join(dates)}"
    try:
        date = str(Version.parse(text))
    except ValueError as error:
        raise ValueError(f"{error}; {known}") from None
    if len(dates) == 1:
        return dates[0]
    if not dates[0] <= date <= dates[-1]:
        raise ValueError(f"there is no version {date}; {known}")
    return max(each for each in dates if each <= date)


def connection_date(connection: HTTPConnection, default: str, dates: Sequence[str]) -> str:
    """Return the version by whose document a request is served; the default for an unknown one.

    Args:
        connection: The request, or the WebSocket before it is accepted.
        default: The default version.
        dates: The versions that there are, the oldest first.
    """
    try:
        return served_date(_version_text(connection), dates)
    except ValueError:
        return default


def error_version(connection: HTTPConnection, default: str) -> Version:
    """Return the version for an error response: a missing or malformed one is not an error here."""
    try:
        return Version.parse(_version_text(connection))
    except ValueError:
        return Version.parse(default)


def _version_text(connection: HTTPConnection) -> str:
    """Return what the request names as its version; on a WebSocket the query takes precedence."""
    header = connection.headers.get(VERSION_HEADER, "").strip()
    if connection.scope["type"] != "websocket":
        return header
    return connection.query_params.get(VERSION_QUERY) or header
