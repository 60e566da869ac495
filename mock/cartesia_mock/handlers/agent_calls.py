"""Handlers of agents' calls: lists, transcripts and audio."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, Response

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue, as_list, as_object
from cartesia_mock.http.api_request import APIRequest, Handler
from cartesia_mock.speech import ENGINE_RATE
from cartesia_mock.speech.audio import encode

_SAMPLE_RATE = 24000


async def list_calls(request: APIRequest) -> Response:
    """Respond with a page of an agent's calls, newest first."""
    storage, query = request.mock.storage, request.query
    agent_id = query.text("agent_id")
    storage.agents.get(agent_id)
    records = sorted(storage.calls.list(parent=agent_id), key=_start, reverse=True)
    by_id = {JSONFields(record).object("call").text("id"): record for record in records}
    calls = [as_object(record["call"]) for record in records]
    found = request.page(calls)
    found.pop("has_more", None)  # this one list of the API does not say so
    if query.text("expand") == "transcript":
        shown = [by_id[JSONFields(as_object(each)).text("id")] for each in as_list(found["data"])]
        found["data"] = [await _with_transcript(request, record) for record in shown]
    return JSONResponse(found)


async def retrieve(request: APIRequest) -> Response:
    """Respond with one call and its transcript."""
    record = request.mock.storage.calls.get(request.path.text("call_id"))
    return JSONResponse(await _with_transcript(request, record))


async def download_audio(request: APIRequest) -> Response:
    """Respond with the recording of a call as a WAV file."""
    call_id = request.path.text("call_id")
    record = request.mock.storage.calls.get(call_id)
    if not record["turns"]:
        raise HTTPError(404, "Recording not found", f"nothing was recorded of the call {call_id!r}")
    return Response(await asyncio.to_thread(_wav, request, record), media_type="audio/wav")


def _wav(request: APIRequest, record: JSONObject) -> bytes:
    samples = request.mock.call_recordings.get(record).samples
    return encode(samples, ENGINE_RATE, "wav", encoding="pcm_s16le", sample_rate=_SAMPLE_RATE)


async def _with_transcript(request: APIRequest, record: JSONObject) -> JSONObject:
    """Return a call with its transcript, which is null for a call without turns."""
    transcript: list[JSONValue] | None = None
    if record["turns"]:
        recording = await asyncio.to_thread(request.mock.call_recordings.get, record)
        transcript = [*recording.turns]
    return {**as_object(record["call"]), "transcript": transcript}


def _start(record: JSONObject) -> str:
    return JSONFields(record).object("call").text("start_time")


HANDLERS: dict[str, Handler] = {
    "agents.calls.list": list_calls,
    "agents.calls.retrieve": retrieve,
    "agents.calls.download_audio": download_audio,
}
"""Handlers by operationId."""
