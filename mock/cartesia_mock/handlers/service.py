"""Handlers of the service itself: its status, and access tokens."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from cartesia_mock.http.api_request import APIRequest, Handler


async def get_status(request: APIRequest) -> Response:
    """Respond that the server is up, with its default API version."""
    return JSONResponse({"ok": True, "version": request.mock.default_date})


async def create_access_token(request: APIRequest) -> Response:
    """Respond with a token that has the requested grants, or none."""
    grants = request.body.object("grants").data
    granted = [name for name, value in grants.items() if value is True]
    token = request.mock.tokens.issue(granted, request.body.integer("expires_in"))
    return JSONResponse({"token": token})


HANDLERS: dict[str, Handler] = {
    "client.get_status": get_status,
    "access_token.create": create_access_token,
}
"""Handlers by operationId."""
