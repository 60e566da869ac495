"""The uvicorn server: its protocols, the listening socket, readiness and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from cartesia_mock.faults.faulty_transport import FaultyTransport
from cartesia_mock.server.certificates import Certificate

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

_log = logging.getLogger("cartesia_mock.requests")
_STOP_SECONDS = 1
_BACKLOG = 2048
_REQUEST_SECONDS = 60.0
_MAX_MESSAGE_BYTES = 4 * 1024 * 1024


class HTTPProtocol(H11Protocol):
    """An HTTP connection with a time limit for each request.

    Its transport is accessible to faults, also after an upgrade.
    """

    request_timeout = _REQUEST_SECONDS
    """Seconds within which a client must have sent a whole request."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Add the transport to the state of each ASGI scope, and start the time of a request."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, **FaultyTransport.scope_state(transport)}
        self._set_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the time."""
        self._clear_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Handle data; a request that begins with it has its own time."""
        if self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]:
            self._clear_deadline()
        super().data_received(data)

    def handle_events(self) -> None:
        """Handle what was received; the time stops when a request is complete."""
        super().handle_events()
        is_upgraded = self.transport.get_protocol() is not self
        if is_upgraded or self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}:
            self._clear_deadline()
        elif self._deadline is None:
            self._set_deadline()

    def _set_deadline(self) -> None:
        self._deadline = self.loop.call_later(self.request_timeout, self._give_up)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        """Close the connection, after a response to the part of a request that has arrived."""
        if self.transport.is_closing():
            return
        has_part = self.conn.their_state is h11.SEND_BODY or bool(self.conn.trailing_data[0])
        if has_part and self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            text = f"Request timeout: it was not complete after {self.request_timeout:g} seconds"
            _log.warning("408: %s", text)
            headers = [
                ("content-type", "text/plain; charset=utf-8"),
                ("content-length", str(len(text))),
                ("connection", "close"),
            ]
            for event in (
                h11.Response(status_code=408, headers=headers, reason=b"Request Timeout"),
                h11.Data(data=text.encode()),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class MockWebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket connection whose refused handshake is not logged as an error.

    See https://github.com/Kludex/uvicorn/pull/3138.
    """

    def data_received(self, data: bytes) -> None:
        """Handle data; a handshake that is too long is answered, where uvicorn would wait."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.close_sent:
            _log.warning("WEBSOCKET handshake: %s", self.conn.handshake_exc)
            self.handshake_complete = self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    async def send(self, message: ASGISendEvent) -> None:
        """Send an ASGI message."""
        if message["type"] == "websocket.http.response.start":
            # uvicorn counts itself; that for Python 3.9 would send the length a second time.
            headers = message.get("headers", ())
            message["headers"] = [each for each in headers if each[0] != b"content-length"]
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True


class Server(uvicorn.Server):
    """A server that reports when it is ready, and leaves signals to its owner.

    Args:
        app: The application.
        listener: The socket to accept connections from.
        on_ready: Called with the base URL when connections are accepted.
        on_stop: Called before the server waits for its open requests to end.
        certificate: Serves TLS with it; None for no TLS.
        request_timeout: Seconds within which a client must have sent a whole request.
    """

    def __init__(
        self,
        app: ASGIApp,
        listener: socket.socket,
        on_ready: Callable[[str], None],
        *,
        on_stop: Callable[[], None] = lambda: None,
        certificate: Certificate | None = None,
        request_timeout: float = _REQUEST_SECONDS,
    ) -> None:
        # No per-message compression: it costs much and hardly shrinks base64 of audio. HTTP is
        # parsed by h11, which is pure Python.
        config = uvicorn.Config(
            app,
            http=type("Protocol", (HTTPProtocol,), {"request_timeout": request_timeout}),
            ws=MockWebSocketProtocol,
            ws_per_message_deflate=False,
            ws_max_size=_MAX_MESSAGE_BYTES,
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_STOP_SECONDS,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
        super().__init__(config)
        logging.getLogger("uvicorn.error").addFilter(_is_relevant)
        self._listener = listener
        self._on_ready = on_ready
        self._on_stop = on_stop

    @property
    def url(self) -> str:
        """The base URL of the server."""
        host, port = self._listener.getsockname()[:2]
        scheme = "https" if self.config.is_ssl else "http"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `should_exit` is set."""
        super().run(sockets or [self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then call `on_ready`."""
        executor = ThreadPoolExecutor(thread_name_prefix="cartesia-mock")
        asyncio.get_running_loop().set_default_executor(executor)
        await super().startup(sockets)
        self._on_ready(self.url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Call `on_stop`, then stop."""
        self._on_stop()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Ignore signals: uvicorn would raise them again after a clean stop."""
        yield


def _is_relevant(record: logging.LogRecord) -> bool:
    if record.getMessage() == "Invalid UTF-8 sequence received from client.":
        record.exc_info = None  # A fault of the client needs no traceback.
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
