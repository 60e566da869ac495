"""How today's events become what the older wrapper gave."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cartesia._runtime.model import Model
from cartesia._runtime.websocket.legacy_output import (
    LegacyOutput,
    LegacyWebSocketError,
    join_outputs,
    read_output,
)


@dataclass
class Chunk:
    audio: bytes
    type: str = "chunk"
    context_id: str = "c"


def words(*texts: str) -> Model:
    return Model.from_dict({"words": list(texts), "start": [0.0] * len(texts)})


def test_pieces_are_joined_in_order() -> None:
    pieces = [
        LegacyOutput(audio=b"ab"),
        LegacyOutput(word_timestamps=words("one")),
        LegacyOutput(audio=b"c"),
        LegacyOutput(word_timestamps=words("two", "three")),
    ]
    whole = join_outputs("c", pieces)
    assert whole.audio == b"abc"
    assert whole.word_timestamps == words("one", "two", "three")
    assert whole.phoneme_timestamps is None
    assert whole.context_id == "c"


def test_events_are_read() -> None:
    assert read_output(Chunk(b"ab")) == LegacyOutput(audio=b"ab", context_id="c")
    assert read_output(Model.from_dict({"type": "done"})) is None
    with pytest.raises(LegacyWebSocketError, match="strange"):
        read_output(Model.from_dict({"type": "error", "strange": 1}))
