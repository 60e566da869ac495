"""Errors in every shape of the API: text, JSON, and events of streams and WebSockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, Response

from cartesia_mock.api.jsontypes import JSONObject

if TYPE_CHECKING:
    from cartesia_mock.api.versions import Version


class HTTPError(Exception):
    """An error that is sent to the client.

    Args:
        status: HTTP status code.
        title: What went wrong, in a few words.
        message: The details, and how to fix the request.
        code: Machine-readable code (`voice_not_found`), if the API has one.
        headers: Additional response headers.
    """

    def __init__(
        self,
        status: int,
        title: str,
        message: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{title}: {message}")
        self.status = status
        self.title = title
        self.message = message
        self.code = code
        self.headers = dict(headers or {})

    def response(self, version: Version, request_id: str) -> Response:
        """Return the error as an HTTP response.

        Args:
            version: API version of the request; it decides between text and JSON.
            request_id: Identifier of the request.

        Returns:
            The response.
        """
        if not version.has_structured_errors:
            return PlainTextResponse(str(self), self.status, headers=self.headers)
        return JSONResponse(self._details(request_id), self.status, headers=self.headers)

    def event(self, request_id: str, context_id: str | None) -> JSONObject:
        """Return the error as an event of a stream or a WebSocket.

        Args:
            request_id: Identifier of the request.
            context_id: The context that the error ends, if any.

        Returns:
            The event, in both forms at once: older clients read `error`, others the rest.
        """
        event: JSONObject = {"type": "error", "done": True, "status_code": self.status}
        event |= self._details(request_id)
        event["error"] = str(self)
        if context_id is not None:
            event["context_id"] = context_id
        return event

    def _details(self, request_id: str) -> JSONObject:
        return {
            "error_code": self.code,
            "title": self.title,
            "message": self.message,
            "request_id": request_id,
        }


def not_implemented(what: str) -> HTTPError:
    """Return the error to send for what the document has, and the mock does not act on.

    Args:
        what: What was asked for, such as "the command 'pause'".
    """
    return HTTPError(501, "Not implemented", f"the mock does not act on {what}")


def internal_error(error: Exception) -> HTTPError:
    """Return the error to send when the mock itself fails."""
    return HTTPError(500, "Internal server error", f"{type(error).__name__}: {error}")
