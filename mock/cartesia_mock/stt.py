"""The handler that writes down what is said in a file."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, Response

from cartesia_mock.call import Call
from cartesia_mock.errors import APIError
from cartesia_mock.generation import check_language, check_model
from cartesia_mock.jsontypes import JSONObject, JSONValue
from cartesia_mock.speech.audio import UnreadableAudio, decode
from cartesia_mock.speech.hearing import Heard

_DEFAULT_LANGUAGE = "en"


async def transcribe(call: Call) -> Response:
    """Answer with the text of an uploaded file, and the times of its words when asked for."""
    check_model(call.body.text("model"), call.mock, call.field_schema("model"))
    language = call.body.text("language", _DEFAULT_LANGUAGE)
    check_language(language, call.mock, call.field_schema("language"))
    content = call.file("file").content
    with call.mock.listening.one():
        heard = await asyncio.to_thread(_hear, call, content, language)
    answer: JSONObject = {
        "type": "transcript",
        "text": heard.text,
        "request_id": call.request_id,
        "is_final": True,
        "language": language,
        "duration": round(heard.duration, 4),
    }
    if "word" in call.body.texts("timestamp_granularities[]"):
        words: list[JSONValue] = [
            {"word": word.text, "start": round(word.start, 4), "end": round(word.end, 4)}
            for word in heard.words
        ]
        answer["words"] = words
    return JSONResponse(answer)


def _hear(call: Call, content: bytes, language: str) -> Heard:
    encoding = call.query.text("encoding") or None
    try:
        samples, rate = decode(
            content, encoding=encoding, sample_rate=call.query.integer("sample_rate")
        )
    except UnreadableAudio as error:
        raise APIError(400, "Invalid audio", str(error)) from None
    return call.mock.hearing.transcribe(samples, rate, language)
