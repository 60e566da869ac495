"""One call carried out: sending, redirects and retries, until there is a response or an error."""

from __future__ import annotations

from logging import DEBUG, getLogger
from typing import TYPE_CHECKING

import httpx

from cartesia._runtime import explain
from cartesia._runtime._async.body import AsyncBody
from cartesia._runtime._async.primitives import send, sleep
from cartesia._runtime.errors import APIConnectionError, ClientClosedError, printable
from cartesia._runtime.http_clients import DEFAULT_TIMEOUT, and_of_httpx2
from cartesia._runtime.options import configure_logging
from cartesia._runtime.retry import Failure
from cartesia._runtime.types import NotGiven

if TYPE_CHECKING:
    from cartesia._runtime._async.transport import AsyncPool, AsyncTransport
    from cartesia._runtime.request import PreparedRequest

_MAX_REDIRECTS = 20
_SLACK_SECONDS = 1.0
_HTTPX_DEFAULT_TIMEOUT = httpx.Timeout(5.0).as_dict()

logger = getLogger("cartesia")
"""Never logs keys, texts or audio."""
configure_logging()


async def exchange(
    transport: AsyncTransport, call: PreparedRequest, *, whole: bool, keep: bool
) -> AsyncBody:
    """Carry out a call.

    Args:
        transport: The connections.
        call: The call.
        whole: Whether to read the body as part of the attempt, so that a broken one is retried.
        keep: Whether the bytes of a body that is read later are kept.

    Returns:
        The body of a response with a status of success.

    Raises:
        APIStatusError: The server responded with an error.
        APIConnectionError: There was no complete response.
        ClientClosedError: The client was closed.
    """
    pool = await transport.pool()
    retries = 0
    while True:
        try:
            await pool.close_abandoned()
            response = await _send(pool, call)
            body = AsyncBody(response, pool, keep=keep, deadline=call.deadline)
            body.retries = retries
            if whole and response.is_success:
                await body.read()
        except APIConnectionError as error:
            wait = call.policy.wait_after_failure(retries, error.failure)
            if wait is None or (call.deadline is not None and wait >= call.deadline.left()):
                raise
        except BaseException as error:
            pool.note_interrupt(error)
            raise
        else:
            if response.is_success:
                if not whole:
                    pool.unread[id(body)] = body
                return body
            wait = call.policy.wait_after_answer(retries, response.status_code, response.headers)
            content = await body.read_beginning()
            if wait is None or (call.deadline is not None and wait >= call.deadline.left()):
                raise explain.explain_status(response, content, call.credentials)
        retries += 1
        logger.info("%s: attempt %d in %.2f s", call.operation.name, retries + 1, wait)
        await sleep(wait)


async def _send(pool: AsyncPool, call: PreparedRequest) -> httpx.Response:
    """Send once, and follow redirects; return the response with its body unread."""
    request = _build_request(pool, call)
    first = request.url
    try:
        for _ in range(_MAX_REDIRECTS):
            seconds = None if call.deadline is None else max(0.0, call.deadline.left())
            response = await send(pool.http, request, seconds)
            _log_response(call, response)
            if pool.http.is_closed:
                await _close_connection(response)
                raise ClientClosedError("the client was closed during the call")
            if response.next_request is None:
                return response
            request = response.next_request
            await response.aclose()
            _check_redirect(request, first, call)
        text = f"{request.url.host}: too many redirects ({_MAX_REDIRECTS})"
        raise APIConnectionError(message=text, request=request, failure=Failure.FINAL)
    except and_of_httpx2(httpx.HTTPStatusError) as error:
        # Raised by an event hook of the caller's own HTTP client.
        return error.response
    except explain.transport_errors(UnicodeError) as error:  # that of the name of a host
        if pool.http.is_closed:
            raise ClientClosedError("the client was closed during the call") from error
        proxy = pool.network.proxy_for(request.url) if pool.network.is_known else None
        raise explain.explain_send_error(error, request, proxy) from error
    except TimeoutError as error:
        if call.deadline is None:
            raise
        raise explain.past_deadline(request, call.deadline.seconds) from error
    except RuntimeError as error:
        pool.check_misuse(error)
        raise


async def _close_connection(response: httpx.Response) -> None:
    """Close the connection of a response, which was still being opened when the pool was closed."""
    await response.aclose()
    # An HTTP client that is not based on httpcore has no such stream.
    if (stream := response.extensions.get("network_stream")) is not None:
        await stream.aclose()


def _check_redirect(request: httpx.Request, first: httpx.URL, call: PreparedRequest) -> None:
    """Refuse to send a request, with its key, headers and body, to another place than the caller's.

    The same place over TLS, where it was to be without, is not another one.
    """
    target = request.url
    place = (target.host, target.port)
    if place != (first.host, first.port) or target.scheme not in (first.scheme, "https"):
        text = (
            f"{first.scheme}://{first.netloc.decode()} redirects to another place, "
            f"{target.scheme}://{target.host}; if that is the API, make it the `base_url`"
        )
    elif not call.uploads.repeatable and request.method == call.operation.method:
        text = "the server redirects an upload that cannot be sent a second time"
    else:
        return
    raise APIConnectionError(message=text, request=request, failure=Failure.FINAL)


def _build_request(pool: AsyncPool, call: PreparedRequest) -> httpx.Request:
    try:
        return pool.http.build_request(
            call.operation.method,
            pool.parse_url(call.url),
            headers=call.headers,
            content=call.content,
            files=call.uploads.parts,
            extensions={"timeout": _limits(pool, call)},
        )
    except and_of_httpx2(httpx.InvalidURL) as error:
        raise ValueError(f"`base_url` does not make a URL: {error}") from error


def _limits(pool: AsyncPool, call: PreparedRequest) -> dict[str, float | None]:
    """Return the time-outs of a request, by the phase."""
    timeout = call.timeout
    if isinstance(timeout, NotGiven):
        timeout = pool.http.timeout
        # An HTTP client whose time-outs the caller did not set: speech takes longer than 5 s.
        if not pool.owned and timeout.as_dict() == _HTTPX_DEFAULT_TIMEOUT:
            timeout = DEFAULT_TIMEOUT
    elif timeout is None or isinstance(timeout, (int, float)):
        timeout = httpx.Timeout(timeout)
    limits = timeout.as_dict()
    if call.deadline is None:
        return limits
    # A thread that the caller of the sync client no longer waits for ends by these.
    longest = max(call.deadline.left(), 0.0) + _SLACK_SECONDS
    return {phase: min(limit or longest, longest) for phase, limit in limits.items()}


def _log_response(call: PreparedRequest, response: httpx.Response) -> None:
    """Log the outcome of an attempt, without the query, which may hold secrets."""
    if logger.isEnabledFor(DEBUG):
        path = response.request.url.raw_path.partition(b"?")[0].decode("ascii", "replace")
        outcome = f"{response.request.method} {path} -> {response.status_code}"
        request_id = printable(response.headers.get("x-request-id", "unknown"))
        logger.debug("%s: %s (request id: %s)", call.operation.name, outcome, request_id)
