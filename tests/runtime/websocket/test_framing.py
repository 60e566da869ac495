"""The frames of a connection without I/O, against the library's own server side, by a clock of ours."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from cartesia._runtime.websocket.errors import HandshakeRefused
from cartesia._runtime.websocket.frames import Frames
from cartesia._runtime.websocket.framing import Framing
from cartesia._runtime.websocket.keepalive import NEVER
from cartesia._runtime.websocket.options import ConnectionOptions

OPTIONS: ConnectionOptions = {"ping_interval": 10, "ping_timeout": 5, "close_timeout": 2}


class Pair:
    """Both ends of a connection.

    Attributes:
        now: What the client's clock says.
        sent: What the client sent, as the server saw it.
    """

    def __init__(
        self,
        options: ConnectionOptions = OPTIONS,
        status: HTTPStatus | None = None,
        max_size: int | None = None,
    ) -> None:
        self.now = 100.0
        protocol = ClientProtocol(parse_uri("ws://x/"), max_size=max_size)
        self.client = Framing(protocol, options, lambda: self.now)
        self.server = ServerProtocol()
        self.sent: list[Frame] = []
        self.client.begin([("x-test", "1")])
        (request,) = self._give()
        assert isinstance(request, Request)
        assert request.headers["x-test"] == "1"
        accept, reject = self.server.accept, self.server.reject
        self.server.send_response(reject(status, "no") if status else accept(request))

    def open(self) -> Pair:
        self.take()
        assert self.client.is_answered
        self.client.opened()
        return self

    def take(self) -> None:
        """Have the client take what the server sent."""
        for data in self.server.data_to_send():
            if data:
                self.client.feed(data)
            else:
                self.client.feed_eof()

    def give(self) -> list[Opcode]:
        """Have the server take what the client sent; tell what that was."""
        frames = [event for event in self._give() if isinstance(event, Frame)]
        self.sent += frames
        return [frame.opcode for frame in frames]

    def _give(self) -> list[Frame | Request | object]:
        for data in self.client.outgoing():
            self.server.receive_data(data)
        return list(self.server.events_received())


def test_a_refusal_is_told_with_its_status() -> None:
    pair = Pair(status=HTTPStatus.TOO_MANY_REQUESTS)
    with pytest.raises(HandshakeRefused, match="429"):
        pair.open()


def test_an_end_instead_of_an_answer_is_no_handshake() -> None:
    pair = Pair()
    pair.client.feed_eof()
    assert pair.client.is_answered
    with pytest.raises((InvalidHandshake, EOFError)):
        pair.client.opened()


MESSAGES = st.lists(st.lists(st.binary(max_size=300), min_size=1, max_size=3), max_size=5)


@given(MESSAGES, st.lists(st.integers(1, 200), min_size=1, max_size=20))
def test_messages_are_whole_wherever_fragments_and_bytes_are_cut(
    messages: list[list[bytes]], sizes: list[int]
) -> None:
    pair = Pair()
    for parts in messages:
        for number, part in enumerate(parts):
            is_last = number == len(parts) - 1
            if number == 0:
                pair.server.send_binary(part, fin=is_last)
            else:
                pair.server.send_continuation(part, fin=is_last)
            pair.server.send_ping(b"between")
    data = b"".join(pair.server.data_to_send())
    at = 0
    while data[at:]:
        size = sizes[at % len(sizes)]
        pair.client.feed(data[at : at + size])
        at += size
    pair.client.opened()
    assert pair.client.messages == [b"".join(parts) for parts in messages]
    assert pair.give() == [Opcode.PONG] * sum(len(parts) for parts in messages)


def test_a_ping_that_is_answered_is_followed_by_the_next() -> None:
    pair = Pair().open()
    for _ in range(3):
        assert pair.client.due == pair.now + 10
        assert pair.client.keep_time(0)
        assert pair.give() == []
        pair.now += 10
        assert pair.client.keep_time(0)
        assert pair.give() == [Opcode.PING]
        assert pair.client.due == pair.now + 5
        pair.now += 1
        pair.take()


def test_a_ping_without_answer_or_any_sign_of_life_is_the_end() -> None:
    pair = Pair().open()
    pair.now = pair.client.due
    assert pair.client.keep_time(1000)
    pair.now = pair.client.due
    assert not pair.client.keep_time(1000)
    assert pair.give()[-1] is Opcode.CLOSE
    pair.client.feed_eof()
    close = pair.client.closed(None, written=False).close
    assert (close.code, close.reason, close.by) == (1011, "keepalive ping timeout", "client")


@pytest.mark.parametrize("sign", ["a message", "bytes that left", "nobody reads", "reading again"])
def test_a_server_that_shows_life_is_given_more_time(sign: str) -> None:
    pair = Pair().open()
    pair.now = pair.client.due
    assert pair.client.keep_time(1000)
    pair.give()
    pair.server.data_to_send()  # the answer is behind something large
    gone = 1000
    if sign == "a message":
        pair.server.send_text(b"alive")
        pair.take()
    elif sign == "bytes that left":
        gone += 1
    else:
        pair.client.hold()
    pair.now = pair.client.due
    assert pair.client.keep_time(gone)
    if sign == "nobody reads":
        pair.now = pair.client.due
        assert pair.client.keep_time(gone)
    if sign in {"nobody reads", "reading again"}:
        pair.client.release()
        pair.now = pair.client.due
        assert pair.client.keep_time(gone)
    assert pair.client.due == pair.now + 5
    pair.now = pair.client.due
    assert not pair.client.keep_time(gone)


def test_without_bounds_nothing_is_due() -> None:
    pair = Pair({"ping_interval": None, "ping_timeout": None}).open()
    assert pair.client.due == NEVER
    pair = Pair({"ping_interval": 10, "ping_timeout": None}).open()
    for _ in range(3):
        pair.now = pair.client.due
        assert pair.client.keep_time(0)
        assert pair.give() == [Opcode.PING]


def test_closing_is_bounded_and_ends_sending() -> None:
    pair = Pair().open()
    pair.client.close(1000, "bye")
    pair.client.close(1000, "again")
    assert pair.give() == [Opcode.CLOSE]
    assert pair.client.is_closing
    assert not pair.client.is_open
    assert not pair.client.send(b"late", text=True)
    assert pair.client.due == pair.now + 2
    pair.now += 2
    assert not pair.client.keep_time(0)


def test_what_broke_beneath_is_the_cause_of_the_end() -> None:
    pair = Pair().open()
    before = pair.client.closed(None, written=True)
    assert (before.close.code, before.close.by, before.written) == (1006, "client", True)
    pair.client.feed_eof()
    broken = ConnectionResetError("reset")
    close = pair.client.closed(broken, written=False).close
    assert (close.code, close.by, close.reason) == (1006, "server", "reset")


def frame(first: int, payload: bytes) -> bytes:
    """Write a frame as servers do: its first byte tells the kind, and whether it is the last."""
    size = len(payload)
    if size < 126:
        head = bytes([first, size])
    elif size < 65536:
        head = bytes([first, 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([first, 127]) + size.to_bytes(8, "big")
    return head + payload


WHOLE, CONTROL, OTHERS = (0x81, 0x82), (0x89, 0x8A), (0x01, 0x00, 0x80, 0x88, 0xC1, 0x83, 0x09)
FRAMES = st.lists(
    st.builds(frame, st.sampled_from(WHOLE), st.binary(max_size=300))
    | st.builds(frame, st.sampled_from(WHOLE), st.integers(65_536, 66_000).map(bytes))
    | st.builds(frame, st.sampled_from(CONTROL), st.binary(max_size=130))
    | st.builds(frame, st.sampled_from(OTHERS), st.binary(max_size=9))
    | st.binary(max_size=12),
    max_size=12,
)


def outcome(options: ConnectionOptions, pieces: list[bytes]) -> tuple[object, ...]:
    """Tell all that an open connection makes of bytes, cut as they come."""
    pair = Pair({**OPTIONS, **options}, max_size=options.get("max_size")).open()
    for piece in pieces:
        pair.client.feed(piece)
    is_open = pair.client.is_open
    answers = sum(map(len, pair.client.outgoing()))
    pair.client.feed_eof()
    close = pair.client.closed(None, written=True).close
    return pair.client.messages, is_open, answers, close.code, close.reason, close.by


@settings(deadline=None)  # others may use the processor
@given(FRAMES, st.lists(st.integers(1, 300), min_size=1, max_size=20), st.none() | st.just(200))
def test_what_is_cut_out_here_is_what_the_library_finds(
    frames: list[bytes], sizes: list[int], max_size: int | None
) -> None:
    data = b"".join(frames)
    pieces: list[bytes] = []
    while data:
        size = sizes[len(pieces) % len(sizes)] * (1 + len(data) // 2000)
        pieces.append(data[:size])
        data = data[size:]
    # With an extension of the caller's own, everything is the library's.
    library: ConnectionOptions = {"extensions": [ClientPerMessageDeflateFactory()]}
    limit: ConnectionOptions = {"max_size": max_size}
    assert outcome(limit, pieces) == outcome({**library, **limit}, pieces)


def test_frames_right_behind_the_handshake_are_taken() -> None:
    pair = Pair()
    pair.server.send_text(b"first")
    answer = b"".join(pair.server.data_to_send())
    for at in range(0, len(answer), 7):
        pair.client.feed(answer[at : at + 7])
    pair.client.opened()
    assert pair.client.messages == [b"first"]


def test_a_large_message_is_put_together_once() -> None:
    """Its pieces are joined when the last is there: the work grows with the size, not its square."""
    frames = Frames(None)
    message = bytes(2**20)
    data = frame(0x82, message)
    messages: list[bytes] = []
    pieces = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    for piece in pieces[:-1]:
        assert frames.feed(piece, messages) == b""
        assert messages == []
    assert frames.feed(pieces[-1], messages) == b""
    assert messages == [message]
