"""One WebSocket, whatever is said over it: whole messages both ways, bounds, and never a deadlock."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import threading
from collections.abc import Awaitable, Callable

import pytest

from cartesia._core._async.socket.opening import AsyncOpening
from cartesia._core._async.socket.port.interface import AsyncPort
from cartesia._core.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    CartesiaError,
    RateLimitError,
)
from cartesia._core.request import Operation, Request
from cartesia._core.socket.errors import PortClosed
from cartesia._core.socket.options import ConnectionOptions, with_defaults
from cartesia._core.socket.reconnection import Reconnection
from tests.core.socket._async.io import TRANSPORTS, Flag, pause, together, until
from tests.core.socket.proxy import proxying
from tests.core.socket.server import CERTIFICATE, Peer, Server, serving

pytestmark = pytest.mark.anyio

MEGABYTE = 2**20


class Talk:
    """A port whose messages come one by one."""

    def __init__(self, port: AsyncPort) -> None:
        self._port = port
        self._messages: list[bytes] = []
        self.send = port.send
        self.close = port.close
        self.abort = port.abort

    async def receive(self) -> bytes:
        if not self._messages:
            self._messages = await self._port.receive()
            assert self._messages
        return self._messages.pop(0)


OPTIONS: ConnectionOptions = {}


@pytest.fixture(autouse=True, params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Connect over one library after the other."""
    monkeypatch.setitem(OPTIONS, "transport", request.param)
    name: str = request.param
    return name


async def connect(server: Server, **options: object) -> Talk:
    wanted: ConnectionOptions = {**OPTIONS, **options}  # type: ignore[typeddict-item]
    request = Request(Operation("o", "GET", "/"))
    opening = AsyncOpening(server, request, with_defaults(wanted), Reconnection())
    return Talk(await opening.open())


async def close_of(use: Callable[[], Awaitable[bytes]]) -> tuple[int, str, str]:
    with pytest.raises(PortClosed) as caught:
        await use()
    return caught.value.close.code, caught.value.close.reason, caught.value.close.by


def echo(peer: Peer) -> None:
    for message in peer.connection:
        peer.send(message)


# Messages.


@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, MEGABYTE])
async def test_messages_of_any_size_come_back(size: int, compression: str | None) -> None:
    with serving(echo) as server:
        port = await connect(server, compression=compression)
        data = (os.urandom(1000) * (size // 1000 + 1))[:size]
        for kind in (bytes, bytearray, memoryview):
            await port.send(kind(data), text=False)
            assert await port.receive() == data
        await port.send(b"x" * len(data), text=True)
        assert await port.receive() == b"x" * len(data)
        await port.close(1000, "")


async def test_messages_in_fragments_are_whole() -> None:
    def fragmented(peer: Peer) -> None:
        peer.connection.send(iter(["one ", "", "two ", "three"]))
        peer.connection.ping()
        peer.connection.send(iter([b"\x00", b"\xff"]))
        peer.connection.close()

    with serving(fragmented) as server:
        port = await connect(server)
        assert await port.receive() == b"one two three"
        assert await port.receive() == b"\x00\xff"
        assert await close_of(port.receive) == (1000, "", "server")
        await port.close(1000, "")


async def test_many_messages_at_once_come_in_order() -> None:
    def count(peer: Peer) -> None:
        for number in range(2000):
            peer.send(str(number))
        peer.connection.recv()

    with serving(count) as server:
        port = await connect(server)
        assert [int(await port.receive()) for _ in range(2000)] == list(range(2000))
        await port.close(1000, "")


async def test_a_message_that_comes_with_the_handshake_is_not_lost() -> None:
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
        port = await connect(server, close_timeout=0.1)
        assert await port.receive() == b"hello"
        await port.close(1000, "")
        thread.join(10)


async def test_a_server_that_never_ends_its_answer_is_a_timeout() -> None:
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
            await connect(server, open_timeout=0.1)
        go_on.set()
        thread.join(10)


# Bounds.


async def test_a_peer_that_is_gone_without_a_word_is_noticed() -> None:
    locked: list[threading.Lock] = []

    def deaf(peer: Peer) -> None:
        locked.append(peer.stop_answering())

    with serving(deaf) as server:
        port = await connect(server, ping_interval=0.02, ping_timeout=0.02, close_timeout=0.1)
        await until(lambda: bool(locked))
        try:
            code, reason, by = await close_of(port.receive)
            assert (code, "ping timeout" in reason, by) == (1011, True, "client")
            with pytest.raises(PortClosed):
                await port.send(b"more", text=True)
        finally:
            locked[0].release()


@pytest.mark.parametrize("ping_timeout", [5, None])
async def test_a_peer_that_answers_pings_is_kept(ping_timeout: float | None) -> None:
    answered = threading.Event()

    def count(peer: Peer) -> None:
        answered.wait(10)
        peer.send("still here")
        peer.connection.recv()

    with serving(count) as server:
        port = await connect(server, ping_interval=0.01, ping_timeout=ping_timeout)
        timer = threading.Timer(0.2, answered.set)
        timer.start()
        assert await port.receive() == b"still here"
        await port.close(1000, "")
        timer.join()


async def test_without_pings_nothing_is_asked_of_the_peer() -> None:
    with serving(echo) as server:
        port = await connect(server, ping_interval=None, ping_timeout=None)
        await port.send(b"hello", text=True)
        assert await port.receive() == b"hello"
        await port.close(1000, "")


async def test_a_server_that_does_not_end_the_connection_after_its_close_is_left() -> None:
    locked: list[threading.Lock] = []

    def linger(peer: Peer) -> None:
        with peer.connection.protocol_mutex:
            peer.connection.protocol.send_close(1001, "going")
            peer.connection.send_data()
        locked.append(peer.stop_answering())

    with serving(linger) as server:
        port = await connect(server, close_timeout=0.05, ping_interval=0.05, ping_timeout=0.05)
        try:
            assert (await close_of(port.receive))[:2] == (1001, "going")
        finally:
            await until(lambda: bool(locked))
            locked[0].release()


async def test_closing_before_anybody_reads_tells_the_server() -> None:
    seen: list[int | None] = []

    def wait(peer: Peer) -> None:
        with pytest.raises(Exception, match="1001"):
            peer.connection.recv()
        seen.append(peer.connection.close_code)

    with serving(wait) as server:
        port = await connect(server)
        await port.close(1001, "")
        await port.close(1001, "")
        await until(lambda: seen == [1001])
        with pytest.raises(PortClosed):
            await port.receive()


async def test_cutting_ends_reading_and_writing() -> None:
    with serving(echo) as server:
        port = await connect(server)
        port.abort()
        assert (await close_of(port.receive))[0] == 1006
        with pytest.raises(PortClosed) as caught:
            await port.send(b"more", text=True)
        assert not caught.value.written


async def test_a_message_over_the_limit_ends_the_connection() -> None:
    def say(peer: Peer) -> None:
        peer.send(b"x" * 1000, b"x" * 1001)
        peer.connection.recv()

    with serving(say) as server:
        port = await connect(server, max_size=1000)
        assert await port.receive() == b"x" * 1000
        code, _, by = await close_of(port.receive)
        assert (code, by) == (1009, "client")


# Handshakes that fail.


async def test_a_refusal_has_the_words_of_the_server() -> None:
    with serving(echo) as server:
        body = b'{"title": "Too many", "message": "Wait.", "status_code": 429}'
        server.refusals.append((429, body, {"retry-after": "7"}))
        with pytest.raises(RateLimitError) as caught:
            await connect(server)
        assert caught.value.title == "Too many"
        assert caught.value.response.headers["retry-after"] == "7"


async def test_a_redirect_is_a_refusal() -> None:
    with serving(echo) as server, serving(echo) as other:
        server.refusals.append((307, b"", {"location": other.url}))
        with pytest.raises(APIStatusError) as caught:
            await connect(server)
        assert caught.value.status_code == 307
        assert other.handshakes == []


async def test_an_answer_that_is_no_handshake_is_an_error_of_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as peer:
                peer.recv(1000)
                peer.sendall(
                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    b"Connection: Upgrade\r\nSec-WebSocket-Accept: bm8=\r\n\r\n"
                )
                peer.recv(1000)

        thread = threading.Thread(target=answer)
        thread.start()
        server = Server()
        server.url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(APIConnectionError, match="did not open a WebSocket"):
            await connect(server)
        thread.join(10)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "ws:///nowhere"])
async def test_what_is_no_address_is_said(url: str) -> None:
    server = Server()
    server.url = url
    with pytest.raises(CartesiaError, match="is no WebSocket address"):
        await connect(server)


# Backpressure.


async def test_what_nobody_takes_waits_in_the_network() -> None:
    sent: list[int] = []

    def flood(peer: Peer) -> None:
        for number in range(400):
            peer.send(bytes(MEGABYTE // 10))
            sent.append(number)
        peer.connection.recv()

    with serving(flood) as server:
        port = await connect(server, ping_interval=0.01, ping_timeout=0.01)
        assert await port.receive()
        await until(lambda: bool(sent))
        seen = -1
        while seen < len(sent):  # until no more goes
            seen = len(sent)
            await pause(0.1)
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
            with pytest.raises(PortClosed):
                await fill()

        async def receive() -> None:
            with pytest.raises(PortClosed):
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
            with pytest.raises(PortClosed):
                await fill()

        async def receive() -> None:
            with pytest.raises(PortClosed):
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


# What is between us and the server.


@pytest.mark.parametrize("tls", [False, True])
async def test_a_proxy_of_the_environment_is_used(
    tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with serving(echo, tls=tls) as server, proxying() as proxy:
        monkeypatch.setenv("wss_proxy" if tls else "ws_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        port = await connect(server)
        await port.send(b"hello", text=True)
        assert await port.receive() == b"hello"
        await port.close(1000, "")
        assert proxy.targets == [server.url.partition("://")[2]]


async def test_tls_has_every_message_and_every_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(peer: Peer) -> None:
        for _ in range(3):
            peer.send(peer.connection.recv())
        peer.connection.close(1013, "later")

    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with serving(talk, echo, Peer.cut, tls=True) as server:
        port = await connect(server)
        for data in (b"", b"hello", os.urandom(MEGABYTE - 1)):
            await port.send(data, text=False)
            assert await port.receive() == data
        assert await close_of(port.receive) == (1013, "later", "server")
        port = await connect(server)
        port.abort()
        assert (await close_of(port.receive))[0] == 1006
        port = await connect(server)
        assert (await close_of(port.receive))[0] == 1006


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with serving(tls=True) as server:
        with pytest.raises(APIConnectionError, match="certificate"):
            await connect(server)
        assert server.handshakes == []
