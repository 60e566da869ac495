# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/websocket/opening.py
# Do not edit: change that file instead.
"""Opens the port of a connection, and another one after one that broke off."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Callable, Protocol, cast

from attrs import evolve

from cartesia._runtime._sync.websocket.primitives import settle
from cartesia._runtime.errors import AuthenticationError, CartesiaError
from cartesia._runtime.model import Model
from cartesia._runtime.request import Request
from cartesia._runtime.websocket.reconnection import Attempts, ReconnectingEvent

if TYPE_CHECKING:
    from cartesia._runtime._sync.websocket.port.interface import Port
    from cartesia._runtime.websocket.errors import Close
    from cartesia._runtime.websocket.options import ConnectionOptions
    from cartesia._runtime.websocket.reconnection import ReconnectingOverrides, Reconnection


class Addresses(Protocol):
    """What a manager needs of a requester. Both are asked at each connection: keys may change."""

    def socket_url(self, request: Request) -> str:
        """Give the address to connect to."""
        ...

    def socket_headers(self, request: Request) -> list[tuple[str, str]]:
        """Give the headers of the handshake."""
        ...

    def credentials(self) -> str:
        """Say where the key or token came from."""
        ...


class Opening:
    """How one connection is opened, and opened again.

    Args:
        requester: Knows address and headers.
        request: The operation and its query.
        options: How to connect.
        reconnection: Whether and how a conversation is taken up again.
    """

    def __init__(
        self,
        requester: Addresses,
        request: Request,
        options: ConnectionOptions,
        reconnection: Reconnection,
    ) -> None:
        self._requester = requester
        self._request = request
        self._options = options
        self.attempts = Attempts(reconnection, clock=time.monotonic, random=random.random)

    def open(self) -> Port:
        """Connect and shake hands.

        Raises:
            CartesiaError: It could not be done.
        """
        transport = self._options.get("transport", "websockets")
        try:
            if transport == "aiohttp":
                from cartesia._runtime._sync.websocket.port.aiohttp.primitives import open_port
            else:
                from cartesia._runtime._sync.websocket.port.primitives import open_port
        except ImportError as error:
            needed = {"websockets": "websockets>=15,<18", "aiohttp": "aiohttp>=3.11"}[transport]
            raise CartesiaError(
                f"WebSockets need the extra {transport!r} ({needed}): "
                f"pip install 'cartesia-openapi[{transport}]'"
            ) from error
        url = self._requester.socket_url(self._request)
        headers = self._requester.socket_headers(self._request)
        try:
            return open_port(url, headers, self._options)
        except AuthenticationError as error:
            from cartesia._runtime.explain import signed_with

            raise signed_with(self._requester.credentials(), error) from error.__cause__

    def reopen(
        self,
        close: Close,
        last_event: object | None,
        pause: Callable[[float], bool],
        *,
        somebody_waits: bool = False,
    ) -> Port | Close:
        """Connect again, as often and as late as the policy says.

        Args:
            close: How the connection before it ended.
            last_event: The last event that had come.
            pause: Waits for some seconds; tells whether the caller closed the connection meanwhile.
            somebody_waits: Whether it is opened for somebody who is about to use it, perhaps long
                after the end of the one before it.

        Returns:
            The open port; or how the conversation ended, where it cannot be had.
        """
        attempts = self.attempts
        failed = attempts.made
        failure: CartesiaError | None = None
        while (delay := attempts.next_delay(failure)) is not None:
            if somebody_waits and failure is None:
                delay = attempts.first_delay(delay, close)
            if self._is_unwanted(close, delay, last_event):
                break
            if pause(delay):
                return close
            try:
                return self.open()
            except CartesiaError as error:
                failure = error
                failed = attempts.made
        return evolve(close, cause=failure or close.cause, attempts=failed)

    def _is_unwanted(self, close: Close, delay: float, last_event: object | None) -> bool:
        """Tell the caller of the next attempt; note what he answers; say whether he wants none."""
        attempts, request = self.attempts, self._request
        handler = attempts.settings.on_reconnecting
        if handler is None:
            return False
        answer = handler(
            ReconnectingEvent(
                attempt=attempts.made,
                max_attempts=attempts.settings.max_retries,
                delay=delay,
                close_code=close.code,
                extra_query=request.extra_query or {},
                extra_headers=request.extra_headers or {},
                last_event=last_event if isinstance(last_event, Model) else None,
            )
        )
        # The two kinds of function have one type here, since `Reconnection` is not of one world.
        overrides = cast("ReconnectingOverrides | None", settle(answer, handler))
        if not overrides:
            return False
        self._request = Request(
            request.operation,
            path=request.path,
            query=request.query,
            extra_query=overrides.get("extra_query", request.extra_query),
            extra_headers=overrides.get("extra_headers", request.extra_headers),
        )
        return overrides.get("abort", False)
