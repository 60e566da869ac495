"""The handler that makes access tokens."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from cartesia_mock.call import Call, Handler


async def create(call: Call) -> Response:
    """Answer with a token that opens what the request grants: nothing if it grants nothing."""
    granted = [name for name, value in call.body.object("grants").data.items() if value is True]
    expires_in = call.body.integer("expires_in")
    return JSONResponse({"token": call.mock.tokens.make(granted, expires_in)})


HANDLERS: dict[str, Handler] = {"access_token.create": create}
"""What answers each operation, by operationId."""
