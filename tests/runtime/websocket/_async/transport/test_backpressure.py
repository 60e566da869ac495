"""One WebSocket that is full: nothing is lost, and nobody is stuck for ever."""

from __future__ import annotations

import os
import threading

import pytest

from cartesia._runtime.websocket.close import TransportClosed
from tests.runtime.websocket._async.primitives import Flag, pause, together, until
from tests.runtime.websocket._async.transport.talk import MEGABYTE, close_of, connect
from tests.runtime.websocket.server import CERTIFICATE, Peer, serving

pytestmark = pytest.mark.anyio


async def test_what_nobody_takes_waits_in_the_network() -> None:
    sent: list[int] = []

    def flood(peer: Peer) -> None:
        for number in range(400):
            peer.send(bytes(MEGABYTE // 10))
            sent.append(number)
        peer.connection.recv()

    with serving(flood) as server:
        port = await connect(server, ping_interval=0.05, ping_timeout=0.2)
        assert await port.receive()
        await until(lambda: bool(sent))
        seen = -1
        while seen < len(sent):  # until no more goes
            seen = len(sent)
            await pause(0.5)  # long enough for a ping that nobody could answer
        assert seen < 400
        for _ in range(399):
            assert len(await port.receive()) == MEGABYTE // 10
        await port.close(1000, "")


@pytest.mark.parametrize("tls", [False, True])
async def test_a_server_that_reads_only_when_it_was_heard_gets_and_gives_everything(
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
        port = await connect(server)

        async def send() -> None:
            for _ in range(count):
                await port.send(piece, text=False)

        async def receive() -> None:
            for _ in range(count):
                assert await port.receive() == piece
            assert await port.receive() == b"all"

        await together(send, receive)
        await port.close(1000, "")


@pytest.mark.parametrize("tls", [False, True])
async def test_what_a_server_said_before_it_left_is_heard(
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
            port = await connect(server)
            await pause(0.1)
            for _ in range(count):
                assert await port.receive() == piece
            assert (await close_of(port.receive))[0] == 1006


async def test_a_sender_stuck_in_a_full_connection_is_freed_by_the_missing_pong() -> None:
    locked: list[threading.Lock] = []

    def deaf(peer: Peer) -> None:
        locked.append(peer.stop_answering())

    with serving(deaf) as server:
        port = await connect(server, ping_interval=0.1, ping_timeout=0.1)
        await until(lambda: bool(locked))

        async def fill() -> None:
            while True:
                await port.send(b"\x00" * MEGABYTE, text=False)

        async def send() -> None:
            with pytest.raises(TransportClosed):
                await fill()

        async def receive() -> None:
            with pytest.raises(TransportClosed):
                await port.receive()

        try:
            await together(send, send, receive)
        finally:
            locked[0].release()


async def test_closing_frees_a_sender_stuck_in_a_full_connection() -> None:
    locked: list[threading.Lock] = []
    stuck = Flag()

    def deaf(peer: Peer) -> None:
        locked.append(peer.stop_answering())

    with serving(deaf) as server:
        port = await connect(server, close_timeout=0.1)
        await until(lambda: bool(locked))

        async def fill() -> None:
            for number in range(1000):
                await port.send(b"\x00" * MEGABYTE, text=False)
                if number == 1:
                    stuck.raise_()

        async def send() -> None:
            with pytest.raises(TransportClosed):
                await fill()

        async def receive() -> None:
            with pytest.raises(TransportClosed):
                await port.receive()

        async def close() -> None:
            await stuck.wait()
            await port.close(1000, "")

        try:
            await together(send, receive, close)
        finally:
            locked[0].release()


async def test_many_senders_keep_their_messages_whole_and_in_order() -> None:
    def by_sender(peer: Peer) -> None:
        for message in peer.connection:
            peer.send(message[:2])

    senders, messages = 8, 50
    with serving(by_sender) as server:
        port = await connect(server)
        heard: list[bytes] = []

        async def send(name: int) -> None:
            for number in range(messages):
                await port.send(bytes([name, number]) * 5000, text=False)

        async def receive() -> None:
            heard.extend([await port.receive() for _ in range(senders * messages)])

        await together(receive, *(lambda n=name: send(n) for name in range(senders)))
        for name in range(senders):
            assert [pair[1] for pair in heard if pair[0] == name] == list(range(messages))
        await port.close(1000, "")
