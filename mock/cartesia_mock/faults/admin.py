"""The endpoints that arm faults, show them, and clear them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONValue, as_object, parse_json
from cartesia_mock.request_id import request_id
from cartesia_mock.versions import asked_version

from .desk import Armed, Desk
from .kinds import parse_faults

_PATH = "/_mock/faults"
_FIELDS = {"fault", "path", "method", "times", "skip"}


def fault_routes(desk: Desk, version: str) -> list[Route]:
    """Give the routes of the desk.

    Args:
        desk: Where faults are armed.
        version: API version of errors for requests that name none.

    Returns:
        The routes: `GET`, `POST` and `DELETE /_mock/faults`, `DELETE /_mock/faults/{id}`.
    """

    async def show(_: Request) -> Response:
        return JSONResponse({"faults": [armed.describe() for armed in desk.armed]})

    async def arm(request: Request) -> Response:
        try:
            armed = _read(await request.body())
        except ValueError as error:
            raise APIError(400, "Invalid fault", str(error)) from None
        desk.armed.append(armed)
        return JSONResponse(armed.describe(), 201)

    async def clear(_: Request) -> Response:
        desk.armed.clear()
        return Response(status_code=204)

    async def disarm(request: Request) -> Response:
        left = [armed for armed in desk.armed if armed.id != request.path_params["id"]]
        if len(left) == len(desk.armed):
            raise APIError(404, "Not found", f"no fault is called {request.path_params['id']}")
        desk.armed[:] = left
        return Response(status_code=204)

    def answering(endpoint: Callable[[Request], Awaitable[Response]]) -> _Endpoint:
        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except APIError as error:
                return error.response(asked_version(request, version), request_id(request))

        return answer

    return [
        Route(_PATH, answering(show), methods=["GET"]),
        Route(_PATH, answering(arm), methods=["POST"]),
        Route(_PATH, answering(clear), methods=["DELETE"]),
        Route(f"{_PATH}/{{id}}", answering(disarm), methods=["DELETE"]),
    ]


_Endpoint = Callable[[Request], Awaitable[Response]]


def _read(body: bytes) -> Armed:
    fields = Fields(as_object(parse_json(body)))
    unknown = sorted(set(fields.data) - _FIELDS)
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: there are {', '.join(sorted(_FIELDS))}")
    faults = parse_faults(fields.text("fault"))
    if not faults:
        raise ValueError("fault: is required, such as `status; code=503`")
    return Armed(
        text=fields.text("fault"),
        faults=faults,
        path=fields.text("path", "*"),
        method=fields.text("method").upper(),
        times=_count(fields, "times", 1),
        skip=_count(fields, "skip", 0) or 0,
    )


def _count(fields: Fields, name: str, default: int) -> int | None:
    """Read a whole number; null stands for no limit."""
    value: JSONValue = fields.data.get(name, default)
    if value is None or (type(value) is int and value >= 0):
        return value
    raise ValueError(f"{name}: {value!r} is not a whole number from 0 up")
