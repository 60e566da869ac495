"""The exceptions that this package raises.

::

    CartesiaError
    ├─ MissingCredentialsError (a TypeError)    no key and no token at the first request
    ├─ ClientClosedError (a RuntimeError)       a client or a response was used after close()
    ├─ APIError                                 .message .request .body
    │  ├─ APIResponseValidationError            a response that the API does not document
    │  ├─ APIStatusError                        an error status: .response .status_code
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
    │     └─ TruncatedResponseError             inside a response: .bytes_received .bytes_expected
    ├─ WebSocketConnectionClosedError           .unsent_messages .code .reason .last_event
    │  └─ ContextLostError                      inside a context: .context_id .sent .heard
    ├─ WebSocketQueueFullError
    ├─ LegacyWebSocketError (a RuntimeError)    an error event of `tts.websocket()`
    ├─ ContextEndedError (a ValueError)         more was sent in a context that takes no more
    ├─ ReceiveTimeoutError (a TimeoutError)     no event within the caller's `timeout`
    ├─ ContextInactiveError (a TimeoutError)    no event within `inactivity_timeout`
    ├─ UnfinalizedAudioLostError                audio before a reconnect: .lost_bytes .resent_bytes
    └─ SlowReceiverError                        unread events were discarded: .lost .lost_bytes

The exception of an underlying library is the ``__cause__``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, NamedTuple, cast

from cartesia._runtime.retry import Failure, asked_wait

if TYPE_CHECKING:
    import httpx

    from cartesia._runtime.model import Model
    from cartesia._runtime.websocket.close import Close

_DETAILS = ("title", "message", "error_code", "doc_url", "request_id")
_LONGEST_TITLE = 80
_LONGEST_TEXT = 10_000
_SHOWN_HEADERS = re.compile(
    r"accept.*|connection|content-.*|host|transfer-encoding|user-agent|.*-version", re.IGNORECASE
)
_SECRET_PARAMETERS = re.compile(r"(?i)([^?&=]*(?:token|key|secret|password)[^?&=]*)=[^&#]*")
_HIDDEN = "[secret]"


def without_credentials(request: httpx.Request) -> httpx.Request:
    """Copy a request as it may be shown, logged and pickled.

    Args:
        request: The request.

    Returns:
        It, without the values of headers that may be secret, of tokens in the query, and without
        the user in the URL.
    """
    made = copy(request)
    made.stream, made.extensions = request.stream, request.extensions
    query = _SECRET_PARAMETERS.sub(rf"\1={_HIDDEN}", request.url.query.decode()).encode()
    made.url = request.url.copy_with(username=None, password=None, query=query or None)
    headers = [
        (name, value if _SHOWN_HEADERS.fullmatch(name) else _HIDDEN)
        for name, value in request.headers.multi_items()
    ]
    made.headers = type(request.headers)(headers)
    return made


def hide_credentials(response: httpx.Response) -> httpx.Response:
    """Hide the credentials in the request of a response.

    Args:
        response: The response.

    Returns:
        The same response, with another request.
    """
    response.request = without_credentials(response.request)
    return response


class CartesiaError(Exception):
    """The base of all exceptions of this package."""

    __module__ = "cartesia"

    def __init_subclass__(cls) -> None:
        # Tracebacks and pickles name the module that users import from.
        if cls.__module__ == __name__:
            cls.__module__ = CartesiaError.__module__

    def __reduce__(self) -> tuple[object, ...]:
        # Unpickled without `__init__`, whose arguments differ from class to class.
        return type(self).__new__, (type(self),), {"args": self.args, **self.__dict__}


class MissingCredentialsError(CartesiaError, TypeError):
    """A request was made by a client that has neither a key nor a token."""


class ClientClosedError(CartesiaError, RuntimeError):
    """A client, or a response, was used after it had been closed."""


class APIError(CartesiaError):
    """A call failed.

    Args:
        message: What happened, and what to do about it.
        request: The request that failed.
        body: The decoded JSON of the response, else its text, else None.
    """

    def __init__(self, message: str, request: httpx.Request, *, body: object | None) -> None:
        super().__init__(message)
        self.message = message
        """The server's own message where there is one, else what happened."""
        self.request = without_credentials(request)
        """The request, without credentials."""
        self.body = body


class APIResponseValidationError(APIError):
    """The response is not one that the API documents.

    Args:
        response: The response.
        body: Its decoded JSON or text.
        message: What is wrong with it.
    """

    def __init__(
        self, response: httpx.Response, body: object | None, *, message: str | None = None
    ) -> None:
        text = message or "the response is not one that the API documents"
        super().__init__(text, response.request, body=body)
        self.response = response
        response.request = self.request
        self.status_code = response.status_code


class APIStatusError(APIError):
    """The server responded with an error status.

    Args:
        message: The whole text of the error.
        response: The response.
        body: Its decoded JSON, else its text, else None.
    """

    def __init__(self, message: str, *, response: httpx.Response, body: object | None) -> None:
        super().__init__(message, response.request, body=body)
        self.response = response
        response.request = self.request
        self.status_code = response.status_code
        self.retry_after = asked_wait(response.headers)
        """Seconds that the server asked to wait."""
        details = error_details(body)
        self.message = details.get("message") or message
        self.title = details.get("title")
        """The server's short name of the problem."""
        self.error_code = details.get("error_code")
        """The server's machine-readable code, such as ``concurrency_limited``."""
        self.doc_url = details.get("doc_url")
        self.request_id = details.get("request_id") or response.headers.get("x-request-id")
        """The server's id of the request: quote it when asking for support."""


class APIConnectionError(APIError):
    """The server was not reached, or the connection broke.

    Args:
        request: The request that failed.
        message: What happened, with the host.
        failure: How far the exchange came, which decides whether it may be retried.
    """

    message = "Connection error."
    failure = Failure.UNANSWERED

    def __init__(
        self, request: httpx.Request, *, message: str = "", failure: Failure | None = None
    ) -> None:
        super().__init__(message or self.message, request, body=None)
        self.failure = failure or self.failure


class APITimeoutError(APIConnectionError):
    """Connecting, writing or reading took longer than its timeout.

    Args:
        request: The request that failed.
        message: What took too long.
        failure: How far the exchange came, which decides whether it may be retried.
    """

    message = "Request timed out."
    failure = Failure.LATE


class TruncatedResponseError(APIConnectionError):
    """A response ended before it was complete.

    Args:
        message: What is missing.
        request: The request.
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
        super().__init__(request, message=message, failure=Failure.CUT)
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
    """409: the object is not in the state that the request needs."""


class UnprocessableEntityError(APIStatusError):
    """422: the body is not what the operation takes."""


class RateLimitError(APIStatusError):
    """429: too many requests, or too many at once."""


class InternalServerError(APIStatusError):
    """500 and above: the server failed."""


class ContextAccount(NamedTuple):
    """What was sent and received of a context, as its errors report it."""

    context_id: str | None = None
    sent: Sequence[Mapping[str, object]] = ()
    heard: int = 0
    heard_bytes: int = 0

    def summary(self) -> str:
        """Return the numbers of messages and events, for the text of an error."""
        return (
            f"{len(self.sent)} messages sent, {self.heard} events ({self.heard_bytes} bytes) "
            "received"
        )


class WebSocketConnectionClosedError(CartesiaError):
    """A WebSocket was closed during an operation.

    Args:
        message: What was lost, and why.
        unsent_messages: Messages that were accepted and not sent.
        code: The close code, where the peer gave one.
        reason: The close reason, where the peer gave one.
        last_event: The last event that was received, where the connection carries a single
            conversation: the transcript of an unfinished sentence, for one.
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


class ContextLostError(WebSocketConnectionClosedError):
    """The connection ended while a context was open; the rest of its events is lost.

    Args:
        socket: The name of the WebSocket.
        close: How the connection ended; what caused it becomes the ``__cause__``.
        idle: Seconds between the last message of the context, either way, and that end.
        context: What was sent and received of the context.

    Attributes:
        context_id: The id of the context.
        sent: The fields that differed between the messages that were sent: the texts.
        heard: How many events were received.
        heard_bytes: The bytes of those events. Where it is 0, the text may be spoken again.
    """

    def __init__(self, socket: str, close: Close, idle: float, context: ContextAccount) -> None:
        text = (
            f"the {socket} socket was {close}, {idle:.1f} s after the last message of context "
            f"{context.context_id}: {context.summary()}, the rest is lost"
        )
        super().__init__(text, code=close.code, reason=close.reason)
        self.__cause__ = close.cause
        self.context_id, self.sent, self.heard, self.heard_bytes = context


class WebSocketQueueFullError(CartesiaError):
    """More messages wait to be sent than the queue may hold."""


class LegacyWebSocketError(CartesiaError, RuntimeError):
    """The server answered a `tts.websocket()` request with an error event."""


class ContextEndedError(CartesiaError, ValueError):
    """More was sent in a context that has ended, or that was said to get no more."""


class ReceiveTimeoutError(CartesiaError, TimeoutError):
    """No event was received within the timeout that the caller gave.

    Args:
        socket: The name of the WebSocket.
        timeout: The timeout, in seconds.
        context_id: The context; None for the whole connection.
    """

    def __init__(self, socket: str, timeout: float, context_id: str | None) -> None:
        of_context = f" of context {context_id}" if context_id is not None else ""
        super().__init__(
            f"no event{of_context} came over the {socket} socket within {timeout:g} s; "
            "receive again to wait longer, or cancel"
        )
        self.context_id = context_id
        self.timeout = timeout


class ContextInactiveError(CartesiaError, TimeoutError):
    """The server sent a context no event for longer than ``inactivity_timeout``.

    The context was cancelled; the connection stays open.

    Args:
        socket: The name of the WebSocket.
        timeout: The ``inactivity_timeout``, in seconds.
        context: What was sent and received of the context; its id is None for messages outside
            all contexts.

    Attributes:
        context_id: The id of the context.
        sent: The fields that differed between the messages that were sent: the texts.
        heard: How many events were received.
        heard_bytes: The bytes of those events.
    """

    def __init__(self, socket: str, timeout: float, context: ContextAccount) -> None:
        silence = f"came over the {socket} socket for {timeout:g} s (inactivity_timeout)"
        text = f"no response {silence}"
        if context.context_id is not None:
            text = f"no event of context {context.context_id} {silence}: {context.summary()}"
            text += "; the context was cancelled"
        super().__init__(text)
        self.timeout = timeout
        self.context_id, self.sent, self.heard, self.heard_bytes = context


class SlowReceiverError(CartesiaError):
    """Unread events filled the receive buffer, blocked other contexts, and were discarded.

    The context was cancelled; the connection stays open. See ``read_limit``.

    Args:
        socket: The name of the WebSocket.
        context_id: The context; None for events outside all contexts.
        limit: The ``read_limit`` that was exceeded, in bytes.
        taken_bytes: The bytes of the events that had been received.
        lost: How many events were discarded.
        lost_bytes: Their bytes.
    """

    def __init__(
        self,
        socket: str,
        context_id: str | None,
        limit: float,
        *,
        taken_bytes: int,
        lost: int,
        lost_bytes: int,
    ) -> None:
        of_context = f" of context {context_id}" if context_id is not None else ""
        super().__init__(
            f"the receiver{of_context} was too slow for the {socket} socket: {limit:.0f} bytes "
            f"(read_limit) waited to be received and blocked other contexts; {lost} events "
            f"({lost_bytes} bytes) were discarded, after {taken_bytes} bytes that were received"
        )
        self.context_id = context_id
        self.taken_bytes = taken_bytes
        self.lost = lost
        self.lost_bytes = lost_bytes


class UnfinalizedAudioLostError(CartesiaError):
    """A conversation goes on over another connection, without some of the audio before it.

    Attributes:
        lost_bytes: Bytes of audio without a final transcript that were not kept; they are missing
            before those that were sent again.
        resent_bytes: Bytes of audio that were sent again.
    """

    def __init__(self, socket: str, lost_bytes: int, resent_bytes: int) -> None:
        super().__init__(
            f"the {socket} socket was reconnected: {lost_bytes} bytes of audio without a final "
            f"transcript were more than max_queue_size and are lost, the {resent_bytes} after them "
            "were sent again"
        )
        self.lost_bytes = lost_bytes
        self.resent_bytes = resent_bytes


def missing_extra(what: str, extra: str) -> CartesiaError:
    """Make the error for something whose libraries are missing.

    Args:
        what: What needs them, as the beginning of a sentence.
        extra: The extra of this package that installs them.

    Returns:
        The error.
    """
    install = f"pip install 'cartesia-openapi[{extra}]'"
    return CartesiaError(f"{what} needs the extra {extra!r}: {install}")


def printable(text: str) -> str:
    """Escape control characters, which would command the terminal that a text is printed in.

    Args:
        text: A text of the server's.

    Returns:
        Its first 10,000 characters, with line ends as they are.
    """
    if len(text) > _LONGEST_TEXT:
        text = f"{text[:_LONGEST_TEXT]}..."
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode()
        for each in text
    )


def error_summary(details: Mapping[str, str]) -> str:
    """Join the title and the message of an error.

    Args:
        details: The result of `error_details`.

    Returns:
        ``title: message``, or one of them, or nothing.
    """
    return ": ".join(details[key] for key in ("title", "message") if key in details)


def error_details(body: object) -> dict[str, str]:
    """Parse the body of an error response, in any known format.

    Args:
        body: Decoded JSON (``title``, ``message``, ...), or the older text ``Title: message``.

    Returns:
        What was found of ``title``, ``message``, ``error_code``, ``doc_url`` and ``request_id``.
    """
    if isinstance(body, Mapping):
        fields = cast("Mapping[str, object]", body)
        texts = {k: printable(v) for k, v in fields.items() if isinstance(v, str) and v}
        if "error" in texts:
            texts.setdefault("message", texts["error"])
        return {key: texts[key] for key in _DETAILS if key in texts}
    if isinstance(body, str) and body.strip() and not body.lstrip().startswith("<"):
        text = printable(body.strip())
        title, colon, message = text.partition(": ")
        # A title is short and on one line; anything else is prose with a colon in it.
        if colon and len(title) <= _LONGEST_TITLE and "\n" not in title:
            return {"title": title, "message": message}
        return {"message": text}
    return {}
