"""Maps exceptions of httpx, error responses and failed handshakes to the errors of this package."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from http import HTTPStatus
from typing import Callable

import httpx

from cartesia._runtime import errors
from cartesia._runtime.codec import decode_json
from cartesia._runtime.content import read_text, reference, shorten
from cartesia._runtime.errors import APIConnectionError, APITimeoutError
from cartesia._runtime.http_clients import and_of_httpx2
from cartesia._runtime.options import without_user
from cartesia._runtime.retry import LONGEST_WAIT_SECONDS, Failure, asked_wait
from cartesia._runtime.types import JSONObject

_TIMEOUTS = (httpx.TimeoutException, TimeoutError, socket.timeout)
"""What becomes an `APITimeoutError`. Before Python 3.10 ``socket.timeout`` is another class."""

# What was raised -> how far the exchange came, and the text. An exception that is not in the table
# is looked up as its nearest base class.
_Table = Mapping[type[BaseException], tuple[Failure, str]]

_UNANSWERED = Failure.UNANSWERED
_NO_CONNECTION = "could not connect to {host} ({reason}); check the network and `base_url`"
_CANNOT_BE_SENT = "the request to {host} cannot be sent: {reason}"
_SEND_ERRORS: _Table = {
    httpx.ReadTimeout: (Failure.LATE, "{host} did not respond in time; see `timeout`"),
    httpx.ConnectTimeout: (_UNANSWERED, "could not connect to {host} in time; see `timeout`"),
    httpx.PoolTimeout: (_UNANSWERED, "no free connection to {host}: too many calls at once"),
    httpx.TimeoutException: (_UNANSWERED, "could not send to {host} in time; see `timeout`"),
    httpx.ConnectError: (_UNANSWERED, _NO_CONNECTION),
    httpx.ProxyError: (_UNANSWERED, _NO_CONNECTION),
    httpx.UnsupportedProtocol: (Failure.FINAL, _CANNOT_BE_SENT),
    httpx.LocalProtocolError: (Failure.FINAL, _CANNOT_BE_SENT),
    httpx.InvalidURL: (Failure.FINAL, _CANNOT_BE_SENT),
    UnicodeError: (Failure.FINAL, _CANNOT_BE_SENT),
    Exception: (_UNANSWERED, "the connection to {host} broke before a response came ({reason})"),
}
_LATE_HANDSHAKE = "{host} did not open a WebSocket in time; see `open_timeout`"
_HANDSHAKE_ERRORS: _Table = {
    TimeoutError: (Failure.LATE, _LATE_HANDSHAKE),
    socket.timeout: (Failure.LATE, _LATE_HANDSHAKE),
    OSError: (_UNANSWERED, _NO_CONNECTION),
    Exception: (_UNANSWERED, "{host} did not open a WebSocket: {reason}"),
}
_AFTER_CONNECTING = (TimeoutError, socket.timeout, ConnectionResetError, BrokenPipeError)
_DEAD_PROXY = (
    "could not connect to the proxy {proxy} ({reason}); check `proxy`, or HTTP_PROXY, HTTPS_PROXY "
    "and ALL_PROXY in the environment"
)
_REFUSING_PROXY = "the proxy {proxy} did not connect to {host} ({reason})"
_STATUS_ERRORS = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    422: errors.UnprocessableEntityError,
    429: errors.RateLimitError,
}
_SHOWN_CHARACTERS = 500
_AIOHTTP_SECRETS: dict[str, object] = {"headers": {}, "proxy": None, "proxy_auth": None}


def transport_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """Return all that httpx, or httpx2, raises while a request is sent or a response is read.

    Args:
        others: Further classes.

    Returns:
        The classes, for ``except``, where they are looked up only if something was raised.
    """
    kinds = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)
    return (*others, *(each for kind in kinds for each in and_of_httpx2(kind)))


def explain_send_error(
    error: Exception,
    request: httpx.Request,
    proxy: httpx.Proxy | None = None,
    table: _Table = _SEND_ERRORS,
) -> APIConnectionError:
    """Map an exception that was raised before there was a response.

    Args:
        error: What httpx raised, or what opening a WebSocket did.
        request: The request that was sent.
        proxy: The proxy that it was sent through, if that is known.
        table: What the exceptions mean.

    Returns:
        The error, to be raised from its cause.
    """
    _hide_in_causes(error, request)
    # The exceptions of httpx2 have the names of those of httpx.
    bases = [getattr(httpx, base.__name__, base) for base in type(error).__mro__]
    failure, text = next(table[base] for base in bases if base in table)
    if proxy is not None:
        text = _proxy_text(error, proxy) or f"{text}, through the proxy {{proxy}}"
    reason = str(error) or type(error).__name__
    place = proxy and _host(proxy.url)
    message = text.format(host=_host(request.url), reason=reason, proxy=place)
    kind = APITimeoutError if not set(bases).isdisjoint(_TIMEOUTS) else APIConnectionError
    return kind(message=message, request=request, failure=failure)


def explain_read_error(
    error: Exception, response: httpx.Response, received: int
) -> errors.CartesiaError:
    """Map an exception that was raised while the body of a response was read.

    Args:
        error: What httpx raised.
        response: The response.
        received: Bytes of its body that arrived.

    Returns:
        The error, to be raised from its cause.
    """
    _hide_in_causes(error, response.request)
    if isinstance(error, and_of_httpx2(httpx.TimeoutException)):
        return stalled(response, received)
    if isinstance(error, and_of_httpx2(httpx.StreamError)):
        return errors.ClientClosedError("the response was closed before its body had been read")
    if isinstance(error, and_of_httpx2(httpx.DecodingError)):
        text = f"the response of {_host(response.url)} cannot be decompressed: {error}"
        return APIConnectionError(message=text, request=response.request, failure=Failure.CUT)
    length = response.headers.get("content-length", "")
    return truncated(response, received, int(length) if length.isdecimal() else None)


def truncated(
    response: httpx.Response, received: int, expected: int | None = None, detail: str = ""
) -> errors.TruncatedResponseError:
    """Make the error for a body that ended early.

    Args:
        response: The response.
        received: Bytes of its body that arrived.
        expected: Bytes that were announced, None where that is not known.
        detail: What else is missing, for the text.

    Returns:
        The error.
    """
    text = (
        f"the response of {_host(response.url)} is truncated: {received} of "
        f"{'an unknown number of' if expected is None else expected} bytes came{detail}"
    )
    return errors.TruncatedResponseError(
        message=text + reference(response),
        request=response.request,
        bytes_received=received,
        bytes_expected=expected,
    )


def stalled(response: httpx.Response, received: int) -> APITimeoutError:
    """Make the error for a body of which nothing more arrives.

    Args:
        response: The response.
        received: Bytes of its body that arrived.

    Returns:
        The error.
    """
    text = f"the response of {_host(response.url)} stalled after {received} bytes; see `timeout`"
    return APITimeoutError(response.request, message=text + reference(response))


def past_deadline(request: httpx.Request, seconds: float) -> APITimeoutError:
    """Make the error for a call that took too long as a whole.

    Args:
        request: The request.
        seconds: The seconds that it may take.

    Returns:
        The error.
    """
    text = f"the call to {_host(request.url)} took longer than {seconds:g} s; see `deadline`"
    return APITimeoutError(request, message=text, failure=Failure.FINAL)


def explain_status(
    response: httpx.Response, content: bytes, credentials: str
) -> errors.APIStatusError:
    """Map an error response.

    Args:
        response: The response.
        content: Its body, or as much of it as arrived.
        credentials: Where the key or token came from, in words; empty where neither was given.

    Returns:
        The error, of the class for its status.
    """
    shown = read_text(response, content)
    try:
        body = decode_json(content)
    except ValueError:
        body = shown if content.strip() else None
    return _explain_status(response, body, shown, credentials)


def _explain_status(
    response: httpx.Response, body: object, shown: str, credentials: str
) -> errors.APIStatusError:
    details = errors.error_details(body)
    status = response.status_code
    text = f"Error code: {status}"
    if said := errors.error_summary(details) or shown.strip() or response.reason_phrase:
        text += f" - {shorten(said, _SHOWN_CHARACTERS)}"
    if "doc_url" in details:
        text += f" (see {details['doc_url']})"
    advice = ""
    if status == HTTPStatus.UNAUTHORIZED and response.url.host:  # not for an event of a socket
        sent = f"was signed with {credentials}" if credentials else "had credentials in its headers"
        host = _host(response.url)
        advice = f" The request {sent}; check that it is valid and meant for {host}."
    if (wait := asked_wait(response.headers) or 0) > LONGEST_WAIT_SECONDS:
        advice += f" The server asks to wait {wait:.0f} s before the next attempt."
    if advice:
        text = f"{text.rstrip('.')}.{advice}"
    default = errors.APIStatusError if status < 500 else errors.InternalServerError  # noqa: PLR2004
    text += reference(response, details.get("request_id"))
    return _STATUS_ERRORS.get(status, default)(text, response=response, body=body)


def explain_event(event: JSONObject, response: httpx.Response | None = None) -> errors.APIError:
    """Map an event that reports an error, in a response that began with success.

    Args:
        event: The JSON object of the event.
        response: The response; None for that of a WebSocket, whose request httpx has not seen.

    Returns:
        The error, of the class for the status that the event names, if it names one.
    """
    response = response or httpx.Response(200, request=httpx.Request("GET", ""))
    status = event.get("status_code")
    if isinstance(status, int) and status in range(400, 600):
        request_id = response.headers.get("x-request-id")
        headers = {"x-request-id": request_id} if request_id else {}
        failed = httpx.Response(status, headers=headers, request=response.request)
        return _explain_status(failed, event, "", "")
    details = errors.error_details(event)
    said = shorten(errors.error_summary(details) or "without a text", _SHOWN_CHARACTERS)
    text = f"the server reported an error: {said}{reference(response, details.get('request_id'))}"
    return errors.APIError(text, response.request, body=event)


def explain_handshake(
    url: str, error: Exception, credentials: str = "", proxy: httpx.Proxy | None = None
) -> errors.CartesiaError:
    """Map an exception that was raised while a WebSocket was opened.

    Args:
        url: The URL of the WebSocket.
        error: What was raised.
        credentials: Where the key or token came from, in words; empty where neither was given.
        proxy: The proxy that leads there, if one does.

    Returns:
        The error, to be raised from its cause.
    """
    from cartesia._runtime.websocket.protocol import HandshakeRefusedError

    if isinstance(error, ImportError):
        return errors.missing_extra("a SOCKS proxy", "socks")
    # Errors show their request: a user, and the query, may hold secrets.
    request = httpx.Request("GET", without_user(url.partition("?")[0]))
    if isinstance(error, HandshakeRefusedError):
        refusal = error.response
        body = bytes(refusal.body or b"")
        headers = httpx.Headers(list(refusal.headers.raw_items()))
        headers.pop("content-encoding", None)  # none was asked for; one may be a bomb, or none
        status = refusal.status_code
        response = httpx.Response(status, headers=headers, content=body, request=request)
        return explain_status(response, body, credentials)
    return explain_send_error(error, request, proxy, _HANDSHAKE_ERRORS)


def _hide_in_causes(error: BaseException, request: httpx.Request, *seen: BaseException) -> None:
    """Hide the credentials that an exception and its causes hold, and that aiohttp's show."""
    if any(error is each for each in seen):
        return  # errors may be causes of each other
    if isinstance(error, and_of_httpx2(httpx.RequestError)):
        error.request = errors.without_credentials(request)
    error.args = tuple(map(_without_secrets, error.args))
    vars(error).update({name: _without_secrets(value) for name, value in vars(error).items()})
    if error.__cause__ is not None:
        _hide_in_causes(error.__cause__, request, error, *seen)
    if error.__context__ is not None and error.__context__ is not error.__cause__:
        _hide_in_causes(error.__context__, request, error, *seen)


def _without_secrets(value: object) -> object:
    """Remove secrets from aiohttp's description of a request or of a connection."""
    fields = _AIOHTTP_SECRETS.keys() & getattr(value, "_fields", ())
    replace: Callable[..., object] | None = getattr(value, "_replace", None)
    if replace is None or not fields:
        return value
    return replace(**{name: _AIOHTTP_SECRETS[name] for name in fields})


def _proxy_text(error: Exception, proxy: httpx.Proxy) -> str | None:
    """Say what is wrong with a proxy: that it cannot be reached, or that it refuses."""
    # Of the libraries' errors for it only those of python-socks for a dead proxy are an OSError.
    if "Proxy" in type(error).__name__ and not isinstance(error, OSError):
        return _REFUSING_PROXY
    # Nothing but the proxy is connected to; TLS is with what is behind it, and may fail, too.
    is_behind = "SSL" in str(error) and proxy.url.scheme != "https"
    if is_behind or isinstance(error, _AFTER_CONNECTING):
        return None
    connecting = (httpx.ConnectError, httpx.ConnectTimeout, OSError)
    return _DEAD_PROXY if isinstance(error, connecting) else None


def _host(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace').rpartition('@')[2]}"
