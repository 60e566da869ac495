"""The endpoints that arm, list and clear faults."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cartesia_mock.api.error_responses import with_error_responses
from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONValue, as_object, parse_json
from cartesia_mock.faults.fault_types import parse_faults
from cartesia_mock.faults.registry import ArmedFaults, FaultRegistry

_PATH = "/_mock/faults"
_FIELDS = {"fault", "path", "method", "times", "skip"}


def fault_routes(registry: FaultRegistry, default_version: str) -> list[Route]:
    """Return the routes of the endpoints.

    Args:
        registry: The armed faults.
        default_version: API version of errors for requests that name none.

    Returns:
        The routes: `GET`, `POST` and `DELETE /_mock/faults`, `DELETE /_mock/faults/{id}`.
    """

    async def show(_: Request) -> Response:
        return JSONResponse({"faults": [armed.describe() for armed in registry.armed]})

    async def arm(request: Request) -> Response:
        try:
            armed = _parse(await request.body())
        except ValueError as error:
            raise HTTPError(400, "Invalid fault", str(error)) from None
        registry.armed.append(armed)
        return JSONResponse(armed.describe(), 201)

    async def clear(_: Request) -> Response:
        registry.armed.clear()
        return Response(status_code=204)

    async def disarm(request: Request) -> Response:
        remaining = [armed for armed in registry.armed if armed.id != request.path_params["id"]]
        if len(remaining) == len(registry.armed):
            raise HTTPError(404, "Not found", f"no fault is called {request.path_params['id']}")
        registry.armed[:] = remaining
        return Response(status_code=204)

    return [
        Route(path, with_error_responses(endpoint, default_version), methods=[method])
        for path, method, endpoint in (
            (_PATH, "GET", show),
            (_PATH, "POST", arm),
            (_PATH, "DELETE", clear),
            (f"{_PATH}/{{id}}", "DELETE", disarm),
        )
    ]


def _parse(body: bytes) -> ArmedFaults:
    fields = JSONFields(as_object(parse_json(body)))
    unknown = sorted(set(fields.data) - _FIELDS)
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: there are {', '.join(sorted(_FIELDS))}")
    faults = parse_faults(fields.text("fault"))
    if not faults:
        raise ValueError("fault: is required, such as `status; code=503`")
    return ArmedFaults(
        text=fields.text("fault"),
        faults=faults,
        path=fields.text("path", "*"),
        method=fields.text("method").upper(),
        times=_count(fields, "times", 1),
        skip=_count(fields, "skip", 0) or 0,
    )


def _count(fields: JSONFields, name: str, default: int) -> int | None:
    """Parse a whole number; null stands for no limit."""
    value: JSONValue = fields.data.get(name, default)
    if value is None or (type(value) is int and value >= 0):
        return value
    raise ValueError(f"{name}: {value!r} is not a whole number from 0 up")
