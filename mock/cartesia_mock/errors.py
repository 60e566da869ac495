"""Errors in every shape that the API gives them: text, JSON, and events of streams and sockets."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, PlainTextResponse, Response

from cartesia_mock.jsontypes import JSONObject
from cartesia_mock.versions import Version


class APIError(Exception):
    """A request that is answered with an error.

    Args:
        status: HTTP status code.
        title: What went wrong, in a few words.
        message: What exactly, and the way out.
        code: Machine code (`voice_not_found`), if the API has one.
        headers: Further headers of the answer.
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
        """Give the error as an HTTP answer.

        Args:
            version: The API version of the request: it decides between text and JSON.
            request_id: The request's identifier.

        Returns:
            The answer.
        """
        if not version.has_structured_errors:
            return PlainTextResponse(str(self), self.status, headers=self.headers)
        return JSONResponse(
            {
                "error_code": self.code,
                "title": self.title,
                "message": self.message,
                "request_id": request_id,
            },
            self.status,
            headers=self.headers,
        )

    def event(self, version: Version, request_id: str, context_id: str | None) -> JSONObject:
        """Give the error as an event of a stream or a socket.

        Args:
            version: The API version of the request: it decides between the legacy and the
                structured form.
            request_id: The request's identifier.
            context_id: The context that it ends, if it is about one.

        Returns:
            The event.
        """
        event: JSONObject = {"type": "error", "done": True, "status_code": self.status}
        if version.has_structured_errors:
            event |= {
                "error_code": self.code,
                "title": self.title,
                "message": self.message,
                "request_id": request_id,
            }
        else:
            event["error"] = str(self)
        if context_id is not None:
            event["context_id"] = context_id
        return event


def internal_error(error: Exception) -> APIError:
    """Give what a client is told when the mock itself fails."""
    return APIError(500, "Internal server error", f"{type(error).__name__}: {error}")
