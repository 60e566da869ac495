"""Moves bytes between one WebSocket and its session, as asyncio calls for it; `_sync` has threads.

The `websockets` library opens the connection (TCP, TLS, proxies). Its own connection would wake a
task for each message; here, what comes is routed into the session at once, within the event loop's
own call, so that a chunk wakes nothing but its receiver. A connection has no task of its own, and
one timer, for whatever is due first.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary, ref

from websockets.asyncio.client import connect

from cartesia._runtime.network import load_trust
from cartesia._runtime.websocket.close import Close, warn_dropped
from cartesia._runtime.websocket.connection_options import NEVER, connect_arguments
from cartesia._runtime.websocket.protocol import WebSocketProtocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from websockets.client import ClientProtocol

    from cartesia._runtime._async.websocket.connection import AsyncChannel
    from cartesia._runtime.websocket.messages import Payload

_buffers: WeakKeyDictionary[asyncio.AbstractEventLoop, memoryview] = WeakKeyDictionary()


class AsyncWebSocketTransport(asyncio.Protocol):
    """One open WebSocket, driven by asyncio. The `websockets` library makes it.

    Args:
        protocol: The library's protocol, before its handshake.
        channel: Has the options, and the session, which gets what comes. It is told of the end, and
            of a connection older than ``max_age``.
        _others: What the library's own connection would have.

    Attributes:
        ended: How the connection ended; None while it has not.
    """

    transport: asyncio.Transport

    def __init__(
        self, protocol: ClientProtocol, *, channel: AsyncChannel[object], **_others: object
    ) -> None:
        self._protocol = WebSocketProtocol(protocol, channel.options, time.monotonic)
        self._loop = asyncio.get_running_loop()
        self._session = channel.session
        self._receive = channel.session.receive
        # An event loop holds its transports: that must not keep a channel that was dropped.
        self._channel = ref(channel, self._dropped)
        self._written = 0
        self._aborted: Close | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = NEVER
        self._changed = asyncio.Event()
        self._lifetime = self._abort_with_loop()
        self.ended: Close | None = None

    # What the library calls before it gives the connection away.

    async def handshake(self, headers: Sequence[tuple[str, str]], _user_agent: None) -> None:
        """Do the opening handshake."""
        with suppress(StopAsyncIteration):  # the connection is lost already
            await self._lifetime.__anext__()
        self._protocol.begin(headers)
        self._flush()
        while not self._protocol.is_answered:
            self._changed.clear()
            await self._changed.wait()
        self._protocol.opened()

    def start_keepalive(self) -> None:
        """Set the timer for the first ping."""
        self._flush()

    def start(self) -> None:
        """Keep the time of the session, which uses it from now on; tell it if it ended already."""
        self.update()
        self._tell_end()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep asyncio's transport, which the library aborts by this name."""
        self.transport = cast("asyncio.Transport", transport)
        # For uvloop, it must be an `int` of C.
        high, low = (int(min(mark, 2**31 - 1)) for mark in self._session.bounds.write_marks)
        self.transport.set_write_buffer_limits(high, low)

    def data_received(self, data: bytes) -> None:
        """Route the messages in what came."""
        protocol = self._protocol
        try:
            if not protocol.is_answered:
                data = protocol.feed_answer(data)
                self._changed.set()
            if data and protocol.feed(data, self._receive):
                self._flush()
        except Exception as error:  # noqa: BLE001 # it is told where events are received
            self.abort(Close.of_fault(error))
        self.update()

    def eof_received(self) -> None:
        """Note that nothing more comes; asyncio closes the connection."""
        self._protocol.feed_eof()
        self._flush()

    def pause_writing(self) -> None:
        """Have senders wait."""
        self._protocol.is_blocked = True

    def resume_writing(self) -> None:
        """Have senders go on."""
        self._protocol.is_blocked = False
        self._flush()
        self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the session, and all who wait, that the connection is over."""
        # Else TLS before Python 3.11 warns of it: https://github.com/python/cpython/issues/90476
        if hasattr(self, "transport"):  # not where TLS failed behind a proxy
            self.transport.close()
        self._protocol.feed_eof()
        self._set_timer(NEVER)
        self.ended = self._protocol.closed(exc, self._aborted)
        with suppress(StopIteration):
            self._lifetime.aclose().send(None)
        self._changed.set()
        self._tell_end()

    def _tell_end(self) -> None:
        channel = self._channel()
        if channel is not None and self.ended is not None:
            channel.transport_ended(self, self.ended)

    # What the connection calls.

    def write(self, data: Payload, *, text: bool) -> bool:
        """Send one message, without waiting for anything.

        Args:
            data: The message.
            text: Whether it goes as a text frame.

        Returns:
            Whether more may follow at once; if not, `drain` waits until it may.
        """
        self._protocol.send(data, text=text)
        self._flush()
        return self._may_write

    @property
    def is_open(self) -> bool:
        """Whether messages may be sent."""
        return self._protocol.is_open and not self.transport.is_closing()

    @property
    def _may_write(self) -> bool:
        return not self._protocol.is_blocked and self.is_open

    async def drain(self) -> None:
        """Wait until the server has taken most of what was sent, or the connection is over."""
        while self.ended is None and not self._may_write:
            self._changed.clear()
            await self._changed.wait()

    def begin_close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; it ends within ``close_timeout``, which `drain` awaits.

        Args:
            code: The close code.
            reason: The close reason.
        """
        self._protocol.close(code, reason)
        self._flush()
        self._hold(False)  # the server's answer is behind what waits in the network

    def abort(self, close: Close) -> None:
        """Cut the connection, without a close frame.

        Args:
            close: How the session is told that it ended.
        """
        self._aborted = self._aborted or close
        if not self._loop.is_closed():
            self.transport.abort()

    def update(self) -> None:
        """Do what the session wants since it was called last: messages owed, a pause, its time."""
        session = self._session
        if (session.owed or session.abandoned) and not self._protocol.is_closing:
            for text in session.take_owed():
                self.write(text, text=True)
        if session.flow.is_full is not self._protocol.is_held and not self._protocol.is_closing:
            self._hold(session.flow.is_full)
        if session.deadline < self._timer_due:
            self._set_timer(session.deadline)

    def wake(self) -> None:
        """Have `update` called soon. Finalizers call this, at any time and in any thread."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self.update)

    # Within.

    def _dropped(self, _: object) -> None:
        """Have a connection closed that its user dropped; the garbage collector calls this."""
        if self.is_open:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._keep_time)
            warn_dropped()

    async def _abort_with_loop(self) -> AsyncGenerator[None, None]:
        """Abort the connection where the event loop ends, which closes asynchronous generators.

        For what has no task of its own that is the only sign.
        """
        try:
            yield
        finally:
            if self.ended is None:
                self.abort(Close(1006, "the event loop ended", "client"))

    def _hold(self, is_held: bool) -> None:
        """Pause reading, or read on."""
        if is_held is not self._protocol.is_held:
            self._protocol.hold(is_held)
            with suppress(AttributeError):  # as in `_unsent`
                (self.transport.pause_reading if is_held else self.transport.resume_reading)()

    def _flush(self) -> None:
        """Send what the protocol wants to send, and see that its time is kept."""
        for piece in self._protocol.outgoing():
            if not self.transport.is_closing():
                self._written += len(piece)
                self.transport.write(piece)
        due = self._protocol.due
        if due < self._timer_due:
            self._set_timer(due)

    def _set_timer(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due = due
        if due != NEVER and self.ended is None:  # which it may have before it is used
            self._timer = self._loop.call_later(due - time.monotonic(), self._keep_time)

    def _keep_time(self) -> None:
        """Do what is due: a ping, the end of a time-out, or what the session wants done."""
        protocol, session = self._protocol, self._session
        self._timer_due = NEVER
        is_kept = protocol.keep_time(self._written - self._unsent())
        self._flush()
        if not is_kept:
            self.transport.abort()
        else:
            close = session.tick() if time.monotonic() >= session.deadline else None
            channel = self._channel()
            if close is not None or channel is None:
                self.abort(close or Close(1006, "dropped by its user", "client"))
            else:
                self.update()
                if session.is_stale and session.is_heard:
                    channel.renew()
        if self.ended is None:
            self._set_timer(min(self._timer_due, protocol.due))

    def _unsent(self) -> int:
        """Count the bytes that the network has not taken."""
        try:
            return self.transport.get_write_buffer_size()
        except AttributeError:  # TLS before Python 3.11, after its end and before `connection_lost`
            return 0


class AsyncBufferedTransport(AsyncWebSocketTransport, asyncio.BufferedProtocol):
    """The same for the event loops of asyncio, which reads into a buffer that is there already.

    By themselves they allocate 256 KB for each read, which the system gives and takes back every
    time: a third of what a chunk costs. uvloop does not. The buffer is one for all connections of a
    loop, which has it emptied before it turns to the next; Windows' own loop reads for many at a
    time, so there each has its own. Not with TLS, which gains nothing by it, and, when the server
    leaves, loses what does not fit into it.
    """

    def __init__(
        self, protocol: ClientProtocol, *, channel: AsyncChannel[object], **_others: object
    ) -> None:
        super().__init__(protocol, channel=channel)
        is_proactor = sys.platform == "win32" and isinstance(self._loop, asyncio.ProactorEventLoop)
        if is_proactor or self._loop not in _buffers:
            _buffers[self._loop] = memoryview(bytearray(2**18))
        self._buffer = _buffers[self._loop]

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 # asyncio's signature
        """Say where to put what comes."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what came."""
        self.data_received(bytes(self._buffer[:nbytes]))


async def open_transport(
    channel: AsyncChannel[object], url: str, headers: Sequence[tuple[str, str]]
) -> AsyncWebSocketTransport:
    """Connect and shake hands.

    Args:
        channel: What is to use it.
        url: Where to.
        headers: The headers of the handshake.

    Raises:
        Exception: It could not be done; `explain_handshake` knows why.
    """
    make = partial(AsyncWebSocketTransport, channel=channel)
    is_asyncio = isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop)
    try:
        if channel.options.get("ssl") is None and url.lower().startswith("wss:"):
            reading = asyncio.to_thread(load_trust)  # once
            await asyncio.wait_for(reading, channel.options.get("open_timeout"))
        arguments = connect_arguments(url, headers, make, channel.options)
        if is_asyncio and not {"ssl", "proxy_ssl"} & arguments.keys():
            arguments["create_connection"] = partial(AsyncBufferedTransport, channel=channel)
        return cast("AsyncWebSocketTransport", await connect(url, **arguments))
    except asyncio.TimeoutError as late:  # before Python 3.11 this is a class of its own
        raise TimeoutError(*late.args) from late
