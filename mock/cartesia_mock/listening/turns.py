"""Listening turn by turn, without a socket."""

from __future__ import annotations

from collections import deque
from typing import Literal

from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject, JSONValue, as_object, parse_json
from cartesia_mock.schemas import Schemas
from cartesia_mock.speech import Samples
from cartesia_mock.speech.hearing import Heard, Hearing, Listener

from .activity import Activity, Thresholds
from .audio import STEP_SECONDS, AudioReader, loudness
from .manual import Stream
from .session import Minutes

_BEFORE_SECONDS = 0.4
_LONG_SECONDS, _LONGEST_SECONDS = 30.0, 60.0


class TurnSession:
    """One connection that tells turns apart.

    Args:
        hearing: The ears.
        stream: What comes in.
        thresholds: When a turn begins and ends.
        schemas: The document's schemas.
        commands: JSON pointer to the schema of the client's commands.
    """

    def __init__(
        self,
        hearing: Hearing,
        stream: Stream,
        thresholds: Thresholds,
        schemas: Schemas,
        commands: str,
    ) -> None:
        self.is_over = False
        self._stream = stream
        self._thresholds = thresholds
        self._schemas = schemas
        self._commands = commands
        self._reader = AudioReader(stream.encoding, stream.rate)
        self._activity = Activity()
        self._turn = _Turn(Listener(hearing, stream.rate, stream.language), stream.language)
        self._state: Literal["silence", "speech", "pause"] = "silence"
        # A turn is noticed a little after it has begun: what came just before belongs to it.
        self._before: deque[Samples] = deque(maxlen=round(_BEFORE_SECONDS / STEP_SECONDS))
        self._heard_at = 0.0

    def begin(self) -> list[JSONObject]:
        """Say that the connection is ready."""
        return [self._event("connected")]

    def hear(self, data: bytes, now: float) -> list[JSONObject]:
        """Take audio."""
        if self.is_over:
            return []
        self._heard_at = now
        return [message for step in self._reader.read(data) for message in self._look(step)]

    def obey(self, text: str) -> list[JSONObject]:
        """Take a command: `close` or `config`, as JSON.

        Raises:
            APIError: It is no command, or its thresholds are in the wrong order.
        """
        if self.is_over:
            return []
        command = self._parse(text)
        if command.text("type") == "config":
            self._thresholds = self._thresholds.changed(command.object("turn"))
        if command.text("type") != "close":
            return []  # Another command than `config` came into the document later.
        self.is_over = True
        return self._conclude()

    def due(self) -> float | None:
        """Say when an open turn is over, if no more audio comes."""
        if self._state == "silence" or self.is_over:
            return None
        return self._heard_at + self._thresholds.settled().end_timeout

    def tick(self, now: float) -> list[JSONObject]:
        """End a turn in which nothing has been heard for too long."""
        due = self.due()
        return [] if due is None or now < due else self._conclude()

    def _look(self, step: Samples) -> list[JSONObject]:
        if not len(step):
            return []
        if self._state == "silence":
            self._before.append(step)
        else:
            self._turn.feed(step)
        messages: list[JSONObject] = []
        for seconds, volume in loudness(step, self._stream.rate):
            self._activity.update(seconds, volume)
            messages += self._step()
        if self._state == "speech":
            text = self._turn.grow()
            if text is not None:
                messages.append(self._event("turn.update", text))
        return messages

    def _step(self) -> list[JSONObject]:
        """Go on to what the belief says now."""
        limits = self._thresholds.settled()
        belief = self._activity.belief
        if self._state == "silence":
            return self._start() if belief >= limits.start else []
        if self._state == "pause" and belief >= limits.start:
            self._state = "speech"
            return [self._event("turn.resume")]
        messages: list[JSONObject] = []
        if self._state == "speech" and belief <= limits.eager_end:
            self._state = "pause"
            messages.append(self._event("turn.eager_end", self._turn.settle()))
        if belief <= limits.end or self._activity.silence >= limits.end_timeout:
            messages += self._end()
        return messages

    def _conclude(self) -> list[JSONObject]:
        """End the turn with what is left."""
        messages = self._look(self._reader.finish())
        return messages if self._state == "silence" else messages + self._end()

    def _start(self) -> list[JSONObject]:
        self._state = "speech"
        for step in self._before:
            self._turn.feed(step)
        self._before.clear()
        return [self._event("turn.start")]

    def _end(self) -> list[JSONObject]:
        # What was said to be the end stays as it is: only a resumed turn has more to say.
        text = self._turn.text if self._state == "pause" else self._turn.settle()
        self._turn.finish()
        self._state = "silence"
        self._activity = Activity()
        return [self._event("turn.end", text)]

    def _parse(self, text: str) -> Fields:
        try:
            value: JSONValue = parse_json(text)
        except ValueError as error:
            way = 'send {"type": "close"} or {"type": "config", "turn": {...}}'
            raise APIError(400, "Invalid JSON", f"it cannot be read: {error}; {way}") from None
        problems = self._schemas.problems(self._commands, value)
        if problems:
            raise APIError(400, "Invalid command", "; ".join(problems))
        return Fields(as_object(value))

    def _event(self, kind: str, transcript: str | None = None) -> JSONObject:
        event: JSONObject = {"type": kind, "request_id": self._stream.request_id}
        if transcript is not None:
            event["transcript"] = transcript
        return event


class _Turn:
    """The text of the turn that is going on; it grows, and is never revised."""

    def __init__(self, listener: Listener, language: str) -> None:
        self.text = ""
        self._listener = listener
        self._minutes = Minutes(language)
        self._settled = ""  # The text of what the listener has let go of.
        self._until = 0.0  # Where the last word of the text ends, for the listener.

    def feed(self, step: Samples) -> None:
        self._listener.feed(step)

    def grow(self) -> str | None:
        """Give the text if there is more of it than before."""
        before = self.text
        if self._listener.seconds < _LONGEST_SECONDS:
            self._take(self._listener.interim())
        else:
            self.settle()
        return self.text if self.text != before else None

    def settle(self) -> str:
        """Give the text of everything heard so far, be it known or not."""
        heard = self._listener.interim()
        if heard.words and self._listener.seconds < _LONG_SECONDS:
            self._take(heard)
        else:
            self._take(self._listener.finish())
            self._settled, self._until = self.text, 0.0
        return self.text

    def finish(self) -> None:
        """Make room for another turn."""
        self._listener.clear()
        self._minutes.write(self.text)
        self.text = self._settled = ""
        self._until = 0.0

    def _take(self, heard: Heard) -> None:
        if not heard.text.strip():
            return
        text = self._minutes.following(heard.text)
        if self._settled:
            text = self._minutes.join(self._settled, heard.text.strip())
        if not text.startswith(self.text):
            text = self._minutes.join(self.text, self._minutes.growth(heard, self._until))
        if heard.words:
            self._until = max(self._until, heard.words[-1].end)
        self.text = text
