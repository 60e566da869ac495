# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/transport.py
# Do not edit: change that file instead.
"""The HTTP clients of a client: made at the first call, shared by copies, closed with them."""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn
from weakref import WeakValueDictionary

from cartesia._runtime._sync import primitives
from cartesia._runtime.errors import CartesiaError, ClientClosedError, missing_extra
from cartesia._runtime.network import Network
from cartesia._runtime.types import httpx

if TYPE_CHECKING:
    from collections.abc import Generator

    from cartesia._runtime._sync.body import Body
    from cartesia._runtime.types import HTTPClient

_inherited: list[object] = []
"""Connections that a forked process has from its parent. Closing or collecting them here would
disturb the parent, or acquire a lock that one of its threads held."""


class Pool:
    """The connections of this event loop, and the responses whose bodies are still unread.

    Such a body keeps its pool, which may so outlive the client.

    Args:
        http: The HTTP client.
        network: Which proxy it uses, for errors.
        owned: Whether the HTTP client was made here.
    """

    def __init__(self, http: httpx.Client, network: Network, *, owned: bool) -> None:
        self.http = http
        self.network = network
        self.owned = owned
        self.loop = primitives.current_loop()
        self.process = os.getpid()
        # Parsing a URL is slow, and most calls of a program go to the same few.
        self.parse_url = lru_cache(maxsize=128)(type(http.base_url))
        self.abandoned: deque[Body] = deque()
        """Bodies that are not read any more, waiting to be closed."""
        self.unread: WeakValueDictionary[int, Body] = WeakValueDictionary()
        """Bodies that are still to be read, by their `id`; they are closed with the client."""
        self.finalizer: Generator[None, None] | None = None
        """Closes the HTTP client when the pool is dropped."""
        self.interrupted = False
        """Whether a lock may have been left held."""

    def abandon(self, body: Body) -> None:
        """Have a body closed soon; without a lock or I/O, so that finalizers may call it."""
        if self.process == os.getpid():
            self.abandoned.append(body)
            primitives.run_soon(self.loop, self.close_abandoned)
        else:
            _inherited.append((self, body))

    def close_abandoned(self) -> None:
        """Release the connections of bodies that are not read any more."""
        while self.abandoned:
            with suppress(IndexError):  # another thread took the last one
                self.abandoned.popleft().release()

    def note_interrupt(self, error: BaseException) -> None:
        """Use the connections no longer if an error may have left one of their locks held.

        Args:
            error: What was raised while they were in use.
        """
        if self.owned and primitives.is_interrupt(error):
            self.interrupted = True
            primitives.run_soon(self.loop, self.close_abandoned)

    def check_misuse(self, error: RuntimeError) -> None:
        """Map an error that a library raised because of the state of its connections.

        Args:
            error: The error.

        Raises:
            ClientClosedError: The client was closed.
            CartesiaError: The connections belong to another event loop.
        """
        if self.http.is_closed:
            text = f"the client was closed while it was in use: {error}"
            raise ClientClosedError(text) from error
        if self.loop is not primitives.current_loop():
            raise CartesiaError(
                "the `http_client` has connections of another event loop; make it, and the client, "
                f"inside of the event loop that uses them: {error}"
            ) from error

    def close(self) -> None:
        """Close all connections."""
        if self.process != os.getpid():
            _inherited.append(self)
        elif self.interrupted:
            primitives.run_soon(self.loop, self.http.close)
        else:
            self.close_abandoned()
            # Before the HTTP client: aiohttp would leave them open, and a thread go on reading.
            for body in filter(None, [reference() for reference in self.unread.valuerefs()]):
                body.close()
            self.http.close()
            if self.finalizer is not None:
                self.finalizer.close()


class Transport:
    """Owns the HTTP clients: one for each event loop, or the caller's own.

    Args:
        http_client: The caller's own, None to make one at the first call.
        network: Which servers those that are made trust, and which proxy they use.

    Attributes:
        network: The same for WebSockets.

    Raises:
        TypeError: The caller's own is not of the right kind.
        ValueError: It is not to trust, or use, what it was made with.
    """

    def __init__(self, http_client: HTTPClient | None, network: Network) -> None:
        self.network = network
        if http_client is not None:
            from cartesia._runtime.http_clients import and_of_httpx2

            # A caller without a type checker may pass anything.
            if not isinstance(http_client, and_of_httpx2(httpx.Client)):
                raise TypeError(
                    "`http_client` must be an httpx.Client or an httpx2.Client, "
                    f"not {type(http_client).__name__}"
                )
            if network != Network():
                raise ValueError(
                    "an `http_client` has its own `ssl_context` and `proxy`: make it by "
                    "DefaultHttpxClient(verify=ssl_context, proxy=proxy), which WebSockets "
                    "follow, too"
                )
            self.network = Network.of(http_client)
        self._own = http_client
        self._pools: dict[object, Pool] = {}
        """By process and event loop."""
        self._closed = False

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a client cannot be pickled, nor deep-copied: it holds credentials and connections; "
            "make one in each process, and copies by its method copy()"
        )

    @property
    def closed(self) -> bool:
        """Whether no more calls can be made."""
        return self._closed or (self._own is not None and self._own.is_closed)

    def check_open(self) -> None:
        """Check that calls can be made.

        Raises:
            ClientClosedError: The client was closed.
        """
        if self.closed:
            raise ClientClosedError("the client was closed; make a new one")

    def pool(self) -> Pool:
        """Return the connections of this event loop.

        Returns:
            The pool, open.

        Raises:
            ClientClosedError: The client was closed.
            CartesiaError: The caller's HTTP client belongs to the process that this one was forked
                from.
        """
        self.check_open()
        key = os.getpid(), primitives.current_loop() if self._own is None else None
        pools = self._pools
        pool = pools.get(key)
        if pool is None or pool.http.is_closed or pool.interrupted:
            made = self._make_pool()
            # Where another thread was faster, its pool is used: what is dropped closes itself.
            if pools.get(key) is pool:
                pools[key] = made
            pool = pools[key]
        return pool

    def _make_pool(self) -> Pool:
        for key, pool in list(self._pools.items()):
            if pool.process != os.getpid():
                if not pool.owned:
                    raise CartesiaError(
                        "the `http_client` was in use before this process was forked; make it, "
                        "and the client, in the new process"
                    )
                _inherited.append(pool)
                self._pools.pop(key, None)
            elif getattr(pool.loop, "is_closed", bool)():  # that of an earlier `asyncio.run`
                self._pools.pop(key, None)
        if self._own is not None:
            return Pool(self._own, self.network, owned=False)
        from cartesia._runtime import http_clients

        verify = self.network.ssl_context or http_clients.LazyTLSContext()
        try:
            http = http_clients.DefaultHttpxClient(verify=verify, proxy=self.network.proxy)
        except ImportError as error:
            raise missing_extra("a SOCKS proxy", "socks") from error
        except (ValueError, httpx.InvalidURL) as error:
            raise CartesiaError(f"the proxy of the environment cannot be used: {error}") from None
        http_clients.use_reentrant_locks(http)
        pool = Pool(http, self.network, owned=True)
        pool.finalizer = primitives.close_when_dropped(http)
        return pool

    def close(self) -> None:
        """Close all connections, also those of an HTTP client that the caller made.

        Those of other event loops are closed there as soon as no response is read any more.
        """
        self._closed = True
        pools, self._pools = self._pools, {}
        if self._own is not None and not pools:
            self._own.close()
        for pool in pools.values():
            if pool.loop is primitives.current_loop() or not pool.owned:
                pool.close()
