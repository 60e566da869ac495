# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/transport/test_backpressure.py
# Do not edit: change that file instead.
"""One WebSocket that is full: nothing is lost, and nobody is stuck for ever."""

from __future__ import annotations

import os
import threading

import pytest

from cartesia._runtime.websocket.close import TransportClosed
from tests.runtime.websocket._sync.primitives import Flag, pause, together, until
from tests.runtime.websocket._sync.transport.talk import MEGABYTE, close_of, connect
from tests.runtime.websocket.server import CERTIFICATE, Peer, serving


def test_what_nobody_takes_waits_in_the_network() -> None:
    sent: list[int] = []

    def flood(peer: Peer) -> None:
        for number in range(400):
            peer.send(bytes(MEGABYTE // 10))
            sent.append(number)
        peer.connection.recv()

    with serving(flood) as server:
        port = connect(server, ping_interval=0.05, ping_timeout=0.2)
        assert port.receive()
        until(lambda: bool(sent))
        seen = -1
        while seen < len(sent):  # until no more goes
            seen = len(sent)
            pause(0.5)  # long enough for a ping that nobody could answer
        assert seen < 400
        for _ in range(399):
            assert len(port.receive()) == MEGABYTE // 10
        port.close(1000, "")


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_reads_only_when_it_was_heard_gets_and_gives_everything(
    tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sides fill the connection; whoever waited for the other first would wait for ever."""
    count, piece = 64, os.urandom(MEGABYTE // 4)

    def stubborn(peer: Peer) -> None:
        for _ in range(count):
            peer.send(piece)
        for _ in range(count):
            assert peer.connection.recv() == piece
        peer.send("all")
        peer.connection.recv()

    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with serving(stubborn, tls=tls) as server:
        port = connect(server)

        def send() -> None:
            for _ in range(count):
                port.send(piece, text=False)

        def receive() -> None:
            for _ in range(count):
                assert port.receive() == piece
            assert port.receive() == b"all"

        together(send, receive)
        port.close(1000, "")


@pytest.mark.parametrize("tls", [False, True])
def test_what_a_server_said_before_it_left_is_heard(
    tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that waits for no farewell may leave while much is still under way.

    What a layer between would lose then is a matter of timing, so it does that often.
    """
    count, piece = 16, os.urandom(20_000)  # little more than what is read ahead

    def say_and_leave(peer: Peer) -> None:
        for _ in range(count):
            peer.send(piece)
        peer.cut()

    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with serving(say_and_leave, tls=tls) as server:
        for _ in range(10):
            port = connect(server)
            pause(0.1)
            for _ in range(count):
                assert port.receive() == piece
            assert (close_of(port.receive))[0] == 1006


def test_a_sender_stuck_in_a_full_connection_is_freed_by_the_missing_pong() -> None:
    locked: list[threading.Lock] = []

    def deaf(peer: Peer) -> None:
        locked.append(peer.stop_answering())

    with serving(deaf) as server:
        port = connect(server, ping_interval=0.1, ping_timeout=0.1)
        until(lambda: bool(locked))

        def fill() -> None:
            while True:
                port.send(b"\x00" * MEGABYTE, text=False)

        def send() -> None:
            with pytest.raises(TransportClosed):
                fill()

        def receive() -> None:
            with pytest.raises(TransportClosed):
                port.receive()

        try:
            together(send, send, receive)
        finally:
            locked[0].release()


def test_closing_frees_a_sender_stuck_in_a_full_connection() -> None:
    locked: list[threading.Lock] = []
    stuck = Flag()

    def deaf(peer: Peer) -> None:
        locked.append(peer.stop_answering())

    with serving(deaf) as server:
        port = connect(server, close_timeout=0.1)
        until(lambda: bool(locked))

        def fill() -> None:
            for number in range(1000):
                port.send(b"\x00" * MEGABYTE, text=False)
                if number == 1:
                    stuck.raise_()

        def send() -> None:
            with pytest.raises(TransportClosed):
                fill()

        def receive() -> None:
            with pytest.raises(TransportClosed):
                port.receive()

        def close() -> None:
            stuck.wait()
            port.close(1000, "")

        try:
            together(send, receive, close)
        finally:
            locked[0].release()


def test_many_senders_keep_their_messages_whole_and_in_order() -> None:
    def by_sender(peer: Peer) -> None:
        for message in peer.connection:
            peer.send(message[:2])

    senders, messages = 8, 50
    with serving(by_sender) as server:
        port = connect(server)
        heard: list[bytes] = []

        def send(name: int) -> None:
            for number in range(messages):
                port.send(bytes([name, number]) * 5000, text=False)

        def receive() -> None:
            heard.extend([port.receive() for _ in range(senders * messages)])

        together(receive, *(lambda n=name: send(n) for name in range(senders)))
        for name in range(senders):
            assert [pair[1] for pair in heard if pair[0] == name] == list(range(messages))
        port.close(1000, "")
