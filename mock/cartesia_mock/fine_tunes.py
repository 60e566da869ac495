"""The handlers of fine-tunes: trained by the server's clock, with a voice at the end."""

from __future__ import annotations

import asyncio
import uuid

from starlette.responses import JSONResponse, Response

from cartesia_mock import instants
from cartesia_mock.call import Call, Handler, Mock
from cartesia_mock.dialects import country, locales
from cartesia_mock.generation import check_model
from cartesia_mock.jsontypes import Fields, JSONObject
from cartesia_mock.paging import page
from cartesia_mock.speech import VoiceTraits
from cartesia_mock.speech.audio import UnreadableAudio, decode
from cartesia_mock.speech.likeness import take_likeness
from cartesia_mock.state import make_id
from cartesia_mock.voices import voice_page

_WAITING = 0.1
"""Part of the time for which a fine-tune waits for its training to begin."""


async def list_fine_tunes(call: Call) -> Response:
    """Answer with a page of the fine-tunes, each with its present status."""
    mock = call.mock
    found = [_shown(mock, record) for record in mock.state.fine_tunes.list()]
    return JSONResponse(page(found, call.query, mock.settings.page_size))


async def create(call: Call) -> Response:
    """Begin a fine-tune. One of a dataset without a recording that can be heard will fail."""
    mock, body = call.mock, call.body
    check_model(body.text("model_id"), mock, call.field_schema("model_id"))
    dataset_id = body.text("dataset")
    mock.state.datasets.get(dataset_id)
    traits = await asyncio.to_thread(_learn, mock, dataset_id)
    now = mock.clock.seconds()
    fine_tune: JSONObject = {
        "id": make_id("ft"),
        "name": body.text("name"),
        "description": body.text("description"),
        "language": body.text("language"),
        "model_id": body.text("model_id"),
        "dataset": dataset_id,
        "accent": body.text("accent") or None,
    }
    record: JSONObject = {
        "fine_tune": fine_tune,
        "begins_at": now + mock.settings.training_seconds * _WAITING,
        "ends_at": now + mock.settings.training_seconds,
        "ends_as": "failed" if traits is None else "completed",
    }
    mock.state.fine_tunes.add(Fields(fine_tune).text("id"), record)
    if traits is not None:
        _add_voice(mock, Fields(record), traits)
    return JSONResponse(_shown(mock, record))


async def retrieve(call: Call) -> Response:
    """Answer with one fine-tune and its present status."""
    return JSONResponse(_shown(call.mock, call.mock.state.fine_tunes.get(call.path.text("id"))))


async def delete(call: Call) -> Response:
    """Delete a fine-tune, and its voices with it."""
    state = call.mock.state
    fine_tune_id = call.path.text("id")
    state.fine_tunes.remove(fine_tune_id)
    state.voices.remove_all(parent=fine_tune_id)
    return Response(status_code=204)


async def list_voices(call: Call) -> Response:
    """Answer with the voices of a fine-tune: none before it is completed."""
    fine_tune_id = call.path.text("id")
    call.mock.state.fine_tunes.get(fine_tune_id)
    return voice_page(call, call.mock.catalogue.own(fine_tune=fine_tune_id))


def _shown(mock: Mock, record: JSONObject) -> JSONObject:
    fields = Fields(record)
    now = mock.clock.seconds()
    if now >= (fields.number("ends_at") or 0.0):
        status = fields.text("ends_as")
    elif now >= (fields.number("begins_at") or 0.0):
        status = "training"
    else:
        status = "created"
    return fields.object("fine_tune").data | {"status": status}


def _learn(mock: Mock, dataset_id: str) -> VoiceTraits | None:
    """Take the likeness of the first recording that can be heard."""
    for file in reversed(mock.state.files.list(parent=dataset_id)):
        content = mock.state.files.content(Fields(file).text("id"))
        try:
            return take_likeness(*decode(content or b""))
        except UnreadableAudio:
            continue
    return None


def _add_voice(mock: Mock, record: Fields, traits: VoiceTraits) -> None:
    fine_tune = record.object("fine_tune")
    language = fine_tune.text("language")
    there_at = record.number("ends_at") or 0.0
    voice: JSONObject = {
        "id": str(uuid.uuid4()),
        "is_owner": True,
        "is_public": False,
        "name": fine_tune.text("name"),
        "description": fine_tune.text("description"),
        "created_at": instants.write(mock.clock.at(there_at)),
        "language": language,
        "gender": traits.gender,
        "locales": locales(language),
        "accent": fine_tune.data["accent"],
        "country": country(language) if locales(language) else None,
    }
    mock.catalogue.add(voice, traits, fine_tune=fine_tune.text("id"), there_at=there_at)


HANDLERS: dict[str, Handler] = {
    "fine_tunes.list": list_fine_tunes,
    "fine_tunes.create": create,
    "fine_tunes.retrieve": retrieve,
    "fine_tunes.delete": delete,
    "fine_tunes.list_voices": list_voices,
}
"""What answers each operation, by operationId."""
