# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/transport.py
# Do not edit: change that file instead.
"""The HTTP client of a client: made at the first call, shared by copies, closed with them."""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakSet

from cartesia._runtime._sync.primitives import current_loop, is_closed_loop
from cartesia._runtime.errors import CartesiaError, ClientClosedError
from cartesia._runtime.network import Network, missing_socks
from cartesia._runtime.types import httpx

if TYPE_CHECKING:
    from collections.abc import Generator

    from cartesia._runtime._sync.body import Body

_inherited: list[object] = []
"""Connections that a forked process has from its parent. Closing or collecting them here would
disturb the parent, or acquire a lock that one of its threads held."""


_DEFAULT = Network()


class Transport:
    """Owns the HTTP client, and knows the responses whose bodies are still unread.

    Args:
        http_client: The caller's own, None to make one at the first call.
        network: Whom the one that is made trusts, and which proxy it uses.

    Attributes:
        network: The same for WebSockets.

    Raises:
        TypeError: The caller's own is not of the right kind.
        ValueError: It is not to trust, or use, what it was made with.
    """

    def __init__(self, http_client: httpx.Client | None, network: Network = _DEFAULT) -> None:
        self._owned = http_client is None
        # A caller without a type checker may pass anything.
        if http_client is not None and not isinstance(http_client, httpx.Client):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(
                f"`http_client` must be an httpx.Client, not {type(http_client).__name__}"
            )
        self.network = network
        if http_client is not None:
            if network != _DEFAULT:
                raise ValueError(
                    "an `http_client` has its own `ssl_context` and `proxy`: make it by "
                    "DefaultHttpxClient(verify=ssl_context, proxy=proxy), which WebSockets "
                    "follow, too"
                )
            self.network = Network.of(http_client)
        self._http: httpx.Client | None = http_client
        self._finalizer: Generator[None, None] | None = None
        self._loop: object = None
        self._process: int | None = None
        self._lock = Lock()
        self._closed = False
        self.abandoned: deque[Body] = deque()
        """Bodies that were dropped unread, waiting to be closed."""
        self._unread: WeakSet[Body] = WeakSet()

    @property
    def closed(self) -> bool:
        """Whether no more calls can be made."""
        return self._closed or (not self._owned and self._http is not None and self._http.is_closed)

    def http(self) -> httpx.Client:
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
        if self._process not in (None, os.getpid()):
            self._leave_to_parent()
        if self._process is not None and self._owned:
            self._check_loop()
        with self._lock:  # between threads; no task is suspended while it holds it
            if self._http is None:
                self._http = _make_http_client(self.network)
                if current_loop() is not None:  # trio warns of generators that were not closed
                    self._finalizer = _close_when_dropped(self._http)
                    self._finalizer.__next__()
            if self._process is None:
                self._process = os.getpid()
                self._loop = current_loop()
            return self._http

    def check_misuse(self, error: RuntimeError) -> None:
        """Map an error that a library raised because of the state of its connections.

        Args:
            error: The error.

        Raises:
            ClientClosedError: The client was closed.
            CartesiaError: The connections belong to another event loop.
        """
        if self.closed:
            text = f"the client was closed while it was in use: {error}"
            raise ClientClosedError(text) from error
        if self._loop is not current_loop():
            raise CartesiaError(
                "the `http_client` has connections of another event loop; make it, and the client, "
                f"inside of the event loop that uses them: {error}"
            ) from error

    def _leave_to_parent(self) -> None:
        """Forget the connections of the process that this one was forked from."""
        if not self._owned:
            raise CartesiaError(
                "the `http_client` was in use before this process was forked; make it, and the "
                "client, in the new process"
            )
        _inherited.append((self._http, self._finalizer, list(self.abandoned)))
        self._lock = Lock()  # a thread of the parent may hold the old one
        self._discard()

    def _check_loop(self) -> None:
        if self._http is not None and (self._http.is_closed or is_closed_loop(self._loop)):
            self._discard()
        elif self._loop is not current_loop():
            raise CartesiaError(
                "the client is in use in another event loop; make one client for each event loop"
            )

    def _discard(self) -> None:
        """Forget connections that cannot be closed any more."""
        self._http = self._finalizer = self._process = None
        self.abandoned.clear()

    def track(self, body: Body) -> None:
        """Note a body that is still to be read; it is closed with the client."""
        with self._lock:
            self._unread.add(body)

    def close_abandoned(self) -> None:
        """Give back the connections of bodies that were dropped unread."""
        while self.abandoned:
            with suppress(IndexError):  # another thread took the last one
                self.abandoned.popleft().close()

    def close(self) -> None:
        """Close all connections, also those of an HTTP client that the caller made."""
        self._closed = True
        http, self._http = self._http, None
        if http is None or (self._owned and is_closed_loop(self._loop)):
            return
        if self._process not in (None, os.getpid()):
            _inherited.append((http, self._finalizer))
            return
        self.close_abandoned()
        http.close()
        # httpx ends the reads under way by that; aiohttp leaves the other responses open.
        with self._lock:
            unread = [body for body in self._unread if not body.closed]
        for body in unread:
            body.close()
        if self._finalizer is not None:
            self._finalizer.close()


def _make_http_client(network: Network) -> httpx.Client:
    from cartesia._runtime.http_clients import LazyTLSContext, with_defaults

    options = with_defaults({"verify": network.ssl_context or LazyTLSContext()})
    try:
        if network.proxy is not None:
            # By a transport, since httpx has its own option `proxy` only from 0.26 on.
            options["transport"] = httpx.HTTPTransport(
                verify=options["verify"], limits=options["limits"], proxy=network.proxy
            )
        http = httpx.Client(**options)
    except ImportError as error:
        raise missing_socks() from error
    except (ValueError, httpx.InvalidURL) as error:
        raise CartesiaError(f"the proxy of the environment cannot be used: {error}") from None
    # Every request brings its own, unless the caller removed it.
    del http.headers["accept"], http.headers["user-agent"]
    return http


def _close_when_dropped(http: httpx.Client) -> Generator[None, None]:
    """Close connections even if the client never is: once started, a generator is finalized.

    An event loop finalizes the asynchronous generators that were started in it: soon after the last
    reference is gone, or when it shuts down. In sync the garbage collector does, safely: no thread
    can be inside a pool that is not referenced any more.
    """
    try:
        yield
    finally:
        http.close()
