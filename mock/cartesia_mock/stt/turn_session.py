"""The STT session that detects turns, without I/O."""

from __future__ import annotations

from collections import deque
from typing import Literal

from cartesia_mock.api.http_errors import HTTPError, not_implemented
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue, as_object, parse_json
from cartesia_mock.document.schema_validation import SchemaValidator
from cartesia_mock.http.request_validation import check_json_size
from cartesia_mock.speech import Samples
from cartesia_mock.speech.recognition import StreamingTranscriber, Transcriber, Transcription
from cartesia_mock.stt.manual_session import StreamOptions
from cartesia_mock.stt.pcm_reader import STEP_SECONDS, PCMReader, loudness
from cartesia_mock.stt.transcript import TranscriptJoiner
from cartesia_mock.stt.turn_detection import TurnThresholds, VoiceActivityDetector

_PRE_ROLL_SECONDS = 0.4
_LONG_SECONDS, _MAX_SECONDS = 30.0, 60.0


class TurnSession:
    """One connection that detects turns.

    Args:
        transcriber: Transcribes audio.
        stream: The audio stream.
        thresholds: When a turn begins and ends.
        schemas: The document's schemas.
        commands: JSON pointer to the schema of the client's commands.
    """

    def __init__(
        self,
        transcriber: Transcriber,
        stream: StreamOptions,
        thresholds: TurnThresholds,
        schemas: SchemaValidator,
        commands: str,
    ) -> None:
        self.is_over = False
        self.stream = stream
        self._thresholds = thresholds
        self._schemas = schemas
        self._commands = commands
        self._reader = PCMReader(stream.encoding, stream.rate)
        self._detector = VoiceActivityDetector()
        self._turn = _Turn(
            StreamingTranscriber(transcriber, stream.rate, stream.language), stream.language
        )
        self._state: Literal["silence", "speech", "pause"] = "silence"
        # A turn is detected shortly after it has begun: the audio just before belongs to it.
        self._pre_roll: deque[Samples] = deque(maxlen=round(_PRE_ROLL_SECONDS / STEP_SECONDS))
        self._last_audio_at = 0.0

    def start_messages(self) -> list[JSONObject]:
        """Return the message that the connection is ready."""
        return [self._event("connected")]

    def receive_audio(self, data: bytes, now: float) -> list[JSONObject]:
        """Process a binary frame, and return the messages to send."""
        if self.is_over:
            return []
        self._last_audio_at = now
        return [message for step in self._reader.read(data) for message in self._process(step)]

    def receive_command(self, text: str) -> list[JSONObject]:
        """Handle a command: `close` or `config`, as JSON.

        Raises:
            HTTPError: The command is not valid, its thresholds are in the wrong order (400), or it
                is not implemented (501).
        """
        if self.is_over:
            return []
        command = self._parse(text)
        if command.text("type") == "config":
            self._thresholds = self._thresholds.updated(command.object("turn"))
            return []
        if command.text("type") != "close":
            raise not_implemented(f"the command {command.text('type')!r}")
        self.is_over = True
        return self._finish_turn()

    def next_deadline(self) -> float | None:
        """Return when an open turn ends without more audio; None without a turn."""
        if self._state == "silence" or self.is_over:
            return None
        return self._last_audio_at + self._thresholds.resolved().end_timeout

    def on_deadline(self, now: float) -> list[JSONObject]:
        """End a turn whose audio has stopped."""
        deadline = self.next_deadline()
        return [] if deadline is None or now < deadline else self._finish_turn()

    def _process(self, step: Samples) -> list[JSONObject]:
        if not len(step):
            return []
        if self._state == "silence":
            self._pre_roll.append(step)
        else:
            self._turn.feed(step)
        messages: list[JSONObject] = []
        for seconds, volume in loudness(step, self.stream.rate):
            self._detector.update(seconds, volume)
            messages += self._update_state()
        if self._state == "speech":
            text = self._turn.extend()
            if text is not None:
                messages.append(self._event("turn.update", text))
        return messages

    def _update_state(self) -> list[JSONObject]:
        """Change the state according to the probability of speech."""
        limits = self._thresholds.resolved()
        probability = self._detector.probability
        if self._state == "silence":
            return self._start() if probability >= limits.start else []
        if self._state == "pause" and probability >= limits.start:
            self._state = "speech"
            return [self._event("turn.resume")]
        messages: list[JSONObject] = []
        if self._state == "speech" and probability <= limits.eager_end:
            self._state = "pause"
            messages.append(self._event("turn.eager_end", self._turn.complete()))
        if probability <= limits.end or self._detector.silence >= limits.end_timeout:
            messages += self._end()
        return messages

    def _finish_turn(self) -> list[JSONObject]:
        """Process the remaining audio and end the turn."""
        messages = self._process(self._reader.finish())
        return messages if self._state == "silence" else messages + self._end()

    def _start(self) -> list[JSONObject]:
        self._state = "speech"
        for step in self._pre_roll:
            self._turn.feed(step)
        self._pre_roll.clear()
        return [self._event("turn.start")]

    def _end(self) -> list[JSONObject]:
        # The text of an eager end is final unless the turn is resumed.
        text = self._turn.text if self._state == "pause" else self._turn.complete()
        self._turn.finish()
        self._state = "silence"
        self._detector = VoiceActivityDetector()
        return [self._event("turn.end", text)]

    def _parse(self, text: str) -> JSONFields:
        check_json_size(len(text))
        try:
            value: JSONValue = parse_json(text)
        except ValueError as error:
            way = 'send {"type": "close"} or {"type": "config", "turn": {...}}'
            raise HTTPError(400, "Invalid JSON", f"it cannot be read: {error}; {way}") from None
        problems = self._schemas.problems(self._commands, value)
        if problems:
            raise HTTPError(400, "Invalid command", "; ".join(problems))
        return JSONFields(as_object(value))

    def _event(self, kind: str, transcript: str | None = None) -> JSONObject:
        event: JSONObject = {"type": kind, "request_id": self.stream.request_id}
        if transcript is not None:
            event["transcript"] = transcript
        return event


class _Turn:
    """The text of the current turn; it grows and is never revised."""

    def __init__(self, transcriber: StreamingTranscriber, language: str) -> None:
        self.text = ""
        self._transcriber = transcriber
        self._joiner = TranscriptJoiner(language)
        self._settled = ""  # The text of audio that was transcribed to its end.
        self._until = 0.0  # End of the last word in the audio of the transcriber.

    def feed(self, step: Samples) -> None:
        self._transcriber.feed(step)

    def extend(self) -> str | None:
        """Return the text if it has grown, else None."""
        before = self.text
        if self._transcriber.seconds < _MAX_SECONDS:
            self._update(self._transcriber.interim())
        else:
            self.complete()
        return self.text if self.text != before else None

    def complete(self) -> str:
        """Return the text of all audio so far, whether the mock spoke it or not."""
        transcription = self._transcriber.interim()
        if transcription.words and self._transcriber.seconds < _LONG_SECONDS:
            self._update(transcription)
        else:
            self._update(self._transcriber.finish())
            self._settled, self._until = self.text, 0.0
        return self.text

    def finish(self) -> None:
        """Start over for the next turn."""
        self._transcriber.clear()
        self._joiner.commit(self.text)
        self.text = self._settled = ""
        self._until = 0.0

    def _update(self, transcription: Transcription) -> None:
        if not transcription.text.strip():
            return
        text = self._joiner.following(transcription.text)
        if self._settled:
            text = self._joiner.join(self._settled, transcription.text.strip())
        if not text.startswith(self.text):
            text = self._joiner.join(
                self.text, self._joiner.words_after(transcription, self._until)
            )
        if transcription.words:
            self._until = max(self._until, transcription.words[-1].end)
        self.text = text
