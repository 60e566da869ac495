"""The handlers of deployments."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from cartesia_mock.call import Call, Handler


async def list_deployments(call: Call) -> Response:
    """Answer with the deployments of an agent, newest first."""
    state = call.mock.state
    agent_id = call.path.text("agent_id")
    state.agents.get(agent_id)
    return JSONResponse(state.deployments.list(parent=agent_id))


async def retrieve(call: Call) -> Response:
    """Answer with one deployment."""
    return JSONResponse(call.mock.state.deployments.get(call.path.text("deployment_id")))


HANDLERS: dict[str, Handler] = {
    "agents.deployments.list": list_deployments,
    "agents.deployments.retrieve": retrieve,
}
"""What answers each operation, by operationId."""
