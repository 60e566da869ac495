"""Answers from the document's own examples: any identifier exists, and nothing is remembered."""

from __future__ import annotations

import asyncio
import json

from starlette.responses import JSONResponse, Response

from cartesia_mock.call import Call
from cartesia_mock.document import Document, DocumentError, Operation
from cartesia_mock.generation import read_format
from cartesia_mock.jsontypes import Fields, JSONValue, as_object
from cartesia_mock.speech.audio import encode
from cartesia_mock.tts import MEDIA_TYPES, NO_CACHE
from cartesia_mock.voice_changer import read_flat_format

_TEXT = "This is an example."
_EVENTS = "text/event-stream"


async def answer(call: Call) -> Response:
    """Answer as the document says that the operation answers when all is well."""
    status, content = success(call.mock.document, call.operation)
    if not content:
        return Response(status_code=status)
    media, values = next(iter(content.items()))
    if media.startswith("audio/"):
        return await _audio(call)
    if media == _EVENTS:
        events = "".join(map(_event, values))
        return Response(events, status, media_type=media, headers=NO_CACHE)
    if media == "application/json":
        return JSONResponse(values[0], status)
    return Response(str(values[0]), status, media_type=media)


def success(document: Document, operation: Operation) -> tuple[int, dict[str, list[JSONValue]]]:
    """Give the status of success, and the examples of each media type that goes with it.

    Raises:
        DocumentError: There is no answer of success, or one without the example it needs.
    """
    pointer = f"{operation.pointer}/responses"
    for status in as_object(document.at(pointer)):
        if not status.startswith("2"):
            continue
        _, response = document.find(f"{pointer}/{status}")
        content = {
            media: [
                Fields(as_object(example)).data.get("value")
                for example in Fields(as_object(node)).object("examples").data.values()
            ]
            for media, node in Fields(as_object(response)).object("content").data.items()
        }
        for media, values in content.items():
            if not values and not media.startswith("audio/"):
                raise DocumentError(f"{operation.id} has no example of its {media} answer")
        return int(status), content
    raise DocumentError(f"{operation.id} has no answer of success")


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
