"""One WebSocket over the `websockets` library's protocol, as asyncio's own protocol.

The library opens the connection (TCP, TLS, proxies) and knows the protocol. Its own connection
would wake a task for each message; here, all that came at once is handed over at once. The twin
of this module does the same with threads.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from websockets.asyncio.client import connect

from cartesia._runtime.reading import read_buffer
from cartesia._runtime.websocket.framing import Framing
from cartesia._runtime.websocket.keepalive import NEVER
from cartesia._runtime.websocket.trust import trusted
from cartesia._runtime.websocket.wire import LOGGER, connect_options, opening_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.client import ClientProtocol

    from cartesia._runtime._async.websocket.port.interface import AsyncPort, Payload
    from cartesia._runtime.websocket.options import ConnectionOptions

# What is beyond that, when nobody asks for it, stays in the network.
_HELD_BYTES = 2**18


class AsyncWebsocketsPort(asyncio.Protocol):
    """Moves whole messages over one open WebSocket; knows nothing of what they say.

    The library makes it, and asyncio calls it.

    Args:
        protocol: The library's protocol, which has not begun.
        options: How the connection is opened; every option that has a default is there.
        others: What the library's own connection would have.
    """

    transport: asyncio.Transport

    def __init__(
        self, protocol: ClientProtocol, *, options: ConnectionOptions, **others: object
    ) -> None:
        del others
        self._framing = Framing(protocol, options, time.monotonic)
        self._write_limit = options.get("write_limit", 2**15)
        queue = options.get("max_queue", NEVER)
        self._held_messages = (queue[0] if isinstance(queue, tuple) else queue) or NEVER
        self._held_bytes = 0
        self._written = 0
        self._cause: BaseException | None = None
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = NEVER
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._ended = asyncio.Event()

    # What the library calls before it gives the connection away.

    async def handshake(self, headers: Sequence[tuple[str, str]], user_agent: None) -> None:
        """Do the opening handshake."""
        del user_agent
        framing = self._framing
        framing.begin(headers)
        self._flush()
        while not framing.is_answered:
            self._news.clear()
            await self._news.wait()
        framing.opened()

    def start_keepalive(self) -> None:
        """Begin to watch the bounds."""
        self._flush()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the way out."""
        self.transport = cast("asyncio.Transport", transport)
        limit = self._write_limit
        self.transport.set_write_buffer_limits(*(limit if isinstance(limit, tuple) else (limit,)))

    def data_received(self, data: bytes) -> None:
        """Take bytes, and stop reading when nobody takes the messages in them."""
        framing = self._framing
        framing.feed(data)
        self._news.set()
        self._flush()
        self._held_bytes += len(data)
        is_full = self._held_bytes >= _HELD_BYTES or len(framing.messages) >= self._held_messages
        if framing.messages and is_full and not framing.is_closing:
            framing.hold()
            self.transport.pause_reading()

    def eof_received(self) -> None:
        """Note that nothing more comes; asyncio closes the connection."""
        self._framing.feed_eof()
        self._flush()

    def pause_writing(self) -> None:
        """Have senders wait."""
        self._room.clear()

    def resume_writing(self) -> None:
        """Have senders go on."""
        self._room.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake everybody."""
        self._cause = exc
        self._framing.feed_eof()
        self._set_timer(NEVER)
        for event in (self._ended, self._news, self._room):
            event.set()

    # What the reader and the senders do.

    async def receive(self) -> list[bytes]:
        """Give the messages that came, one at least; what nobody asks for waits in the network.

        Raises:
            PortClosed: There is none: the connection is closed.
        """
        framing = self._framing
        while not framing.messages:
            if self._ended.is_set():
                raise framing.closed(self._cause, written=False)
            self._news.clear()
            await self._news.wait()
        messages, framing.messages = framing.messages, []
        self._release()
        return messages

    async def send(self, data: Payload, *, text: bool) -> None:
        """Send one message.

        Args:
            data: The message.
            text: Whether it goes as a text frame.

        Raises:
            PortClosed: The connection is closed.
        """
        written = self._framing.send(data, text=text)
        self._flush()
        if not written or self.transport.is_closing():
            await self._ended.wait()
        elif not self._room.is_set():
            await self._room.wait()
        if self._ended.is_set():
            raise self._framing.closed(self._cause, written=written)

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, within the bound.

        Args:
            code: The close code.
            reason: The close reason.
        """
        self._framing.close(code, reason)
        self._flush()
        self._release()  # the server's answer is behind what nobody took
        await self._ended.wait()

    def abort(self) -> None:
        """Cut the connection, without a close frame."""
        if not self._loop.is_closed():
            self.transport.abort()

    # What anybody does.

    def _release(self) -> None:
        """Read on, if nobody did."""
        self._held_bytes = 0
        if self._framing.is_held:
            self._framing.release()
            self.transport.resume_reading()

    def _flush(self) -> None:
        """Send what the protocol wants to send, and see that time is kept."""
        framing = self._framing
        for piece in framing.outgoing():
            if not self.transport.is_closing():
                self._written += len(piece)
                self.transport.write(piece)
        if framing.due < self._timer_due:
            self._set_timer(framing.due)

    def _set_timer(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due = due
        if due == NEVER:
            self._timer = None
        else:
            self._timer = self._loop.call_later(due - time.monotonic(), self._keep_time)

    def _keep_time(self) -> None:
        """Send a ping when one is due; cut the connection when a bound is passed."""
        gone = self._written - self.transport.get_write_buffer_size()
        is_kept = self._framing.keep_time(gone)
        self._set_timer(self._framing.due)
        self._flush()
        if not is_kept:
            self.abort()


class AsyncPlainPort(AsyncWebsocketsPort, asyncio.BufferedProtocol):
    """The same without TLS, which reads into a buffer that is there already.

    With TLS that would lose messages: when the server closes the connection, asyncio hands no more
    over than one buffer, and forgets what else it has decrypted.
    """

    def __init__(
        self, protocol: ClientProtocol, *, options: ConnectionOptions, **others: object
    ) -> None:
        super().__init__(protocol, options=options, **others)
        self._buffer = read_buffer()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Say where to put what comes."""
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what came."""
        self.data_received(bytes(self._buffer[:nbytes]))


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
        # `Any`: the type of the factory is that of the library's own connection, which the
        # library's documentation allows to wrap.
        tls = await asyncio.to_thread(trusted, url)
        kind = AsyncPlainPort if tls is None else AsyncWebsocketsPort
        factory: Any = partial(kind, options=options)
        made = await connect(
            url,
            additional_headers=headers,
            user_agent_header=None,
            logger=LOGGER,
            create_connection=factory,
            ssl=tls,
            **connect_options(options),
        )
    except Exception as error:
        raise opening_error(url, error) from error
    return cast("AsyncWebsocketsPort", made)
