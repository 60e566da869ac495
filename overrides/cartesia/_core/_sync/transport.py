# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_core/_async/transport.py
# Do not edit: change that file instead.
"""The connections of a client: made at its first call, shared by its copies, closed with it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from cartesia._core._sync.io import current_loop, discard, is_over
from cartesia._core.errors import ClientClosedError
from cartesia._core.options import (
    DEFAULT_CONNECT_SECONDS,
    DEFAULT_TIMEOUT_SECONDS,
    MAX_CONNECTIONS,
    MAX_KEPT_ALIVE_CONNECTIONS,
)

if TYPE_CHECKING:
    import httpx

    from cartesia._core._sync.body import Body


class Transport:
    """Holds the HTTP client beneath.

    Args:
        http_client: The caller's own, None to make one at the first call.

    Raises:
        TypeError: The caller's own is of the other colour, or none at all.
    """

    _http: httpx.Client | None = None

    def __init__(self, http_client: httpx.Client | None) -> None:
        self._owned = http_client is None
        if http_client is not None:
            import httpx

            # A caller without a type checker may pass anything.
            if not isinstance(http_client, httpx.Client):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(
                    f"`http_client` must be an httpx.Client, not {type(http_client).__name__}"
                )
        self._http = http_client
        self._loop: object = None
        self._closed = False
        self.abandoned: deque[Body] = deque()
        """Responses that were dropped unread, waiting to be closed."""

    @property
    def closed(self) -> bool:
        """Whether no more calls can be made."""
        return self._closed or (self._http is not None and self._http.is_closed)

    def http(self) -> httpx.Client:
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
            self._http = httpx.Client(
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

    def close_abandoned(self) -> None:
        """Give back the connections of responses that were dropped unread."""
        while self.abandoned:
            self.abandoned.popleft().close()

    def close(self) -> None:
        """Close all connections; a client that the caller made is closed too."""
        self._closed = True
        http, self._http = self._http, None
        if http is not None and not (self._owned and is_over(self._loop)):
            self.close_abandoned()
            http.close()

    def __del__(self) -> None:
        if self._owned and self._http is not None:
            discard(self._http)
