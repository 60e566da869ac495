"""The uvicorn server: its protocols, the listening socket, readiness and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from cartesia_mock.faults.faulty_transport import FaultyTransport

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

_STOP_SECONDS = 1
_BACKLOG = 2048


class HTTPProtocol(H11Protocol):
    """An HTTP connection whose transport is accessible to faults, also after an upgrade."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Add the transport to the state of each ASGI scope."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, **FaultyTransport.scope_state(transport)}


class MockWebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket connection whose refused handshake is not logged as an error.

    See https://github.com/Kludex/uvicorn/pull/3138.
    """

    async def send(self, message: ASGISendEvent) -> None:
        """Send an ASGI message."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True


class Server(uvicorn.Server):
    """A server that reports when it is ready, and leaves signals to its owner.

    Args:
        app: The application.
        listener: The socket to accept connections from.
        on_ready: Called with the base URL when connections are accepted.
    """

    def __init__(
        self, app: ASGIApp, listener: socket.socket, on_ready: Callable[[str], None]
    ) -> None:
        # No per-message compression: it costs much and hardly shrinks base64 of audio. HTTP is
        # parsed by h11, which is pure Python.
        config = uvicorn.Config(
            app,
            http=HTTPProtocol,
            ws=MockWebSocketProtocol,
            ws_per_message_deflate=False,
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        super().__init__(config)
        logging.getLogger("uvicorn.error").addFilter(_is_relevant)
        self._listener = listener
        self._on_ready = on_ready

    @property
    def url(self) -> str:
        """The base URL of the server."""
        host, port = self._listener.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `should_exit` is set."""
        super().run(sockets or [self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then call `on_ready`."""
        await super().startup(sockets)
        self._on_ready(self.url)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Ignore signals: uvicorn would raise them again after a clean stop."""
        yield


def _is_relevant(record: logging.LogRecord) -> bool:
    # uvicorn logs a handshake that was refused with an HTTP response as incomplete:
    # https://github.com/Kludex/uvicorn/pull/3138
    return record.getMessage() != "ASGI callable returned without completing handshake."


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket.

    Args:
        host: Host name or address to listen on.
        port: Port to listen on; 0 picks a free one.

    Returns:
        The socket, bound and listening.

    Raises:
        OSError: The address cannot be bound.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    # asyncio sets TCP_NODELAY only on sockets with an explicit protocol, and without it every
    # response would wait some 40 ms: https://github.com/python/cpython/issues/148783
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
