"""The STT session whose client decides when a text is final, without I/O."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cartesia_mock.api.http_errors import HTTPError, not_implemented
from cartesia_mock.api.jsontypes import JSONObject
from cartesia_mock.speech import Samples
from cartesia_mock.speech.audio import PCMEncoding
from cartesia_mock.speech.recognition import StreamingTranscriber, Transcriber, Transcription
from cartesia_mock.stt.pcm_reader import SILENCE_LEVEL, PCMReader, loudness
from cartesia_mock.stt.transcript import TranscriptJoiner, word_objects

_CLOSING = {"close", "done"}
_LONG_SECONDS, _MAX_SECONDS = 30.0, 60.0


@dataclass(frozen=True)
class StreamOptions:
    """The audio stream of one connection.

    Attributes:
        request_id: The connection's identifier (UUID).
        encoding: Sample encoding.
        rate: Sample rate (Hz).
        language: Language code.
    """

    request_id: str
    encoding: PCMEncoding
    rate: int
    language: str = "en"


@dataclass(frozen=True)
class SilenceOptions:
    """When silence makes a text final.

    Attributes:
        volume: Loudness (root mean square, 0 to 1) below which sound is silence.
        seconds: Length of the silence; None for never.
    """

    volume: float = SILENCE_LEVEL
    seconds: float | None = None


class ManualSession:
    """One connection whose client decides when a text is final.

    Args:
        transcriber: Transcribes audio.
        stream: The audio stream.
        silence: When silence makes a text final.
        commands: Commands of the document; those that are not implemented have no effect.
    """

    def __init__(
        self,
        transcriber: Transcriber,
        stream: StreamOptions,
        silence: SilenceOptions | None = None,
        commands: Collection[str] = (),
    ) -> None:
        self.is_over = False
        self.stream = stream
        self._silence = silence or SilenceOptions()
        self._commands = commands
        self._reader = PCMReader(stream.encoding, stream.rate)
        self._transcriber = StreamingTranscriber(transcriber, stream.rate, stream.language)
        self._joiner = TranscriptJoiner(stream.language)
        self._offset = 0.0  # Seconds of audio before the current text.
        self._last_text: str | None = None
        self._has_sound = False
        self._silent_seconds = 0.0

    def start_messages(self) -> list[JSONObject]:
        """Return no messages: the first one follows audio."""
        return []

    def receive_audio(self, data: bytes, now: float) -> list[JSONObject]:  # noqa: ARG002  time is counted in audio
        """Process a binary frame, and return the messages to send."""
        if self.is_over:
            return []
        return [message for step in self._reader.read(data) for message in self._process(step)]

    def receive_command(self, text: str) -> list[JSONObject]:
        """Handle a command.

        Args:
            text: `finalize`, `close`, or `done`, the older name of `close`.

        Returns:
            The messages to send.

        Raises:
            HTTPError: The command is unknown (400), or known and not implemented (501).
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
            raise not_implemented(f"the command {text!r}")
        raise HTTPError(
            400,
            "Invalid command",
            f"{text[:40]!r} is not a command: send the bare word finalize or close, without JSON "
            "or quotes, or audio in binary frames",
        )

    def next_deadline(self) -> float | None:
        """Return None: nothing happens without a message."""
        return None

    def on_deadline(self, now: float) -> list[JSONObject]:  # noqa: ARG002  time is counted in audio
        """Do nothing."""
        return []

    def _process(self, step: Samples) -> list[JSONObject]:
        self._transcriber.feed(step)
        for seconds, volume in loudness(step, self.stream.rate):
            self._silent_seconds = (
                0.0 if volume >= self._silence.volume else self._silent_seconds + seconds
            )
            self._has_sound = self._has_sound or self._silent_seconds == 0.0
        if self._is_due():
            return self._finalize()
        if not self._has_sound:
            return []
        transcription = self._transcriber.interim()
        text = self._joiner.following(transcription.text)
        if text == self._last_text:
            return []
        self._last_text = text
        return [self._transcript(text, transcription, is_final=False)]

    def _is_due(self) -> bool:
        """Return whether the text becomes final without a command."""
        limit = self._silence.seconds
        if limit is not None and self._has_sound and self._silent_seconds >= limit:
            return True
        # The audio of one text is bounded, and preferably cut in a pause.
        seconds = self._transcriber.seconds
        return seconds >= _MAX_SECONDS or (seconds >= _LONG_SECONDS and self._silent_seconds > 0)

    def _finalize(self) -> list[JSONObject]:
        self._transcriber.feed(self._reader.finish())
        if not self._transcriber.seconds:
            return []
        transcription = self._transcriber.finish()
        text = self._joiner.following(transcription.text)
        self._joiner.commit(text)
        message = self._transcript(text, transcription, is_final=True)
        self._offset += transcription.duration
        self._last_text, self._has_sound, self._silent_seconds = None, False, 0.0
        return [message]

    def _transcript(self, text: str, transcription: Transcription, *, is_final: bool) -> JSONObject:
        return {
            **self._event("transcript"),
            "text": text,
            "is_final": is_final,
            "duration": round(transcription.duration, 4),
            "language": self.stream.language,
            "words": word_objects(transcription.words, self._offset),
        }

    def _event(self, kind: str) -> JSONObject:
        return {"type": kind, "request_id": self.stream.request_id}
