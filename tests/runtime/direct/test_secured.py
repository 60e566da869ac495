"""The same connections with TLS over them."""

from __future__ import annotations

import asyncio

import httpcore
import pytest

from cartesia._runtime.direct.network import AsyncioBackend, AsyncioStream
from cartesia._runtime.tls import lazy_tls
from tests.faults.server import certificate, tls
from tests.runtime.direct.peers import echo, gone, listening, silent

pytestmark = pytest.mark.anyio


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
