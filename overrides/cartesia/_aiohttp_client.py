"""An HTTP client over aiohttp, which is faster when many calls are in flight at once."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

import httpx

from cartesia._runtime.errors import missing_extra
from cartesia._runtime.http_clients import WithDefaults, wrap_stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp
    from httpx import AsyncClient as _Base  # the base of HttpxAiohttpClient
    from typing_extensions import Generator

_missing: ImportError | None = None

if not TYPE_CHECKING:
    try:
        from httpx_aiohttp import HttpxAiohttpClient as _Base
    except ImportError as error:
        _Base, _missing = object, error


@contextmanager
def _map_errors() -> Generator[None]:
    """Raise httpx's errors instead of aiohttp's, of which httpx-aiohttp maps only some.

    See for one https://github.com/karpetrosyan/httpx-aiohttp/issues/24.
    """
    import aiohttp

    try:
        yield
    except (aiohttp.ClientError, httpx.TransportError) as error:
        cause = error.__cause__ if isinstance(error, httpx.TransportError) else error
        # The first match counts, so subclasses come before their bases.
        mapping: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
            (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
            (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
            (aiohttp.ClientProxyConnectionError, httpx.ProxyError),
            (aiohttp.ClientHttpProxyError, httpx.ProxyError),
            (aiohttp.ClientConnectorError, httpx.ConnectError),
            (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
            (aiohttp.ClientError, httpx.RemoteProtocolError),
        )
        for kind, mapped in mapping:
            if isinstance(cause, kind):
                # `str` of some includes the request headers, and so the key.
                message = getattr(cause, "message", "") or getattr(cause, "os_error", "") or cause
                raise mapped(str(message)) from cause
        raise


class _Stream:
    """The body of a response that came through aiohttp.

    Args:
        stream: The body.
    """

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _map_errors():
            async for chunk in self._stream:
                yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _without_cookies(get_session: Callable[[], aiohttp.ClientSession]) -> aiohttp.ClientSession:
    """Make a session of aiohttp that keeps no cookies, whatever those of the HTTP client are."""
    from aiohttp import DummyCookieJar

    session = get_session()
    session._cookie_jar = DummyCookieJar()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return session


class DefaultAioHttpClient(WithDefaults, _Base):
    """An `httpx.AsyncClient` over aiohttp, with the defaults of `cartesia.AsyncCartesia`.

    Args:
        options: Any options of `httpx.AsyncClient`, such as ``proxy`` or ``verify``, which
            WebSockets follow, too.

    Raises:
        CartesiaError: The extra ``aiohttp`` is not installed.
    """

    def __init__(self, **options: Any) -> None:  # `Any`: whatever httpx takes
        if _missing is not None:
            raise missing_extra(type(self).__name__, "aiohttp") from _missing
        super().__init__(**options)
        for transport in (self._transport, *self._mounts.values()):
            if (get_session := getattr(transport, "get_client", None)) is not None:
                vars(transport)["get_client"] = partial(_without_cookies, get_session)

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request, as `httpx.AsyncClient.send` does.

        Args:
            request: The request.
            options: As for httpx.

        Returns:
            The response.

        Raises:
            httpx.TransportError: There was no response.
        """
        with _map_errors():
            response: httpx.Response = await super().send(request, **options)
        wrap_stream(response, httpx.AsyncByteStream, _Stream)
        return response
