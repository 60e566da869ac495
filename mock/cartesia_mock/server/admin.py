"""Endpoints for tests, outside the document: clock, journal, reset, and calls of agents."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cartesia_mock.api.error_responses import Endpoint, with_error_responses
from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, as_list, as_object, parse_json
from cartesia_mock.clock import format_timestamp
from cartesia_mock.http.api_request import Mock
from cartesia_mock.server.journal import Journal
from cartesia_mock.storage import make_id
from cartesia_mock.storage.seed import add_call
from cartesia_mock.tts.tts_options import check_transcript_length

CLOCK_OFFSET_NOTE = "clock_offset"
"""Name under which the storage keeps the offset of the clock."""

_SECONDS_A_TURN = 5


def admin_routes(mock: Mock, journal: Journal, reset: Callable[[], None]) -> list[Route]:
    """Return the routes of the admin endpoints.

    Args:
        mock: The server's components.
        journal: The requests that it got.
        reset: Returns to the state of a new server.

    Returns:
        The routes: `GET` and `POST /_mock/clock`, `POST /_mock/calls`, `GET /_mock/requests` and
        `POST /_mock/reset`.
    """

    async def show_requests(_: Request) -> Response:
        return JSONResponse({"requests": [entry.as_json() for entry in journal.entries()]})

    async def start_over(_: Request) -> Response:
        reset()
        return Response(status_code=204)

    return [
        Route("/_mock/requests", show_requests, methods=["GET"]),
        Route("/_mock/reset", start_over, methods=["POST"]),
        Route("/_mock/clock", _endpoint(mock, _clock_state), methods=["GET"]),
        Route("/_mock/clock", _endpoint(mock, _advance_clock), methods=["POST"]),
        Route("/_mock/calls", _endpoint(mock, _simulate_call), methods=["POST"]),
    ]


def _endpoint(mock: Mock, respond: Callable[[Mock, JSONFields], JSONObject]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            fields = JSONFields(as_object(parse_json(body)) if body else {})
        except ValueError as error:
            message = f"the request body cannot be read: {error}"
            raise HTTPError(400, "Invalid JSON", message) from None
        return JSONResponse(respond(mock, fields))

    return with_error_responses(endpoint, mock.document.version)


def _clock_state(mock: Mock, _: JSONFields) -> JSONObject:
    return {"now": format_timestamp(mock.clock.now()), "offset": mock.clock.offset}


def _advance_clock(mock: Mock, body: JSONFields) -> JSONObject:
    """Advance the clock by `advance` seconds."""
    seconds = body.number("advance")
    if seconds is None:
        raise HTTPError(400, "Invalid request", "advance: is required, a number of seconds")
    try:
        mock.clock.advance(seconds)
    except ValueError as error:
        raise HTTPError(400, "Invalid request", f"advance: {error}") from None
    mock.storage.write_note(CLOCK_OFFSET_NOTE, str(mock.clock.offset))
    return _clock_state(mock, body)


def _simulate_call(mock: Mock, body: JSONFields) -> JSONObject:
    """Add a call of the agent `agent_id` with `turns`, a list of `{role, text}`, and its results.

    Raises:
        HTTPError: The agent is unknown (404), or the turns are missing or too long (400).
    """
    storage = mock.storage
    agent_id = body.text("agent_id")
    storage.agents.get(agent_id)
    turns = [JSONFields(as_object(turn)) for turn in as_list(body.data.get("turns"))]
    if not turns or not all(turn.text("role") and turn.text("text") for turn in turns):
        raise HTTPError(400, "Invalid request", "turns: give a list of {role, text}")
    characters = sum(len(turn.text("text")) for turn in turns)
    check_transcript_length(characters, mock.settings.max_transcript)
    deployments = map(JSONFields, storage.deployments.list(parent=agent_id))
    deployment_id = next((each.text("id") for each in deployments if each.flag("is_live")), None)
    now = mock.clock.seconds()
    call: JSONObject = {
        "id": make_id("call"),
        "agent_id": agent_id,
        "status": "completed",
        "start_time": format_timestamp(mock.clock.at(now - _SECONDS_A_TURN * len(turns))),
        "end_time": format_timestamp(mock.clock.at(now)),
        "telephony_params": None,
        "summary": f"A call of {len(turns)} turns.",
        "error_message": None,
        "deployment_id": deployment_id,
    }
    add_call(
        storage, call, [{name: turn.text(name) for name in ("role", "text")} for turn in turns]
    )
    for link in storage.agent_metrics.list(parent=agent_id):
        metric = JSONFields(storage.metrics.get(JSONFields(link).text("metric_id")))
        result = _metric_result(mock, metric, call, turns[-1].text("text"))
        storage.results.add(JSONFields(result).text("id"), result, parent=agent_id)
    return call


def _metric_result(mock: Mock, metric: JSONFields, call: JSONObject, last_text: str) -> JSONObject:
    """Return the result of a metric for a call; without a language model it is the last text."""
    return {
        "id": make_id("result"),
        "metricId": metric.text("id"),
        "metricName": metric.text("name"),
        "summary": f"{metric.text('prompt')} The last words were: {last_text}",
        "agentId": call["agent_id"],
        "callId": call["id"],
        "deploymentId": call["deployment_id"] or "",
        "result": last_text,
        "status": "completed",
        "createdAt": format_timestamp(mock.clock.now()),
        "transcript": None,
        "jsonResult": None,
        "value": last_text,
        "runId": make_id("run"),
    }
