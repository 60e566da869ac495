"""API versions: the version that a request asks for, and what depends on it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONObject, JSONValue, as_list, as_object

VERSION_HEADER = "cartesia-version"
VERSION_QUERY = "cartesia_version"
_STRUCTURED_ERRORS = dt.date(2026, 3, 1)
_VOICES_BY_ID_ONLY = dt.date(2025, 11, 4)


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
    def has_embeddings(self) -> bool:
        """Whether speech may name its voice by an embedding, and leave its context unnamed."""
        return self.date < _VOICES_BY_ID_ONLY

    @property
    def first_flush_id(self) -> int:
        """The flush id of audio before the first flush: clients of earlier versions index by it."""
        return 0 if self.date < _VOICES_BY_ID_ONLY else 1

    def __str__(self) -> str:
        return self.date.isoformat()


def request_version(connection: HTTPConnection, default: str, *, required: bool) -> Version:
    """Decide which API version a request or a handshake is served by.

    Args:
        connection: The request, or the WebSocket before it is accepted.
        default: The version of a request that names none.
        required: Whether a request must name a version.

    Returns:
        The version.

    Raises:
        HTTPError: The version is missing or malformed (400).
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
        return Version.parse(text)
    except ValueError as error:
        raise HTTPError(400, "Invalid API version", f"Cartesia-Version: {error}") from None


def documented_form(request: JSONValue, version: Version) -> JSONValue:
    """Return a request for speech in the form of the document, to be validated by it.

    Args:
        request: The request as its version has it.
        version: That version.

    Returns:
        The same request where nothing differs. Up to 2025-04-16 a voice may be an embedding, and a
        message of a WebSocket needs no `context_id`.
    """
    if not version.has_embeddings or not isinstance(request, dict) or "voice" not in request:
        return request
    form: JSONObject = {**request, "voice": _documented_voice(request["voice"])}
    if form.get("context_id") is None:
        form["context_id"] = ""
    return form


def _documented_voice(voice: JSONValue) -> JSONValue:
    fields = as_object(voice)
    embedding = as_list(fields.get("embedding"))
    are_numbers = all(type(each) in {int, float} for each in embedding)
    if fields.get("mode") == "embedding" and embedding and are_numbers:
        return {"mode": "id", "id": ""}
    return voice


def error_version(connection: HTTPConnection, default: str) -> Version:
    """Return the version for an error response: a missing or malformed one is no error here."""
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
