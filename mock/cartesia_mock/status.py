"""The handler of `GET /`: that the server is up, and which version it speaks by default."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from cartesia_mock.call import Call


async def get_status(call: Call) -> Response:
    """Answer that all is well."""
    return JSONResponse({"ok": True, "version": call.mock.document.version})
