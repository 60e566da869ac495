"""Handlers of speech over HTTP: audio as one body, and as server-sent events."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from cartesia_mock.api.event_stream import encode_event, event_stream_response
from cartesia_mock.api.http_errors import HTTPError, internal_error
from cartesia_mock.api.jsontypes import JSONObject
from cartesia_mock.http.api_request import APIRequest, Handler
from cartesia_mock.tts.stream_events import stream_event
from cartesia_mock.tts.streaming import AudioChunk, SpeechStreamer
from cartesia_mock.tts.tts_options import (
    OutputFormat,
    check_settings,
    check_transcript,
    parse_output_format,
    parse_synthesis_options,
)

_log = logging.getLogger("cartesia_mock")


async def generate(request: APIRequest) -> Response:
    """Respond with the audio of a transcript while it is generated."""
    streamer, output = _prepare(request)
    headers: dict[str, str] = {}
    if request.body.flag("save"):
        headers["cartesia-file-id"] = f"file_{uuid.uuid4().hex[:16]}"
    return audio_response(request, streamer, output, headers)


async def generate_sse(request: APIRequest) -> Response:
    """Respond with events: audio, timestamps if requested, and `done`."""
    streamer, output = _prepare(request)
    context_id = request.body.text("context_id") or None
    context: JSONObject = {} if context_id is None else {"context_id": context_id}

    async def events() -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        sent_at = clock()
        try:
            async for item in streamer.stream(request.body.text("transcript"), output.encoder()):
                event = stream_event(item, request.body, clock() - sent_at)
                if event is not None:
                    yield encode_event(event | context)
                    sent_at = clock()
        except HTTPError as error:
            yield encode_event(error.event(request.id, context_id))
            return
        except Exception as error:  # noqa: BLE001  every failure is reported to the client
            _log.exception("speaking failed in the middle of a stream")
            failure = internal_error(error).event(request.id, context_id)
            yield encode_event(failure)
            return
        done: JSONObject = {"type": "done", "done": True, "status_code": 206}
        yield encode_event(done | context)

    return request.mock.generation_limit.hold_until_sent(event_stream_response(events()))


def audio_response(
    request: APIRequest,
    streamer: SpeechStreamer,
    output: OutputFormat,
    headers: dict[str, str] | None = None,
) -> Response:
    """Respond with the audio of the request's transcript while it is generated."""

    async def body() -> AsyncIterator[bytes]:
        async for item in streamer.stream(request.body.text("transcript"), output.encoder()):
            if isinstance(item, AudioChunk):
                yield item.data

    response = StreamingResponse(body(), media_type=output.media_type, headers=headers)
    return request.mock.generation_limit.hold_until_sent(response)


def _prepare(request: APIRequest) -> tuple[SpeechStreamer, OutputFormat]:
    body, mock = request.body, request.mock
    check_settings(body, mock, request.field_schemas)
    options = parse_synthesis_options(body, mock)
    check_transcript(body.text("transcript"), mock)
    return SpeechStreamer(mock, options), parse_output_format(body)


HANDLERS: dict[str, Handler] = {
    "tts.generate": generate,
    "tts.generate_sse": generate_sse,
}
"""Handlers by operationId."""
