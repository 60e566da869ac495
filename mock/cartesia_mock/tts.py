"""The handlers that speak over HTTP: audio as one body, and audio as server-sent events."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import uuid
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from cartesia_mock.call import Call
from cartesia_mock.errors import internal_error
from cartesia_mock.generation import (
    Format,
    check_language,
    check_model,
    check_transcript,
    phoneme_times,
    read_format,
    read_manner,
    word_times,
)
from cartesia_mock.jsontypes import JSONObject
from cartesia_mock.speaking import Audio, Frame, Phonemes, Speaker, Words

_log = logging.getLogger("cartesia_mock")
MEDIA_TYPES = {"raw": "audio/pcm", "wav": "audio/wav", "mp3": "audio/mpeg"}
NO_CACHE = {"cache-control": "no-cache"}


async def generate(call: Call) -> Response:
    """Answer with the audio of a transcript, as it is made."""
    speaker, output = _begin(call)
    headers: dict[str, str] = {}
    if call.body.flag("save"):
        headers["cartesia-file-id"] = f"file_{uuid.uuid4().hex[:16]}"

    async def body() -> AsyncIterator[bytes]:
        async for frame in speaker.speak(call.body.text("transcript"), output.encoder()):
            if isinstance(frame, Audio):
                yield frame.data

    media_type = MEDIA_TYPES[output.container]
    answer = StreamingResponse(body(), media_type=media_type, headers=headers)
    return call.mock.speaking.until_sent(answer)


async def generate_sse(call: Call) -> Response:
    """Answer with events: audio, times where they were asked for, and the end."""
    speaker, output = _begin(call)
    context_id = call.body.text("context_id") or None

    async def events() -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        before = clock()
        try:
            async for frame in speaker.speak(call.body.text("transcript"), output.encoder()):
                event = _event(call, frame, (clock() - before) * 1000)
                if event is not None:
                    yield _sse(event, context_id)
                    before = clock()
        except Exception as error:  # noqa: BLE001  whatever it is, the client is told
            _log.exception("speaking failed in the middle of a stream")
            failure = internal_error(error).event(call.version, call.request_id, context_id)
            yield _sse(failure, context_id)
            return
        yield _sse({"type": "done", "done": True, "status_code": 206}, context_id)

    answer = StreamingResponse(events(), media_type="text/event-stream", headers=NO_CACHE)
    return call.mock.speaking.until_sent(answer)


def _begin(call: Call) -> tuple[Speaker, Format]:
    check_model(call.body.text("model_id"), call.mock, call.field_schema("model_id"))
    if call.body.has("language"):
        check_language(call.body.text("language"), call.mock, call.field_schema("language"))
    manner = read_manner(call.body, call.mock)
    check_transcript(call.body.text("transcript"))
    return Speaker(call.mock, manner), read_format(call.body)


def _event(call: Call, frame: Frame, step_time: float) -> JSONObject | None:
    if isinstance(frame, Audio):
        return {
            "type": "chunk",
            "done": False,
            "status_code": 206,
            "step_time": round(step_time, 3),
            "data": base64.b64encode(frame.data).decode(),
        }
    if isinstance(frame, Words) and call.body.flag("add_timestamps"):
        times = word_times(frame)
        return {"type": "timestamps", "done": False, "status_code": 206, "word_timestamps": times}
    if isinstance(frame, Phonemes) and call.body.flag("add_phoneme_timestamps"):
        return {
            "type": "phoneme_timestamps",
            "done": False,
            "status_code": 206,
            "phoneme_timestamps": phoneme_times(frame),
        }
    return None


def _sse(event: JSONObject, context_id: str | None) -> bytes:
    if context_id is not None:
        event["context_id"] = context_id
    data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event['type']}\ndata: {data}\n\n".encode()
