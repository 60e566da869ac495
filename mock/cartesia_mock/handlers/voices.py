"""Handlers of voices: the catalogue, previews, clones and localized voices."""

from __future__ import annotations

import asyncio
import dataclasses

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cartesia_mock.api.error_responses import with_error_responses
from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, as_list, as_object
from cartesia_mock.http.api_request import APIRequest, Handler, Mock
from cartesia_mock.http.authentication import authenticate
from cartesia_mock.http.request_validation import check_language, decode_audio
from cartesia_mock.speech import Gender, VoiceTraits
from cartesia_mock.speech.audio import decode, encode
from cartesia_mock.speech.voice_analysis import analyze_voice
from cartesia_mock.storage import OWNER
from cartesia_mock.storage.dialects import dialects
from cartesia_mock.storage.voice_catalogue import new_voice

_PREVIEW = "/previews/{id}.wav"
_PREVIEW_TEXT = "Hello, my name is {name}."
_MAX_NAME = 100
_RETURNED = ("id", "is_public", "name", "description", "created_at", "language")
_GENDERS: dict[str, Gender] = {"male": "masculine", "female": "feminine"}


async def list_voices(request: APIRequest) -> Response:
    """Respond with a page of the catalogue."""
    return voice_page(request, request.mock.catalogue.search(request.query))


async def get_voice(request: APIRequest) -> Response:
    """Respond with one voice."""
    voice = request.mock.catalogue.get(request.path.text("id"))
    return JSONResponse(_with_preview(request, voice))


async def update(request: APIRequest) -> Response:
    """Update an owned voice; null resets the gender or the accent."""
    body = request.body
    changes: JSONObject = {
        name: body.text(name) for name in ("name", "description") if body.has(name)
    }
    if "gender" in body.data:
        gender = body.text("gender")
        changes["gender"] = _GENDERS.get(gender, gender) or None
    if "accent" in body.data:
        changes["accent"] = body.text("accent") or None
    return JSONResponse(request.mock.catalogue.change(request.path.text("id"), changes))


async def delete(request: APIRequest) -> Response:
    """Delete an owned voice."""
    request.mock.catalogue.remove(request.path.text("id"))
    return Response(status_code=204)


async def clone(request: APIRequest) -> Response:
    """Create a voice with the pitch and timbre of a clip; the clip is stored."""
    body = request.body
    check_language(body.text("language"), request.mock, request.field_schema("language"))
    base_id = body.text("base_voice_id")
    base = request.mock.catalogue.synthesis_voice(base_id)[0] if base_id else None
    clip = request.file("clip").content
    traits = await asyncio.to_thread(lambda: analyze_voice(*decode_audio(clip, "clip")))
    if base is not None:
        traits = dataclasses.replace(traits, pace=base.pace, variant=base.variant)
    return await _create(request, traits, traits.gender, clip=clip)


async def localize(request: APIRequest) -> Response:
    """Create a voice with the traits of another one, for another language."""
    body = request.body
    language, dialect = body.text("language"), body.text("dialect")
    known = dialects(language)
    if dialect and dialect not in known:
        there = f"there are {', '.join(known)}" if known else "there is none"
        message = f"dialect: {dialect!r} is none of the language {language!r}: {there}"
        raise HTTPError(400, "Invalid request", message)
    traits, _ = request.mock.catalogue.synthesis_voice(body.text("voice_id"))
    gender = _GENDERS[body.text("original_speaker_gender")]
    return await _create(request, traits, gender, dialect=dialect)


def voice_page(request: APIRequest, voices: list[JSONObject]) -> Response:
    """Respond with a page of a list of voices."""
    found = request.page(voices)
    found["data"] = [_with_preview(request, as_object(voice)) for voice in as_list(found["data"])]
    return JSONResponse(found)


def preview_route(mock: Mock) -> Route:
    """Return the route of voice previews, which is not part of the document.

    Args:
        mock: The server's components.

    Returns:
        The route. It serves a WAV file: the clip that a voice was cloned from, or else a sentence
        spoken in the voice.
    """

    async def preview(request: Request) -> Response:
        authenticate(request, mock.settings.api_key, mock.tokens, None)
        voice = JSONFields(mock.catalogue.get(request.path_params["id"]))
        return Response(await asyncio.to_thread(_preview, mock, voice), media_type="audio/wav")

    return Route(_PREVIEW, with_error_responses(preview, mock.document.version))


def _preview(mock: Mock, voice: JSONFields) -> bytes:
    clip = mock.catalogue.clip(voice.text("id"))
    if clip is not None:
        samples, rate = decode(clip)
    else:
        text = _PREVIEW_TEXT.format(name=voice.text("name")[:_MAX_NAME])
        traits, language = mock.catalogue.synthesis_voice(voice.text("id"))
        utterance = mock.synthesizer.synthesize(text, language=language, voice=traits)
        samples, rate = utterance.samples, utterance.sample_rate
        mock.fingerprints.add(samples, rate, utterance.text, utterance.words)
    return encode(samples, rate, "wav", encoding="pcm_s16le", sample_rate=rate)


def _with_preview(request: APIRequest, voice: JSONObject) -> JSONObject:
    if "preview_file_url" not in request.query.texts("expand[]"):
        return voice
    path = _PREVIEW.format(id=JSONFields(voice).text("id"))
    return voice | {"preview_file_url": str(request.http.base_url.replace(path=path))}


async def _create(
    request: APIRequest,
    traits: VoiceTraits,
    gender: Gender,
    *,
    dialect: str = "",
    clip: bytes | None = None,
) -> Response:
    """Store a new voice, and respond with the fields that the API returns for one."""
    mock = request.mock
    voice = new_voice(request.body, gender, mock.clock.now(), dialect=dialect)
    await asyncio.to_thread(mock.catalogue.add, voice, traits, dialect=dialect, clip=clip)
    return JSONResponse({**{name: voice[name] for name in _RETURNED}, "user_id": OWNER})


HANDLERS: dict[str, Handler] = {
    "voices.list": list_voices,
    "voices.get": get_voice,
    "voices.update": update,
    "voices.delete": delete,
    "voices.clone": clone,
    "voices.localize": localize,
}
"""Handlers by operationId."""
