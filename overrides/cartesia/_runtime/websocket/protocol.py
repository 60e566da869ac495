"""One WebSocket without I/O: messages out of bytes, frames out of messages, pings and time-outs.

The `websockets` library does the handshakes, the control frames and the extensions. Frames of
messages are cut here: the library's parser, which can stop at any byte, takes four times as long
for one, does not check text, and gives what comes before a wrong frame together with the failure.
"""

from __future__ import annotations

import codecs
import struct
from typing import TYPE_CHECKING, Callable, cast

from attrs import evolve
from websockets.exceptions import InvalidStatus
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State

from cartesia._runtime.websocket.close import Close
from cartesia._runtime.websocket.connection_options import NEVER, ConnectionOptions, positive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.client import ClientProtocol
    from websockets.http11 import Response


# The first byte of a frame: whether it is the last of its message, reserved bits, and the opcode.
_FIN = 0x80
_CONT, _TEXT, _BINARY = 0x00, 0x01, 0x02
_DATA = frozenset({_CONT, _TEXT, _BINARY, _FIN | _CONT, _FIN | _TEXT, _FIN | _BINARY})
_WHOLE_TEXT = _FIN | _TEXT
_PONG = 0x8A
_CONTROL = frozenset({0x89, _PONG})  # a close frame is handled apart
_LONGEST_CONTROL = 125
_MASKED_HEAD = 6
"""Bytes before the payload of a short frame of the client."""

# The second byte: whether it is masked, and the length, or how many bytes of length follow.
_MASKED = 0x80
_LENGTH_16 = 126  # 127 stands for eight bytes
_HEAD_16 = 4
"""Bytes before the payload whose length is in two bytes, as nearly all have it."""
_unpack_lengths = struct.Struct("!BH").unpack_from
_NO_LIMIT = 2**62

# Fragments are counted, too, since they may be empty: one for so many bytes of the largest message.
_BYTES_A_FRAGMENT = 64
_FEWEST_FRAGMENTS = 1024
_LONGEST_ANSWER_BYTES = 2**18

_Utf8Decoder = codecs.getincrementaldecoder("utf-8")

Deliver = Callable[[bytes, bool], None]
"""Takes a message, and whether it is text."""


class HandshakeRefusedError(Exception):
    """The server answered the handshake with a status; not the library's, which follows redirects.

    Args:
        response: The answer.
    """

    def __init__(self, response: Response) -> None:
        super().__init__(f"status {response.status_code}")
        self.response = response


class WebSocketProtocol:
    """The frames of one connection. It takes no lock: threads hold one around each call.

    The transport calls `outgoing` after each other call, and `keep_time` at `due`.

    Args:
        protocol: The library's protocol, before its handshake.
        options: How the connection is opened; every option that has a default is there.
        clock: Gives seconds; only differences count.

    Attributes:
        is_answered: Whether the opening handshake is over, well or not.
        is_held: Whether reading is paused, so that silence says nothing about the server.
        is_blocked: Whether the server does not take what is sent; then of all pongs only the last
            one waits, as RFC 6455, section 5.5.3, allows.
        is_closing: Whether the server is to end the connection within ``close_timeout``.
    """

    def __init__(
        self, protocol: ClientProtocol, options: ConnectionOptions, clock: Callable[[], float]
    ) -> None:
        self._protocol = protocol
        self._clock = clock
        self.is_answered = False
        self._head = b""
        self._answer_bytes = 0
        # Whether frames of messages are cut here: not with extensions, and not after a failure.
        self._is_cutting = False
        max_size = options.get("max_size")
        self._largest = _NO_LIMIT if max_size is None else max_size
        # Of a frame: its head, and how much of its payload is still to come.
        self._partial: bytes = b""
        self._left = 0
        self._is_last = False
        # Of a message: what came of it, and in how many frames.
        self._message = bytearray()
        self._fragments = 0
        self._most_fragments = max(self._largest // _BYTES_A_FRAGMENT, _FEWEST_FRAGMENTS)
        self._decoder: codecs.IncrementalDecoder | None = None
        self._ping_interval = positive("ping_interval", options.get("ping_interval"))
        self._ping_timeout = positive("ping_timeout", options.get("ping_timeout"))
        self._close_timeout = positive("close_timeout", options.get("close_timeout"))
        self._ping_due = self._pong_due = self._close_due = NEVER
        self._pings = 0
        self._taken = 0
        self._heard = False
        self._has_news = self._has_failed = False
        self._last_pong = b""
        self.is_held = self.is_blocked = self.is_closing = False

    # The opening handshake.

    def begin(self, headers: Sequence[tuple[str, str]]) -> None:
        """Ask for a WebSocket.

        Args:
            headers: Further headers of the handshake; they replace the library's.
        """
        request = self._protocol.connect()
        for name, value in headers:
            request.headers.pop(name, None)
            request.headers[name] = value
        self._protocol.send_request(request)

    def feed_answer(self, data: bytes) -> bytes:
        """Take bytes of the answer to the handshake, until `is_answered`.

        Args:
            data: The bytes.

        Returns:
            What follows the answer, for `feed`.
        """
        self._head += data
        _, _, rest = self._head.partition(b"\r\n\r\n")
        self._answer(data[: len(data) - len(rest)])
        if self.is_answered:
            return rest
        if rest:  # a refusal has a body
            self._head = b""
            self._answer(rest)
        return b""

    def _answer(self, data: bytes) -> None:
        self._answer_bytes += len(data)
        if self._answer_bytes > _LONGEST_ANSWER_BYTES:
            self._protocol.receive_eof()  # a refusal whose body has no end
        else:
            self._protocol.receive_data(data)
        responses = self._protocol.events_received()
        self.is_answered = bool(responses) or self._protocol.handshake_exc is not None
        self._is_cutting = self.is_open and not self._protocol.extensions

    def opened(self) -> None:
        """Check the answer to the handshake, and begin to count the time until the first ping.

        Raises:
            HandshakeRefusedError: The server answered with a status; redirects are not followed,
                since they may lead the key to another host.
            InvalidHandshake: The server speaks something else.
            OSError: The server broke the connection off.
        """
        error = self._protocol.handshake_exc
        if isinstance(error, InvalidStatus):
            raise HandshakeRefusedError(error.response) from error
        if error is not None:
            raise error
        self._schedule_ping()

    # What comes.

    def feed(self, data: bytes, deliver: Deliver) -> bool:
        """Take bytes of the server that follow its answer to the handshake.

        Args:
            data: The bytes; at least one.
            deliver: Called with each message, before anything that comes behind it is looked at. It
                gets nothing more once the connection closes.

        Returns:
            Whether they were more than messages, so that `outgoing` may have something.
        """
        self._heard = True
        self._has_news = False
        if self.is_closing:
            deliver = _discard
        if self._is_cutting:
            data = self._cut(data, deliver)
        if data:
            self._feed_library(data, deliver)
        return self._has_news

    def feed_eof(self) -> None:
        """Note that nothing more comes."""
        if self._partial:  # the library tells that a frame was cut
            self._protocol.receive_data(self._partial)
            self._partial = b""
        self._protocol.receive_eof()
        self.is_answered = True
        self._expect_close()

    def _cut(self, data: bytes, deliver: Deliver) -> bytes:
        """Cut frames out of the bytes of the server; give control frames to the library in turn.

        Returns:
            What the library is to be given still: a frame that closes or is wrong, and all that
            follows it.
        """
        position = 0
        if self._left:
            payload = data[: self._left]
            position = len(payload)
            self._take_payload(payload, deliver)
        elif self._partial:
            data, self._partial = self._partial + data, b""
        end = len(data)
        while position < end and self._is_cutting:
            kind = data[position]
            start, length = _find_payload(data, position)
            stop = start + length
            payload = data[start:stop]  # as much as has come of it
            if (
                (kind == _WHOLE_TEXT and stop <= end and length <= self._largest)
                and payload.isascii()
                and not self._fragments
            ):
                deliver(payload, True)
            elif start > end or (kind in _CONTROL and end < stop <= start + _LONGEST_CONTROL):
                self._partial = data[position:]
            elif kind in _DATA and length <= self._largest:
                self._take_frame(kind, length, payload, deliver)
            elif kind in _CONTROL and length <= _LONGEST_CONTROL:
                self._feed_library(data[position:stop], deliver)
            else:
                self._is_cutting = False
                return data[position:]
            position = stop
        return b""

    def _take_frame(self, kind: int, length: int, payload: bytes, deliver: Deliver) -> None:
        """Take a frame of a message, which may be a fragment of it.

        Args:
            kind: The first byte of the frame.
            length: How long its payload is.
            payload: What has come of that.
            deliver: Called with the message, if this is the end of it.
        """
        opcode = kind & ~_FIN
        if (opcode == _CONT) is not bool(self._fragments):
            wrong = "unexpected" if opcode == _CONT else "expected a"
            self._fail(CloseCode.PROTOCOL_ERROR, f"{wrong} continuation frame")
        elif len(self._message) + length > self._largest:
            self._fail(CloseCode.MESSAGE_TOO_BIG, f"a message of more than {self._largest} bytes")
        elif self._fragments >= self._most_fragments:
            reason = f"a message of more than {self._most_fragments} fragments"
            self._fail(CloseCode.MESSAGE_TOO_BIG, reason)
        else:
            if opcode != _CONT:
                self._decoder = _Utf8Decoder() if opcode == _TEXT else None
            self._fragments += 1
            self._is_last = bool(kind & _FIN)
            self._left = length
            self._take_payload(payload, deliver)

    def _take_payload(self, payload: bytes, deliver: Deliver) -> None:
        """Take what has come of the payload of a frame, and check it, if it is text."""
        self._left -= len(payload)
        is_end = self._is_last and not self._left
        try:
            if self._decoder is not None:
                self._decoder.decode(payload, is_end)
        except UnicodeDecodeError:
            self._fail(CloseCode.INVALID_DATA, "a text message is not UTF-8")
            return
        self._message += payload
        if is_end:
            message = bytes(self._message)
            self._message.clear()
            self._fragments = 0
            deliver(message, self._decoder is not None)

    def _fail(self, code: CloseCode, reason: str) -> None:
        self._is_cutting = False
        self._has_news = self._has_failed = True
        self._left = 0
        self._message.clear()
        self._protocol.fail(code, reason)

    def _feed_library(self, data: bytes, deliver: Deliver) -> None:
        protocol = self._protocol
        self._has_news = True
        protocol.receive_data(data)
        for event in protocol.events_received():
            frame = cast("Frame", event)  # after the handshake there is nothing else
            if self._has_failed:
                break
            if frame.opcode in _DATA:
                data = bytes(frame.data)
                self._take_frame(frame.opcode | _FIN * frame.fin, len(data), data, deliver)
            elif frame.opcode is Opcode.PONG and frame.data == b"%d" % self._pings:
                self._schedule_ping()

    def hold(self, is_held: bool) -> None:
        """Note that reading is paused, or goes on: what was said meanwhile may still be on its way.

        Args:
            is_held: Whether it is paused.
        """
        self.is_held = is_held
        self._heard = True

    # What goes.

    @property
    def is_open(self) -> bool:
        """Whether messages may be sent."""
        return self._protocol.state is State.OPEN

    def send(self, data: bytes | bytearray | memoryview, *, text: bool) -> None:
        """Make the frame of a message, unless the connection is closed or closing.

        Args:
            data: The message.
            text: Whether it goes as a text frame.
        """
        if self.is_open:
            (self._protocol.send_text if text else self._protocol.send_binary)(data)

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake, unless it has begun.

        Args:
            code: The close code.
            reason: The close reason.
        """
        if self.is_open:
            self._protocol.send_close(code, reason)

    def outgoing(self) -> list[bytes]:
        """Return what is to be sent now, in order, each piece once."""
        protocol = self._protocol
        if protocol.close_expected():
            self._expect_close()
        # An empty piece stands for the end of sending, which closing the socket says as well.
        pieces = [piece for piece in protocol.data_to_send() if piece]
        if self.is_blocked:
            pongs = [piece for piece in pieces if piece[0] == _PONG]
            self._last_pong = pongs[-1] if pongs else self._last_pong
            return [piece for piece in pieces if piece[0] != _PONG]
        if self._last_pong and self.is_open:
            pieces.insert(0, self._last_pong)
            self._last_pong = b""
        return pieces

    # Time.

    @property
    def due(self) -> float:
        """When `keep_time` is to be called, by the clock."""
        return min(self._ping_due, self._pong_due, self._close_due)

    def keep_time(self, taken: int) -> bool:
        """Send a ping when one is due; see whether the server is there still.

        It counts as lost when, after a ping, it neither sends nor takes anything for
        ``ping_timeout``. A slow line and a slow receiver are no reason to give it up.

        Args:
            taken: How many bytes of ours the network has taken so far.

        Returns:
            Whether the connection may stay; if not, abort it after `outgoing`.
        """
        now = self._clock()
        if now >= self._close_due:
            return False
        if now >= self._pong_due:
            if not (self._heard or self.is_held or taken > self._taken):
                self._protocol.fail(CloseCode.INTERNAL_ERROR, "keepalive ping timeout")
                return False
            self._watch_peer(now, taken)
        elif now >= self._ping_due:
            self._watch_peer(now, taken)
            self._ping_due = now + self._ping_interval if self._pong_due == NEVER else NEVER
            if self.is_open:
                self._pings += 1
                payload = b"%d" % self._pings
                self._protocol.send_ping(payload)
                self._taken += _MASKED_HEAD + len(payload)  # the ping itself is no sign of life
        return True

    def _schedule_ping(self) -> None:
        self._pong_due = NEVER
        self._ping_due = self._clock() + self._ping_interval

    def _watch_peer(self, now: float, taken: int) -> None:
        self._pong_due = now + self._ping_timeout
        self._heard = False
        self._taken = taken

    def _expect_close(self) -> None:
        if not self.is_closing:
            self.is_closing = True
            self._close_due = self._clock() + self._close_timeout

    # The end.

    def closed(self, cause: BaseException | None, aborted: Close | None = None) -> Close:
        """Return how the connection ended.

        Args:
            cause: What the network beneath failed with, if it did.
            aborted: How the client ended it, if it did.
        """
        reason = self._protocol.close_exc
        if cause is None and self._left:
            cause = EOFError(f"stream ends {self._left} bytes before the end of a frame")
        if cause is not None:
            reason.__cause__ = cause
        if aborted is not None:
            return evolve(aborted, cause=aborted.cause or reason)
        return Close.of_library(reason)


def _discard(message: bytes, is_text: bool) -> None:
    """Drop a message that comes after the connection began to close."""


def _find_payload(data: bytes, position: int) -> tuple[int, int]:
    """Return where the payload of a frame begins, and how long it is.

    If the head of the frame is not whole yet, the length is what is known of it so far, maybe 0. If
    the frame is masked, which no server may do, the length is over any limit.
    """
    if len(data) - position >= _HEAD_16:
        length, length_16 = _unpack_lengths(data, position + 1)
        if length == _LENGTH_16:
            return position + _HEAD_16, length_16
    length = data[position + 1] if position + 1 < len(data) else 0
    if length < _LENGTH_16:
        return position + 2, length
    if length & _MASKED:
        return position + 2, _NO_LIMIT + 1
    start = position + (_HEAD_16 if length == _LENGTH_16 else 10)
    known = data[position + 2 : start] if len(data) >= start else b""
    return start, int.from_bytes(known, "big")
