"""The contexts of a TTS WebSocket without I/O: messages and time in, steps to perform out."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Union

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue
from cartesia_mock.speech.sentences import complete_length, is_pronounceable
from cartesia_mock.tts.tts_options import EMPTY_TRANSCRIPT, check_transcript_length

_DEFAULT_BUFFER_DELAY = 3000
_MAX_CHARACTERS = 20_000


@dataclass(frozen=True)
class Speak:
    """Speak a text, with this `generation_config`; its audio carries this flush id."""

    text: str
    flush_id: int
    config: JSONObject = field(default_factory=dict[str, JSONValue])


@dataclass(frozen=True)
class FlushDone:
    """Report that the audio of a flush id has been sent."""

    flush_id: int


@dataclass(frozen=True)
class ContextDone:
    """Report that the context is done."""


Step = Union[Speak, FlushDone, ContextDone]


class TTSContext:
    """One context, whose transcript arrives in several messages.

    Times are seconds of a monotonic clock.

    Args:
        context_id: Its identifier.
        settings: The fields that must be the same in all its messages.
        expiry: Seconds after its last audio until an open context expires.
        max_characters: Maximum length of its whole transcript.
        flush_id: The flush id of its first audio.
    """

    def __init__(
        self,
        context_id: str,
        settings: JSONObject,
        expiry: float,
        *,
        max_characters: int = _MAX_CHARACTERS,
        flush_id: int = 1,
    ) -> None:
        self.id = context_id
        self.settings = settings
        self.steps: deque[Step] = deque()
        self.is_closed = False
        self.is_cancelled = False
        self._expiry = expiry
        self._max_characters = max_characters
        self._characters = 0
        self._buffer = ""
        self._config: JSONObject = {}
        self._buffered_at: float | None = None
        self._delay = 0.0
        self._flush_id = flush_id
        self._has_words = False
        self._is_busy = False
        self._silent_since: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is closed and has nothing left to do."""
        return self.is_closed and not self.steps and not self._is_busy

    @property
    def is_last(self) -> bool:
        """Whether the current step is the last one that speaks."""
        return self.is_closed and not any(isinstance(step, Speak) for step in self.steps)

    def receive(self, message: JSONFields, now: float) -> None:
        """Handle a generation request.

        Args:
            message: The request, valid by its schema.
            now: The current time.

        Raises:
            HTTPError: The transcript is complete and has no word in it, or is too long.
        """
        self._change_config(message)
        self._characters += len(message.text("transcript"))
        check_transcript_length(self._characters, self._max_characters)
        self._buffer += message.text("transcript")
        self._has_words = self._has_words or is_pronounceable(self._buffer)
        delay = message.integer("max_buffer_delay_ms")
        self._delay = (_DEFAULT_BUFFER_DELAY if delay is None else delay) / 1000
        if not message.flag("continue"):
            if not self._has_words:
                raise HTTPError(
                    400,
                    EMPTY_TRANSCRIPT,
                    "first transcript for WS is empty or contains only punctuation",
                )
            self._release(len(self._buffer))
            if message.flag("flush"):
                self._flush()
            self.is_closed = True
            self.steps.append(ContextDone())
        elif message.flag("flush"):
            self._release(len(self._buffer))
            self._flush()
        elif self._delay == 0:
            self._release(len(self._buffer))
        else:
            self._release(complete_length(self._buffer))
        if not self._buffer:
            self._buffered_at = None
        elif self._buffered_at is None:
            self._buffered_at = now

    def cancel(self) -> None:
        """Cancel: drop steps that have not begun; the current sentence is finished."""
        self.steps.clear()
        self._buffer = ""
        self._buffered_at = None
        self.is_closed = True
        self.is_cancelled = True
        if self._is_busy:
            self.steps.append(ContextDone())

    def next_deadline(self) -> float | None:
        """Return when `on_deadline` is to be called, unless a message arrives before; or None."""
        if self._is_busy or self.steps:
            return None
        if self._buffered_at is not None:
            return self._buffered_at + self._delay
        if self._silent_since is not None and not self.is_closed:
            return self._silent_since + self._expiry
        return None

    def on_deadline(self, now: float) -> None:
        """Speak text that was buffered long enough, or expire."""
        due = self.next_deadline()
        if due is None or now < due:
            return
        if self._buffered_at is not None:
            self._release(len(self._buffer))
            self._buffered_at = None
        else:
            self.is_closed = True
            self.steps.append(ContextDone())

    def take(self) -> Step | None:
        """Return the next step to perform; the caller reports its end to `finished`."""
        if not self.steps:
            return None
        self._is_busy = True
        return self.steps.popleft()

    def finished(self, step: Step, now: float) -> None:
        """Record that a step has been performed.

        Args:
            step: The step.
            now: The current time.
        """
        self._is_busy = False
        if isinstance(step, Speak) and is_pronounceable(step.text):
            self._silent_since = now

    def _change_config(self, message: JSONFields) -> None:
        """Take over the message's `generation_config`; text before it keeps the one it had."""
        config = message.object("generation_config").data
        if message.has("generation_config") and config != self._config:
            self._release(len(self._buffer))
            self._buffered_at = None
            self._config = config

    def _release(self, count: int) -> None:
        if count:
            self.steps.append(Speak(self._buffer[:count], self._flush_id, self._config))
            self._buffer = self._buffer[count:]

    def _flush(self) -> None:
        self.steps.append(FlushDone(self._flush_id))
        self._flush_id += 1


class TTSContexts:
    """All contexts of one connection.

    Args:
        per_message: Fields that may differ from message to message.
        expiry: Seconds after its last audio until an open context expires.
        max_characters: Maximum length of the whole transcript of a context.
        first_flush_id: The flush id of the first audio of each context.
    """

    def __init__(
        self,
        per_message: Collection[str],
        expiry: float,
        *,
        max_characters: int = _MAX_CHARACTERS,
        first_flush_id: int = 1,
    ) -> None:
        self._per_message = {*per_message, "context_id"}
        self._expiry = expiry
        self._max_characters = max_characters
        self._first_flush_id = first_flush_id
        self._live: dict[str, TTSContext] = {}
        self._ended: set[int] = set()  # Hashes: identifiers are as long as the client likes.

    def receive(self, message: JSONFields, now: float) -> TTSContext:
        """Handle a generation request: open its context, or continue it.

        Args:
            message: The request, valid by its schema.
            now: The current time.

        Returns:
            The context.

        Raises:
            HTTPError: The context has ended, its settings differ, or it has no word to speak.
        """
        context_id = message.text("context_id")
        settings: JSONObject = {
            name: value
            for name, value in message.data.items()
            if name not in self._per_message and value is not None
        }
        context = self._live.get(context_id)
        if context is None:
            if hash(context_id) in self._ended:
                raise HTTPError(
                    400,
                    "Context closed",
                    f"context {context_id!r} has ended: generate a new context_id",
                )
            context = TTSContext(
                context_id,
                settings,
                self._expiry,
                max_characters=self._max_characters,
                flush_id=self._first_flush_id,
            )
        elif context.is_closed:
            raise HTTPError(
                400, "Context closed", f"context {context_id!r} takes no more transcripts"
            )
        elif message.text("transcript"):
            # Nothing is spoken by a message without text, such as one that ends the context.
            _check_settings(context, settings)
        context.receive(message, now)
        self._live[context_id] = context
        return context

    def cancel(self, context_id: str) -> TTSContext | None:
        """Cancel a context and return it; None when it is not active."""
        context = self._live.get(context_id)
        if context is not None:
            context.cancel()
        return context

    def end(self, context_id: str) -> None:
        """Remove a context; its identifier cannot be used again."""
        self._live.pop(context_id, None)
        self._ended.add(hash(context_id))


def _check_settings(context: TTSContext, settings: JSONObject) -> None:
    differing = sorted(
        name for name, value in settings.items() if context.settings.get(name) != value
    )
    if differing:
        raise HTTPError(
            400,
            "Context settings differ",
            f"{', '.join(differing)}: must be the same in every message of context {context.id!r}",
        )
