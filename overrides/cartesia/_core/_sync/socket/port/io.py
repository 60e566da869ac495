"""One WebSocket over the `websockets` library's protocol; threads read and write its socket.

The library opens the socket (TCP, TLS, proxies) and knows the protocol. Its own connection would
hand over each message from a thread of its own to ours; here, ours reads the socket itself:

- whoever calls `receive` reads, answers pings, sends pings, and watches the bounds;
- whoever sends, writes, in the order in which the messages were made;
- neither waits for the other, since a server may wait for us to read before it reads.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Union, cast

from websockets.exceptions import InvalidStatus
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.sync.client import connect

from cartesia._core.socket.errors import Close, PortClosed
from cartesia._core.socket.wire import LOGGER, HandshakeRefused, close_of, handshake_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.client import ClientProtocol
    from websockets.protocol import Event

    from cartesia._core.socket.options import ConnectionOptions

Payload = Union[bytes, bytearray, memoryview]

_PARTS_OF_MESSAGES = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
_BYTES_AT_ONCE = 65536
_LONGEST_WAIT = 10.0
_SHORTEST_WAIT = 0.001
_NEVER = float("inf")


class Port:
    """Moves whole messages over one open WebSocket; knows nothing of what they say.

    The library makes it, of a socket that it opened and a protocol that has not begun.

    Args:
        sock: The socket.
        protocol: The protocol.
        ping_interval: Seconds between pings; None for none.
        ping_timeout: Seconds to wait for the answer to one; None for no limit.
        close_timeout: Seconds that closing may take.
        others: What the library's own connection has beyond that.
    """

    def __init__(
        self,
        sock: socket.socket,
        protocol: ClientProtocol,
        *,
        ping_interval: float | None,
        ping_timeout: float | None,
        close_timeout: float,
        **others: object,
    ) -> None:
        del others
        self._socket = sock
        self._protocol = protocol
        self._ping_interval = _NEVER if ping_interval is None else ping_interval
        self._ping_timeout = _NEVER if ping_timeout is None else ping_timeout
        self._close_timeout = close_timeout
        self._messages: deque[bytes] = deque()
        self._parts: list[bytes] = []
        self._outgoing: deque[Payload] = deque()
        self._cause: BaseException | None = None
        # Held around calls into the protocol, never while anybody waits.
        self._thinking = threading.Lock()
        # Held while bytes come in, and while they go out.
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._ended = threading.Event()
        # By the monotonic clock; the first two are the reader's own.
        self._ping_due = self._pong_due = self._close_due = _NEVER
        self._pings = 0

    # The library calls these before it gives the connection away. What fails in them, it would
    # clean up with parts that its own connections have; so nothing that can fail is done there.

    def handshake(
        self, headers: Sequence[tuple[str, str]], user_agent: None, timeout: float | None
    ) -> None:
        """Note what `shake_hands` is to do."""
        del user_agent
        self._headers = headers
        self._open_timeout = timeout

    def start_keepalive(self) -> None:
        """Leave the pings to whoever reads."""

    def shake_hands(self) -> None:
        """Do the opening handshake.

        Raises:
            InvalidHandshake: The server refused, or speaks something else.
            OSError: It did not answer, or not in time.
        """
        try:
            self._shake_hands()
        except BaseException:
            self._socket.close()
            raise
        waits = (self._ping_interval, self._ping_timeout, _LONGEST_WAIT)
        self._socket.settimeout(max(min(waits) / 2, _SHORTEST_WAIT))
        self._ping_due = time.monotonic() + self._ping_interval
        self._write(patiently=False)  # what came with the answer may want one

    def _shake_hands(self) -> None:
        protocol = self._protocol
        deadline = None if self._open_timeout is None else time.monotonic() + self._open_timeout
        request = protocol.connect()
        request.headers.update(self._headers)
        protocol.send_request(request)
        self._socket.settimeout(self._open_timeout)
        self._socket.sendall(b"".join(protocol.data_to_send()))
        answer: list[Event] = []
        while not answer and protocol.handshake_exc is None:
            if deadline is not None:
                self._socket.settimeout(max(deadline - time.monotonic(), _SHORTEST_WAIT))
            data = self._socket.recv(_BYTES_AT_ONCE)
            if data:
                protocol.receive_data(data)
            else:
                protocol.receive_eof()
            answer = protocol.events_received()
        if protocol.handshake_exc is not None:
            raise protocol.handshake_exc
        self._collect()
        for event in answer:
            self._take(event)

    def receive(self) -> bytes:
        """Give the next message.

        Raises:
            PortClosed: There is none: the connection is closed.
        """
        messages = self._messages
        if not messages:
            with self._reading:
                while not messages and not self._ended.is_set():
                    self._read()
            if not messages:
                raise self._closed(written=False)
        return messages.popleft()

    def send(self, data: Payload, *, text: bool) -> None:
        """Send one message.

        Args:
            data: The message.
            text: Whether it goes as a text frame.

        Raises:
            PortClosed: The connection is closed.
        """
        protocol = self._protocol
        with self._thinking:
            written = protocol.state is State.OPEN
            if written:
                (protocol.send_text if text else protocol.send_binary)(data)
                self._collect()
        if not (written and self._write(patiently=True)):
            raise self._closed(written=written)

    def pause_reading(self) -> None:
        """Expect nobody to ask for messages for a while, and so no answers to pings either."""

    def resume_reading(self) -> None:
        """Expect the answers to pings again: that to one on its way lies behind what waited."""
        if self._pong_due != _NEVER:
            self._pong_due = time.monotonic() + self._ping_timeout

    def close(self, code: int, reason: str) -> None:
        """Close the connection, within the bound.

        Args:
            code: The close code.
            reason: The close reason.
        """
        with self._thinking:
            if self._protocol.state is State.OPEN:
                self._protocol.send_close(code, reason)
                self._collect()
        if self._write(patiently=False):
            self._await_end()
        self.abort()

    def _await_end(self) -> None:
        """Wait for the server to end the connection, within the bound; read it, if nobody does."""
        if not self._reading.acquire(blocking=False):
            self._ended.wait(self._close_timeout)
            return
        try:
            # The close is due by now, so this comes to an end.
            while not self._ended.is_set():
                self._read()
        finally:
            self._reading.release()

    def abort(self) -> None:
        """Cut the connection, without a close frame."""
        self._cut()
        # Whoever reads finds out by himself; if nobody does, this is the end.
        if self._reading.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._reading.release()

    # What the reader does, with the reading lock held.

    def _read(self) -> None:
        """Wait for bytes, for a while; do what they ask for, and what is due."""
        data: bytes | None
        try:
            data = self._socket.recv(_BYTES_AT_ONCE)
        except socket.timeout:
            data = None
        except OSError as error:
            self._cause = self._cause or error
            data = b""
        if data:
            with self._thinking:
                self._protocol.receive_data(data)
                events = self._protocol.events_received()
                self._collect()
            for event in events:
                self._take(event)
        elif data is not None:
            self._end()
            return
        self._keep_time()
        if self._outgoing:
            self._write(patiently=False)

    def _take(self, event: Event) -> None:
        """Take a frame; what is no part of a message concerns the protocol, but for pongs."""
        if not isinstance(event, Frame):
            return
        data = bytes(event.data)
        if event.opcode in _PARTS_OF_MESSAGES:
            if event.fin and not self._parts:
                self._messages.append(data)
                return
            self._parts.append(data)
            if event.fin:
                self._messages.append(b"".join(self._parts))
                self._parts.clear()
        elif event.opcode is Opcode.PONG and data == b"%d" % self._pings:
            self._pong_due = _NEVER
            self._ping_due = time.monotonic() + self._ping_interval

    def _keep_time(self) -> None:
        """Send a ping when one is due; cut the connection when a bound is passed."""
        now = time.monotonic()
        if now >= self._close_due:
            self._cut()
        elif now >= self._pong_due:
            with self._thinking:
                self._protocol.fail(CloseCode.INTERNAL_ERROR, "keepalive ping timeout")
                self._collect()
            self._write(patiently=False)
            self._cut()
        elif now >= self._ping_due:
            self._pings += 1
            with self._thinking:
                if self._protocol.state is State.OPEN:
                    self._protocol.send_ping(b"%d" % self._pings)
                    self._collect()
            self._pong_due = now + self._ping_timeout
            self._ping_due = now + self._ping_interval if self._pong_due == _NEVER else _NEVER

    def _end(self) -> None:
        """Note that nothing more comes, and close the socket."""
        if self._ended.is_set():
            return
        with self._thinking:
            self._protocol.receive_eof()
            self._protocol.data_to_send()
        self._ended.set()
        self._cut()
        with self._writing:  # which nobody holds for long: the connection is cut
            self._socket.close()

    # What anybody does.

    def _collect(self) -> None:
        """Take what the protocol wants to send; with its lock held, so that the order stays."""
        # An empty piece stands for the end of sending, which closing the socket says as well.
        self._outgoing.extend(data for data in self._protocol.data_to_send() if data)
        if self._close_due == _NEVER and self._protocol.close_expected():
            self._close_due = time.monotonic() + self._close_timeout
            with suppress(OSError):  # it is closed already
                self._socket.settimeout(max(self._close_timeout, _SHORTEST_WAIT))

    def _write(self, *, patiently: bool) -> bool:
        """Send what was collected.

        Args:
            patiently: Whether to wait for room, and for whoever writes now. If not, whoever
                writes next sends what is left.

        Returns:
            Whether the connection still stands.
        """
        while self._outgoing:
            if not self._writing.acquire(blocking=patiently):
                return True  # he looks again before he goes
            try:
                sent = self._write_first()
            finally:
                self._writing.release()
            if sent is None:
                return False
            if not (sent or patiently):
                return True
        return True

    def _write_first(self) -> bool | None:
        """Send the oldest piece, or some of it; tell whether it went, None for never."""
        outgoing = self._outgoing
        if not outgoing:
            return True
        if self._ended.is_set():
            return None
        data = outgoing[0]
        try:
            count = self._socket.send(data)
        except socket.timeout:
            return False
        except OSError as error:
            self._cause = self._cause or error
            self._cut()
            return None
        if count < len(data):
            outgoing[0] = memoryview(data)[count:]
        else:
            outgoing.popleft()
        return True

    def _cut(self) -> None:
        """Have everybody who reads or writes find the connection at its end."""
        with suppress(OSError):  # it may be closed already
            # Not the method of a TLS socket: that one goes on in the clear.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _closed(self, *, written: bool) -> PortClosed:
        """Make the error; wait until the protocol knows how the connection ended."""
        if not self._ended.wait(self._close_timeout):
            self.abort()
            self._ended.wait(self._close_timeout)
        with self._thinking:
            if self._protocol.state is not State.CLOSED:
                return PortClosed(Close(1006, "", "client"), written=written)
            reason = self._protocol.close_exc
        if self._cause is not None and reason.__cause__ is None:
            reason.__cause__ = self._cause
        return PortClosed(close_of(reason), written=written)


def open_port(url: str, headers: Sequence[tuple[str, str]], options: ConnectionOptions) -> Port:
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
    settings = options.copy()
    settings.pop("write_limit", None)  # a thread waits for each message to leave anyway
    try:
        # `Any`: the type of the factory is that of the library's own connection, which the
        # library's documentation allows to wrap.
        factory: Any = Port
        made = connect(
            url,
            additional_headers=headers,
            user_agent_header=None,
            logger=LOGGER,
            create_connection=factory,
            **settings,
        )
        port = cast("Port", made)
        port.shake_hands()
    except InvalidStatus as error:
        raise handshake_error(url, HandshakeRefused(error.response)) from error
    except Exception as error:
        raise handshake_error(url, error) from error
    return port
