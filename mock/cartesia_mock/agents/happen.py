"""Calls that tests let happen: the metrics of their agent find something in them."""

from __future__ import annotations

from cartesia_mock import instants
from cartesia_mock.agents.seed import add_call
from cartesia_mock.call import Mock
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject, as_list, as_object
from cartesia_mock.state import make_id


def happen(mock: Mock, body: Fields) -> JSONObject:
    """Let an agent have a call.

    Args:
        mock: The server's parts.
        body: `agent_id`, and `turns`, a list of `{role, text}`.

    Returns:
        The call.

    Raises:
        APIError: There is no such agent (404), or there are no turns (400).
    """
    state = mock.state
    agent_id = body.text("agent_id")
    state.agents.get(agent_id)
    turns = [Fields(as_object(turn)) for turn in as_list(body.data.get("turns"))]
    if not turns or not all(turn.text("role") and turn.text("text") for turn in turns):
        raise APIError(400, "Invalid request", "turns: give a list of {role, text}")
    live = (Fields(each) for each in state.deployments.list(parent=agent_id))
    deployment = next((each.text("id") for each in live if each.flag("is_live")), "")
    now = mock.clock.seconds()
    call: JSONObject = {
        "id": make_id("call"),
        "agent_id": agent_id,
        "status": "completed",
        "start_time": instants.write(mock.clock.at(now - 5 * len(turns))),
        "end_time": instants.write(mock.clock.at(now)),
        "telephony_params": None,
        "summary": f"A call of {len(turns)} turns.",
        "error_message": None,
        "deployment_id": deployment or None,
    }
    kept: list[JSONObject] = [
        {"role": turn.text("role"), "text": turn.text("text")} for turn in turns
    ]
    add_call(state, call, kept)
    for link in state.agent_metrics.list(parent=agent_id):
        metric = Fields(state.metrics.get(Fields(link).text("metric_id")))
        result = _result(mock, metric, call, turns[-1].text("text"))
        state.results.add(Fields(result).text("id"), result, parent=agent_id)
    return call


def _result(mock: Mock, metric: Fields, call: JSONObject, last_words: str) -> JSONObject:
    """Find something: the mock has no judgement, so it finds the last words."""
    return {
        "id": make_id("result"),
        "metricId": metric.text("id"),
        "metricName": metric.text("name"),
        "summary": f"{metric.text('prompt')} The last words were: {last_words}",
        "agentId": call["agent_id"],
        "callId": call["id"],
        "deploymentId": call["deployment_id"] or "",
        "result": last_words,
        "status": "completed",
        "createdAt": instants.write(mock.clock.now()),
        "transcript": None,
        "jsonResult": None,
        "value": last_words,
        "runId": make_id("run"),
    }
