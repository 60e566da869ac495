"""The choice of the library beneath a connection, and what only one of them can do."""

from __future__ import annotations

import pytest

from cartesia._runtime._async.websocket.opening import AsyncOpening
from cartesia._runtime._sync.websocket.opening import Opening
from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.options import ConnectionOptions, with_defaults
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket.server import Server

REQUEST = Request(Operation("o", "GET", "/"))


def nowhere() -> Server:
    server = Server()
    server.url = "wss://127.0.0.1:9"
    return server


def options(**wanted: object) -> ConnectionOptions:
    return with_defaults(wanted)  # type: ignore[arg-type]  # what a caller without types may give


def test_there_are_two() -> None:
    with pytest.raises(ValueError, match=r"transport is 'websockets' or 'aiohttp', not 'pigeon'"):
        options(transport="pigeon")


@pytest.mark.parametrize("name", ["extensions", "max_queue", "write_limit"])
def test_an_option_that_aiohttp_does_not_have_is_refused(name: str) -> None:
    assert name in options(**{name: None})
    with pytest.raises(ValueError, match=f"the transport 'aiohttp' has no '{name}'"):
        options(transport="aiohttp", **{name: None})


def test_threads_have_no_aiohttp() -> None:
    opening = Opening(nowhere(), REQUEST, options(transport="aiohttp"), Reconnection())
    with pytest.raises(CartesiaError, match="that of AsyncCartesia"):
        opening.open()


@pytest.mark.anyio
async def test_aiohttp_says_that_it_knows_no_other_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("wss_proxy", "socks5://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    opening = AsyncOpening(nowhere(), REQUEST, options(transport="aiohttp"), Reconnection())
    with pytest.raises(CartesiaError, match="HTTP proxies alone"):
        await opening.open()


@pytest.mark.anyio
@pytest.mark.parametrize("transport", ["websockets", "aiohttp"])
async def test_a_host_that_is_to_be_reached_directly_is(
    transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("wss_proxy", "socks5://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    opening = AsyncOpening(nowhere(), REQUEST, options(transport=transport), Reconnection())
    with pytest.raises(CartesiaError, match="cannot reach"):
        await opening.open()
