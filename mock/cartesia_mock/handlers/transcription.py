"""The handler that transcribes an uploaded file."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, Response

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONObject
from cartesia_mock.http.api_request import APIRequest, Handler
from cartesia_mock.speech.audio import UnreadableAudioError, decode
from cartesia_mock.speech.recognition import Transcription
from cartesia_mock.stt.transcript import word_objects

_DEFAULT_LANGUAGE = "en"


async def transcribe(request: APIRequest) -> Response:
    """Respond with the text of an uploaded file, and with its words if requested."""
    mock, body = request.mock, request.body
    language = body.text("language", _DEFAULT_LANGUAGE)
    content = request.file("file").content
    with mock.transcription_limit.slot():
        transcription = await asyncio.to_thread(_transcribe, request, content, language)
    response: JSONObject = {
        "type": "transcript",
        "text": transcription.text,
        "request_id": request.id,
        "is_final": True,
        "language": language,
        "duration": round(transcription.duration, 4),
    }
    if "word" in body.texts("timestamp_granularities[]"):
        response["words"] = word_objects(transcription.words, 0.0)
    return JSONResponse(response)


def _transcribe(request: APIRequest, content: bytes, language: str) -> Transcription:
    query = request.query
    encoding, sample_rate = query.text("encoding") or None, query.integer("sample_rate")
    try:
        samples, rate = decode(content, encoding=encoding, sample_rate=sample_rate)
    except UnreadableAudioError as error:
        raise HTTPError(400, "Invalid audio", str(error)) from None
    return request.mock.transcriber.transcribe(samples, rate, language)


HANDLERS: dict[str, Handler] = {"stt.transcribe": transcribe}
"""Handlers by operationId."""
