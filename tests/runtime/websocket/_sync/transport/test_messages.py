# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/transport/test_messages.py
# Do not edit: change that file instead.
"""One WebSocket, whatever is said over it: whole messages both ways, and bounds in time and size."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import threading

import pytest

from cartesia._runtime.errors import (
    APITimeoutError,
)
from cartesia._runtime.websocket.close import TransportClosed
from tests.runtime.websocket._sync.primitives import pause, until
from tests.runtime.websocket._sync.transport.talk import MEGABYTE, Talk, close_of, connect, echo
from tests.runtime.websocket.server import Peer, Server, serving

# Messages.


@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, MEGABYTE])
def test_messages_of_any_size_come_back(size: int, compression: str | None) -> None:
    with serving(echo) as server:
        port = connect(server, compression=compression)
        data = (os.urandom(1000) * (size // 1000 + 1))[:size]
        for kind in (bytes, bytearray, memoryview):
            port.send(kind(data), text=False)
            assert port.receive() == data
        port.send(b"x" * len(data), text=True)
        assert port.receive() == b"x" * len(data)
        port.close(1000, "")


def test_messages_in_fragments_are_whole() -> None:
    def fragmented(peer: Peer) -> None:
        peer.connection.send(iter(["one ", "", "two ", "three"]))
        peer.connection.ping()
        peer.connection.send(iter([b"\x00", b"\xff"]))
        peer.connection.close()

    with serving(fragmented) as server:
        port = connect(server)
        assert port.receive() == b"one two three"
        assert port.receive() == b"\x00\xff"
        assert close_of(port.receive) == (1000, "", "server")
        port.close(1000, "")


def test_many_messages_at_once_come_in_order() -> None:
    def count(peer: Peer) -> None:
        for number in range(2000):
            peer.send(str(number))
        peer.connection.recv()

    with serving(count) as server:
        port = connect(server)
        assert [int(port.receive()) for _ in range(2000)] == list(range(2000))
        port.close(1000, "")


def test_a_message_that_comes_with_the_handshake_is_not_lost() -> None:
    key = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as peer:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += peer.recv(1)
                wanted = head.lower().index(b"sec-websocket-key: ") + 19
                sent = head[wanted : head.index(b"\r\n", wanted)].decode() + key
                digest = hashlib.sha1(sent.encode()).digest()  # noqa: S324 # the standard's choice
                peer.sendall(
                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
                    + base64.b64encode(digest)
                    + b"\r\n\r\n\x81\x05hello"
                )
                peer.recv(1000)

        thread = threading.Thread(target=answer)
        thread.start()
        server = Server()
        server.url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
        port = connect(server, close_timeout=0.1)
        assert port.receive() == b"hello"
        port.close(1000, "")
        thread.join(10)


def test_a_server_that_never_ends_its_answer_is_a_timeout() -> None:
    go_on = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as peer:
                peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\nx-slow: ")
                while not go_on.wait(0.01):
                    peer.sendall(b"H")

        thread = threading.Thread(target=answer)
        thread.start()
        server = Server()
        server.url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(APITimeoutError):
            connect(server, open_timeout=0.1)
        go_on.set()
        thread.join(10)


# Bounds.


def test_a_peer_that_is_gone_without_a_word_is_noticed() -> None:
    locked: list[threading.Lock] = []

    def deaf(peer: Peer) -> None:
        locked.append(peer.stop_answering())

    with serving(deaf) as server:
        port = connect(server, ping_interval=0.02, ping_timeout=0.02, close_timeout=0.1)
        until(lambda: bool(locked))
        try:
            code, reason, by = close_of(port.receive)
            assert (code, "ping timeout" in reason, by) == (1011, True, "client")
            with pytest.raises(TransportClosed):
                port.send(b"more", text=True)
        finally:
            locked[0].release()


@pytest.mark.parametrize("ping_timeout", [5, None])
def test_a_peer_that_answers_pings_is_kept(ping_timeout: float | None) -> None:
    answered = threading.Event()

    def count(peer: Peer) -> None:
        answered.wait(10)
        peer.send("still here")
        peer.connection.recv()

    with serving(count) as server:
        port = connect(server, ping_interval=0.01, ping_timeout=ping_timeout)
        timer = threading.Timer(0.2, answered.set)
        timer.start()
        assert port.receive() == b"still here"
        port.close(1000, "")
        timer.join()


def test_without_pings_nothing_is_asked_of_the_peer() -> None:
    with serving(echo) as server:
        port = connect(server, ping_interval=None, ping_timeout=None)
        port.send(b"hello", text=True)
        assert port.receive() == b"hello"
        port.close(1000, "")


def test_a_server_that_does_not_end_the_connection_after_its_close_is_left() -> None:
    locked: list[threading.Lock] = []

    def linger(peer: Peer) -> None:
        with peer.connection.protocol_mutex:
            peer.connection.protocol.send_close(1001, "going")
            peer.connection.send_data()
        locked.append(peer.stop_answering())

    with serving(linger) as server:
        port = connect(server, close_timeout=0.05, ping_interval=0.05, ping_timeout=0.05)
        try:
            assert (close_of(port.receive))[:2] == (1001, "going")
        finally:
            until(lambda: bool(locked))
            locked[0].release()


def test_closing_before_anybody_reads_tells_the_server() -> None:
    seen: list[int | None] = []

    def wait(peer: Peer) -> None:
        with pytest.raises(Exception, match="1001"):
            peer.connection.recv()
        seen.append(peer.connection.close_code)

    with serving(wait) as server:
        port = connect(server)
        port.close(1001, "")
        port.close(1001, "")
        until(lambda: seen == [1001])
        with pytest.raises(TransportClosed):
            port.receive()


def test_cutting_ends_reading_and_writing() -> None:
    with serving(echo) as server:
        port = connect(server)
        port.abort()
        assert (close_of(port.receive))[0] == 1006
        with pytest.raises(TransportClosed):
            port.send(b"more", text=True)


def test_a_message_over_the_limit_ends_the_connection() -> None:
    def say(peer: Peer) -> None:
        peer.send(b"x" * 1000, b"x" * 1001)
        peer.connection.recv()

    with serving(say) as server:
        port = connect(server, max_size=1000)
        assert port.receive() == b"x" * 1000
        code, _, by = close_of(port.receive)
        assert (code, by) == (1009, "client")


def test_an_end_in_the_middle_of_a_frame_is_the_end() -> None:
    def stop(peer: Peer) -> None:
        peer.connection.socket.sendall(b"\x81\x7e\x10\x00" + bytes(50))
        peer.cut()

    with serving(stop) as server:
        port = connect(server)
        assert (close_of(port.receive))[::2] == (1006, "server")
        port.close(1000, "")


def test_what_the_server_said_right_after_the_handshake_is_known_after_it_left() -> None:
    def refuse(peer: Peer) -> None:
        peer.send("so much for now")
        peer.connection.close(1008, "quota")

    with serving(refuse) as server:
        port = Talk()
        port.open(server)
        pause(0.2)  # before anybody receives
        port.start()
        assert port.receive() == b"so much for now"
        assert close_of(port.receive) == (1008, "quota", "server")
