"""The connections of a client: made at its first call, shared by its copies, closed with it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from cartesia._core._async.io import current_loop, discard, is_over
from cartesia._core.errors import ClientClosedError
from cartesia._core.options import (
    DEFAULT_CONNECT_SECONDS,
    DEFAULT_TIMEOUT_SECONDS,
    MAX_CONNECTIONS,
    MAX_KEPT_ALIVE_CONNECTIONS,
)

if TYPE_CHECKING:
    import httpx

    from cartesia._core._async.body import AsyncBody


class AsyncTransport:
    """Holds the HTTP client beneath.

    Args:
        http_client: The caller's own, None to make one at the first call.

    Raises:
        TypeError: The caller's own is of the other colour, or none at all.
    """

    _http: httpx.AsyncClient | None = None

    def __init__(self, http_client: httpx.AsyncClient | None) -> None:
        self._owned = http_client is None
        if http_client is not None:
            import httpx

            # A caller without a type checker may pass anything.
            if not isinstance(http_client, httpx.AsyncClient):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(
                    f"`http_client` must be an httpx.AsyncClient, not {type(http_client).__name__}"
                )
        self._http = http_client
        self._loop: object = None
        self._closed = False
        self.abandoned: deque[AsyncBody] = deque()
        """Responses that were dropped unread, waiting to be closed."""

    @property
    def closed(self) -> bool:
        """Whether no more calls can be made."""
        return self._closed or (self._http is not None and self._http.is_closed)

    def http(self) -> httpx.AsyncClient:
        """Give the HTTP client.

        Returns:
            It, open.

        Raises:
            ClientClosedError: It was closed.
        """
        if self.closed:
            raise ClientClosedError("the client was closed; make a new one")
        if self._owned and is_over(self._loop):
            self._forget()
        if self._http is None:
            import httpx

            self._loop = current_loop()
            self._http = httpx.AsyncClient(
                timeout=httpx.Timeout(DEFAULT_TIMEOUT_SECONDS, connect=DEFAULT_CONNECT_SECONDS),
                limits=httpx.Limits(
                    max_connections=MAX_CONNECTIONS,
                    max_keepalive_connections=MAX_KEPT_ALIVE_CONNECTIONS,
                ),
            )
        return self._http

    def _forget(self) -> None:
        """Let go of connections that can no more be closed."""
        self._http = None
        while self.abandoned:
            self.abandoned.popleft().forget()

    async def close_abandoned(self) -> None:
        """Give back the connections of responses that were dropped unread."""
        while self.abandoned:
            await self.abandoned.popleft().close()

    async def close(self) -> None:
        """Close all connections; a client that the caller made is closed too."""
        self._closed = True
        http, self._http = self._http, None
        if http is not None and not (self._owned and is_over(self._loop)):
            await self.close_abandoned()
            await http.aclose()

    def __del__(self) -> None:
        if self._owned and self._http is not None:
            discard(self._http)
