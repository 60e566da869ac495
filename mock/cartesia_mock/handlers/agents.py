"""Handlers of agents, their templates, phone numbers and deployments."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject
from cartesia_mock.clock import format_timestamp
from cartesia_mock.http.api_request import APIRequest, Handler


async def list_agents(request: APIRequest) -> Response:
    """Respond with all agents."""
    return JSONResponse({"summaries": request.mock.storage.agents.list()})


async def retrieve(request: APIRequest) -> Response:
    """Respond with one agent."""
    return JSONResponse(request.mock.storage.agents.get(request.path.text("agent_id")))


async def update(request: APIRequest) -> Response:
    """Update an agent. Null changes nothing, except that it clears the description."""
    storage, body = request.mock.storage, request.body
    agent_id = request.path.text("agent_id")
    storage.agents.get(agent_id)
    changes: JSONObject = {
        name: body.text(name)
        for name in ("name", "tts_voice", "tts_language", "description")
        if body.has(name)
    }
    if "description" in body.data:
        changes["description"] = body.data["description"]
    if "tts_voice" in changes:
        request.mock.catalogue.get(body.text("tts_voice"))
    _check_name(request, agent_id, changes)
    changes["updated_at"] = format_timestamp(request.mock.clock.now())
    return JSONResponse(storage.agents.change(agent_id, changes))


async def delete(request: APIRequest) -> Response:
    """Delete an agent, its phone numbers and deployments; its calls and results remain."""
    storage = request.mock.storage
    agent_id = request.path.text("agent_id")
    storage.agents.remove(agent_id)
    for records in (storage.phone_numbers, storage.deployments, storage.agent_metrics):
        records.remove_all(parent=agent_id)
    return Response(status_code=204)


async def list_templates(request: APIRequest) -> Response:
    """Respond with all templates."""
    return JSONResponse({"templates": request.mock.storage.templates.list()})


async def list_phone_numbers(request: APIRequest) -> Response:
    """Respond with the phone numbers of an agent."""
    storage = request.mock.storage
    agent_id = request.path.text("agent_id")
    storage.agents.get(agent_id)
    found = storage.phone_numbers.list(parent=agent_id)
    # The API returns the id of a phone number in the summary of its agent only.
    return JSONResponse(
        [{name: value for name, value in each.items() if name != "id"} for each in found]
    )


async def list_deployments(request: APIRequest) -> Response:
    """Respond with the deployments of an agent, newest first."""
    storage = request.mock.storage
    agent_id = request.path.text("agent_id")
    storage.agents.get(agent_id)
    return JSONResponse(storage.deployments.list(parent=agent_id))


async def retrieve_deployment(request: APIRequest) -> Response:
    """Respond with one deployment."""
    return JSONResponse(request.mock.storage.deployments.get(request.path.text("deployment_id")))


def _check_name(request: APIRequest, agent_id: str, changes: JSONObject) -> None:
    for agent in map(JSONFields, request.mock.storage.agents.list()):
        if agent.text("id") != agent_id and agent.text("name") == changes.get("name"):
            raise HTTPError(
                409, "Name taken", f"name: {agent.text('name')!r} is the name of another agent"
            )


HANDLERS: dict[str, Handler] = {
    "agents.list": list_agents,
    "agents.retrieve": retrieve,
    "agents.update": update,
    "agents.delete": delete,
    "agents.list_templates": list_templates,
    "agents.list_phone_numbers": list_phone_numbers,
    "agents.deployments.list": list_deployments,
    "agents.deployments.retrieve": retrieve_deployment,
}
"""Handlers by operationId."""
