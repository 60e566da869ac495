"""The server process: a listening socket, uvicorn, one line when it is ready, and a clean stop."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Callable, Generator

import uvicorn
from starlette.types import ASGIApp

_STOP_SECONDS = 1
_BACKLOG = 2048


class Server(uvicorn.Server):
    """A server that says when it is ready and leaves signals to its owner.

    Args:
        app: The application.
        listener: The socket to accept connections from.
        on_ready: Called with the base URL once connections are accepted.
    """

    def __init__(
        self, app: ASGIApp, listener: socket.socket, on_ready: Callable[[str], None]
    ) -> None:
        # Without per-message compression: base64 of audio hardly shrinks, and the pace would be
        # that of zlib. The HTTP half is h11, so that nothing needs a compiler.
        config = uvicorn.Config(
            app,
            http="h11",
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        super().__init__(config)
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        self._listener = listener
        self._on_ready = on_ready

    @property
    def url(self) -> str:
        """The base URL under which the server is reached."""
        host, port = self._listener.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `should_exit` is set."""
        super().run(sockets or [self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then say so."""
        await super().startup(sockets)
        self._on_ready(self.url)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals alone: uvicorn would raise them again after a clean stop."""
        yield


def _is_news(record: logging.LogRecord) -> bool:
    # uvicorn (0.54) takes a handshake that is refused with an HTTP answer for one left undone.
    return record.getMessage() != "ASGI callable returned without completing handshake."


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket.

    Args:
        host: Name or address to listen on.
        port: Port to listen on; 0 picks a free one.

    Returns:
        The socket, bound and listening.

    Raises:
        OSError: The address cannot be had.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, every
    # answer would wait some 40 ms for an acknowledgement.
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
