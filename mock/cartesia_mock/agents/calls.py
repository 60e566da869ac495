"""The handlers of calls: what was said in them, and how it sounded."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, Response

from cartesia_mock.call import Call, Handler
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject, JSONValue, as_list, as_object
from cartesia_mock.paging import page
from cartesia_mock.speech import ENGINE_RATE
from cartesia_mock.speech.audio import encode

_RATE = 24000


async def list_calls(call: Call) -> Response:
    """Answer with a page of the calls of an agent, the latest first."""
    state, query = call.mock.state, call.query
    agent_id = query.text("agent_id")
    state.agents.get(agent_id)
    records = sorted(state.calls.list(parent=agent_id), key=_start, reverse=True)
    by_id = {Fields(record).object("call").text("id"): record for record in records}
    calls = [as_object(record["call"]) for record in records]
    found = page(calls, query, call.mock.settings.page_size)
    if query.text("expand") == "transcript":
        shown = [by_id[Fields(as_object(each)).text("id")] for each in as_list(found["data"])]
        found["data"] = [await _whole(call, record) for record in shown]
    return JSONResponse(found)


async def retrieve(call: Call) -> Response:
    """Answer with one call and all that was said."""
    record = call.mock.state.calls.get(call.path.text("call_id"))
    return JSONResponse(await _whole(call, record))


async def download_audio(call: Call) -> Response:
    """Answer with the recording of a call, a WAV file."""
    call_id = call.path.text("call_id")
    record = call.mock.state.calls.get(call_id)
    if not record["turns"]:
        raise APIError(404, "Recording not found", f"nothing was recorded of the call {call_id!r}")
    return Response(await asyncio.to_thread(_wav, call, record), media_type="audio/wav")


def _wav(call: Call, record: JSONObject) -> bytes:
    samples = call.mock.recordings.make(record).samples
    return encode(samples, ENGINE_RATE, "wav", encoding="pcm_s16le", sample_rate=_RATE)


async def _whole(call: Call, record: JSONObject) -> JSONObject:
    """Give a call with its transcript: none where nothing was said."""
    transcript: list[JSONValue] | None = None
    if record["turns"]:
        recording = await asyncio.to_thread(call.mock.recordings.make, record)
        transcript = [*recording.turns]
    return {**as_object(record["call"]), "transcript": transcript}


def _start(record: JSONObject) -> str:
    return Fields(record).object("call").text("start_time")


HANDLERS: dict[str, Handler] = {
    "agents.calls.list": list_calls,
    "agents.calls.retrieve": retrieve,
    "agents.calls.download_audio": download_audio,
}
"""What answers each operation, by operationId."""
