"""Answers from the document's own examples: any identifier exists, and nothing is remembered."""

from __future__ import annotations

import asyncio
import json

from starlette.responses import JSONResponse, Response

from cartesia_mock.call import Call
from cartesia_mock.document import DocumentError
from cartesia_mock.generation import read_format
from cartesia_mock.jsontypes import Fields, JSONObject, JSONValue, as_object
from cartesia_mock.speech.audio import encode
from cartesia_mock.tts import MEDIA_TYPES, NO_CACHE
from cartesia_mock.voice_changer import read_flat_format

_TEXT = "This is an example."
_EVENTS = "text/event-stream"


async def answer(call: Call) -> Response:
    """Answer as the document says that the operation answers when all is well."""
    status, content = _success(call)
    if not content:
        return Response(status_code=status)
    media, node = next(iter(content.items()))
    values = [
        Fields(as_object(example)).data.get("value")
        for example in Fields(as_object(node)).object("examples").data.values()
    ]
    if media.startswith("audio/"):
        return await _audio(call)
    if not values:
        raise DocumentError(f"{call.operation.id} has no example of its {media} answer")
    if media == _EVENTS:
        events = "".join(map(_event, values))
        return Response(events, status, media_type=media, headers=NO_CACHE)
    if media == "application/json":
        return JSONResponse(values[0], status)
    return Response(str(values[0]), status, media_type=media)


def _success(call: Call) -> tuple[int, JSONObject]:
    """Give the status of success, and the content that goes with it."""
    document = call.mock.document
    pointer = f"{call.operation.pointer}/responses"
    for status in as_object(document.at(pointer)):
        if status.startswith("2"):
            _, response = document.find(f"{pointer}/{status}")
            return int(status), Fields(as_object(response)).object("content").data
    raise DocumentError(f"{call.operation.id} has no answer of success")


def _event(value: JSONValue) -> str:
    name = Fields(as_object(value)).text("type")
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {data}\n\n" if name else f"data: {data}\n\n"


async def _audio(call: Call) -> Response:
    """Speak, in the format asked for: bytes are no example that a document can hold."""
    flat = "output_format[container]" in call.body.data
    output = read_flat_format(call.body) if flat else read_format(call.body)
    said = await asyncio.to_thread(call.mock.speech.say, call.body.text("transcript", _TEXT))
    data = encode(
        said.samples,
        said.sample_rate,
        output.container,
        encoding=output.encoding,
        sample_rate=output.sample_rate,
        bit_rate=output.bit_rate,
    )
    return Response(data, media_type=MEDIA_TYPES[output.container])
