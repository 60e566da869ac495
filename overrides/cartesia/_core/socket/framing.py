"""One WebSocket without I/O: messages out of bytes, bytes out of messages, and its bounds in time.

The `websockets` library knows the protocol; this is what both worlds do with it alike. Whoever
moves the bytes calls `outgoing` after each other call, and `keep_time` whenever `due` has come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Union

from websockets.exceptions import InvalidStatus
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State

from cartesia._core.socket.errors import Close, PortClosed
from cartesia._core.socket.wire import HandshakeRefused, close_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.client import ClientProtocol

    from cartesia._core.socket.options import ConnectionOptions

Payload = Union[bytes, bytearray, memoryview]

NEVER = float("inf")

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
        is_held: Whether nobody reads, so that silence says nothing of the server.
    """

    __slots__ = (
        "_clock",
        "_close_due",
        "_close_timeout",
        "_gone",
        "_is_heard",
        "_parts",
        "_ping_due",
        "_ping_interval",
        "_ping_timeout",
        "_pings",
        "_pong_due",
        "_protocol",
        "is_answered",
        "is_held",
        "messages",
    )

    def __init__(
        self, protocol: ClientProtocol, options: ConnectionOptions, clock: Callable[[], float]
    ) -> None:
        interval, timeout = options.get("ping_interval"), options.get("ping_timeout")
        self._protocol = protocol
        self._clock = clock
        self._ping_interval = NEVER if interval is None else interval
        self._ping_timeout = NEVER if timeout is None else timeout
        self._close_timeout = options.get("close_timeout", 2.0)
        self._ping_due = self._pong_due = self._close_due = NEVER
        self._pings = 0
        # Signs of life since the last look: whether anything came, and how many bytes had left.
        self._is_heard = False
        self._gone = 0
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
            raise HandshakeRefused(error.response) from error
        if error is not None:
            raise error
        self._ping_due = self._clock() + self._ping_interval

    # What comes.

    def feed(self, data: bytes) -> None:
        """Take bytes of the server.

        Args:
            data: The bytes; at least one.
        """
        protocol = self._protocol
        protocol.receive_data(data)
        self._is_heard = True
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
        """Note that nobody reads from now on."""
        self.is_held = True

    def release(self) -> None:
        """Note that somebody reads again."""
        self.is_held = False
        self._is_heard = True  # in favour of the server: what it said may be on its way

    def feed_eof(self) -> None:
        """Note that nothing more comes."""
        self._protocol.receive_eof()
        self.is_answered = True
        self._close_soon()

    def _take_control(self, frame: Frame) -> None:
        """Look for the answer to the last ping; all else is the protocol's own concern."""
        if frame.opcode is Opcode.PONG and frame.data == b"%d" % self._pings:
            self._pong_due = NEVER
            self._ping_due = self._clock() + self._ping_interval

    # What goes.

    @property
    def is_open(self) -> bool:
        """Whether messages may be sent."""
        return self._protocol.state is State.OPEN

    def send(self, data: Payload, *, text: bool) -> bool:
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
        return min(self._ping_due, self._pong_due, self._close_due)

    @property
    def is_closing(self) -> bool:
        """Whether the server is to end the connection within the bound."""
        return self._close_due != NEVER

    def _close_soon(self) -> None:
        if self._close_due == NEVER:
            self._close_due = self._clock() + self._close_timeout

    def keep_time(self, gone: int) -> bool:
        """Send a ping when one is due.

        A server counts as lost when it neither sends nor takes anything after a ping.

        Args:
            gone: How many bytes have left so far.

        Returns:
            Whether all bounds are kept; if not, cut the connection once `outgoing` was tried.
        """
        now = self._clock()
        if now >= self._close_due:
            return False
        if now >= self._pong_due:
            if not (self._is_heard or self.is_held or gone > self._gone):
                self._protocol.fail(CloseCode.INTERNAL_ERROR, "keepalive ping timeout")
                return False
            self._look_again(now, gone)
        elif now >= self._ping_due:
            self._pings += 1
            if self._protocol.state is State.OPEN:
                self._protocol.send_ping(b"%d" % self._pings)
            self._look_again(now, gone)
            self._ping_due = now + self._ping_interval if self._pong_due == NEVER else NEVER
        return True

    def _look_again(self, now: float, gone: int) -> None:
        self._pong_due = now + self._ping_timeout
        self._is_heard = False
        self._gone = gone

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
