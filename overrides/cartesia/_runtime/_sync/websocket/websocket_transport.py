"""Moves bytes between one WebSocket and its session, in a thread; `_async` has asyncio.

The `websockets` library opens the socket (TCP, TLS, proxies). Its own connection would hand over
each message from a thread of its own to another; here, one thread reads the socket and routes what
comes into the session. It sleeps until bytes come or the next deadline; a byte in a pair of sockets
wakes it when that changes. The socket never blocks, so that the lock of the session can be held
around each use of it: OpenSSL does not allow two threads in one connection.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, cast
from weakref import ref

from websockets.sync.client import connect

from cartesia._runtime._sync.websocket.primitives import Notifier
from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.websocket.close import Close, warn_dropped
from cartesia._runtime.websocket.connection_options import NEVER, connect_arguments
from cartesia._runtime.websocket.protocol import WebSocketProtocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.client import ClientProtocol

    from cartesia._runtime._sync.websocket.connection import Channel
    from cartesia._runtime.websocket.messages import Payload

_BYTES_AT_ONCE = 65536
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
# Epoll would take a file descriptor of its own for each connection.
_Selector: type[selectors.BaseSelector] = getattr(
    selectors, "PollSelector", selectors.SelectSelector
)


class WebSocketTransport:
    """One open WebSocket, driven by a thread. The `websockets` library makes it.

    Args:
        sock: The socket.
        protocol: The library's protocol, before its handshake.
        channel: Has the options, and the session, which gets what comes. It is told of the end, and
            of a connection older than ``max_age``.
        _others: What the library's own connection would have.

    Attributes:
        ended: How the connection ended; None while it has not.
    """

    def __init__(
        self,
        sock: socket.socket,
        protocol: ClientProtocol,
        *,
        channel: Channel[object],
        **_others: object,
    ) -> None:
        self._socket = sock
        self._protocol = WebSocketProtocol(protocol, channel.options, time.monotonic)
        self._session = channel.session
        # Held around calls into the session, and around each use of the socket.
        self._guard = channel.guard
        self._changed = Notifier(channel.guard)
        # The thread must not keep a channel that was dropped.
        self._channel = ref(channel, self._dropped)
        name = f"cartesia {self._session.spec.name} reader"
        # A daemon: a connection that was not closed must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._early = b""
        self._outgoing: deque[bytes | memoryview] = deque()
        self._gone = 0
        self._events = 0
        self._cause: BaseException | None = None
        self._aborted: Close | None = None
        # 0 while the thread is awake.
        self._asleep_until = 0.0
        self.ended: Close | None = None

    # The library calls these before it gives the connection away. What fails in them, it would
    # clean up with parts that its own connections have; so nothing that can fail is done there.

    def handshake(
        self, headers: Sequence[tuple[str, str]], _user_agent: None, timeout: float | None
    ) -> None:
        """Note what `shake_hands` is to do."""
        self._headers = headers
        self._open_timeout = timeout

    def start_keepalive(self) -> None:
        """Leave the pings to the thread that reads."""

    def shake_hands(self) -> None:
        """Do the opening handshake.

        Raises:
            HandshakeRefusedError: The server answered with a status.
            InvalidHandshake: It speaks something else.
            OSError: It did not answer, or not in time; or there are too many open files.
        """
        protocol, timeout = self._protocol, self._open_timeout
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            protocol.begin(self._headers)
            self._socket.settimeout(timeout)
            self._socket.sendall(b"".join(protocol.outgoing()))
            while not protocol.is_answered:
                data = self._receive_by(deadline)
                if data:
                    self._early += protocol.feed_answer(data)
                else:
                    protocol.feed_eof()
            protocol.opened()
            self._waker, self._wakened = socket.socketpair()
        except BaseException:
            self._socket.close()
            raise
        for sock in (self._socket, self._waker, self._wakened):
            sock.setblocking(False)

    def _receive_by(self, deadline: float | None) -> bytes:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out during opening handshake")
            self._socket.settimeout(left)
        return self._socket.recv(_BYTES_AT_ONCE)

    def start(self) -> None:
        """Route what comes, and has come, into the session, with its guard held; keep its time.

        Raises:
            RuntimeError: The system allows no more threads; the session knows.
        """
        try:
            self._thread.start()
        except RuntimeError as error:
            self._aborted = Close.of_fault(error)
            self._end()
            raise

    # What the connection calls, with the guard held.

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
        return self._protocol.is_open and self._aborted is None

    @property
    def _may_write(self) -> bool:
        return not self._outgoing and self.is_open

    def drain(self) -> None:
        """Wait until the server has taken what was sent, or the connection is over."""
        self.wake()
        if self._thread is not threading.current_thread():
            self._changed.wait_for(lambda: self.ended is not None or self._may_write, None)

    def begin_close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; it ends within ``close_timeout``, which `drain` awaits.

        Args:
            code: The close code.
            reason: The close reason.
        """
        self._protocol.close(code, reason)
        self._flush()
        self.wake()

    def abort(self, close: Close) -> None:
        """Cut the connection, without a close frame.

        Args:
            close: How the session is told that it ended.
        """
        self._aborted = self._aborted or close
        self.wake()

    def update(self) -> None:
        """Do what the session wants since it was called last: messages owed, a pause, its time."""
        session = self._session
        if (session.owed or session.abandoned) and not self._protocol.is_closing:
            for text in session.take_owed():
                self.write(text, text=True)
        is_turned = self._is_pausing is not self._protocol.is_held
        if is_turned or self._due() < self._asleep_until:
            self.wake()

    def wake(self) -> None:
        """Have the thread look again at what it waits for, and call `update`.

        Finalizers call this, at any time and in any thread: a socket that never blocks takes a
        byte, and no lock is needed.
        """
        self._asleep_until = 0.0
        with suppress(OSError):  # it has enough to wake it, or has ended
            self._waker.send(b"\0")

    def _dropped(self, _: object) -> None:
        """Have a connection closed that its user dropped; the garbage collector calls this."""
        # A thread is not alive in a process that was forked.
        if self.is_open and self._thread.is_alive():
            self.wake()
            warn_dropped()

    # What the thread does, with the guard held while it is awake.

    def _run(self) -> None:
        """Read, write and keep time, until the connection ends."""
        with self._guard, _Selector() as selector:
            selector.register(self._wakened, selectors.EVENT_READ)
            try:
                if self._early:
                    self._protocol.feed(self._early, self._session.receive)
                self._flush()
                while self._aborted is None and self._step(selector):
                    pass
            except BaseException as error:
                # A fault of ours: the cause of what every receiver gets.
                self._aborted = self._aborted or Close.of_fault(error)
                if not isinstance(error, Exception):
                    raise
            finally:
                self._end()

    def _step(self, selector: selectors.BaseSelector) -> bool:
        """Sleep until there is something to do, and do it; tell whether the connection stands."""
        self._set_events(selector)
        due = self._asleep_until = self._due()
        wait = None if due == NEVER else max(due - time.monotonic(), 0.0)
        self._guard.release()
        try:
            woken = [key.fileobj for key, _ in selector.select(wait)]
        finally:
            self._guard.acquire()
        self._asleep_until = 0.0
        if self._wakened in woken:
            self._wakened.recv(_BYTES_AT_ONCE)
        stands = self._protocol.is_held or self._read()
        self._flush()
        if not self._outgoing:
            self._changed.notify()
        return stands and self._keep_time() and self._cause is None

    def _set_events(self, selector: selectors.BaseSelector) -> None:
        """Say what of the socket to wait for: bytes, unless reading pauses, and room for more."""
        protocol = self._protocol
        is_full = self._is_pausing
        if is_full is not protocol.is_held:
            protocol.hold(is_full)
        events = 0 if is_full else selectors.EVENT_READ
        events |= selectors.EVENT_WRITE if self._outgoing else 0
        if events != self._events:
            if self._events:
                selector.unregister(self._socket)
            if events:
                selector.register(self._socket, events)
            self._events = events

    @property
    def _is_pausing(self) -> bool:
        """Whether reading is to pause; what a server says while it closes is always read."""
        return self._session.flow.is_full and not self._protocol.is_closing

    def _due(self) -> float:
        return min(self._session.deadline, self._protocol.due)

    def _read(self) -> bool:
        """Take what came, if anything did; tell whether more may come."""
        try:
            data = self._socket.recv(_BYTES_AT_ONCE)
        except _WOULD_BLOCK:
            return True
        except OSError as error:
            self._cause = self._cause or error
            return False
        if data:
            self._protocol.feed(data, self._session.receive)
        return bool(data)

    def _keep_time(self) -> bool:
        """Do what is due; tell whether the connection stands."""
        session, now = self._session, time.monotonic()
        if now >= self._protocol.due and not self._protocol.keep_time(self._gone):
            self._flush()
            return False
        channel = self._channel()
        if channel is None:  # dropped by its user
            return False
        if now >= session.deadline:
            self._aborted = self._aborted or session.tick()
            if session.is_stale and session.is_heard:
                channel.renew()
        self.update()
        self._flush()
        return True

    def _end(self) -> None:
        """Close the socket, and tell the session, and all who wait, that the connection is over."""
        self._protocol.feed_eof()
        self._socket.close()
        self._waker.close()
        self._wakened.close()
        self._outgoing.clear()
        self.ended = self._protocol.closed(self._cause, self._aborted)
        self._changed.notify()
        channel = self._channel()
        if channel is not None:
            channel.transport_ended(self, self.ended)

    # What both do.

    def _flush(self) -> None:
        """Send what the protocol wants to send, as far as the server takes it."""
        try:
            self._send_pieces()
        except BaseException:
            # A KeyboardInterrupt: what has left may not be known.
            self.abort(Close(1006, "interrupted while sending", "client"))
            raise
        if self._protocol.is_blocked and not self._outgoing:
            self._flush()  # a pong may have waited
        elif self._asleep_until and (self._outgoing or self._protocol.due < self._asleep_until):
            self.wake()

    def _send_pieces(self) -> None:
        self._protocol.is_blocked = bool(self._outgoing)
        self._outgoing.extend(self._protocol.outgoing())
        while self._outgoing and self._cause is None:
            data = self._outgoing[0]
            try:
                count = self._socket.send(data)
            except _WOULD_BLOCK:
                break
            except OSError as error:
                self._cause = error
                break
            self._gone += count
            if count < len(data):
                self._outgoing[0] = memoryview(data)[count:]
            else:
                self._outgoing.popleft()


def open_transport(
    channel: Channel[object], url: str, headers: Sequence[tuple[str, str]]
) -> WebSocketTransport:
    """Connect and shake hands.

    Args:
        channel: What is to use it.
        url: Where to.
        headers: The headers of the handshake.

    Raises:
        Exception: It could not be done; `explain_handshake` knows why.
    """
    make = partial(WebSocketTransport, channel=channel)
    arguments = connect_arguments(url, headers, make, channel.options)
    if {"ssl", "proxy_ssl"} <= arguments.keys():
        # The library's TLS in TLS loses what it cannot write at once, and hides what was read.
        raise CartesiaError(
            "the sync client cannot open a wss:// WebSocket through an https:// proxy; "
            "name the proxy by http://, or use AsyncCartesia"
        )
    transport = cast("WebSocketTransport", connect(url, **arguments))
    transport.shake_hands()
    return transport
