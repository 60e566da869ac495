"""The handlers of agents, their templates and their phone numbers."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from cartesia_mock import instants
from cartesia_mock.call import Call, Handler
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject


async def list_agents(call: Call) -> Response:
    """Answer with all agents."""
    return JSONResponse({"summaries": call.mock.state.agents.list()})


async def retrieve(call: Call) -> Response:
    """Answer with one agent."""
    return JSONResponse(call.mock.state.agents.get(call.path.text("agent_id")))


async def update(call: Call) -> Response:
    """Change an agent. A null changes nothing, but for the description, which it takes back."""
    state, body = call.mock.state, call.body
    agent_id = call.path.text("agent_id")
    state.agents.get(agent_id)
    changes: JSONObject = {
        name: body.text(name)
        for name in ("name", "tts_voice", "tts_language", "description")
        if body.has(name)
    }
    if "description" in body.data:
        changes["description"] = body.data["description"]
    if "tts_voice" in changes:
        call.mock.catalogue.get(body.text("tts_voice"))
    _check_name(call, agent_id, changes)
    changes["updated_at"] = instants.write(call.mock.clock.now())
    return JSONResponse(state.agents.change(agent_id, changes))


async def delete(call: Call) -> Response:
    """Delete an agent with its phone numbers and deployments; its calls and results stay."""
    state = call.mock.state
    agent_id = call.path.text("agent_id")
    state.agents.remove(agent_id)
    for records in (state.phone_numbers, state.deployments, state.agent_metrics):
        records.remove_all(parent=agent_id)
    return Response(status_code=204)


async def list_templates(call: Call) -> Response:
    """Answer with all templates."""
    return JSONResponse({"templates": call.mock.state.templates.list()})


async def list_phone_numbers(call: Call) -> Response:
    """Answer with the phone numbers of an agent."""
    state = call.mock.state
    agent_id = call.path.text("agent_id")
    state.agents.get(agent_id)
    found = state.phone_numbers.list(parent=agent_id)
    hidden = {"id"}  # In the agent's summary alone.
    return JSONResponse(
        [{name: value for name, value in each.items() if name not in hidden} for each in found]
    )


def _check_name(call: Call, agent_id: str, changes: JSONObject) -> None:
    for agent in map(Fields, call.mock.state.agents.list()):
        if agent.text("id") != agent_id and agent.text("name") == changes.get("name"):
            raise APIError(
                409, "Name taken", f"name: {agent.text('name')!r} is the name of another agent"
            )


HANDLERS: dict[str, Handler] = {
    "agents.list": list_agents,
    "agents.retrieve": retrieve,
    "agents.update": update,
    "agents.delete": delete,
    "agents.list_templates": list_templates,
    "agents.list_phone_numbers": list_phone_numbers,
}
"""What answers each operation, by operationId."""
