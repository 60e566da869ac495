"""How today's events become what the older wrapper gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cartesia._runtime._sync.websocket.context import Context
from cartesia._runtime._sync.websocket.legacy import LegacyOutput, _join_outputs, _pieces
from cartesia._runtime.errors import LegacyWebSocketError
from cartesia._runtime.model import Model


@dataclass
class Chunk:
    audio: bytes
    type: str = "chunk"
    context_id: str = "c"


class Heard(Context[object]):
    """A context whose events have all come."""

    def __init__(self, events: list[object]) -> None:
        self._heard = events

    def receive(self, timeout: float | None = None) -> Iterator[object]:  # type: ignore[override]
        return iter(self._heard)


def words(*texts: str) -> Model:
    return Model.from_dict({"words": list(texts), "start": [0.0] * len(texts)})


def test_pieces_are_joined_in_order() -> None:
    pieces = [
        LegacyOutput(audio=b"ab"),
        LegacyOutput(word_timestamps=words("one")),
        LegacyOutput(audio=b"c"),
        LegacyOutput(word_timestamps=words("two", "three")),
    ]
    whole = _join_outputs("c", pieces)
    assert whole.audio == b"abc"
    assert whole.word_timestamps == words("one", "two", "three")
    assert whole.phoneme_timestamps is None
    assert whole.context_id == "c"


def test_events_are_read() -> None:
    done = Model.from_dict({"type": "done"})
    pieces = list(_pieces(Heard([Chunk(b"ab"), done])))
    assert pieces == [LegacyOutput(audio=b"ab", context_id="c")]
    with pytest.raises(LegacyWebSocketError, match="strange"):
        list(_pieces(Heard([Model.from_dict({"type": "error", "strange": 1})])))
