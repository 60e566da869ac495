"""The handlers that make and change voices of the caller's own."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid

from starlette.responses import JSONResponse, Response

from cartesia_mock import instants
from cartesia_mock.call import Call, Handler
from cartesia_mock.dialects import country, dialects, locales
from cartesia_mock.errors import APIError
from cartesia_mock.generation import check_language
from cartesia_mock.jsontypes import JSONObject
from cartesia_mock.speech import Gender, VoiceTraits
from cartesia_mock.speech.audio import UnreadableAudio, decode
from cartesia_mock.speech.likeness import take_likeness
from cartesia_mock.state import OWNER

_GENDERS: dict[str, Gender] = {"male": "masculine", "female": "feminine"}


async def update(call: Call) -> Response:
    """Change what is said of a voice; a null takes back what was said."""
    body = call.body
    changes: JSONObject = {
        name: body.text(name) for name in ("name", "description") if body.has(name)
    }
    if "gender" in body.data:
        gender = body.text("gender")
        changes["gender"] = _GENDERS.get(gender, gender) or None
    if "accent" in body.data:
        changes["accent"] = body.text("accent") or None
    return JSONResponse(call.mock.catalogue.change(call.path.text("id"), changes))


async def delete(call: Call) -> Response:
    """Delete a voice."""
    call.mock.catalogue.remove(call.path.text("id"))
    return Response(status_code=204)


async def clone(call: Call) -> Response:
    """Make a voice from a clip: it sounds as the clip does, and the clip is kept."""
    body = call.body
    check_language(body.text("language"), call.mock, call.field_schema("language"))
    base_id = body.text("base_voice_id")
    base = call.mock.catalogue.speaker(base_id)[0] if base_id else None
    clip = call.file("clip").content
    traits = await asyncio.to_thread(_likeness, clip)
    if base is not None:
        traits = dataclasses.replace(traits, pace=base.pace, variant=base.variant)
    return await _made(call, traits, traits.gender, clip=clip)


async def localize(call: Call) -> Response:
    """Make a voice that sounds like another one and speaks another language."""
    body = call.body
    language, dialect = body.text("language"), body.text("dialect")
    known = dialects(language)
    if dialect and dialect not in known:
        there = f"there are {', '.join(known)}" if known else "there is none"
        message = f"dialect: {dialect!r} is none of the language {language!r}: {there}"
        raise APIError(400, "Invalid request", message)
    traits, _ = call.mock.catalogue.speaker(body.text("voice_id"))
    gender = _GENDERS[body.text("original_speaker_gender")]
    return await _made(call, traits, gender, dialect=dialect)


async def _made(
    call: Call,
    traits: VoiceTraits,
    gender: Gender,
    *,
    dialect: str = "",
    clip: bytes | None = None,
) -> Response:
    """Keep a new voice, and answer with what the API says of one that was just made."""
    body = call.body
    language = body.text("language")
    places = locales(language, dialect)
    made: JSONObject = {
        "id": str(uuid.uuid4()),
        "is_public": False,
        "name": body.text("name"),
        "description": body.text("description"),
        "created_at": instants.write(call.mock.clock.now()),
        "language": language,
    }
    voice: JSONObject = {
        **made,
        "is_owner": True,
        "gender": gender,
        "locales": places,
        "accent": body.text("accent") or None,
        "country": country(language, dialect) if places else None,
    }
    await asyncio.to_thread(call.mock.catalogue.add, voice, traits, dialect=dialect, clip=clip)
    return JSONResponse(made | {"user_id": OWNER})


def _likeness(clip: bytes) -> VoiceTraits:
    try:
        return take_likeness(*decode(clip))
    except UnreadableAudio as error:
        raise APIError(400, "Invalid audio", f"clip: {error}") from None


HANDLERS: dict[str, Handler] = {
    "voices.update": update,
    "voices.delete": delete,
    "voices.clone": clone,
    "voices.localize": localize,
}
"""What answers each operation, by operationId."""
