"""The connections of a client: made at its first call, shared by its copies, closed with it."""

from __future__ import annotations

import os
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakSet

from cartesia._runtime._async.primitives import current_loop, guard, is_over
from cartesia._runtime.errors import CartesiaError, ClientClosedError
from cartesia._runtime.options import (
    DEFAULT_CONNECT_SECONDS,
    DEFAULT_TIMEOUT_SECONDS,
    MAX_CONNECTIONS,
    MAX_KEPT_ALIVE_CONNECTIONS,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from cartesia._runtime._async.body import AsyncBody

_inherited: list[object] = []
"""Connections that a process got from its parent. To close or collect them here would disturb the
parent, or ask for a lock that one of its threads held."""


class AsyncTransport:
    """Holds the HTTP client beneath.

    Args:
        http_client: The caller's own, None to make one at the first call.

    Raises:
        TypeError: The caller's own is of the other colour, or none at all.
    """

    def __init__(self, http_client: httpx.AsyncClient | None) -> None:
        self._owned = http_client is None
        if http_client is not None:
            import httpx

            # A caller without a type checker may pass anything.
            if not isinstance(http_client, httpx.AsyncClient):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(
                    f"`http_client` must be an httpx.AsyncClient, not {type(http_client).__name__}"
                )
        self._http: httpx.AsyncClient | None = http_client
        self._guard: AsyncGenerator[None, None] | None = None
        self._loop: object = None
        self._process: int | None = None
        self._lock = Lock()
        self._closed = False
        self.abandoned: deque[AsyncBody] = deque()
        """Responses that were dropped unread, waiting to be closed."""
        self._unread: WeakSet[AsyncBody] = WeakSet()

    @property
    def closed(self) -> bool:
        """Whether no more calls can be made."""
        return self._closed or (not self._owned and self._http is not None and self._http.is_closed)

    async def http(self) -> httpx.AsyncClient:
        """Give the HTTP client.

        Returns:
            It, open.

        Raises:
            ClientClosedError: It was closed.
            CartesiaError: It belongs to another event loop, or to the process that this one was
                forked from.
        """
        if self.closed:
            raise ClientClosedError("the client was closed; make a new one")
        if self._process is not None:
            self._check_process()
        if self._process is not None and self._owned:
            self._check_loop()
        with self._lock:  # Of threads; no task is ever suspended in it.
            if self._http is None:
                self._http = _make()
                self._guard = await guard(self._http)
            if self._process is None:
                self._process = os.getpid()
                self._loop = current_loop()
            return self._http

    def explain(self, error: RuntimeError) -> CartesiaError | None:
        """Tell what a library beneath was used wrongly for.

        Args:
            error: What it raised.

        Returns:
            The error of ours, to be raised from its cause; None where it says something else.
        """
        if self.closed:
            return ClientClosedError(f"the client was closed while it was in use: {error}")
        if self._loop is not current_loop():
            return CartesiaError(
                "the `http_client` has connections of another event loop; make it, and the client, "
                f"inside of the event loop that uses them: {error}"
            )
        return None

    def _check_process(self) -> None:
        if self._process == os.getpid():
            return
        if not self._owned:
            raise CartesiaError(
                "the `http_client` was in use before this process was forked; make it, and the "
                "client, in the new process"
            )
        _inherited.append((self._http, self._guard, list(self.abandoned)))
        self._lock = Lock()  # The old one may be held by a thread that is not here.
        self._forget()

    def _check_loop(self) -> None:
        if self._http is not None and (self._http.is_closed or is_over(self._loop)):
            self._forget()  # The event loop ended, and its connections with it.
        elif self._loop is not current_loop():
            raise CartesiaError(
                "the client is in use in another event loop; make one client for each event loop"
            )

    def _forget(self) -> None:
        """Let go of connections that can no more be closed."""
        self._http = None
        self._guard = None
        self._process = None
        while self.abandoned:
            self.abandoned.popleft().forget()

    def note_unread(self, body: AsyncBody) -> None:
        """Note a response that its caller has still to read; it is closed with the client."""
        with self._lock:
            self._unread.add(body)

    async def close_abandoned(self) -> None:
        """Give back the connections of responses that were dropped unread."""
        while self.abandoned:
            try:
                body = self.abandoned.popleft()
            except IndexError:  # Another thread was faster.
                return
            await body.close()

    async def close(self) -> None:
        """Close all connections; a client that the caller made is closed too."""
        self._closed = True
        http, self._http = self._http, None
        if http is None or (self._owned and is_over(self._loop)):
            return
        if self._process not in (None, os.getpid()):
            _inherited.append((http, self._guard))
            return
        await self.close_abandoned()
        await http.aclose()
        # Those that are being read were woken by that; aiohttp's leave the others open.
        with self._lock:
            unread = [body for body in self._unread if not body.closed]
        for body in unread:
            await body.close()
        if self._guard is not None:
            await self._guard.aclose()


def _make() -> httpx.AsyncClient:
    import httpx

    from cartesia._runtime.tls import lazy_tls

    http = httpx.AsyncClient(
        verify=lazy_tls(),
        timeout=httpx.Timeout(DEFAULT_TIMEOUT_SECONDS, connect=DEFAULT_CONNECT_SECONDS),
        limits=httpx.Limits(
            max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_KEPT_ALIVE_CONNECTIONS
        ),
    )
    # Every call brings its own, or the caller wants none.
    del http.headers["accept"], http.headers["user-agent"]
    return http
