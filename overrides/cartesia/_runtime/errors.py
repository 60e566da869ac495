"""Every exception that this package raises on purpose.

::

    CartesiaError
    ├─ MissingCredentialsError (a TypeError)    no key and no token at the first request
    ├─ ClientClosedError (a RuntimeError)       a client or a response was used after close()
    ├─ APIError                                 .message .request .body
    │  ├─ APIResponseValidationError            an answer that is not what the API promises
    │  ├─ APIStatusError                        an answer that says no: .response .status_code
    │  │  │                                     .request_id .title .error_code .doc_url .retry_after
    │  │  ├─ BadRequestError 400
    │  │  ├─ AuthenticationError 401
    │  │  ├─ PermissionDeniedError 403
    │  │  ├─ NotFoundError 404
    │  │  ├─ ConflictError 409
    │  │  ├─ UnprocessableEntityError 422
    │  │  ├─ RateLimitError 429
    │  │  └─ InternalServerError >= 500
    │  └─ APIConnectionError                    the server was not reached, or the connection broke
    │     ├─ APITimeoutError
    │     └─ TruncatedResponseError             inside an answer: .bytes_received .bytes_expected
    ├─ WebSocketConnectionClosedError           .unsent_messages .code .reason .last_event
    └─ WebSocketQueueFullError

Whatever a library beneath raised is the ``__cause__``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from cartesia._runtime.retry import Failure

if TYPE_CHECKING:
    import httpx

    from cartesia._runtime.model import Model


def _restore(
    kind: type[CartesiaError], args: tuple[object, ...], state: dict[str, object]
) -> CartesiaError:
    """Rebuild an unpickled error; its class may want arguments that ``args`` does not hold."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class CartesiaError(Exception):
    """The root of all errors of this package."""

    def __reduce__(
        self,
    ) -> tuple[object, tuple[type[CartesiaError], tuple[object, ...], dict[str, object]]]:
        return _restore, (type(self), self.args, self.__dict__)


class MissingCredentialsError(CartesiaError, TypeError):
    """A request was made by a client that has neither a key nor a token."""


class ClientClosedError(CartesiaError, RuntimeError):
    """A client, or a response, was used after it had been closed."""


class APIError(CartesiaError):
    """A call failed.

    Args:
        message: What happened, and what to do about it.
        request: The request that failed.
        body: The decoded JSON of the answer, else its text, else None.
    """

    message: str
    """The server's own words where there are some, else what happened."""
    request: httpx.Request
    body: object | None

    def __init__(self, message: str, request: httpx.Request, *, body: object | None) -> None:
        super().__init__(message)
        self.message = message
        self.request = request
        self.body = body


class APIResponseValidationError(APIError):
    """The server answered with something that the API does not promise.

    Args:
        response: The answer.
        body: Its decoded JSON or text.
        message: What is wrong with it.
    """

    response: httpx.Response
    status_code: int

    def __init__(
        self, response: httpx.Response, body: object | None, *, message: str | None = None
    ) -> None:
        super().__init__(
            message or "the server's answer is not what the API promises",
            response.request,
            body=body,
        )
        self.response = response
        self.status_code = response.status_code


class APIStatusError(APIError):
    """The server refused or failed, and said so with a status code.

    Args:
        message: The whole text of the error.
        response: The answer.
        body: Its decoded JSON, else its text, else None.
    """

    response: httpx.Response
    status_code: int
    request_id: str | None
    """The server's name for the request: quote it when asking for support."""
    title: str | None
    """The server's short name of the problem."""
    error_code: str | None
    """The server's machine-readable code, such as ``concurrency_limited``."""
    doc_url: str | None
    retry_after: float | None
    """Seconds that the server asked to wait."""

    def __init__(self, message: str, *, response: httpx.Response, body: object | None) -> None:
        super().__init__(message, response.request, body=body)
        self.response = response
        self.status_code = response.status_code
        self.retry_after = None
        details = error_details(body)
        self.message = details.get("message") or message
        self.title = details.get("title")
        self.error_code = details.get("error_code")
        self.doc_url = details.get("doc_url")
        self.request_id = details.get("request_id") or response.headers.get("x-request-id")


class APIConnectionError(APIError):
    """The server was not reached, or the connection broke.

    Args:
        message: What happened, with the host.
        request: The request that failed.
        failure: How far the exchange came, which decides whether it may be repeated.
    """

    failure: Failure

    def __init__(
        self,
        *,
        message: str = "Connection error.",
        request: httpx.Request,
        failure: Failure = Failure.UNANSWERED,
    ) -> None:
        super().__init__(message, request, body=None)
        self.failure = failure


class APITimeoutError(APIConnectionError):
    """A connection, a write or a read took longer than its limit.

    Args:
        request: The request that failed.
        message: What took too long.
        failure: How far the exchange came, which decides whether it may be repeated.
    """

    def __init__(
        self,
        request: httpx.Request,
        *,
        message: str = "Request timed out.",
        failure: Failure = Failure.LATE,
    ) -> None:
        super().__init__(message=message, request=request, failure=failure)


class TruncatedResponseError(APIConnectionError):
    """An answer ended before it was whole.

    Args:
        message: What is missing.
        request: The request that was answered.
        bytes_received: Bytes of the body that arrived.
        bytes_expected: Bytes that were announced, where that is known.
    """

    def __init__(
        self,
        *,
        message: str,
        request: httpx.Request,
        bytes_received: int,
        bytes_expected: int | None = None,
    ) -> None:
        super().__init__(message=message, request=request, failure=Failure.CUT)
        self.bytes_received = bytes_received
        self.bytes_expected = bytes_expected


class BadRequestError(APIStatusError):
    """400: a value in the request is not allowed."""


class AuthenticationError(APIStatusError):
    """401: the key or token is missing, wrong or expired."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this."""


class NotFoundError(APIStatusError):
    """404: there is no such object."""


class ConflictError(APIStatusError):
    """409: the object is in another state than the request needs."""


class UnprocessableEntityError(APIStatusError):
    """422: the body is not what the operation takes."""


class RateLimitError(APIStatusError):
    """429: too many requests, or too many at once."""


class InternalServerError(APIStatusError):
    """500 and above: the server failed."""


class WebSocketConnectionClosedError(CartesiaError):
    """A WebSocket closed while something was still under way.

    Args:
        message: What was lost, and why.
        unsent_messages: Messages that were accepted and not sent.
        code: The close code, where the peer gave one.
        reason: The close reason, where the peer gave one.
        last_event: The last event that had come, where the connection carried one conversation:
            what was heard of an unfinished sentence, for one.
    """

    def __init__(
        self,
        message: str,
        *,
        unsent_messages: Sequence[bytes | str] = (),
        code: int | None = None,
        reason: str = "",
        last_event: Model | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.unsent_messages = list(unsent_messages)
        self.code = code
        self.reason = reason
        self.last_event = last_event


class WebSocketQueueFullError(CartesiaError):
    """More messages wait to be sent than the queue may hold."""


_SERVER_ERRORS = 500
_LONGEST_TITLE = 80
_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}


def status_error_class(status_code: int) -> type[APIStatusError]:
    """Give the class of the error for a status code.

    Args:
        status_code: The status code of an answer that is not a success.

    Returns:
        The class; `APIStatusError` itself where none is named.
    """
    if status_code >= _SERVER_ERRORS:
        return InternalServerError
    return _BY_STATUS.get(status_code, APIStatusError)


def error_details(body: object) -> dict[str, str]:
    """Take an error body of any known shape apart.

    Args:
        body: Decoded JSON (``title``, ``message``, ...), or the older text ``Title: message``.

    Returns:
        What was found of ``title``, ``message``, ``error_code``, ``doc_url`` and ``request_id``.
    """
    if isinstance(body, Mapping):
        said = cast("Mapping[str, object]", body)
        details = {
            key: value
            for key in ("title", "message", "error_code", "doc_url", "request_id")
            if isinstance(value := said.get(key), str) and value
        }
        text = said.get("error")
        if "message" not in details and isinstance(text, str):
            details["message"] = text
        return details
    if isinstance(body, str) and body.strip() and not body.lstrip().startswith("<"):
        title, colon, message = body.strip().partition(": ")
        # A title is short and on one line; anything else is prose with a colon in it.
        if colon and len(title) <= _LONGEST_TITLE and "\n" not in title:
            return {"title": title, "message": message}
        return {"message": body.strip()}
    return {}


__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "CartesiaError",
    "ClientClosedError",
    "ConflictError",
    "InternalServerError",
    "MissingCredentialsError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "TruncatedResponseError",
    "UnprocessableEntityError",
    "WebSocketConnectionClosedError",
    "WebSocketQueueFullError",
]

for _name in __all__:
    # Tracebacks and pickles name the place where users import it from.
    globals()[_name].__module__ = "cartesia"
