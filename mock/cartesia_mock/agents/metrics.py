"""The handlers of metrics, and of which agents' calls they are put to."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from cartesia_mock import instants
from cartesia_mock.agents.seed import attach, link_id
from cartesia_mock.call import Call, Handler
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject
from cartesia_mock.paging import page
from cartesia_mock.state import make_id


async def list_metrics(call: Call) -> Response:
    """Answer with a page of the metrics."""
    return JSONResponse(
        page(call.mock.state.metrics.list(), call.query, call.mock.settings.page_size)
    )


async def create(call: Call) -> Response:
    """Make a metric of a name that no other has."""
    metrics, body = call.mock.state.metrics, call.body
    name = body.text("name")
    if any(Fields(metric).text("name") == name for metric in metrics.list()):
        raise APIError(409, "Name taken", f"name: {name!r} is the name of another metric")
    metric: JSONObject = {
        "id": make_id("metric"),
        "name": name,
        "display_name": body.data.get("display_name"),
        "prompt": body.text("prompt"),
        "created_at": instants.write(call.mock.clock.now()),
    }
    metrics.add(Fields(metric).text("id"), metric)
    return JSONResponse(metric)


async def retrieve(call: Call) -> Response:
    """Answer with one metric."""
    return JSONResponse(call.mock.state.metrics.get(call.path.text("metric_id")))


async def add_to_agent(call: Call) -> Response:
    """Put a metric to the later calls of an agent."""
    agent_id, metric_id = _both(call)
    attach(call.mock.state, agent_id, metric_id)
    return Response(status_code=204)


async def remove_from_agent(call: Call) -> Response:
    """Take a metric away from an agent; what it has found stays."""
    agent_id, metric_id = _both(call)
    call.mock.state.agent_metrics.remove(link_id(agent_id, metric_id))
    return Response(status_code=204)


def _both(call: Call) -> tuple[str, str]:
    agent_id, metric_id = call.path.text("agent_id"), call.path.text("metric_id")
    call.mock.state.agents.get(agent_id)
    call.mock.state.metrics.get(metric_id)
    return agent_id, metric_id


HANDLERS: dict[str, Handler] = {
    "agents.metrics.list": list_metrics,
    "agents.metrics.create": create,
    "agents.metrics.retrieve": retrieve,
    "agents.metrics.add_to_agent": add_to_agent,
    "agents.metrics.remove_from_agent": remove_from_agent,
}
"""What answers each operation, by operationId."""
