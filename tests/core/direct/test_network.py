"""Connections of asyncio as httpcore uses them: nothing lost, nobody left waiting, all closed."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpcore
import pytest

from cartesia._core.direct.connecting import _by_turns
from cartesia._core.direct.network import AsyncioBackend, AsyncioStream
from cartesia._core.tls import lazy_tls
from tests.faults.server import certificate, tls

pytestmark = pytest.mark.anyio

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
MEGABYTE = 2**20


@asynccontextmanager
async def listening(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Run a server; give its port."""

    talks: list[asyncio.Task[None]] = []

    async def talk_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                await talk(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.ensure_future(talk_and_close(reader, writer)))

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for talking in talks:
            talking.cancel()
        await asyncio.wait_for(asyncio.gather(*talks, return_exceptions=True), 5)


@asynccontextmanager
async def connected(talk: Talk) -> AsyncIterator[AsyncioStream]:
    """Give a connection to a server."""
    async with listening(talk) as port:
        stream = await AsyncioBackend().connect_tcp("127.0.0.1", port, timeout=5.0)
        try:
            yield stream
        finally:
            await stream.aclose()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(MEGABYTE):
        writer.write(data)
        await writer.drain()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is one that reads
    await asyncio.sleep(5)


async def gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"last words")
    await writer.drain()
    await asyncio.sleep(0.05)
    plain = writer.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_what_is_sent_comes_back() -> None:
    sent = bytes(range(256)) * 4000
    async with connected(echo) as stream:
        writing = asyncio.ensure_future(stream.write(sent, timeout=5.0))
        heard = b""
        while len(heard) < len(sent):
            piece = await stream.read(1000, timeout=5.0)
            assert 0 < len(piece) <= 1000
            heard += piece
        await writing
    assert heard == sent


async def test_nothing_to_send_is_no_error() -> None:
    async with connected(silent) as stream:
        await stream.write(b"")


async def test_a_silent_server() -> None:
    async with connected(silent) as stream:
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(10, timeout=0.05)
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(10, timeout=0)


async def test_a_deaf_server() -> None:
    async with connected(deaf) as stream:
        with pytest.raises(httpcore.WriteTimeout):
            await stream.write(bytes(64 * MEGABYTE), timeout=0.1)


async def test_a_server_that_ends_the_connection() -> None:
    async with connected(gone) as stream:
        await stream.write(b"x")
        assert await stream.read(10, timeout=5.0) == b""
        with pytest.raises(httpcore.WriteError, match="the connection was closed"):
            await stream.write(b"x")


async def test_a_server_that_breaks_the_connection_is_heard_to_its_last_word() -> None:
    async with connected(reset) as stream:
        await stream.write(b"x")
        await asyncio.sleep(0.2)
        assert await stream.read(100, timeout=5.0) == b"last words"
        with pytest.raises(httpcore.ReadError, match="reset"):
            await stream.read(100, timeout=5.0)


async def test_a_writer_learns_that_the_connection_broke() -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.transport.abort()  # with what it did not read: that is a reset

    async with connected(break_off) as stream:
        with pytest.raises(httpcore.WriteError):
            await stream.write(bytes(64 * MEGABYTE), timeout=5.0)


async def test_a_writer_learns_that_the_server_says_no_more() -> None:
    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # as above
        await asyncio.sleep(0.05)
        writer.write(b"too large")
        writer.write_eof()
        await asyncio.sleep(5)

    async with connected(end) as stream:
        with pytest.raises(httpcore.WriteError):
            await asyncio.wait_for(stream.write(bytes(64 * MEGABYTE)), 5)
        assert await stream.read(100) == b"too large"


async def test_whoever_reads_while_it_is_closed_does_not_take_it_for_an_end() -> None:
    async with connected(silent) as stream:
        reading = asyncio.ensure_future(stream.read(10, timeout=5.0))
        await asyncio.sleep(0.01)
        await stream.aclose()
        with pytest.raises(httpcore.ReadError, match="the connection was closed"):
            await reading


async def test_a_cancelled_reader_loses_nothing() -> None:
    async with connected(echo) as stream:
        reading = asyncio.ensure_future(stream.read(10, timeout=5.0))
        await asyncio.sleep(0.01)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await stream.write(b"hello")
        assert await stream.read(10, timeout=5.0) == b"hello"


async def test_what_nobody_reads_stays_in_the_network() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.transport.set_write_buffer_limits(0)
        for _ in range(64):
            writer.write(bytes(MEGABYTE))
            await writer.drain()
            sent += 1
        await reader.read()

    async with connected(pour) as stream:
        await asyncio.sleep(0.2)
        assert sent < 32, "buffers of the system, and little more"
        heard = 0
        while heard < 64 * MEGABYTE:
            heard += len(await stream.read(2**16, timeout=5.0))
            assert stream._line.held <= 2**18 + 2**16


async def test_an_idle_connection_that_ended_is_known_to_have() -> None:
    for is_busy in (True, False):
        with socket.create_server(("127.0.0.1", 0)) as server:
            stream = await AsyncioBackend().connect_tcp(*server.getsockname())
            peer, _ = server.accept()
            assert not stream.get_extra_info("is_readable")
            peer.close()
            if is_busy:
                time.sleep(0.01)  # noqa: ASYNC251  # so that the event loop sees nothing of it
            else:
                await asyncio.sleep(0.01)
            assert stream.get_extra_info("is_readable")
            await stream.aclose()


async def test_it_tells_who_talks() -> None:
    async with connected(silent) as stream:
        host, port = stream.get_extra_info("client_addr")
        assert (host, port) == stream.get_extra_info("socket").getsockname()
        assert stream.get_extra_info("server_addr") == stream.get_extra_info("socket").getpeername()
        assert stream.get_extra_info("ssl_object") is None


async def test_options_of_sockets_and_the_address_to_connect_from() -> None:
    option = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    async with listening(silent) as port:
        stream = await AsyncioBackend().connect_tcp(
            "127.0.0.1", port, local_address="127.0.0.2", socket_options=[option]
        )
        assert stream.get_extra_info("client_addr")[0] == "127.0.0.2"
        assert stream.get_extra_info("socket").getsockopt(*option[:2]) == 1
        await stream.aclose()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


async def test_nobody_listens() -> None:
    with pytest.raises(httpcore.ConnectError, match="Connect call failed"):
        await AsyncioBackend().connect_tcp("127.0.0.1", closed_port(), timeout=5.0)


async def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    with pytest.raises(httpcore.ConnectError, match="Name or service not known"):
        await AsyncioBackend().connect_tcp("nowhere.test", 80, timeout=5.0)


@asynccontextmanager
async def black_hole() -> AsyncIterator[int]:
    """Give a port that answers nobody: its queue of connections is full."""
    with socket.socket() as server, socket.socket() as first, socket.socket() as second:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        await asyncio.sleep(0.05)
        yield server.getsockname()[1]


async def test_a_host_that_does_not_answer() -> None:
    async with black_hole() as port:
        with pytest.raises(httpcore.ConnectTimeout):
            await AsyncioBackend().connect_tcp("127.0.0.1", port, timeout=0.1)


async def test_another_address_is_tried_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a network pretends to know IPv6 (RFC 8305, "happy eyeballs")."""
    async with black_hole() as hole, listening(echo) as port:

        async def both(*_: object, **__: object) -> list[object]:
            kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            return [(*kind, ("127.0.0.1", hole)), (*kind, ("127.0.0.1", port))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
        stream = await AsyncioBackend().connect_tcp("two.test", 80, timeout=5.0)
        assert stream.get_extra_info("server_addr")[1] == port
        await stream.aclose()
        await asyncio.sleep(0)
        assert not [task for task in asyncio.all_tasks() if "create_connection" in repr(task)]


async def test_connecting_can_be_cancelled() -> None:
    async with black_hole() as port:
        connecting = asyncio.ensure_future(AsyncioBackend().connect_tcp("127.0.0.1", port))
        await asyncio.sleep(0.05)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting


async def test_connecting_can_be_cancelled_when_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    create_connection = loop.create_connection
    made: list[asyncio.BaseTransport] = []

    async def create_and_cancel(*args: Any, **options: Any) -> object:
        transport, protocol = await create_connection(*args, **options)
        made.append(transport)
        connecting.cancel()
        return transport, protocol

    monkeypatch.setattr(loop, "create_connection", create_and_cancel)
    async with listening(echo) as port:
        connecting = asyncio.ensure_future(AsyncioBackend().connect_tcp("127.0.0.1", port))
        with pytest.raises(asyncio.CancelledError):
            await connecting
        assert made[0].is_closing()


async def secure(port: int, timeout: float = 5.0) -> AsyncioStream:
    stream = await AsyncioBackend().connect_tcp("127.0.0.1", port, timeout=5.0)
    return await stream.start_tls(lazy_tls(), "127.0.0.1", timeout)


async def test_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()))
    sent = bytes(range(256)) * 4000
    async with listening(echo, tls()) as port:
        stream = await secure(port)
        assert stream.get_extra_info("ssl_object").version().startswith("TLS")
        writing = asyncio.ensure_future(stream.write(sent, timeout=5.0))
        heard = b""
        while len(heard) < len(sent):
            heard += await stream.read(2**16, timeout=5.0)
        await writing
        assert heard == sent
        await stream.aclose()


async def test_a_server_that_ends_a_connection_with_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()))
    async with listening(gone, tls()) as port:
        stream = await secure(port)
        await stream.write(b"x")
        assert await stream.read(10, timeout=5.0) == b""
        assert stream.get_extra_info("is_readable")
        await stream.aclose()


async def test_what_a_server_said_over_tls_before_it_left_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """asyncio would lose what its own buffer of decrypted bytes still holds."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()))
    said = bytes(range(256)) * 2048  # more than is read ahead, less than the network holds

    async def say_and_leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await asyncio.sleep(0.1)
        writer.transport.abort()  # without a farewell of TLS, as many do

    async with listening(say_and_leave, tls()) as port:
        stream = await secure(port)
        await asyncio.sleep(0.2)
        heard = b""
        while piece := await stream.read(2**16, timeout=5.0):
            heard += piece
        assert heard == said
        await stream.aclose()


async def test_a_server_that_nobody_vouches_for() -> None:
    async with listening(echo, tls()) as port:
        with pytest.raises(httpcore.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await secure(port)


async def test_a_server_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()))
    async with listening(echo) as port:
        with pytest.raises(httpcore.ConnectError):
            await secure(port)
    async with listening(gone) as port:
        with pytest.raises(httpcore.ConnectError):
            await secure(port)
    async with listening(silent) as port:
        with pytest.raises(httpcore.ConnectTimeout):
            await secure(port, timeout=0.1)


async def test_a_handshake_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()))
    async with listening(silent) as port:
        shaking = asyncio.ensure_future(secure(port))
        await asyncio.sleep(0.1)
        shaking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await shaking


def test_addresses_of_both_families_take_turns() -> None:
    found = [(socket.AF_INET6, 1, 6, "", (host, 80)) for host in ("a", "b", "c")]
    found += [(socket.AF_INET, 1, 6, "", ("d", 80))]
    assert [address[0] for _, address in _by_turns(found)] == ["a", "d", "b", "c"]
