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
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from websockets.sync.client import connect

from cartesia._runtime.websocket.framing import Framing
from cartesia._runtime.websocket.trust import trusted
from cartesia._runtime.websocket.wire import LOGGER, connect_options, opening_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.client import ClientProtocol

    from cartesia._runtime._sync.websocket.port.interface import Payload
    from cartesia._runtime.websocket.errors import PortClosed
    from cartesia._runtime.websocket.options import ConnectionOptions

_BYTES_AT_ONCE = 65536
_LONGEST_WAIT = 10.0
_SHORTEST_WAIT = 0.001


class WebsocketsPort:
    """Moves whole messages over one open WebSocket; knows nothing of what they say.

    The library makes it, of a socket that it opened and a protocol that has not begun.

    Args:
        sock: The socket.
        protocol: The protocol.
        options: How the connection is opened; every option that has a default is there.
        others: What the library's own connection would have.
    """

    def __init__(
        self,
        sock: socket.socket,
        protocol: ClientProtocol,
        *,
        options: ConnectionOptions,
        **others: object,
    ) -> None:
        del others
        self._socket = sock
        self._framing = Framing(protocol, options, time.monotonic)
        self._options = options
        self._close_timeout = options.get("close_timeout", 2.0)
        self._outgoing: deque[Payload] = deque()
        self._gone = 0
        self._cause: BaseException | None = None
        # Held around calls into the protocol, never while anybody waits.
        self._thinking = threading.Lock()
        # Held while bytes come in, and while they go out.
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._is_hurried = False
        self._ended = threading.Event()

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
            HandshakeRefused: The server answered with a status.
            InvalidHandshake: It speaks something else.
            OSError: It did not answer, or not in time.
        """
        try:
            self._shake_hands()
            self._framing.opened()
        except BaseException:
            self._socket.close()
            raise
        waits = (self._options.get("ping_interval"), self._options.get("ping_timeout"))
        wait = min(_LONGEST_WAIT if wait is None else wait for wait in waits) / 2
        self._socket.settimeout(max(min(wait, _LONGEST_WAIT), _SHORTEST_WAIT))
        self._collect()
        self._write(patiently=False)  # what came with the answer may want one

    def _shake_hands(self) -> None:
        framing = self._framing
        deadline = None if self._open_timeout is None else time.monotonic() + self._open_timeout
        framing.begin(self._headers)
        self._socket.settimeout(self._open_timeout)
        self._socket.sendall(b"".join(framing.outgoing()))
        while not framing.is_answered:
            if deadline is not None:
                self._socket.settimeout(max(deadline - time.monotonic(), _SHORTEST_WAIT))
            data = self._socket.recv(_BYTES_AT_ONCE)
            if data:
                framing.feed(data)
            else:
                framing.feed_eof()

    def receive(self) -> list[bytes]:
        """Give the messages that came, one at least; what nobody asks for waits in the network.

        Raises:
            PortClosed: There is none: the connection is closed.
        """
        framing = self._framing
        with self._reading:
            while not framing.messages and not self._ended.is_set():
                self._read()
            messages, framing.messages = framing.messages, []
        if not messages:
            raise self._closed(written=False)
        return messages

    def send(self, data: Payload, *, text: bool) -> None:
        """Send one message.

        Args:
            data: The message.
            text: Whether it goes as a text frame.

        Raises:
            PortClosed: The connection is closed.
        """
        with self._thinking:
            written = self._framing.send(data, text=text)
            self._collect()
        if not (written and self._write(patiently=True)):
            raise self._closed(written=written)

    def close(self, code: int, reason: str) -> None:
        """Close the connection, within the bound.

        Args:
            code: The close code.
            reason: The close reason.
        """
        with self._thinking:
            self._framing.close(code, reason)
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
        if data == b"":
            self._end()
            return
        with self._thinking:
            if data is not None:
                self._framing.feed(data)
            is_kept = time.monotonic() < self._framing.due or self._framing.keep_time(self._gone)
            self._collect()
        if self._outgoing:
            self._write(patiently=False)
        if not is_kept:
            self._cut()

    def _end(self) -> None:
        """Note that nothing more comes, and close the socket."""
        if self._ended.is_set():
            return
        with self._thinking:
            self._framing.feed_eof()
            self._framing.outgoing()
        self._ended.set()
        self._cut()
        with self._writing:  # which nobody holds for long: the connection is cut
            self._socket.close()

    # What anybody does.

    def _collect(self) -> None:
        """Take what the protocol wants to send; with its lock held, so that the order stays."""
        self._outgoing.extend(self._framing.outgoing())
        if self._framing.is_closing and not self._is_hurried:
            self._is_hurried = True
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
        self._gone += count
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
            return self._framing.closed(self._cause, written=written)


def open_port(
    url: str, headers: Sequence[tuple[str, str]], options: ConnectionOptions
) -> WebsocketsPort:
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
        factory: Any = partial(WebsocketsPort, options=options)
        made = connect(  # pyright: ignore[reportUnknownVariableType] # as above
            url,
            additional_headers=headers,
            user_agent_header=None,
            logger=LOGGER,
            create_connection=factory,
            ssl=trusted(url),
            **connect_options(options),
        )
        port = cast("WebsocketsPort", made)
        port.shake_hands()
    except Exception as error:
        raise opening_error(url, error) from error
    return port
