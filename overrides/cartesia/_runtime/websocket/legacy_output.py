"""What the older `tts.websocket()` gave its users, made of today's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.model import ErrorEvent, Model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cartesia._runtime.types import JSONObject


class LegacyWebSocketError(CartesiaError, RuntimeError):
    """The server answered a `tts.websocket()` request with an error event."""


@define
class LegacyOutput:
    """One piece of an answer, or the whole of it.

    Attributes:
        audio: The samples, as asked for.
        word_timestamps: When each word is spoken.
        phoneme_timestamps: When each phoneme is spoken.
        context_id: The context it belongs to.
        flush_done: Whether a flush ends here.
        flush_id: Which flush.
    """

    audio: bytes | None = None
    word_timestamps: object | None = None
    phoneme_timestamps: object | None = None
    context_id: str | None = None
    flush_done: bool | None = None
    flush_id: int | None = None


def read_output(event: object) -> LegacyOutput | None:
    """Read one event.

    Args:
        event: The event of a context.

    Returns:
        What it holds; None for the event that says done.

    Raises:
        LegacyWebSocketError: It says that something failed.
    """
    kind = getattr(event, "type", None)
    if kind == "error":
        said = event.error if isinstance(event, ErrorEvent) else repr(event)
        raise LegacyWebSocketError(f"the server could not speak: {said}")
    if kind == "done":
        return None
    return LegacyOutput(
        audio=getattr(event, "audio", None),
        word_timestamps=getattr(event, "word_timestamps", None),
        phoneme_timestamps=getattr(event, "phoneme_timestamps", None),
        context_id=getattr(event, "context_id", None),
        flush_done=getattr(event, "flush_done", None),
        flush_id=getattr(event, "flush_id", None),
    )


def join_outputs(context_id: str, outputs: Iterable[LegacyOutput]) -> LegacyOutput:
    """Join the pieces of an answer: audio end to end, timestamps one after the other.

    Args:
        context_id: The context.
        outputs: The pieces, in order.
    """
    pieces = list(outputs)
    return LegacyOutput(
        audio=b"".join(piece.audio for piece in pieces if piece.audio),
        word_timestamps=_join_lists(piece.word_timestamps for piece in pieces),
        phoneme_timestamps=_join_lists(piece.phoneme_timestamps for piece in pieces),
        context_id=context_id,
    )


def _join_lists(parts: Iterable[object | None]) -> Model | None:
    """Join objects of parallel lists, field by field."""
    joined: JSONObject = {}
    for part in parts:
        if isinstance(part, Model):
            for name, values in part.to_dict().items():
                joined.setdefault(name, []).extend(values)
    return Model.from_dict(joined) if joined else None
