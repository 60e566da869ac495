"""The handlers of the voice catalogue, and the previews that it points to."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cartesia_mock.auth import authenticate
from cartesia_mock.call import Call, Mock
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject, as_list, as_object
from cartesia_mock.paging import page
from cartesia_mock.request_id import request_id
from cartesia_mock.speech.audio import decode, encode
from cartesia_mock.versions import Version

_PREVIEW = "/previews/{id}.wav"
_PREVIEW_TEXT = "Hello, my name is {name}."


async def list_voices(call: Call) -> Response:
    """Answer with a page of the catalogue."""
    return voice_page(call, call.mock.catalogue.search(call.query))


async def get_voice(call: Call) -> Response:
    """Answer with one voice."""
    voice = call.mock.catalogue.get(call.path.text("id"))
    return JSONResponse(_shown(call, voice))


def voice_page(call: Call, voices: list[JSONObject]) -> Response:
    """Answer with a page of some voices."""
    found = page(voices, call.query, call.mock.settings.page_size)
    found["data"] = [_shown(call, as_object(voice)) for voice in as_list(found["data"])]
    return JSONResponse(found)


def preview_route(mock: Mock) -> Route:
    """Give the route of the previews, which is no part of the document.

    Args:
        mock: The server's parts.

    Returns:
        The route: a WAV file in which the voice says its name, or the clip that it was made from.
    """

    async def preview(request: Request) -> Response:
        version = Version.parse(mock.document.version)
        try:
            authenticate(request, mock.settings.api_key, mock.tokens, None)
            voice = Fields(mock.catalogue.get(request.path_params["id"]))
        except APIError as error:
            return error.response(version, request_id(request))
        return Response(await asyncio.to_thread(_speak, mock, voice), media_type="audio/wav")

    return Route(_PREVIEW, preview)


def _speak(mock: Mock, voice: Fields) -> bytes:
    clip = mock.catalogue.clip(voice.text("id"))
    if clip is not None:
        samples, rate = decode(clip)
        return encode(samples, rate, "wav", encoding="pcm_s16le", sample_rate=rate)
    text = _PREVIEW_TEXT.format(name=voice.text("name"))
    traits, language = mock.catalogue.speaker(voice.text("id"))
    said = mock.speech.say(text, language=language, voice=traits)
    mock.memory.remember(said.samples, said.sample_rate, said.text, said.words)
    return encode(
        said.samples, said.sample_rate, "wav", encoding="pcm_s16le", sample_rate=said.sample_rate
    )


def _shown(call: Call, voice: JSONObject) -> JSONObject:
    if "preview_file_url" not in call.query.texts("expand[]"):
        return voice
    path = _PREVIEW.format(id=Fields(voice).text("id"))
    return voice | {"preview_file_url": str(call.request.base_url.replace(path=path))}
