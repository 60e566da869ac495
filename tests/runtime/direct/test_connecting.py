"""Connecting to servers of one address and of several, of which some do not answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpcore
import pytest

from cartesia._runtime.direct.connecting import _by_turns
from cartesia._runtime.direct.network import AsyncioBackend
from tests.runtime.direct.peers import echo, listening

pytestmark = pytest.mark.anyio


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


def test_addresses_of_both_families_take_turns() -> None:
    found = [(socket.AF_INET6, 1, 6, "", (host, 80)) for host in ("a", "b", "c")]
    found += [(socket.AF_INET, 1, 6, "", ("d", 80))]
    assert [address[0] for _, address in _by_turns(found)] == ["a", "d", "b", "c"]
