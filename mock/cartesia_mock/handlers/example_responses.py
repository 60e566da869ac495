"""The handler for operations without one of their own: it responds with the document's examples."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, Response

from cartesia_mock.api.event_stream import EVENT_STREAM, NO_CACHE, encode_event
from cartesia_mock.api.jsontypes import JSONFields, JSONValue, as_object
from cartesia_mock.document.openapi_document import APIDocument, APIOperation, InvalidDocumentError
from cartesia_mock.http.api_request import APIRequest
from cartesia_mock.tts.tts_options import parse_output_format

_TEXT = "This is an example."


async def respond_with_example(request: APIRequest) -> Response:
    """Respond with the example of the operation's success response."""
    status, content = success_examples(request.mock.document, request.operation)
    if not content:
        return Response(status_code=status)
    media, values = next(iter(content.items()))
    if media.startswith("audio/"):
        return await _audio_response(request)
    if media == EVENT_STREAM:
        events = b"".join(encode_event(as_object(value)) for value in values)
        return Response(events, status, media_type=media, headers=NO_CACHE)
    if media == "application/json":
        return JSONResponse(values[0], status)
    return Response(str(values[0]), status, media_type=media)


def success_examples(
    document: APIDocument, operation: APIOperation
) -> tuple[int, dict[str, list[JSONValue]]]:
    """Return the status of an operation's success response, and its examples by media type.

    Raises:
        InvalidDocumentError: There is no success response, or a required example is missing.
    """
    pointer = f"{operation.pointer}/responses"
    for status in as_object(document.at(pointer)):
        if not status.startswith("2"):
            continue
        _, response = document.find(f"{pointer}/{status}")
        content = {
            media: [
                JSONFields(as_object(example)).data.get("value")
                for example in JSONFields(as_object(node)).object("examples").data.values()
            ]
            for media, node in JSONFields(as_object(response)).object("content").data.items()
        }
        for media, values in content.items():
            if not values and not media.startswith("audio/"):
                raise InvalidDocumentError(f"{operation.id} has no example of its {media} answer")
        return int(status), content
    raise InvalidDocumentError(f"{operation.id} has no answer of success")


async def _audio_response(request: APIRequest) -> Response:
    """Synthesize audio in the requested format: the document cannot hold audio as an example."""
    output = parse_output_format(request.body)
    text = request.body.text("transcript", _TEXT)
    utterance = await asyncio.to_thread(request.mock.synthesizer.synthesize, text)
    data = output.encode(utterance.samples, utterance.sample_rate)
    return Response(data, media_type=output.media_type)
