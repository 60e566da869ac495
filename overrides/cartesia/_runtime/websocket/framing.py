"""One WebSocket without I/O: messages out of bytes, bytes out of messages, and its bounds in time.

The `websockets` library knows the protocol; this is what both worlds do with it alike. Whoever
moves the bytes calls `outgoing` after each other call, and `keep_time` whenever `due` has come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from websockets.exceptions import InvalidStatus
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State

from cartesia._runtime.websocket.errors import Close, PortClosed
from cartesia._runtime.websocket.frames import Frames
from cartesia._runtime.websocket.keepalive import NEVER, Keepalive
from cartesia._runtime.websocket.wire import close_of, refusal_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.client import ClientProtocol

    from cartesia._runtime.websocket.options import ConnectionOptions

_END_OF_HEAD = b"\r\n\r\n"
_PARTS_OF_MESSAGES = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class Framing:
    """The frames of one connection. It takes no lock: threads hold one around each call.

    Args:
        protocol: The library's protocol, which has not begun.
        options: How the connection is opened; every option that has a default is there.
        clock: Gives seconds; only differences count.

    Attributes:
        messages: The messages that came and that nobody took yet.
        is_answered: Whether the opening handshake is over, well or not.
        is_held: Whether reading was stopped.
    """

    __slots__ = (
        "_clock",
        "_close_due",
        "_close_timeout",
        "_frames",
        "_head",
        "_keepalive",
        "_parts",
        "_pings",
        "_protocol",
        "is_answered",
        "is_held",
        "messages",
    )

    def __init__(
        self, protocol: ClientProtocol, options: ConnectionOptions, clock: Callable[[], float]
    ) -> None:
        self._protocol = protocol
        self._clock = clock
        self._keepalive = Keepalive(options, clock)
        self._close_timeout = options.get("close_timeout", 2.0)
        self._close_due = NEVER
        self._head = b""
        # An extension of the caller's own may change any frame.
        self._frames = None if options.get("extensions") else Frames(options.get("max_size"))
        self._pings = 0
        self._parts: list[bytes] = []
        self.messages: list[bytes] = []
        self.is_answered = False
        self.is_held = False

    # The opening handshake.

    def begin(self, headers: Sequence[tuple[str, str]]) -> None:
        """Ask for a WebSocket.

        Args:
            headers: Further headers of the handshake.
        """
        request = self._protocol.connect()
        request.headers.update(headers)
        self._protocol.send_request(request)

    def opened(self) -> None:
        """Take the answer for good, and begin to count the time until the first ping.

        Raises:
            HandshakeRefused: The server answered with a status; a redirect is none to be followed,
                since it may lead the key to another host.
            InvalidHandshake: It speaks something else.
            OSError: It broke the connection off.
        """
        error = self._protocol.handshake_exc
        if isinstance(error, InvalidStatus):
            raise refusal_of(error) from error
        if error is not None:
            raise error
        self._keepalive.begin()

    # What comes.

    def feed(self, data: bytes) -> None:
        """Take bytes of the server.

        Args:
            data: The bytes; at least one.
        """
        self._keepalive.is_heard = True
        if not self.is_answered:
            data = self._feed_head(data)
        frames = self._frames
        if frames is not None and self.is_answered:
            if self._protocol.state is not State.OPEN and not frames.is_over:
                data = frames.end() + data
            data = frames.feed(data, self.messages)
        if data:
            self._feed_protocol(data)

    def _feed_head(self, data: bytes) -> bytes:
        """Give the protocol the head of the handshake's answer alone; give back what follows."""
        self._head += data
        _, end, rest = self._head.partition(_END_OF_HEAD)
        self._feed_protocol(data[: len(data) - len(rest)])
        if end:
            self._head = b""
        return rest

    def _feed_protocol(self, data: bytes) -> None:
        protocol = self._protocol
        protocol.receive_data(data)
        messages, parts = self.messages, self._parts
        for event in protocol.events_received():
            if not isinstance(event, Frame):
                self.is_answered = True
            elif event.opcode not in _PARTS_OF_MESSAGES:
                self._take_control(event)
            elif event.fin and not parts:
                messages.append(bytes(event.data))
            else:
                parts.append(bytes(event.data))
                if event.fin:
                    messages.append(b"".join(parts))
                    parts.clear()
        if not self.is_answered:
            self.is_answered = protocol.handshake_exc is not None

    def hold(self) -> None:
        """Note that reading was stopped."""
        self.is_held = True
        self._keepalive.hold()

    def release(self) -> None:
        """Note that reading goes on."""
        self.is_held = False
        self._keepalive.release()

    def feed_eof(self) -> None:
        """Note that nothing more comes."""
        if self._frames is not None and (rest := self._frames.end()):
            self._feed_protocol(rest)
        self._protocol.receive_eof()
        self.is_answered = True
        self._close_soon()

    def _take_control(self, frame: Frame) -> None:
        """Look for the answer to the last ping; all else is the protocol's own concern."""
        if frame.opcode is Opcode.PONG and frame.data == b"%d" % self._pings:
            self._keepalive.begin()

    # What goes.

    @property
    def is_open(self) -> bool:
        """Whether messages may be sent."""
        return self._protocol.state is State.OPEN

    def send(self, data: bytes | bytearray | memoryview, *, text: bool) -> bool:
        """Make the frame of a message, unless the connection is closed or closing.

        Args:
            data: The message.
            text: Whether it goes as a text frame.

        Returns:
            Whether it is on its way.
        """
        if self._protocol.state is not State.OPEN:
            return False
        (self._protocol.send_text if text else self._protocol.send_binary)(data)
        return True

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake, unless it has begun.

        Args:
            code: The close code.
            reason: The close reason.
        """
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)

    def outgoing(self) -> list[bytes]:
        """Give what is to be sent now, in order, each piece once."""
        protocol = self._protocol
        if protocol.close_expected():
            self._close_soon()
        # An empty piece stands for the end of sending, which closing the socket says as well.
        return [piece for piece in protocol.data_to_send() if piece]

    # Time.

    @property
    def due(self) -> float:
        """When `keep_time` is to be called, by the clock."""
        return min(self._keepalive.due, self._close_due)

    @property
    def is_closing(self) -> bool:
        """Whether the server is to end the connection within the bound."""
        return self._close_due != NEVER

    def _close_soon(self) -> None:
        if self._close_due == NEVER:
            self._close_due = self._clock() + self._close_timeout

    def keep_time(self, gone: int) -> bool:
        """Send a ping when one is due.

        Args:
            gone: How many bytes have left so far.

        Returns:
            Whether all bounds are kept; if not, cut the connection once `outgoing` was tried.
        """
        if self._clock() >= self._close_due:
            return False
        wanted = self._keepalive.look(gone)
        if wanted == "lost":
            self._protocol.fail(CloseCode.INTERNAL_ERROR, "keepalive ping timeout")
        elif wanted == "ping" and self._protocol.state is State.OPEN:
            self._pings += 1
            self._protocol.send_ping(b"%d" % self._pings)
        return wanted != "lost"

    # The end.

    def closed(self, cause: BaseException | None, *, written: bool) -> PortClosed:
        """Make the error for using the connection after its end.

        Args:
            cause: What broke beneath, if anything did.
            written: Whether the message that was being sent may have reached the server.
        """
        if self._protocol.state is not State.CLOSED:
            return PortClosed(Close(1006, "", "client"), written=written)
        reason = self._protocol.close_exc
        if cause is not None:
            reason.__cause__ = cause
        return PortClosed(close_of(reason), written=written)
