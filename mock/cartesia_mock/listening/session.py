"""What the two kinds of listening have in common: bytes, texts and time in, messages out."""

from __future__ import annotations

from typing import Protocol

from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import JSONObject, JSONValue
from cartesia_mock.speech import Timed
from cartesia_mock.speech.hearing import Heard
from cartesia_mock.speech.words import is_unspaced

QUIET = 0.005
"""Loudness (root mean square, 0 to 1) below which sound is silence."""


class Session(Protocol):
    """One listening conversation, without a socket.

    Every method may take its time (it hears), and gives the messages to send. Times are seconds
    of any clock that only goes forward.
    """

    @property
    def is_over(self) -> bool:
        """Whether the connection is to be closed."""
        ...

    def begin(self) -> list[JSONObject]:
        """Say what comes first."""
        ...

    def hear(self, data: bytes, now: float) -> list[JSONObject]:
        """Take a binary frame."""
        ...

    def obey(self, text: str) -> list[JSONObject]:
        """Take a text frame; APIError when it is no command."""
        ...

    def due(self) -> float | None:
        """Say when `tick` has something to do, if nothing else happens before."""
        ...

    def tick(self, now: float) -> list[JSONObject]:
        """Let time pass."""
        ...


class Minutes:
    """The text written down so far: its pieces, joined as they are, are the whole of it.

    Args:
        language: Language code: some are written without spaces.
    """

    def __init__(self, language: str) -> None:
        self._joiner = "" if is_unspaced(language) else " "
        self._has_text = False

    def join(self, before: str, text: str) -> str:
        """Put a text behind another, with a space where the language has them."""
        return before + self._joiner + text if before and text else before + text

    def following(self, text: str) -> str:
        """Give a text as it stands behind what was written down."""
        text = text.strip()
        return self._joiner + text if text and self._has_text else text

    def write(self, text: str) -> None:
        """Note that a text (from `following`) stays."""
        self._has_text = self._has_text or bool(text)

    def growth(self, heard: Heard, after: float) -> str:
        """Give the words that begin after a time."""
        return self._joiner.join(word.text for word in heard.words if word.start >= after)


def write_words(words: list[Timed], shift: float) -> list[JSONValue]:
    """Give words as the API does, with times that count from the start of the connection."""
    return [
        {
            "word": word.text,
            "start": round(word.start + shift, 4),
            "end": round(word.end + shift, 4),
        }
        for word in words
    ]


def error_event(error: APIError, request_id: str) -> JSONObject:
    """Give an error as the listening sockets do."""
    event: JSONObject = {
        "type": "error",
        "status_code": error.status,
        "title": error.title,
        "message": error.message,
        "request_id": request_id,
    }
    if error.code is not None:
        event["error_code"] = error.code
    return event
