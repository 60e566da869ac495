"""The handlers of what the metrics found: as a list, and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from starlette.responses import JSONResponse, Response

from cartesia_mock import instants
from cartesia_mock.call import Call, Handler
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject
from cartesia_mock.paging import page

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


async def list_results(call: Call) -> Response:
    """Answer with a page of the results, newest first."""
    return JSONResponse(page(_found(call), call.query, call.mock.settings.page_size))


async def export(call: Call) -> Response:
    """Answer with the results as CSV."""
    found = _found(call)
    limit = call.mock.settings.max_export_rows
    if not found:
        raise APIError(404, "No results", "no result fits the filters: there is nothing to export")
    if len(found) > limit:
        raise APIError(
            400,
            "Too many results",
            f"{len(found)} results fit, a table has at most {limit} rows: narrow the filters",
        )
    return Response(_table(found), media_type="text/csv")


def _found(call: Call) -> list[JSONObject]:
    query = call.query
    wanted = {field: query.text(name) for name, field in _FILTERS.items() if query.text(name)}
    start = _moment(query, "start_date", float("-inf"))
    end = _moment(query, "end_date", float("inf"))
    found = [
        result
        for result in call.mock.state.results.list()
        if all(result[field] == value for field, value in wanted.items())
        and start <= _created(result) <= end
    ]
    return sorted(found, key=_created, reverse=True)


def _moment(query: Fields, name: str, default: float) -> float:
    try:
        return instants.read(query.text(name)) if query.has(name) else default
    except ValueError as error:
        raise APIError(400, "Invalid request", f"{name}: {error}") from None


def _created(result: JSONObject) -> float:
    return instants.read(Fields(result).text("createdAt"))


def _table(results: Sequence[JSONObject]) -> str:
    """Write results as RFC 4180 says: CRLF lines, quotes where they are needed."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows([result[column] for column in _COLUMNS] for result in results)
    return text.getvalue()


HANDLERS: dict[str, Handler] = {
    "agents.metrics.results.list": list_results,
    "agents.metrics.results.export": export,
}
"""What answers each operation, by operationId."""
