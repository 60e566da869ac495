"""What goes wrong beneath, told as errors of this package; here alone httpx's are known."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from cartesia._runtime.codec import decode_json
from cartesia._runtime.errors import (
    APIConnectionError,
    APITimeoutError,
    ClientClosedError,
    TruncatedResponseError,
    error_details,
    status_error_class,
)
from cartesia._runtime.retry import LONGEST_WAIT_SECONDS, Failure

if TYPE_CHECKING:
    from cartesia._runtime.errors import APIStatusError, CartesiaError

TRANSPORT_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)
"""All that httpx raises while a request is sent or an answer is read."""

_UNSENDABLE = (
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
    UnicodeError,
)
_SHOWN_CHARACTERS = 500


def explain_unanswered(error: Exception, request: httpx.Request) -> APIConnectionError:
    """Tell what it means that no answer came.

    Args:
        error: What httpx raised.
        request: The request that was sent.

    Returns:
        The error of ours, to be raised from its cause.
    """
    host = _host(request.url)
    if isinstance(error, httpx.ReadTimeout):
        return APITimeoutError(request, message=f"{host} did not answer in time; see `timeout`")
    if isinstance(error, httpx.TimeoutException):
        if isinstance(error, httpx.ConnectTimeout):
            text = f"could not connect to {host} in time"
        elif isinstance(error, httpx.PoolTimeout):
            text = f"no free connection to {host} in time: too many calls at once"
        else:
            text = f"could not send the request to {host} in time"
        return APITimeoutError(
            request, message=f"{text}; see `timeout`", failure=Failure.UNANSWERED
        )
    failure = Failure.UNANSWERED
    if isinstance(error, (httpx.ConnectError, httpx.ProxyError)):
        text = f"could not connect to {host} ({_reason(error)}); check the network and `base_url`"
    elif isinstance(error, _UNSENDABLE):
        text, failure = f"the request to {host} cannot be sent: {error}", Failure.FINAL
    else:
        text = f"the connection to {host} broke before an answer came ({_reason(error)})"
    return APIConnectionError(message=text, request=request, failure=failure)


def explain_cut(error: Exception, response: httpx.Response, received: int) -> CartesiaError:
    """Tell what it means that an answer broke off.

    Args:
        error: What httpx raised.
        response: The answer.
        received: Bytes of its body that arrived.

    Returns:
        The error of ours, to be raised from its cause.
    """
    request = response.request
    host = _host(request.url)
    if isinstance(error, httpx.TimeoutException):
        return stalled(response, received)
    if isinstance(error, httpx.StreamError):
        return ClientClosedError("the response was closed before its body had been read")
    if isinstance(error, httpx.DecodingError):
        text = f"the answer of {host} cannot be decompressed: {error}"
        return APIConnectionError(message=text, request=request, failure=Failure.CUT)
    return truncated(response, received, _announced_length(response))


def truncated(
    response: httpx.Response, received: int, expected: int | None
) -> TruncatedResponseError:
    """Make the error for a body that ended early.

    Args:
        response: The answer.
        received: Bytes of its body that arrived.
        expected: Bytes that were announced, None where nobody said.

    Returns:
        The error.
    """
    announced = "an unknown number of" if expected is None else str(expected)
    host = _host(response.request.url)
    text = (
        f"the answer of {host} is truncated: {received} of {announced} bytes came"
        f"{_reference(response)}"
    )
    return TruncatedResponseError(
        message=text,
        request=response.request,
        bytes_received=received,
        bytes_expected=expected,
    )


def stalled(response: httpx.Response, received: int) -> APITimeoutError:
    """Make the error for a body that stopped to arrive, or in which nothing comes any more.

    Args:
        response: The answer.
        received: Bytes of its body that arrived.

    Returns:
        The error.
    """
    text = (
        f"the answer of {_host(response.request.url)} stalled after {received} bytes; see `timeout`"
        f"{_reference(response)}"
    )
    return APITimeoutError(response.request, message=text)


def ended_early(response: httpx.Response, received: int) -> TruncatedResponseError:
    """Make the error for a stream of events that ended without its last event.

    Args:
        response: The answer.
        received: Bytes of its body that arrived.

    Returns:
        The error.
    """
    return TruncatedResponseError(
        message=(
            f"the stream of events of {_host(response.request.url)} ended without its last event, "
            f"after {received} bytes"
            f"{_reference(response)}"
        ),
        request=response.request,
        bytes_received=received,
    )


def explain_status(
    response: httpx.Response, content: bytes, *, credentials: str, retry_after: float | None
) -> APIStatusError:
    """Tell what an answer means that is no success.

    Args:
        response: The answer.
        content: Its body, or what came of it.
        credentials: Where the key or token came from, in words.
        retry_after: Seconds that the server asks to wait.

    Returns:
        The error, of the class for its status.
    """
    body = _read_error_body(response, content)
    status = response.status_code
    details = error_details(body)
    said = ": ".join(details[key] for key in ("title", "message") if key in details)
    if not said and body is not None:
        said = body if isinstance(body, str) else content.decode("utf-8", "replace")
    text = f"Error code: {status}"
    if said:
        text += f" - {_shorten(said)}"
    elif response.reason_phrase:
        text += f" - {response.reason_phrase}"
    if details.get("doc_url"):
        text += f" (see {details['doc_url']})"
    advice = _advice(response, credentials, retry_after)
    if advice:
        text = f"{text.rstrip('.')}.{advice}"
    reference = _reference(response, details.get("request_id"))
    error = status_error_class(status)(text + reference, response=response, body=body)
    error.retry_after = retry_after
    return error


def signed_with(credentials: str, error: APIStatusError) -> APIStatusError:
    """Tell of a refusal again, to somebody who knows where its key or token came from.

    Args:
        credentials: Where that was, in words.
        error: The refusal.
    """
    response = error.response
    return explain_status(
        response, response.content, credentials=credentials, retry_after=error.retry_after
    )


def _advice(response: httpx.Response, credentials: str, retry_after: float | None) -> str:
    """Say what the caller can do about a refusal, where the server's own text may not."""
    advice = ""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        sent = f"was signed with {credentials}" if credentials else "had credentials in its headers"
        host = _host(response.url)
        advice += f" The request {sent}; check that it is valid and meant for {host}."
    if retry_after is not None and retry_after > LONGEST_WAIT_SECONDS:
        advice += f" The server asks to wait {retry_after:.0f} s before the next attempt."
    return advice


def _read_error_body(response: httpx.Response, content: bytes) -> object | None:
    if not content.strip():
        return None
    try:
        return decode_json(content)
    except ValueError:
        try:
            return content.decode(response.charset_encoding or "utf-8", "replace")
        except (LookupError, UnicodeError):  # an encoding that nobody knows, or not this one
            return content.decode("utf-8", "replace")


def _reference(response: httpx.Response, request_id: str | None = None) -> str:
    request_id = request_id or response.headers.get("x-request-id")
    return f" (request id: {request_id})" if request_id else ""


def _announced_length(response: httpx.Response) -> int | None:
    text = response.headers.get("content-length", "")
    return int(text) if text.isdigit() else None


def _host(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace').rpartition('@')[2]}"


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
