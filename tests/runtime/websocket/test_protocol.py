"""The frames of a connection without I/O, against the library's own server side, by a clock of ours."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from cartesia._runtime.websocket.connection_options import NEVER, ConnectionOptions
from cartesia._runtime.websocket.protocol import HandshakeRefusedError, WebSocketProtocol

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
        self.client = WebSocketProtocol(protocol, options, lambda: self.now)
        self.messages: list[bytes] = []
        self.kinds: list[str] = []
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

    def feed(self, data: bytes) -> None:
        if not self.client.is_answered:
            data = self.client.feed_answer(data)
        if data:
            self.client.feed(data, self._deliver)

    def _deliver(self, message: bytes, is_text: bool) -> None:
        self.messages.append(message)
        self.kinds.append("text" if is_text else "binary")

    def take(self) -> None:
        """Have the client take what the server sent."""
        for data in self.server.data_to_send():
            if data:
                self.feed(data)
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
    with pytest.raises(HandshakeRefusedError, match="429"):
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
        pair.feed(data[at : at + size])
        at += size
    pair.client.opened()
    assert pair.messages == [b"".join(parts) for parts in messages]
    assert pair.give() == [Opcode.PONG] * sum(len(parts) for parts in messages)


PING_BYTES = 7
"""A ping of one digit, which leaves like everything else, and says nothing of the server."""


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
    assert not pair.client.keep_time(1000 + PING_BYTES)
    assert pair.give()[-1] is Opcode.CLOSE
    pair.client.feed_eof()
    close = pair.client.closed(None)
    assert (close.code, close.reason, close.by) == (1011, "keepalive ping timeout", "client")


@pytest.mark.parametrize("sign", ["a message", "bytes that left", "nobody reads", "reading again"])
def test_a_server_that_shows_life_is_given_more_time(sign: str) -> None:
    pair = Pair().open()
    pair.now = pair.client.due
    assert pair.client.keep_time(1000)
    pair.give()
    pair.server.data_to_send()  # the answer is behind something large
    gone = 1000 + PING_BYTES
    if sign == "a message":
        pair.server.send_text(b"alive")
        pair.take()
    elif sign == "bytes that left":
        gone += 1
    else:
        pair.client.hold(True)
    pair.now = pair.client.due
    assert pair.client.keep_time(gone)
    if sign == "nobody reads":
        pair.now = pair.client.due
        assert pair.client.keep_time(gone)
    if sign in {"nobody reads", "reading again"}:
        pair.client.hold(False)
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
    pair.client.send(b"late", text=True)
    assert pair.client.due == pair.now + 2
    pair.now += 2
    assert not pair.client.keep_time(0)


def test_what_broke_beneath_is_the_cause_of_the_end() -> None:
    pair = Pair().open()
    pair.client.feed_eof()
    broken = ConnectionResetError("reset")
    close = pair.client.closed(broken)
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


CONTROL, OTHERS = (0x89, 0x8A), (0x01, 0x02, 0x00, 0x80, 0x88, 0xC1, 0x83, 0x09)
FRAMES = st.lists(
    st.builds(frame, st.just(0x81), st.text(max_size=100).map(str.encode))
    | st.builds(frame, st.just(0x82), st.binary(max_size=300))
    | st.builds(frame, st.just(0x82), st.integers(65_536, 66_000).map(bytes))
    | st.builds(frame, st.sampled_from(CONTROL), st.binary(max_size=130))
    | st.builds(frame, st.sampled_from(OTHERS), st.binary(max_size=9))
    | st.binary(max_size=12),
    max_size=12,
)


def outcome(pieces: list[bytes], max_size: int | None, *, library: bool) -> Pair:
    """Return an open connection bytes, cut as they come; all are left to the library, or not."""
    pair = Pair({**OPTIONS, "max_size": max_size}, max_size=max_size).open()
    if library:
        pair.client._is_cutting = False
    for piece in pieces:
        pair.feed(piece)
    return pair


@example([b"\x00\x01"], [1], None)
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
    ours, theirs = outcome(pieces, max_size, library=False), outcome(pieces, max_size, library=True)
    assert (ours.messages, ours.kinds) == (theirs.messages, theirs.kinds)
    is_open = ours.client.is_open
    for pair in (ours, theirs):
        pair.client.outgoing()
        pair.client.feed_eof()
    our_close, close = ours.client.closed(None), theirs.client.closed(None)
    # Five differences are wanted: text that is wrong ends the connection before its frame does, as
    # does a frame that may not come now; a close in the middle of a message is no error, what is
    # too large is told with less detail, and of a frame that was cut it is told what is missing,
    # not what came.
    is_early = our_close.reason.endswith("continuation frame") and close.code == 1006
    if our_close.code == 1007 or is_early:
        assert not is_open
    elif close.reason != "incomplete fragmented message":
        assert (our_close.code, our_close.by) == (close.code, close.by)
        missing = re.search(r"after (\d+) bytes, expected (\d+) bytes", close.reason)
        if our_close.reason.endswith("before the end of a frame"):
            assert missing is not None
            left = int(missing[2]) - int(missing[1])
            assert our_close.reason == f"stream ends {left} bytes before the end of a frame"
        elif close.code != 1009:
            assert our_close.reason == close.reason


FRAGMENTS = [
    # Each with the piece after which it must be over.
    ([frame(0x81, b"\xce\xba\xe1"[:2]) + b"\x81\x05ab\xff", b"cd"], 0),
    ([b"\x81\x04\xce", b"\xba", b"\xed\xa0"], 2),
    ([frame(0x01, b"\xce"), frame(0x00, b"\xba"), frame(0x00, b"\xff"), frame(0x80, b"")], 2),
    ([b"\x01\x05ab\xce", b"\xba", b"\xffz", frame(0x80, b"")], 2),
    ([frame(0x01, b"\xce") + b"\x80\x04\xba", b"\xff"], 1),
    ([frame(0x81, b"\xce")], 0),
    ([frame(0x01, b"\xce"), frame(0x80, b"")], 1),
]


@pytest.mark.parametrize(("pieces", "failing"), FRAGMENTS)
def test_text_that_is_not_utf8_closes_as_soon_as_it_shows(
    pieces: list[bytes], failing: int
) -> None:
    pair = Pair().open()
    for number, piece in enumerate(pieces):
        assert pair.client.is_open is (number <= failing)
        pair.feed(piece)
    assert not pair.client.is_open
    assert pair.give()[-1] is Opcode.CLOSE
    assert pair.sent[-1].data[:2] == (1007).to_bytes(2, "big")


def test_text_may_be_cut_within_a_character_by_fragments_pings_and_reads() -> None:
    text = "κόσμε 🌍".encode()
    for at in range(1, len(text)):
        data = frame(0x01, text[:at]) + frame(0x89, b"p") + frame(0x80, text[at:])
        data += frame(0x81, text) + frame(0x82, b"\xff")
        pair = Pair().open()
        for position in range(len(data)):
            pair.feed(data[position : position + 1])
        assert pair.messages == [text, text, b"\xff"]
        assert pair.kinds == ["text", "text", "binary"]
        assert pair.give() == [Opcode.PONG]


def test_a_message_is_delivered_before_what_comes_behind_it_is_looked_at() -> None:
    pair = Pair().open()
    seen: list[bool] = []
    wrong = frame(0x83, b"reserved")
    pair.client.feed(frame(0x81, b"well") + wrong, lambda *_: seen.append(pair.client.is_open))
    assert seen == [True]
    assert not pair.client.is_open


def test_a_close_in_the_middle_of_a_message_is_answered_as_it_was_sent() -> None:
    pair = Pair().open()
    pair.feed(frame(0x01, b"begun") + frame(0x88, (1000).to_bytes(2, "big")) + frame(0x80, b"end"))
    assert pair.messages == []
    assert pair.give() == [Opcode.CLOSE]
    assert pair.sent[-1].data == (1000).to_bytes(2, "big")


def test_of_pongs_that_wait_only_the_last_is_sent() -> None:
    pair = Pair().open()
    pair.client.is_blocked = True
    for number in range(3):
        pair.feed(frame(0x89, b"%d" % number) + frame(0x81, b"heard"))
        assert pair.give() == []
    pair.client.is_blocked = False
    assert pair.give() == [Opcode.PONG]
    assert pair.sent[-1].data == b"2"
    assert pair.give() == []
    assert pair.messages == [b"heard"] * 3


def test_what_comes_while_the_connection_closes_is_dropped() -> None:
    pair = Pair().open()
    pair.client.close(1000, "")
    assert pair.give() == [Opcode.CLOSE]
    pair.feed(frame(0x81, b"late") + frame(0x01, b"la") + frame(0x80, b"te"))
    assert pair.messages == []
    assert pair.client.is_closing


@pytest.mark.parametrize("fragments", [1024, 1025])
def test_fragments_are_counted(fragments: int) -> None:
    pair = Pair({**OPTIONS, "max_size": 10}, max_size=10).open()
    pair.feed(frame(0x01, b"") + frame(0x00, b"") * (fragments - 2) + frame(0x80, b"x"))
    assert pair.messages == ([b"x"] if fragments == 1024 else [])
    assert pair.client.is_open is (fragments == 1024)


def test_fragments_are_bounded_together() -> None:
    pair = Pair({**OPTIONS, "max_size": 10}, max_size=10).open()
    pair.feed(frame(0x02, bytes(6)) + frame(0x00, bytes(4)))
    assert pair.client.is_open
    pair.feed(frame(0x80, b"x"))
    assert pair.messages == []
    assert pair.give() == [Opcode.CLOSE]
    assert pair.sent[-1].data[:2] == (1009).to_bytes(2, "big")


def test_frames_right_behind_the_handshake_are_taken() -> None:
    pair = Pair()
    pair.server.send_text(b"first")
    answer = b"".join(pair.server.data_to_send())
    for at in range(0, len(answer), 7):
        pair.feed(answer[at : at + 7])
    pair.client.opened()
    assert pair.messages == [b"first"]


def test_a_large_message_is_put_together_once() -> None:
    """Its pieces are joined when the last is there: the work grows with the size, not its square."""
    pair = Pair().open()
    message = bytes(2**20)
    data = frame(0x82, message)
    pieces = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    for piece in pieces[:-1]:
        pair.feed(piece)
        assert pair.messages == []
    pair.feed(pieces[-1])
    assert pair.messages == [message]


@pytest.mark.parametrize("size", [200, 40_000, 98_304, 200_000])
@pytest.mark.untraced
def test_a_text_is_taken_whole_when_it_comes_byte_by_byte(size: int) -> None:
    pair = Pair().open()
    for byte in frame(0x81, b"a" * size):
        pair.feed(bytes([byte]))
    assert pair.client.is_open
    assert pair.messages == [b"a" * size]


def test_an_end_in_the_middle_of_a_frame_is_told_once() -> None:
    pair = Pair().open()
    pair.feed(frame(0x81, b"cut off")[:-3])
    pair.client.feed_eof()
    pair.client.feed_eof()
    close = pair.client.closed(None)
    assert (close.code, close.reason) == (1006, "stream ends 3 bytes before the end of a frame")


def test_nothing_is_delivered_behind_a_text_that_is_wrong() -> None:
    pair = Pair().open()
    pair.client._is_cutting = False  # as with an extension
    pair.feed(frame(0x81, b"\xff") + frame(0x81, b"more"))
    assert pair.messages == []
    assert not pair.client.is_open
