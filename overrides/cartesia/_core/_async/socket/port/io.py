"""One connection of the `websockets` library over asyncio; its twin has the sync one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.protocol import State

from cartesia._core.socket.errors import Close, PortClosed
from cartesia._core.socket.wire import LOGGER, HandshakeRefused, close_of, handshake_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartesia._core.socket.options import ConnectionOptions


class _Connection(ClientConnection):
    """The library's connection, for which a redirect is a refusal.

    Some of its versions follow redirects, and some of those carry the key to another host.
    """

    # `Any`: the arguments are the library's, and differ between its versions.
    async def handshake(self, *arguments: Any, **named: Any) -> None:
        try:
            await super().handshake(*arguments, **named)
        except InvalidStatus as error:
            raise HandshakeRefused(error.response) from error


class AsyncPort:
    """Moves whole messages over one open WebSocket; knows nothing of what they say.

    Args:
        websocket: The library's connection.
        options: How it was opened; every option that has a default is there.
    """

    __slots__ = ("_close_timeout", "_is_stalled", "_loop", "_stall_timeout", "_websocket")

    def __init__(self, websocket: ClientConnection, options: ConnectionOptions) -> None:
        self._websocket = websocket
        self._loop = asyncio.get_running_loop()
        self._close_timeout = options.get("close_timeout", 2.0)
        # In a connection that is full, the library's pings wait for room like all else, and so
        # never miss their answers. A message may take as long as a ping and its answer.
        interval, answer = options.get("ping_interval"), options.get("ping_timeout")
        self._stall_timeout = None if interval is None or answer is None else interval + answer
        self._is_stalled = False

    async def receive(self) -> bytes:
        """Give the next message.

        Raises:
            PortClosed: There is none: the connection is closed.
        """
        try:
            # Text stays UTF-8: the JSON decoder wants bytes.
            return await self._websocket.recv(decode=False)
        except ConnectionClosed as error:
            raise self._closed(error, written=False) from error

    async def send(self, data: bytes | bytearray | memoryview, *, text: bool) -> None:
        """Send one message.

        Args:
            data: The message.
            text: Whether it goes as a text frame.

        Raises:
            PortClosed: The connection is closed.
        """
        written = self._websocket.state is State.OPEN
        timer = None
        if self._stall_timeout is not None:
            timer = self._loop.call_later(self._stall_timeout, self._stall)
        try:
            await self._websocket.send(data, text=text)
        except ConnectionClosed as error:
            raise self._closed(error, written=written) from error
        finally:
            if timer is not None:
                timer.cancel()

    def pause_reading(self) -> None:
        """Expect nobody to ask for messages for a while, and so no answers to pings either."""
        keepalive = self._websocket.keepalive_task
        if keepalive is not None:
            keepalive.cancel()

    def resume_reading(self) -> None:
        """Expect the answers to pings again."""
        if self._websocket.state is State.OPEN:
            self._websocket.start_keepalive()

    def _stall(self) -> None:
        self._is_stalled = True
        self.abort()

    def _closed(self, error: ConnectionClosed, *, written: bool) -> PortClosed:
        close = close_of(error)
        if self._is_stalled:
            reason = f"the server took nothing for {self._stall_timeout:g} s"
            close = Close(1006, reason, "client", error)
        return PortClosed(close, written=written)

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, within the bound.

        Args:
            code: The close code.
            reason: The close reason.
        """
        try:
            await asyncio.wait_for(self._websocket.close(code, reason), self._close_timeout)
        except asyncio.TimeoutError:
            self.abort()

    def abort(self) -> None:
        """Cut the connection, without a close frame."""
        self._websocket.transport.abort()


async def open_port(
    url: str, headers: Sequence[tuple[str, str]], options: ConnectionOptions
) -> AsyncPort:
    """Connect and shake hands.

    Args:
        url: Where to.
        headers: The headers of the handshake.
        options: How; every option that has a default is there.

    Raises:
        APIStatusError: The server refused, by its status code.
        APIConnectionError: It could not be reached.
        APITimeoutError: It did not answer in time.
        CartesiaError: The address is no WebSocket address.
    """
    try:
        websocket = await connect(
            url,
            additional_headers=headers,
            user_agent_header=None,
            logger=LOGGER,
            create_connection=_Connection,
            **options,
        )
        # Does nothing but tell the library that somebody will close it.
        await websocket.__aenter__()
    except Exception as error:
        raise handshake_error(url, error) from error
    return AsyncPort(websocket, options)
