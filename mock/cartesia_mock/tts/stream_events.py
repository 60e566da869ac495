"""Events of TTS streams, the same over server-sent events and WebSockets."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cartesia_mock.api.jsontypes import JSONFields, JSONObject
from cartesia_mock.speech import TimedText
from cartesia_mock.tts.streaming import AudioChunk, StreamItem, WordTimings


def stream_event(item: StreamItem, fields: JSONFields, seconds: float) -> JSONObject | None:
    """Return the event for an item of a stream.

    Args:
        item: The item.
        fields: The request; it says which timestamps it wants.
        seconds: Time since the event before.

    Returns:
        The event, or None for timestamps that were not requested.
    """
    event: JSONObject = {"done": False, "status_code": 206}
    if isinstance(item, AudioChunk):
        data = base64.b64encode(item.data).decode()
        return {"type": "chunk", **event, "step_time": round(seconds * 1000, 3), "data": data}
    if isinstance(item, WordTimings):
        if not fields.flag("add_timestamps"):
            return None
        return {"type": "timestamps", **event, "word_timestamps": _parallel("words", item.times)}
    if not fields.flag("add_phoneme_timestamps"):
        return None
    times = _parallel("phonemes", item.times)
    return {"type": "phoneme_timestamps", **event, "phoneme_timestamps": times}


def _parallel(name: str, times: Sequence[TimedText]) -> JSONObject:
    """Return timestamps as the API does: three parallel arrays."""
    return {
        name: [each.text for each in times],
        "start": [round(each.start, 4) for each in times],
        "end": [round(each.end, 4) for each in times],
    }
