"""The contexts of a TTS socket, without a socket: messages and time in, steps to perform out."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Union

from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject
from cartesia_mock.text import complete_part, is_pronounceable

_DEFAULT_BUFFER_DELAY = 3000
_EMPTY = "transcript empty or contains only punctuation"


@dataclass(frozen=True)
class Speak:
    """Speak a text; its audio belongs to the flush with this number."""

    text: str
    flush_id: int


@dataclass(frozen=True)
class Flushed:
    """Say that everything before the flush with this number has been sent."""

    flush_id: int


@dataclass(frozen=True)
class Done:
    """Say that the context is done."""


Step = Union[Speak, Flushed, Done]


class Context:
    """One utterance that grows message by message.

    Times are seconds of any clock that only goes forward.

    Args:
        context_id: Its name.
        settings: Everything that all its messages must agree in.
        expiry: Seconds that it outlives its last audio while open.
    """

    def __init__(self, context_id: str, settings: JSONObject, expiry: float) -> None:
        self.id = context_id
        self.settings = settings
        self.steps: deque[Step] = deque()
        self.is_closed = False
        self.is_cancelled = False
        self._expiry = expiry
        self._buffer = ""
        self._buffered_at: float | None = None
        self._delay = 0.0
        self._flush_id = 1
        self._has_words = False
        self._is_speaking = False
        self._silent_since: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing will come of it any more."""
        return self.is_closed and not self.steps and not self._is_speaking

    @property
    def is_last(self) -> bool:
        """Whether the step that was taken last is the last that speaks."""
        return self.is_closed and not any(isinstance(step, Speak) for step in self.steps)

    def receive(self, message: Fields, now: float) -> None:
        """Take a generation request.

        Args:
            message: The request, valid by its schema.
            now: The time.

        Raises:
            APIError: The last text has come, and there was nothing to speak in all of it.
        """
        self._buffer += message.text("transcript")
        self._has_words = self._has_words or is_pronounceable(self._buffer)
        delay = message.integer("max_buffer_delay_ms")
        self._delay = (_DEFAULT_BUFFER_DELAY if delay is None else delay) / 1000
        self._silent_since = None
        if not message.flag("continue"):
            if not self._has_words:
                raise APIError(
                    400, _EMPTY, "first transcript for WS is empty or contains only punctuation"
                )
            self._release(len(self._buffer))
            if message.flag("flush"):
                self._flush()
            self.is_closed = True
            self.steps.append(Done())
        elif message.flag("flush"):
            self._release(len(self._buffer))
            self._flush()
        elif self._delay == 0:
            self._release(len(self._buffer))
        else:
            self._release(complete_part(self._buffer))
        if not self._buffer:
            self._buffered_at = None
        elif self._buffered_at is None:
            self._buffered_at = now

    def cancel(self) -> None:
        """Drop what has not begun to be spoken; what has begun goes on to the sentence's end."""
        self.steps.clear()
        self._buffer = ""
        self._buffered_at = None
        self.is_closed = True
        self.is_cancelled = True
        if self._is_speaking:
            self.steps.append(Done())

    def due(self) -> float | None:
        """Say when `tick` has something to do, if nothing else happens before."""
        if self._is_speaking or self.steps:
            return None
        if self._buffered_at is not None:
            return self._buffered_at + self._delay
        if self._silent_since is not None and not self.is_closed:
            return self._silent_since + self._expiry
        return None

    def tick(self, now: float) -> None:
        """Let time pass: speak what was held back long enough, or expire."""
        due = self.due()
        if due is None or now < due:
            return
        if self._buffered_at is not None:
            self._release(len(self._buffer))
            self._buffered_at = None
        else:
            self.is_closed = True
            self.steps.append(Done())

    def take(self) -> Step | None:
        """Take the next step to perform; `finished` is to be called when that is done."""
        if not self.steps:
            return None
        self._is_speaking = True
        return self.steps.popleft()

    def finished(self, step: Step, now: float) -> None:
        """Note that a step has been performed.

        Args:
            step: The step.
            now: The time.
        """
        self._is_speaking = False
        if isinstance(step, Speak) and is_pronounceable(step.text):
            self._silent_since = now

    def _release(self, count: int) -> None:
        if count:
            self.steps.append(Speak(self._buffer[:count], self._flush_id))
            self._buffer = self._buffer[count:]

    def _flush(self) -> None:
        self.steps.append(Flushed(self._flush_id))
        self._flush_id += 1


class Contexts:
    """All contexts of one connection.

    Args:
        per_message: Fields that may differ from message to message.
        expiry: Seconds that an open context outlives its last audio.
    """

    def __init__(self, per_message: Collection[str], expiry: float) -> None:
        self._per_message = {*per_message, "context_id", "duration"}
        self._expiry = expiry
        self._live: dict[str, Context] = {}
        self._ended: set[str] = set()

    def receive(self, message: Fields, now: float) -> Context:
        """Take a generation request: open its context, or go on with it.

        Args:
            message: The request, valid by its schema.
            now: The time.

        Returns:
            The context; it is new when it has not been given out before.

        Raises:
            APIError: The context has ended, its settings differ, or it has nothing to speak.
        """
        context_id = message.text("context_id")
        settings: JSONObject = {
            name: value
            for name, value in message.data.items()
            if name not in self._per_message and value is not None
        }
        context = self._live.get(context_id)
        if context is None:
            if context_id in self._ended:
                raise APIError(
                    400,
                    "Context closed",
                    f"context {context_id!r} has ended: generate a new context_id",
                )
            context = Context(context_id, settings, self._expiry)
        elif context.is_closed:
            raise APIError(
                400, "Context closed", f"context {context_id!r} takes no more transcripts"
            )
        else:
            _check_same(context, settings)
        context.receive(message, now)
        self._live[context_id] = context
        return context

    def cancel(self, context_id: str) -> Context | None:
        """Cancel a context; give it if it is alive."""
        context = self._live.get(context_id)
        if context is not None:
            context.cancel()
        return context

    def end(self, context_id: str) -> None:
        """Forget a context, but not that its name is used up."""
        self._live.pop(context_id, None)
        self._ended.add(context_id)


def _check_same(context: Context, settings: JSONObject) -> None:
    differing = sorted(
        name for name, value in settings.items() if context.settings.get(name) != value
    )
    if differing:
        raise APIError(
            400,
            "Context settings differ",
            f"{', '.join(differing)}: must be the same in every message of context {context.id!r}",
        )
