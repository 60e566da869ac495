"""Handlers of datasets, their files, and the fine-tunes that are trained with them."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, Response

from cartesia_mock.api.jsontypes import JSONFields, JSONObject
from cartesia_mock.clock import format_timestamp
from cartesia_mock.handlers.dated_voices import dated_accent, parse_accent
from cartesia_mock.handlers.voices import voice_page
from cartesia_mock.http.api_request import APIRequest, Handler, Mock
from cartesia_mock.speech import VoiceTraits
from cartesia_mock.speech.audio import UnreadableAudioError, decode
from cartesia_mock.speech.voice_analysis import analyze_voice
from cartesia_mock.storage import make_id
from cartesia_mock.storage.voice_catalogue import new_voice

_DEFAULT_FILENAME = "upload"
_QUEUED_SHARE = 0.1
"""Share of the training time for which a fine-tune stays `created`."""


async def list_datasets(request: APIRequest) -> Response:
    """Respond with a page of the datasets."""
    return JSONResponse(request.page(request.mock.storage.datasets.list()))


async def create_dataset(request: APIRequest) -> Response:
    """Create an empty dataset."""
    dataset: JSONObject = {
        "id": make_id("ds"),
        "name": request.body.text("name"),
        "created_at": format_timestamp(request.mock.clock.now()),
        "description": request.body.text("description"),
    }
    request.mock.storage.datasets.add(JSONFields(dataset).text("id"), dataset)
    return JSONResponse(dataset)


async def retrieve_dataset(request: APIRequest) -> Response:
    """Respond with one dataset."""
    return JSONResponse(request.mock.storage.datasets.get(request.path.text("id")))


async def update_dataset(request: APIRequest) -> Response:
    """Change the name and the description of a dataset."""
    changes: JSONObject = {
        "name": request.body.text("name"),
        "description": request.body.text("description"),
    }
    request.mock.storage.datasets.change(request.path.text("id"), changes)
    return Response(status_code=204)


async def delete_dataset(request: APIRequest) -> Response:
    """Delete a dataset and its files."""
    storage = request.mock.storage
    dataset_id = request.path.text("id")
    storage.datasets.remove(dataset_id)
    storage.files.remove_all(parent=dataset_id)
    return Response(status_code=204)


async def list_files(request: APIRequest) -> Response:
    """Respond with a page of a dataset's files."""
    storage = request.mock.storage
    dataset_id = request.path.text("id")
    storage.datasets.get(dataset_id)
    return JSONResponse(request.page(storage.files.list(parent=dataset_id)))


async def upload_file(request: APIRequest) -> Response:
    """Add a file to a dataset; its content is stored unchanged."""
    storage = request.mock.storage
    dataset_id = request.path.text("id")
    storage.datasets.get(dataset_id)
    file = request.file("file")
    described: JSONObject = {
        "id": make_id("file"),
        "filename": file.filename or _DEFAULT_FILENAME,
        "created_at": format_timestamp(request.mock.clock.now()),
        "size": len(file.content),
    }
    await asyncio.to_thread(
        storage.files.add,
        JSONFields(described).text("id"),
        described,
        parent=dataset_id,
        content=file.content,
    )
    return Response(status_code=204)


async def delete_file(request: APIRequest) -> Response:
    """Delete a file of a dataset."""
    storage = request.mock.storage
    dataset_id, file_id = request.path.text("id"), request.path.text("fileID")
    storage.datasets.get(dataset_id)
    storage.files.get(file_id, parent=dataset_id)
    storage.files.remove(file_id)
    return Response(status_code=204)


async def list_fine_tunes(request: APIRequest) -> Response:
    """Respond with a page of the fine-tunes, each with its current status."""
    mock = request.mock
    found = [_with_status(request, record) for record in mock.storage.fine_tunes.list()]
    return JSONResponse(request.page(found))


async def create_fine_tune(request: APIRequest) -> Response:
    """Create a fine-tune. Without a readable recording in its dataset it will fail."""
    mock, body = request.mock, request.body
    dataset_id = body.text("dataset")
    mock.storage.datasets.get(dataset_id)
    accent = parse_accent(request)
    traits = await asyncio.to_thread(_analyze_dataset, mock, dataset_id)
    now = mock.clock.seconds()
    fine_tune: JSONObject = {
        "id": make_id("ft"),
        "name": body.text("name"),
        "description": body.text("description"),
        "language": body.text("language"),
        "model_id": body.text("model_id"),
        "dataset": dataset_id,
        "accent": accent.name if accent else body.text("accent") or None,
    }
    record: JSONObject = {
        "fine_tune": fine_tune,
        "begins_at": now + mock.settings.training_seconds * _QUEUED_SHARE,
        "ends_at": now + mock.settings.training_seconds,
        "ends_as": "failed" if traits is None else "completed",
    }
    mock.storage.fine_tunes.add(JSONFields(fine_tune).text("id"), record)
    if traits is not None:
        _add_voice(mock, JSONFields(record), traits)
    return JSONResponse(_with_status(request, record))


async def retrieve_fine_tune(request: APIRequest) -> Response:
    """Respond with one fine-tune and its current status."""
    return JSONResponse(
        _with_status(request, request.mock.storage.fine_tunes.get(request.path.text("id")))
    )


async def delete_fine_tune(request: APIRequest) -> Response:
    """Delete a fine-tune and its voices."""
    storage = request.mock.storage
    fine_tune_id = request.path.text("id")
    storage.fine_tunes.remove(fine_tune_id)
    storage.voices.remove_all(parent=fine_tune_id)
    return Response(status_code=204)


async def list_fine_tune_voices(request: APIRequest) -> Response:
    """Respond with the voices of a fine-tune; there are none before it is completed."""
    fine_tune_id = request.path.text("id")
    request.mock.storage.fine_tunes.get(fine_tune_id)
    return voice_page(request, request.mock.catalogue.owned(fine_tune=fine_tune_id))


def _with_status(request: APIRequest, record: JSONObject) -> JSONObject:
    fields = JSONFields(record)
    now = request.mock.clock.seconds()
    if now >= (fields.number("ends_at") or 0.0):
        status = fields.text("ends_as")
    elif now >= (fields.number("begins_at") or 0.0):
        status = "training"
    else:
        status = "created"
    fine_tune = fields.object("fine_tune").data
    return fine_tune | dated_accent(request, fine_tune) | {"status": status}


def _analyze_dataset(mock: Mock, dataset_id: str) -> VoiceTraits | None:
    """Analyze the first readable recording; None when there is none."""
    for file in reversed(mock.storage.files.list(parent=dataset_id)):
        content = mock.storage.files.content(JSONFields(file).text("id"))
        try:
            return analyze_voice(*decode(content or b""))
        except UnreadableAudioError:
            continue
    return None


def _add_voice(mock: Mock, record: JSONFields, traits: VoiceTraits) -> None:
    fine_tune = record.object("fine_tune")
    available_at = record.number("ends_at") or 0.0
    voice = new_voice(fine_tune, traits.gender, mock.clock.at(available_at))
    mock.catalogue.add(voice, traits, fine_tune=fine_tune.text("id"), available_at=available_at)


HANDLERS: dict[str, Handler] = {
    "datasets.list": list_datasets,
    "datasets.create": create_dataset,
    "datasets.retrieve": retrieve_dataset,
    "datasets.update": update_dataset,
    "datasets.delete": delete_dataset,
    "datasets.files.list": list_files,
    "datasets.files.upload": upload_file,
    "datasets.files.delete": delete_file,
    "fine_tunes.list": list_fine_tunes,
    "fine_tunes.create": create_fine_tune,
    "fine_tunes.retrieve": retrieve_fine_tune,
    "fine_tunes.delete": delete_fine_tune,
    "fine_tunes.list_voices": list_fine_tune_voices,
}
"""Handlers by operationId."""
