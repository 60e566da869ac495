"""The text of a session: how its parts are joined, and words as the API returns them."""

from __future__ import annotations

from collections.abc import Sequence

from cartesia_mock.api.jsontypes import JSONValue
from cartesia_mock.speech import TimedText
from cartesia_mock.speech.recognition import Transcription
from cartesia_mock.speech.tokenization import is_unspaced


class TranscriptJoiner:
    """Adds spaces so that the final texts of a session, concatenated, are its transcript.

    Args:
        language: Language code; some languages are written without spaces.
    """

    def __init__(self, language: str) -> None:
        self._joiner = "" if is_unspaced(language) else " "
        self._has_text = False

    def join(self, before: str, text: str) -> str:
        """Concatenate two texts, with a space if the language uses spaces."""
        return before + self._joiner + text if before and text else before + text

    def following(self, text: str) -> str:
        """Return a text with the space that separates it from the final texts before it."""
        text = text.strip()
        return self._joiner + text if text and self._has_text else text

    def commit(self, text: str) -> None:
        """Record that a text (from `following`) is final."""
        self._has_text = self._has_text or bool(text)

    def words_after(self, transcription: Transcription, start: float) -> str:
        """Return the words that begin at or after a time (seconds)."""
        return self._joiner.join(word.text for word in transcription.words if word.start >= start)


def word_objects(words: Sequence[TimedText], shift: float) -> list[JSONValue]:
    """Return words as the API does, their times shifted by a number of seconds."""
    return [
        {
            "word": word.text,
            "start": round(word.start + shift, 4),
            "end": round(word.end + shift, 4),
        }
        for word in words
    ]
