"""Connections of asyncio as httpcore uses them: nothing lost, nobody left waiting, all closed."""

from __future__ import annotations

import asyncio
import socket
import struct
import time

import httpcore
import pytest

from cartesia._runtime.direct.network import AsyncioBackend
from tests.runtime.direct.peers import MEGABYTE, connected, echo, gone, listening, silent

pytestmark = pytest.mark.anyio


async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is one that reads
    await asyncio.sleep(5)


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
