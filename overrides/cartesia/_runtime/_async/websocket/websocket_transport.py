"""Moves bytes between one WebSocket and its session, as asyncio calls for it; `_sync` has threads.

The `websockets` library opens the connection (TCP, TLS, proxies). Its own connection would wake a
task for each message; here, what comes is routed into the session at once, within the event loop's
own call, so that a chunk wakes nothing but its receiver. A connection has no task of its own, and
one timer, for whatever is due first.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar, cast

from websockets.asyncio.client import connect

from cartesia._runtime.reading import read_buffer
from cartesia._runtime.websocket.close import Close
from cartesia._runtime.websocket.connection_options import NEVER
from cartesia._runtime.websocket.opening import LOGGER, connect_options, tls_context
from cartesia._runtime.websocket.protocol import WebSocketProtocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from websockets.client import ClientProtocol

    from cartesia._runtime._async.websocket.primitives import Guard
    from cartesia._runtime.websocket.connection_options import ConnectionOptions
    from cartesia._runtime.websocket.messages import Payload
    from cartesia._runtime.websocket.session import Session

EventT = TypeVar("EventT")


class AsyncWebSocketTransport(asyncio.Protocol, Generic[EventT]):
    """One open WebSocket, driven by asyncio. The `websockets` library makes it.

    Args:
        protocol: The library's protocol, before its handshake.
        options: How the connection is opened; every option that has a default is there.
        others: What the library's own connection would have.

    Attributes:
        ended: How the connection ended; None while it has not.
    """

    transport: asyncio.Transport

    def __init__(
        self, protocol: ClientProtocol, *, options: ConnectionOptions, **others: object
    ) -> None:
        del others
        self._protocol = WebSocketProtocol(protocol, options, time.monotonic)
        self._write_limit = options.get("write_limit", 2**15)
        self._loop = asyncio.get_running_loop()
        self._session: Session[EventT] | None = None
        self._early = b""
        self._written = 0
        self._aborted: Close | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = NEVER
        self._changed: asyncio.Future[None] | None = None
        self._has_room = True
        self._lifetime = self._abort_with_loop()
        self.ended: Close | None = None

    # What the library calls before it gives the connection away.

    async def handshake(self, headers: Sequence[tuple[str, str]], user_agent: None) -> None:
        """Do the opening handshake."""
        del user_agent
        await self._lifetime.__anext__()
        self._protocol.begin(headers)
        self._flush()
        while not self._protocol.is_answered:
            await self._wait_for_change()
        self._protocol.opened()

    def start_keepalive(self) -> None:
        """Begin to count the time until the first ping."""
        self._flush()

    def attach(
        self,
        session: Session[EventT],
        guard: Guard[None],
        on_end: Callable[[AsyncWebSocketTransport[EventT], Close], None],
        on_stale: Callable[[], None],
    ) -> None:
        """Route what comes, and has come, into a session; keep its time.

        Args:
            session: The session.
            guard: Held around calls into the session; needed by threads only.
            on_end: Called at the end, with how the connection ended.
            on_stale: Called when the connection is older than ``max_age`` and nothing is under way.
        """
        del guard
        self._session = session
        self._on_end, self._on_stale = on_end, on_stale
        early, self._early = self._early, b""
        if early:
            self.data_received(early)
        self.update()
        if self.ended is not None:
            on_end(self, self.ended)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the way out."""
        self.transport = cast("asyncio.Transport", transport)
        limit = self._write_limit
        self.transport.set_write_buffer_limits(*(limit if isinstance(limit, tuple) else (limit,)))

    def data_received(self, data: bytes) -> None:
        """Route the messages in what came."""
        if self._session is None:
            self._early += self._protocol.feed_answer(data)
            self._notify_change()
            return
        try:
            self._protocol.feed(data, self._session.receive)
        except Exception as error:  # noqa: BLE001 # it is told where events are received
            self.abort(Close.of_fault(error))
        self._flush()
        self.update()

    def eof_received(self) -> None:
        """Note that nothing more comes; asyncio closes the connection."""
        self._protocol.feed_eof()
        self._flush()

    def pause_writing(self) -> None:
        """Have senders wait."""
        self._has_room = False

    def resume_writing(self) -> None:
        """Have senders go on."""
        self._has_room = True
        self._notify_change()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the session, and whoever waits, that the connection is over."""
        self._protocol.feed_eof()
        self._set_timer(NEVER)
        close = self.ended = self._protocol.closed(exc, self._aborted)
        with suppress(StopIteration):
            self._lifetime.aclose().send(None)
        self._notify_change()
        if self._session is not None:
            self._on_end(self, close)

    # What the connection calls.

    def write(self, data: Payload, *, text: bool) -> bool:
        """Send one message, without waiting for anything.

        Args:
            data: The message.
            text: Whether it goes as a text frame.

        Returns:
            Whether it may have reached the server; False where the connection is over.
        """
        written = self._protocol.send(data, text=text)
        self._flush()
        return written

    @property
    def may_write(self) -> bool:
        """Whether the connection stands, and the server takes what is sent."""
        return self._has_room and self._protocol.is_open and not self.transport.is_closing()

    async def drain(self) -> None:
        """Wait until the server has taken most of what was sent, or the connection is over."""
        while self.ended is None and not self.may_write:
            await self._wait_for_change()

    async def shut(self, code: int, reason: str) -> None:
        """Close the connection, within ``close_timeout``.

        Args:
            code: The close code.
            reason: The close reason.
        """
        self._protocol.close(code, reason)
        self._flush()
        self._release()  # the server's answer is behind what waits in the network
        while self.ended is None:
            await self._wait_for_change()

    def abort(self, close: Close) -> None:
        """Cut the connection, without a close frame.

        Args:
            close: How the session is told that it ended.
        """
        if self._aborted is None:
            self._aborted = close
        if not self._loop.is_closed():
            self.transport.abort()

    def update(self) -> None:
        """Do what the session wants since it was called last: messages owed, a pause, its time."""
        session = self._session
        if session is None:
            return
        if session.owed or session.abandoned:
            for text in session.take_owed():
                self.write(text, text=True)
        protocol = self._protocol
        if session.flow.is_full is not protocol.is_held and not protocol.is_closing:
            if session.flow.is_full:
                protocol.hold()
                self.transport.pause_reading()
            else:
                self._release()
        if session.deadline < self._timer_due:
            self._set_timer(session.deadline)

    def wake(self) -> None:
        """Have `update` called soon. Finalizers call this, at any time and in any thread."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self.update)

    # Within.

    async def _abort_with_loop(self) -> AsyncGenerator[None, None]:
        """Abort the connection where the event loop ends, which closes asynchronous generators.

        For what has no task of its own that is the only sign.
        """
        try:
            yield
        finally:
            if self.ended is None:
                self.abort(Close(1006, "the event loop ended", "client"))

    def _release(self) -> None:
        """Read on, if reading was paused."""
        if self._protocol.is_held:
            self._protocol.release()
            self.transport.resume_reading()

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
        if due == NEVER:
            self._timer = None
        else:
            self._timer = self._loop.call_later(due - time.monotonic(), self._keep_time)

    def _keep_time(self) -> None:
        """Do what is due: a ping, the end of a time-out, or what the session wants done."""
        protocol, session = self._protocol, self._session
        self._timer_due = NEVER
        is_kept = protocol.keep_time(self._written - self.transport.get_write_buffer_size())
        self._flush()
        if not is_kept:
            self.transport.abort()
        elif session is not None:
            self._tick(session)
        if self.ended is None:
            self._set_timer(min(self._timer_due, protocol.due))

    def _tick(self, session: Session[EventT]) -> None:
        close = session.tick() if time.monotonic() >= session.deadline else None
        if close is not None:
            self.abort(close)
        else:
            self.update()
            if session.is_stale and session.is_heard:
                self._on_stale()

    async def _wait_for_change(self) -> None:
        if self._changed is None or self._changed.done():
            self._changed = self._loop.create_future()
        await asyncio.shield(self._changed)

    def _notify_change(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)


class AsyncPlainTransport(AsyncWebSocketTransport[EventT], asyncio.BufferedProtocol):
    """The same without TLS, which reads into a buffer that is there already.

    With TLS that would lose messages: when the server closes the connection, asyncio hands over no
    more than one buffer, and forgets what else it has decrypted.
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


async def open_transport(
    url: str, headers: Sequence[tuple[str, str]], options: ConnectionOptions
) -> AsyncWebSocketTransport[Any]:
    """Connect and shake hands.

    Args:
        url: Where to.
        headers: The headers of the handshake.
        options: How; every option that has a default is there.

    Raises:
        Exception: It could not be done; `explain_handshake` knows why.
    """
    tls = await asyncio.to_thread(tls_context, url)
    kind = AsyncPlainTransport[Any] if tls is None else AsyncWebSocketTransport[Any]
    # `Any`: the type of the factory is that of the library's own connection, which the library's
    # documentation allows to wrap.
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
    return cast("AsyncWebSocketTransport[Any]", made)
