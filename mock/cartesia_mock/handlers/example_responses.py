"""The handler for operations without one of their own: it responds with the document's examples."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, Response

from cartesia_mock.api.event_stream import EVENT_STREAM, NO_CACHE, encode_event
from cartesia_mock.api.jsontypes import JSONFields, JSONValue, as_object
from cartesia_mock.document.openapi_document import APIDocument, APIOperation, InvalidDocumentError
from cartesia_mock.http.api_request import APIRequest
from cartesia_mock.speech.audio import encode_as
from cartesia_mock.tts.tts_options import parse_output_format

_TEXT = "This is an example."
_BYTES = b"\x00An example.\xff"
"""Content of a media type of which the mock cannot make a file."""


async def respond_with_example(request: APIRequest) -> Response:
    """Respond with the example of the operation's success response."""
    status, content = success_examples(request.mock.document, request.operation)
    if not content:
        return Response(status_code=status)
    media, values = next(iter(content.items()))
    if is_binary(media) and not values:
        return await _binary_response(request, status, list(content))
    if media == EVENT_STREAM:
        events = b"".join(encode_event(as_object(value)) for value in values)
        return Response(events, status, media_type=media, headers=NO_CACHE)
    if _is_json(media):
        return JSONResponse(values[0], status, media_type=media)
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
            if not values and not is_binary(media):
                raise InvalidDocumentError(f"{operation.id} has no example of its {media} answer")
        return int(status), content
    raise InvalidDocumentError(f"{operation.id} has no answer of success")


def is_binary(media: str) -> bool:
    """Return whether a media type is neither text nor JSON, so that a document has no example."""
    return not media.startswith("text/") and not _is_json(media)


def _is_json(media: str) -> bool:
    plain = media.partition(";")[0].strip()
    return plain == "application/json" or plain.endswith("+json")


async def _binary_response(request: APIRequest, status: int, medias: list[str]) -> Response:
    """Respond with speech where the media type is one of audio, else with a few bytes."""
    body = request.body
    output = parse_output_format(body)
    wants_format = body.has("output_format") or body.has("output_format[container]")
    text = body.text("transcript", _TEXT)
    if output.media_type in medias and (wants_format or medias[0] == output.media_type):
        utterance = await asyncio.to_thread(request.mock.synthesizer.synthesize, text)
        audio = output.encode(utterance.samples, utterance.sample_rate)
        return Response(audio, status, media_type=output.media_type)
    media = medias[0]
    if not media.startswith("audio/"):
        return Response(_BYTES, status, media_type=media)
    utterance = await asyncio.to_thread(request.mock.synthesizer.synthesize, text)
    file = encode_as(media, utterance.samples, utterance.sample_rate)
    return Response(file or _BYTES, status, media_type=media)
