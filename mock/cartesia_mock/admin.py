"""What the mock offers to tests, outside of the document: its clock, and calls that happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cartesia_mock import instants
from cartesia_mock.agents.happen import happen
from cartesia_mock.call import Mock
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject, as_object, parse_json
from cartesia_mock.request_id import request_id
from cartesia_mock.versions import Version

CLOCK_NOTE = "clock_offset"
"""The note in which the state keeps how far the clock was put forward."""

_Answer = Callable[[Mock, Fields], JSONObject]


def routes(mock: Mock) -> list[Route]:
    """Give the routes of what tests can do to the server.

    Args:
        mock: The server's parts.

    Returns:
        The routes: `GET` and `POST /_mock/clock`, `POST /_mock/calls`.
    """
    return [
        Route("/_mock/clock", _endpoint(mock, _tell), methods=["GET"]),
        Route("/_mock/clock", _endpoint(mock, _advance), methods=["POST"]),
        Route("/_mock/calls", _endpoint(mock, happen), methods=["POST"]),
    ]


def _tell(mock: Mock, _: Fields) -> JSONObject:
    return {"now": instants.write(mock.clock.now()), "offset": mock.clock.offset}


def _advance(mock: Mock, body: Fields) -> JSONObject:
    """Put the clock forward by `advance` seconds."""
    seconds = body.number("advance")
    if seconds is None:
        raise APIError(400, "Invalid request", "advance: is required, a number of seconds")
    try:
        mock.clock.advance(seconds)
    except ValueError as error:
        raise APIError(400, "Invalid request", f"advance: {error}") from None
    mock.state.write_note(CLOCK_NOTE, str(mock.clock.offset))
    return _tell(mock, body)


def _endpoint(mock: Mock, answer: _Answer) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        try:
            body = await request.body()
            fields = Fields(as_object(parse_json(body))) if body else Fields({})
            return JSONResponse(answer(mock, fields))
        except APIError as error:
            failure = error
        except ValueError as error:
            failure = APIError(400, "Invalid JSON", f"the request body cannot be read: {error}")
        return failure.response(Version.parse(mock.document.version), request_id(request))

    return respond
