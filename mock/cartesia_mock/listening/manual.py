"""Listening until told to finish, without a socket."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import JSONObject
from cartesia_mock.speech import Samples
from cartesia_mock.speech.audio import PCMEncoding
from cartesia_mock.speech.hearing import Heard, Hearing, Listener

from .audio import AudioReader, loudness
from .session import QUIET, Minutes, write_words

_CLOSING = {"close", "done"}
_LONG_SECONDS, _LONGEST_SECONDS = 30.0, 60.0


@dataclass(frozen=True)
class Stream:
    """What comes in over one connection.

    Attributes:
        request_id: The connection's identifier (UUID).
        encoding: How samples are written.
        rate: Sample rate (Hz).
        language: Language code.
    """

    request_id: str
    encoding: PCMEncoding
    rate: int
    language: str = "en"


@dataclass(frozen=True)
class Silence:
    """When silence alone makes a text final.

    Attributes:
        volume: Loudness (root mean square, 0 to 1) below which sound is silence.
        seconds: How long it must last; None for never.
    """

    volume: float = QUIET
    seconds: float | None = None


class ManualSession:
    """One connection that listens until told to finish.

    Args:
        hearing: The ears.
        stream: What comes in.
        silence: When silence alone makes a text final.
        commands: Words that the document lets clients say; those that nobody here knows do nothing.
    """

    def __init__(
        self,
        hearing: Hearing,
        stream: Stream,
        silence: Silence | None = None,
        commands: Collection[str] = (),
    ) -> None:
        self.is_over = False
        self._stream = stream
        self._silence = silence or Silence()
        self._commands = commands
        self._reader = AudioReader(stream.encoding, stream.rate)
        self._listener = Listener(hearing, stream.rate, stream.language)
        self._minutes = Minutes(stream.language)
        self._begun = 0.0  # Seconds of audio before the text that is being heard.
        self._shown: str | None = None
        self._has_sound = False
        self._quiet = 0.0

    def begin(self) -> list[JSONObject]:
        """Say nothing: the first message is about audio."""
        return []

    def hear(self, data: bytes, now: float) -> list[JSONObject]:  # noqa: ARG002  time is audio here
        """Take audio."""
        if self.is_over:
            return []
        return [message for step in self._reader.read(data) for message in self._look(step)]

    def obey(self, text: str) -> list[JSONObject]:
        """Take a command.

        Args:
            text: `finalize`, `close`, or `done`, which is the old word for `close`.

        Returns:
            The messages to send.

        Raises:
            APIError: It is no command.
        """
        if self.is_over:
            return []
        if text == "finalize":
            return [*self._finalize(), self._event("flush_done")]
        if text in _CLOSING:
            messages = [*self._finalize(), self._event("done")]
            self.is_over = True
            return messages
        if text in self._commands:
            return []
        raise APIError(
            400,
            "Invalid command",
            f"{text[:40]!r} is none: send the bare word finalize or close (no JSON, no quotes), "
            "or audio in binary frames",
        )

    def due(self) -> float | None:
        """Say that nothing happens by itself."""
        return None

    def tick(self, now: float) -> list[JSONObject]:  # noqa: ARG002  time is audio here
        """Let time pass."""
        return []

    def _look(self, step: Samples) -> list[JSONObject]:
        self._listener.feed(step)
        for seconds, volume in loudness(step, self._stream.rate):
            self._quiet = 0.0 if volume >= self._silence.volume else self._quiet + seconds
            self._has_sound = self._has_sound or self._quiet == 0.0
        if self._is_enough():
            return self._finalize()
        if not self._has_sound:
            return []
        heard = self._listener.interim()
        text = self._minutes.following(heard.text)
        if text == self._shown:
            return []
        self._shown = text
        return [self._transcript(text, heard, is_final=False)]

    def _is_enough(self) -> bool:
        """Say whether the text is to become final by itself."""
        limit = self._silence.seconds
        if limit is not None and self._has_sound and self._quiet >= limit:
            return True
        # What is listened to at once is bounded, and best cut where nobody speaks.
        seconds = self._listener.seconds
        return seconds >= _LONGEST_SECONDS or (seconds >= _LONG_SECONDS and self._quiet > 0)

    def _finalize(self) -> list[JSONObject]:
        self._listener.feed(self._reader.finish())
        if not self._listener.seconds:
            return []
        heard = self._listener.finish()
        text = self._minutes.following(heard.text)
        self._minutes.write(text)
        message = self._transcript(text, heard, is_final=True)
        self._begun += heard.duration
        self._shown, self._has_sound, self._quiet = None, False, 0.0
        return [message]

    def _transcript(self, text: str, heard: Heard, *, is_final: bool) -> JSONObject:
        return {
            **self._event("transcript"),
            "text": text,
            "is_final": is_final,
            "duration": round(heard.duration, 4),
            "language": self._stream.language,
            "words": write_words(heard.words, self._begun),
        }

    def _event(self, kind: str) -> JSONObject:
        return {"type": kind, "request_id": self._stream.request_id}
