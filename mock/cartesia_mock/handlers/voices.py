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
from cartesia_mock.handlers.dated_voices import dated_voice, parse_accent
from cartesia_mock.http.api_request import APIRequest, Handler, Mock
from cartesia_mock.http.authentication import authenticate
from cartesia_mock.http.request_validation import decode_audio
from cartesia_mock.speech import Gender, VoiceTraits
from cartesia_mock.speech.audio import decode, encode
from cartesia_mock.speech.voice_analysis import analyze_voice
from cartesia_mock.storage import OWNER
from cartesia_mock.storage.accents import accents, find_accent
from cartesia_mock.storage.dialects import dialects
from cartesia_mock.storage.voice_catalogue import VoiceCatalogue, new_voice

_PREVIEW = "/previews/{id}.wav"
_PREVIEW_TEXT = "Hello, my name is {name}."
_MAX_NAME = 100
_MAX_ADDED_ACCENTS = 9
_GENDERS: dict[str, Gender] = {"male": "masculine", "female": "feminine"}


async def list_voices(request: APIRequest) -> Response:
    """Respond with a page of the catalogue."""
    return voice_page(request, request.mock.catalogue.search(request.query))


async def get_voice(request: APIRequest) -> Response:
    """Respond with one voice."""
    return _voice_response(request, request.mock.catalogue.get(request.path.text("id")))


async def update(request: APIRequest) -> Response:
    """Update an owned voice; null resets the gender or the accent."""
    body = request.body
    # By the document, so that a field that is new in it is stored as well.
    changes: JSONObject = {
        name: body.data[name] for name in request.field_schemas if body.has(name)
    }
    if "gender" in body.data:
        gender = body.text("gender")
        changes["gender"] = _GENDERS.get(gender, gender) or None
    if "accent" in body.data:
        accent = parse_accent(request)
        changes["accent"] = accent.name if accent else body.text("accent") or None
    return _voice_response(request, request.mock.catalogue.change(request.path.text("id"), changes))


async def delete(request: APIRequest) -> Response:
    """Delete an owned voice."""
    request.mock.catalogue.remove(request.path.text("id"))
    return Response(status_code=204)


async def clone(request: APIRequest) -> Response:
    """Create a voice with the pitch and timbre of a clip; the clip is stored."""
    body = request.body
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
    accent = parse_accent(request)
    if accent and not accent.is_localizable and not body.has("language"):
        message = f"accent: no voice can be localized to {accent.id!r}: see `is_localizable`"
        raise HTTPError(400, "Invalid request", message)
    language = body.text("language") or (accent.language if accent else "")
    dialect = body.text("dialect")
    known = dialects(language)
    if dialect and dialect not in known:
        there = f"there are {', '.join(known)}" if known else "there is none"
        message = f"dialect: {dialect!r} is none of the language {language!r}: {there}"
        raise HTTPError(400, "Invalid request", message)
    source = body.text("voice_id")
    traits, _ = request.mock.catalogue.synthesis_voice(source)
    gender = _GENDERS.get(body.text("original_speaker_gender"), traits.gender)
    return await _create(request, traits, gender, dialect=dialect)


async def list_accents(_: APIRequest) -> Response:
    """Respond with the catalogue of accents."""
    return JSONResponse({"accents": [accent.to_json() for accent in accents().values()]})


async def add_accents(request: APIRequest) -> Response:
    """Add accents to a cloned voice; its locales follow."""
    voice_id, catalogue = request.path.text("id"), request.mock.catalogue
    added = _added_accents(catalogue, voice_id)
    added += [each for each in request.body.texts("accents") if each not in added]
    if len(added) > _MAX_ADDED_ACCENTS:
        message = f"accents: a voice has {_MAX_ADDED_ACCENTS + 1} at most, its native one included"
        raise HTTPError(400, "Too many accents", message)
    return _voice_response(
        request, catalogue.change(voice_id, _accented(catalogue, voice_id, added))
    )


async def delete_accent(request: APIRequest) -> Response:
    """Remove an accent from a cloned voice; its native one stays."""
    voice_id, catalogue = request.path.text("id"), request.mock.catalogue
    accent_id = request.path.text("accent_id")
    added = _added_accents(catalogue, voice_id)
    if accent_id not in added:
        native = find_accent(JSONFields(catalogue.get(voice_id)).text("accent"))
        if native and native.id == accent_id:
            raise HTTPError(400, "Native accent", f"{accent_id!r} is the voice's native accent")
        message = f"the voice has no accent {accent_id!r}; it has {', '.join(added) or 'none'}"
        raise HTTPError(404, "Accent not found", message)
    added.remove(accent_id)
    return _voice_response(
        request, catalogue.change(voice_id, _accented(catalogue, voice_id, added))
    )


def _added_accents(catalogue: VoiceCatalogue, voice_id: str) -> list[str]:
    """Return the accents that were added to a voice.

    Raises:
        HTTPError: The voice is unknown (404), public (403), or was not cloned (400).
    """
    voice = catalogue.change(voice_id, {})
    if catalogue.clip(voice_id) is None:
        message = f"voice {voice_id!r} was not cloned from a clip: only such voices take accents"
        raise HTTPError(400, "Not a cloned voice", message)
    return JSONFields(voice).texts("accents")


def _accented(catalogue: VoiceCatalogue, voice_id: str, added: list[str]) -> JSONObject:
    """Return the changes of a voice that make it have these accents beside its native one."""
    voice = catalogue.get(voice_id)
    native = as_list(voice.get("locales"))
    locales = [each for each in native if JSONFields(as_object(each)).flag("is_native")]
    for name in dict.fromkeys(accents()[each].locale for each in added):
        locale: JSONObject = {"locale": name, "is_native": False}
        locales.append(locale)
    return {"accents": [*added], "locales": locales}


def voice_page(request: APIRequest, voices: list[JSONObject]) -> Response:
    """Respond with a page of a list of voices."""
    found = request.page(voices)
    found["data"] = [
        dated_voice(request, _with_preview(request, as_object(voice)))
        for voice in as_list(found["data"])
    ]
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


def _voice_response(request: APIRequest, voice: JSONObject) -> Response:
    return JSONResponse(dated_voice(request, _with_preview(request, voice)))


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
    accent = parse_accent(request)
    voice = new_voice(request.body, gender, mock.clock.now(), dialect=dialect, accent=accent)
    await asyncio.to_thread(mock.catalogue.add, voice, traits, dialect=dialect, clip=clip)
    return JSONResponse(dated_voice(request, {**voice, "user_id": OWNER}))


HANDLERS: dict[str, Handler] = {
    "voices.list": list_voices,
    "voices.get": get_voice,
    "voices.update": update,
    "voices.delete": delete,
    "voices.clone": clone,
    "voices.localize": localize,
    "voices.list_accents": list_accents,
    "voices.add_accents": add_accents,
    "voices.delete_accent": delete_accent,
}
"""Handlers by operationId."""
