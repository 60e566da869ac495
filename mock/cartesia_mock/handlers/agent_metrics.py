"""Handlers of metrics, their assignment to agents, and their results."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from starlette.responses import JSONResponse, Response

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject
from cartesia_mock.clock import format_timestamp, parse_timestamp
from cartesia_mock.http.api_request import APIRequest, Handler
from cartesia_mock.storage import make_id
from cartesia_mock.storage.seed import attach_metric, link_id

_FILTERS = {
    "agent_id": "agentId",
    "deployment_id": "deploymentId",
    "metric_id": "metricId",
    "call_id": "callId",
}
_COLUMNS = (
    "id",
    "metricId",
    "metricName",
    "agentId",
    "callId",
    "deploymentId",
    "status",
    "result",
    "createdAt",
)


async def list_metrics(request: APIRequest) -> Response:
    """Respond with a page of the metrics."""
    return JSONResponse(request.page(request.mock.storage.metrics.list()))


async def create(request: APIRequest) -> Response:
    """Create a metric with a unique name."""
    metrics, body = request.mock.storage.metrics, request.body
    name = body.text("name")
    if any(JSONFields(metric).text("name") == name for metric in metrics.list()):
        raise HTTPError(409, "Name taken", f"name: {name!r} is the name of another metric")
    metric: JSONObject = {
        "id": make_id("metric"),
        "name": name,
        "display_name": body.data.get("display_name"),
        "prompt": body.text("prompt"),
        "created_at": format_timestamp(request.mock.clock.now()),
    }
    metrics.add(JSONFields(metric).text("id"), metric)
    return JSONResponse(metric)


async def retrieve(request: APIRequest) -> Response:
    """Respond with one metric."""
    return JSONResponse(request.mock.storage.metrics.get(request.path.text("metric_id")))


async def add_to_agent(request: APIRequest) -> Response:
    """Assign a metric to an agent; it evaluates the agent's later calls."""
    agent_id, metric_id = _agent_and_metric(request)
    attach_metric(request.mock.storage, agent_id, metric_id)
    return Response(status_code=204)


async def remove_from_agent(request: APIRequest) -> Response:
    """Remove a metric from an agent; its results remain."""
    agent_id, metric_id = _agent_and_metric(request)
    request.mock.storage.agent_metrics.remove(link_id(agent_id, metric_id))
    return Response(status_code=204)


async def list_results(request: APIRequest) -> Response:
    """Respond with a page of the results, newest first."""
    return JSONResponse(request.page(_filtered_results(request)))


async def export_results(request: APIRequest) -> Response:
    """Respond with the results as CSV."""
    found = _filtered_results(request)
    limit = request.mock.settings.max_export_rows
    if not found:
        raise HTTPError(404, "No results", "no result fits the filters: there is nothing to export")
    if len(found) > limit:
        raise HTTPError(
            400,
            "Too many results",
            f"{len(found)} results fit, a table has at most {limit} rows: narrow the filters",
        )
    return Response(_to_csv(found), media_type="text/csv")


def _agent_and_metric(request: APIRequest) -> tuple[str, str]:
    agent_id, metric_id = request.path.text("agent_id"), request.path.text("metric_id")
    request.mock.storage.agents.get(agent_id)
    request.mock.storage.metrics.get(metric_id)
    return agent_id, metric_id


def _filtered_results(request: APIRequest) -> list[JSONObject]:
    query = request.query
    wanted = {field: query.text(name) for name, field in _FILTERS.items() if query.text(name)}
    start = _timestamp(query, "start_date", float("-inf"))
    end = _timestamp(query, "end_date", float("inf"))
    found = [
        result
        for result in request.mock.storage.results.list()
        if all(result[field] == value for field, value in wanted.items())
        and start <= _created_at(result) <= end
    ]
    return sorted(found, key=_created_at, reverse=True)


def _timestamp(query: JSONFields, name: str, default: float) -> float:
    try:
        return parse_timestamp(query.text(name)) if query.has(name) else default
    except ValueError as error:
        raise HTTPError(400, "Invalid request", f"{name}: {error}") from None


def _created_at(result: JSONObject) -> float:
    return parse_timestamp(JSONFields(result).text("createdAt"))


def _to_csv(results: Sequence[JSONObject]) -> str:
    """Format results as CSV by RFC 4180: CRLF line ends, quotes where needed."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows([result[column] for column in _COLUMNS] for result in results)
    return text.getvalue()


HANDLERS: dict[str, Handler] = {
    "agents.metrics.list": list_metrics,
    "agents.metrics.create": create,
    "agents.metrics.retrieve": retrieve,
    "agents.metrics.add_to_agent": add_to_agent,
    "agents.metrics.remove_from_agent": remove_from_agent,
    "agents.metrics.results.list": list_results,
    "agents.metrics.results.export": export_results,
}
"""Handlers by operationId."""
