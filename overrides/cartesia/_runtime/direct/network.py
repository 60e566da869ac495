"""Bytes over TCP and TLS under asyncio, in the shape that httpcore asks for.

See https://www.encode.io/httpcore/network-backends/.
"""

from __future__ import annotations

import asyncio
import select
import sys
from collections import deque
from typing import TYPE_CHECKING, Any, cast

import anyio
import httpcore

from cartesia._runtime.direct.connecting import connect
from cartesia._runtime.reading import read_buffer
from cartesia._runtime.tls import LazyTLSContext

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

_HELD_BYTES = 2**18
"""What is read ahead of whom reads slowly; the rest stays in the network."""

_EXTRA_NAMES = {"client_addr": "sockname", "server_addr": "peername"}
_GONE = "the connection was closed"


class _Gate:
    """What one task waits at, for a limited time, until something has happened."""

    __slots__ = ("_waiter",)

    def __init__(self) -> None:
        self._waiter: asyncio.Future[None] | None = None

    def open(self) -> None:
        """Let the task go on, if there is one."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def wait(self, seconds: float | None, late: type[httpcore.TimeoutException]) -> None:
        """Wait until the gate is opened.

        Args:
            seconds: For how long at most; None without a limit.
            late: What to raise then.
        """
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = None if seconds is None else loop.call_later(seconds, self._expire, late)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def _expire(self, late: type[httpcore.TimeoutException]) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(late())


class _Line(asyncio.BufferedProtocol):
    """One connection as asyncio sees it.

    Reading pauses beneath TLS, if there is any: what has been decrypted is always handed over, and
    so cannot be lost in a layer between when the server closes the connection.
    """

    transport: asyncio.Transport
    _source: asyncio.Transport

    def __init__(self) -> None:
        self.pieces: deque[bytes] = deque()
        self.held = 0
        self.is_over = False
        self.error: Exception | None = None
        self.readable = _Gate()
        self.writable = _Gate()
        self.is_full = False
        self._is_paused = False
        self._buffer = read_buffer()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the way out."""
        self.transport = self._source = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Say where to put what comes."""
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what came."""
        self.data_received(bytes(self._buffer[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Take what came, and stop reading when nobody takes it."""
        self.pieces.append(data)
        self.held += len(data)
        if self.held >= _HELD_BYTES and not self._is_paused:
            self._is_paused = True
            self._source.pause_reading()
        self.readable.open()

    def take(self, most: int) -> bytes:
        """Give a piece of what came, and read on."""
        piece = self.pieces.popleft()
        if len(piece) > most:
            self.pieces.appendleft(piece[most:])
            piece = piece[:most]
        self.held -= len(piece)
        if self._is_paused and self.held < _HELD_BYTES and not self.is_over:
            self._is_paused = False
            self._source.resume_reading()
        return piece

    def eof_received(self) -> None:
        """Note that nothing more comes; asyncio closes the connection."""
        self.is_over = True
        self.readable.open()
        self.writable.open()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits."""
        self.is_over = True
        self.error = self.error or exc
        self.readable.open()
        self.writable.open()

    def pause_writing(self) -> None:
        """Have the writer wait."""
        self.is_full = True

    def resume_writing(self) -> None:
        """Have the writer go on."""
        self.is_full = False
        self.writable.open()


class _DecryptedLine(asyncio.Protocol):
    """The same connection behind TLS.

    It reads into no buffer of ours: when the server closes the connection, asyncio hands no more
    over than one buffer, and forgets what else it has decrypted.

    Args:
        line: The connection.
    """

    def __init__(self, line: _Line) -> None:
        self._line = line

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._line.data_received(data)

    def eof_received(self) -> None:
        """Note that nothing more comes."""
        self._line.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits."""
        self._line.connection_lost(exc)

    def pause_writing(self) -> None:
        """Have the writer wait."""
        self._line.pause_writing()

    def resume_writing(self) -> None:
        """Have the writer go on."""
        self._line.resume_writing()


class AsyncioStream(httpcore.AsyncNetworkStream):
    """One connection as httpcore sees it: one task reads, one writes.

    Args:
        line: The connection.
    """

    def __init__(self, line: _Line) -> None:
        self._line = line

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # httpcore's
        """Give the next bytes; none when the server has ended the connection.

        Args:
            max_bytes: How many at most.
            timeout: How long to wait for them, in seconds.

        Raises:
            httpcore.ReadTimeout: None came in time.
            httpcore.ReadError: The connection broke.
        """
        line = self._line
        while not line.pieces:
            if line.error is not None:
                raise httpcore.ReadError(line.error) from line.error
            if line.is_over:
                return b""
            await line.readable.wait(timeout, httpcore.ReadTimeout)
        return line.take(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Send bytes, and wait while too many of them are under way.

        Args:
            buffer: The bytes.
            timeout: How long to wait, in seconds.

        Raises:
            httpcore.WriteTimeout: The server did not take them in time.
            httpcore.WriteError: The connection is closed or broke.
        """
        line = self._line
        if buffer and not line.is_over:
            line.transport.write(buffer)
            while line.is_full and not line.is_over:
                await line.writable.wait(timeout, httpcore.WriteTimeout)
        if line.is_over:
            raise httpcore.WriteError(line.error or _GONE) from line.error

    async def aclose(self) -> None:
        """Close the connection."""
        line = self._line
        line.is_over = True
        # Whoever still reads must not take this for the end of a body.
        line.error = line.error or ConnectionAbortedError(_GONE)
        line.transport.abort()
        await asyncio.sleep(0)  # asyncio closes the socket in its next turn

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's
    ) -> AsyncioStream:
        """Put TLS over the connection.

        Args:
            ssl_context: Whom to trust.
            server_hostname: Who the server should be.
            timeout: How long the handshake may take, in seconds.

        Raises:
            httpcore.ConnectTimeout: It took longer.
            httpcore.ConnectError: It failed.
        """
        loop = asyncio.get_running_loop()
        line = self._line
        try:
            with anyio.fail_after(timeout):
                if isinstance(ssl_context, LazyTLSContext):
                    # Reads files, which must not keep the event loop.
                    await loop.run_in_executor(None, ssl_context.load)
                transport = await loop.start_tls(
                    line.transport,
                    _DecryptedLine(line),
                    ssl_context,
                    server_hostname=server_hostname,
                )
        except BaseException as error:
            await self.aclose()
            if isinstance(error, TimeoutError):
                raise httpcore.ConnectTimeout(error) from error
            if isinstance(error, OSError):
                raise httpcore.ConnectError(error) from error
            raise
        if transport is None:  # asyncio's answer where the connection went in the same moment
            raise httpcore.ConnectError(_GONE)
        line.transport = transport
        return self

    def get_extra_info(self, info: str) -> Any:
        """Tell something about the connection.

        Args:
            info: What: ``is_readable``, ``ssl_object``, ``client_addr``, ``server_addr`` or
                ``socket``.
        """
        line = self._line
        if info == "is_readable":
            # Asked of an idle connection, of which it means that it has ended. The event loop may
            # have been too busy to see that.
            socket = line.transport.get_extra_info("socket")
            return line.is_over or bool(line.pieces) or _has_news(socket)
        return line.transport.get_extra_info(_EXTRA_NAMES.get(info, info))


class AsyncioBackend(httpcore.AsyncNetworkBackend):
    """Opens connections of the running event loop."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> AsyncioStream:
        """Connect to a server.

        Args:
            host: Its name or address.
            port: Its port.
            timeout: How long that may take, in seconds.
            local_address: The address to connect from.
            socket_options: Arguments of `socket.setsockopt`.

        Raises:
            httpcore.ConnectTimeout: It took longer.
            httpcore.ConnectError: It failed.
        """
        try:
            with anyio.fail_after(timeout):
                line = await connect(_Line, host, port, local_address)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(error) from error
        except OSError as error:
            raise httpcore.ConnectError(error) from error
        for option in socket_options or ():
            line.transport.get_extra_info("socket").setsockopt(*option)
        return AsyncioStream(line)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def _has_news(socket: Any) -> bool:
    """Say whether something waits at a socket that the event loop has not seen yet."""
    if sys.platform == "win32":
        return bool(select.select([socket.fileno()], [], [], 0)[0])
    poll = select.poll()
    poll.register(socket.fileno(), select.POLLIN)
    return bool(poll.poll(0))
