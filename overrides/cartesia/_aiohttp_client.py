"""An HTTP client on aiohttp, which is faster where many calls are under way at once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from cartesia._default_clients import with_defaults
from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from httpx import AsyncClient as _Base  # of which the other one is a kind
    from typing_extensions import Generator

_missing: ImportError | None = None

if not TYPE_CHECKING:
    try:
        from httpx_aiohttp import HttpxAiohttpClient as _Base
    except ImportError as error:
        _Base, _missing = object, error


@contextmanager
def _translated() -> Generator[None]:
    """Raise httpx's errors for aiohttp's: httpx-aiohttp knows some of them, and not all rightly."""
    import aiohttp

    try:
        yield
    except (aiohttp.ClientError, httpx.TransportError) as error:
        cause = error.__cause__ if isinstance(error, httpx.TransportError) else error
        # The first that fits: those that are special come before what they are a kind of.
        kinds: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
            (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
            (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
            (aiohttp.ClientProxyConnectionError, httpx.ProxyError),
            (aiohttp.ClientHttpProxyError, httpx.ProxyError),
            (aiohttp.ClientConnectorError, httpx.ConnectError),
            (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
            (aiohttp.ClientError, httpx.RemoteProtocolError),
        )
        for kind, ours in kinds:
            if isinstance(cause, kind):
                raise ours(_said(cause)) from cause
        raise


def _said(error: Exception) -> str:
    """Give the text of an error; that of some holds all headers of the request, and so the key."""
    return str(getattr(error, "message", "") or getattr(error, "os_error", "") or error)


class _Stream(httpx.AsyncByteStream):
    """The body of an answer that came through aiohttp.

    Args:
        stream: The body.
    """

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated():
            async for piece in self._stream:
                yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


class DefaultAioHttpClient(_Base):
    """An `httpx.AsyncClient` on aiohttp, with the defaults of `cartesia.AsyncCartesia`.

    Args:
        options: Any options of `httpx.AsyncClient`, such as ``proxy`` or ``verify``.

    Raises:
        CartesiaError: The extra ``aiohttp`` is not installed.
    """

    def __init__(self, **options: Any) -> None:  # `Any`: whatever httpx takes
        if _missing is not None:
            raise CartesiaError(
                "DefaultAioHttpClient needs the extra 'aiohttp' (httpx-aiohttp): "
                "pip install 'cartesia-openapi[aiohttp]'"
            ) from _missing
        super().__init__(**with_defaults(options))

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request, as `httpx.AsyncClient.send` does.

        Args:
            request: The request.
            options: As for httpx.

        Returns:
            The response.

        Raises:
            httpx.TransportError: Whatever went wrong beneath.
        """
        with _translated():
            response: httpx.Response = await super().send(request, **options)
        if isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = _Stream(response.stream)
        return response
