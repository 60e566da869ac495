"""What `httpx.AsyncClient` sends its requests with."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import httpcore
import httpx

from cartesia._runtime.direct.network import AsyncioBackend

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterable, AsyncIterator

_ERRORS: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
}
_RAISED = tuple(_ERRORS)


class _Body(httpx.AsyncByteStream):
    """The body of an answer, with httpx's errors.

    Args:
        pieces: The body as the pool gives it.
    """

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._pieces:
                yield piece
        except _RAISED as error:
            raise _ERRORS[type(error)](str(error)) from error

    async def aclose(self) -> None:
        close = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()


class DirectTransport(httpx.AsyncBaseTransport):
    """A pool of connections under asyncio.

    Args:
        ssl_context: Whom to trust.
        limits: How many connections there may be, and how long idle ones are kept.
    """

    def __init__(self, ssl_context: ssl.SSLContext, limits: httpx.Limits) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=AsyncioBackend(),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Args:
            request: The request.

        Returns:
            The answer, of which the body has not been read.

        Raises:
            httpx.TransportError: There is none.
        """
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = await self._pool.handle_async_request(asked)
        except _RAISED as error:
            raise _ERRORS[type(error)](str(error)) from error
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            # One type serves the sync pool and this one, which gives the latter's half of it.
            stream=_Body(cast("AsyncIterable[bytes]", answer.stream)),
            extensions=answer.extensions,  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  # httpcore says "dict"
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()
