# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/exchange.py
# Do not edit: change that file instead.
"""One call carried out: attempts, redirects and retries, until there is an answer or an error."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from logging import DEBUG
from typing import TYPE_CHECKING

import httpx

from cartesia._runtime._sync.body import Body
from cartesia._runtime._sync.primitives import limited, receive_head, sleep
from cartesia._runtime.errors import APIConnectionError, CartesiaError, ClientClosedError
from cartesia._runtime.explain import TRANSPORT_ERRORS, explain_send_error, explain_status
from cartesia._runtime.log import logger, obey_environment
from cartesia._runtime.options import DEFAULT_CONNECT_SECONDS, DEFAULT_TIMEOUT_SECONDS
from cartesia._runtime.retry import Failure, RetryPolicy
from cartesia._runtime.sentinels import NotGiven

if TYPE_CHECKING:
    from cartesia._runtime._sync.transport import Transport
    from cartesia._runtime.options import ClientOptions
    from cartesia._runtime.prepare import PreparedRequest

_MAX_REDIRECTS = 20
_REFUSAL_SECONDS = 5.0
_REFUSAL_BYTES = 1024 * 1024
_HTTPX_DEFAULT_TIMEOUT = httpx.Timeout(5.0)
_OUR_DEFAULT_TIMEOUT = httpx.Timeout(DEFAULT_TIMEOUT_SECONDS, connect=DEFAULT_CONNECT_SECONDS)

# Most calls of a program go to the same few addresses, and to take one apart takes a while.
_parse_url = lru_cache(maxsize=128)(httpx.URL)

obey_environment()


def exchange(
    transport: Transport,
    options: ClientOptions,
    call: PreparedRequest,
    *,
    whole: bool,
    keep: bool,
) -> Body:
    """Carry out a call.

    Args:
        transport: The connections.
        options: The settings of the client.
        call: The call.
        whole: Whether to read the body as part of the attempt, so that a broken one is repeated.
        keep: Whether the bytes of a body that is read later are kept.

    Returns:
        The body of an answer that is a success.

    Raises:
        APIStatusError: The server said no.
        APIConnectionError: No whole answer came.
        ClientClosedError: The client was closed.
    """
    http = transport.http()
    transport.close_abandoned()
    policy = RetryPolicy(
        options.max_retries if call.repeatable else 0,
        cautious=call.operation.billed and not options.retry_generations,
    )
    retries = 0
    while True:
        try:
            response = _send(transport, http, call)
            body = Body(response, transport.abandoned, retries=retries, keep=keep)
            if whole and response.is_success:
                body.read()
        except APIConnectionError as error:
            wait = policy.wait_after_failure(retries, error.failure)
            if wait is None:
                raise
        else:
            if response.is_success:
                if not whole:
                    transport.note_unread(body)
                return body
            wait = policy.wait_after_answer(retries, response.status_code, response.headers)
            content = read_refusal(body)
            if wait is None:
                raise explain_status(
                    response,
                    content,
                    credentials=options.credentials,
                    retry_after=policy.asked_wait(response.headers),
                )
        retries += 1
        logger.info("%s: attempt %d in %.2f s", call.operation.name, retries + 1, wait)
        sleep(wait)


def _send(transport: Transport, http: httpx.Client, call: PreparedRequest) -> httpx.Response:
    """Send once, and follow redirects; give the answer with its body unread."""
    request = _build(http, call)
    home = request.url
    try:
        for _ in range(_MAX_REDIRECTS):
            response = receive_head(http.send(request, stream=True, follow_redirects=False))
            _log_answer(call, response)
            if response.next_request is None:
                return response
            request = response.next_request
            response.close()
            _check_redirect(request, home, call)
        text = f"{request.url.host} redirects without end"
        raise APIConnectionError(message=text, request=request, failure=Failure.FINAL)
    except httpx.HTTPStatusError as error:
        # Raised by a hook of the caller's own HTTP client: the answer says what it is.
        return error.response
    except (*TRANSPORT_ERRORS, UnicodeError) as error:  # of the name of a host
        if transport.closed:
            raise ClientClosedError("the client was closed during the call") from error
        raise explain_send_error(error, request) from error
    except CartesiaError:
        raise
    except RuntimeError as error:
        explained = transport.explain(error)
        if explained is None:
            raise
        raise explained from error


def _check_redirect(request: httpx.Request, home: httpx.URL, call: PreparedRequest) -> None:
    """Take the key away from whoever is not the host that it was meant for."""
    if _origin(request.url) != _origin(home):
        # httpx takes the Authorization header away itself, but knows no other kind of key.
        request.headers.pop("x-api-key", None)
    if not call.repeatable and request.method == call.operation.method:
        text = "the server redirects an upload that cannot be sent a second time"
        raise APIConnectionError(message=text, request=request, failure=Failure.FINAL)


def _build(http: httpx.Client, call: PreparedRequest) -> httpx.Request:
    timeout = http.timeout if isinstance(call.timeout, NotGiven) else call.timeout
    if timeout == _HTTPX_DEFAULT_TIMEOUT and isinstance(call.timeout, NotGiven):
        # The caller's own client, made without a thought of timeouts: speech takes longer than 5 s.
        timeout = _OUR_DEFAULT_TIMEOUT
    try:
        return http.build_request(
            call.operation.method,
            _parse_url(call.url),
            headers=call.headers,
            content=call.content,
            files=call.uploads.parts if call.uploads is not None else None,
            timeout=timeout,
        )
    except httpx.InvalidURL as error:
        raise ValueError(f"`base_url` does not make a URL: {error}") from error


def _log_answer(call: PreparedRequest, response: httpx.Response) -> None:
    """Tell how an attempt went, without the query: it may hold what nobody should read."""
    if logger.isEnabledFor(DEBUG):
        logger.debug(
            "%s: %s %s -> %d (request id: %s)",
            call.operation.name,
            response.request.method,
            response.request.url.raw_path.partition(b"?")[0].decode("ascii", "replace"),
            response.status_code,
            response.headers.get("x-request-id", "unknown"),
        )


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def read_refusal(body: Body) -> bytes:
    """Read what the server says instead of what was wanted, as far as it is of any use.

    Args:
        body: What it says.

    Returns:
        Its beginning; nothing where it broke off, or took too long.
    """
    body.shorten(_REFUSAL_BYTES)
    with suppress(CartesiaError):
        limited(_REFUSAL_SECONDS, body.response, body.read)
        if body.closed:
            return body.read()
    body.close()
    return b""
