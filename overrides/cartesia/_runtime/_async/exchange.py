"""One call carried out: sending, redirects and retries, until there is a response or an error."""

from __future__ import annotations

from functools import lru_cache
from logging import DEBUG, getLogger
from typing import TYPE_CHECKING

import httpx

from cartesia._runtime._async.body import AsyncBody
from cartesia._runtime._async.primitives import send, sleep
from cartesia._runtime.errors import APIConnectionError, ClientClosedError
from cartesia._runtime.explain import TRANSPORT_ERRORS, explain_send_error, explain_status
from cartesia._runtime.http_clients import DEFAULT_TIMEOUT
from cartesia._runtime.options import ClientOptions, configure_logging
from cartesia._runtime.retry import Failure, RetryPolicy
from cartesia._runtime.types import NotGiven

if TYPE_CHECKING:
    from cartesia._runtime._async.transport import AsyncTransport
    from cartesia._runtime.request import PreparedRequest

_MAX_REDIRECTS = 20
_HTTPX_DEFAULT_TIMEOUT = httpx.Timeout(5.0)

# Parsing a URL is slow, and most calls of a program go to the same few.
_parse_url = lru_cache(maxsize=128)(httpx.URL)

logger = getLogger("cartesia")
"""Never logs keys, texts or audio."""
configure_logging()


async def exchange(
    transport: AsyncTransport,
    options: ClientOptions,
    call: PreparedRequest,
    *,
    whole: bool,
    keep: bool,
) -> AsyncBody:
    """Carry out a call.

    Args:
        transport: The connections.
        options: The settings of the client.
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
    http = await transport.http()
    await transport.close_abandoned()
    policy = RetryPolicy(
        options.max_retries if call.uploads.repeatable else 0,
        cautious=call.operation.billed and not options.retry_generations,
    )
    retries = 0
    while True:
        try:
            response = await _send(transport, http, call)
            body = AsyncBody(response, transport.abandoned, retries=retries, keep=keep)
            if whole and response.is_success:
                await body.read()
        except APIConnectionError as error:
            wait = policy.wait_after_failure(retries, error.failure)
            if wait is None:
                raise
        else:
            if response.is_success:
                if not whole:
                    transport.track(body)
                return body
            wait = policy.wait_after_answer(retries, response.status_code, response.headers)
            content = await body.read_beginning()
            if wait is None:
                raise explain_status(response, content, options.credentials)
        retries += 1
        logger.info("%s: attempt %d in %.2f s", call.operation.name, retries + 1, wait)
        await sleep(wait)


async def _send(
    transport: AsyncTransport, http: httpx.AsyncClient, call: PreparedRequest
) -> httpx.Response:
    """Send once, and follow redirects; return the response with its body unread."""
    request = _build_request(http, call)
    first = request.url
    try:
        for _ in range(_MAX_REDIRECTS):
            response = await send(http, request)
            _log_response(call, response)
            if response.next_request is None:
                return response
            request = response.next_request
            await response.aclose()
            _check_redirect(request, first, call)
        text = f"{request.url.host}: too many redirects ({_MAX_REDIRECTS})"
        raise APIConnectionError(message=text, request=request, failure=Failure.FINAL)
    except httpx.HTTPStatusError as error:
        # Raised by an event hook of the caller's own HTTP client.
        return error.response
    except (*TRANSPORT_ERRORS, UnicodeError) as error:  # the latter for the name of a host
        if transport.closed:
            raise ClientClosedError("the client was closed during the call") from error
        network = transport.network
        proxy = network.proxy_for(request.url) if network.is_known else None
        raise explain_send_error(error, request, proxy) from error
    except RuntimeError as error:
        transport.check_misuse(error)
        raise


def _check_redirect(request: httpx.Request, first: httpx.URL, call: PreparedRequest) -> None:
    """Remove the key from a request to another origin than that of the call."""
    if (request.url.scheme, request.url.netloc) != (first.scheme, first.netloc):
        # httpx removes the Authorization header itself, but knows no other kind of key.
        request.headers.pop("x-api-key", None)
    if not call.uploads.repeatable and request.method == call.operation.method:
        text = "the server redirects an upload that cannot be sent a second time"
        raise APIConnectionError(message=text, request=request, failure=Failure.FINAL)


def _build_request(http: httpx.AsyncClient, call: PreparedRequest) -> httpx.Request:
    timeout = http.timeout if isinstance(call.timeout, NotGiven) else call.timeout
    if timeout == _HTTPX_DEFAULT_TIMEOUT and isinstance(call.timeout, NotGiven):
        # An HTTP client whose time-outs the caller did not set: speech takes longer than 5 s.
        timeout = DEFAULT_TIMEOUT
    try:
        return http.build_request(
            call.operation.method,
            _parse_url(call.url),
            headers=call.headers,
            content=call.content,
            files=call.uploads.parts,
            timeout=timeout,
        )
    except httpx.InvalidURL as error:
        raise ValueError(f"`base_url` does not make a URL: {error}") from error


def _log_response(call: PreparedRequest, response: httpx.Response) -> None:
    """Log the outcome of an attempt, without the query, which may hold secrets."""
    if logger.isEnabledFor(DEBUG):
        logger.debug(
            "%s: %s %s -> %d (request id: %s)",
            call.operation.name,
            response.request.method,
            response.request.url.raw_path.partition(b"?")[0].decode("ascii", "replace"),
            response.status_code,
            response.headers.get("x-request-id", "unknown"),
        )
