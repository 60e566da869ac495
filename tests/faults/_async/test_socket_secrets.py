"""No error of a WebSocket shows a key, a token, or the password of a proxy or of a URL."""

from __future__ import annotations

import logging
import pickle
import socket
import traceback
from collections.abc import Iterator

import pytest

from cartesia import AsyncCartesia, CartesiaError, ConnectionOptions
from tests.faults._async.test_secrets import GROUP
from tests.faults.page import ROOT, Caller
from tests.runtime.websocket.proxy import Proxy, SocksProxy, proxying
from tests.runtime.websocket.server import serving

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

OURS = str(ROOT / "overrides")
SECRET = "never-to-be-seen"


def shown(error: BaseException) -> Iterator[str]:
    """Return all that an error and its causes say."""
    link: BaseException | None = error
    while link is not None:
        yield from (str(link), repr(link), repr(link.args))
        if isinstance(link, CartesiaError):
            yield repr(vars(link))
        for frame in traceback.TracebackException.from_exception(link, capture_locals=True).stack:
            if frame.filename.startswith(OURS):
                yield from (frame.locals or {}).values()
        link = link.__cause__ or link.__context__
    yield from traceback.TracebackException.from_exception(error).format()
    yield repr(pickle.dumps(error))


async def fail(
    caplog: pytest.LogCaptureFixture,
    url: str,
    options: ConnectionOptions | None = None,
    proxy: str | None = None,
) -> None:
    caplog.set_level(logging.DEBUG)
    client = AsyncCartesia(
        api_key=SECRET,
        websocket_base_url=url,
        default_headers={"X-API-Key": SECRET, "Cookie": f"key={SECRET}"},
        proxy=proxy,
        timeout=1,
    )
    async with client:
        manager = client.tts.websocket_connect(
            extra_query={"access_token": SECRET}, websocket_connection_options=options
        )
        with pytest.raises(CartesiaError) as caught:
            await manager.enter()
    logged = [each.getMessage() for each in caplog.records if each.name != "websockets.server"]
    assert SECRET not in "\n".join([*shown(caught.value), *logged])


@pytest.mark.fault(GROUP, "The handshake of a WebSocket fails, directly or behind a proxy")
async def test_handshakes(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, caller: Caller
) -> None:
    with serving() as server, socket.create_server(("127.0.0.1", 0)) as silent:
        host = server.url.partition("://")[2]
        here = f"ws://user:{SECRET}@{host}"
        server.refusals.append((401, b'{"title": "No"}', {}))
        await fail(caplog, here)
        await fail(caplog, f"ws://user:{SECRET}@127.0.0.1:1")
        await fail(caplog, f"wss://user:{SECRET}@{host}")
        await fail(caplog, f"ws://user:{SECRET}@127.0.0.1:{silent.getsockname()[1]}")
        await fail(caplog, f"ws://user:{SECRET}@127.0.0.1:port")
        await fail(caplog, f"ws://user:{SECRET}@/nowhere")
        for scheme in ("http", "socks5"):
            dead = f"{scheme}://user:{SECRET}@127.0.0.1:1"
            await fail(caplog, here, proxy=dead)
            await fail(caplog, here, {"proxy": dead})
            monkeypatch.setenv("all_proxy", dead)
            await fail(caplog, here)
            monkeypatch.delenv("all_proxy")
        monkeypatch.setenv("all_proxy", f"socks4://user:{SECRET}@127.0.0.1:1")
        await fail(caplog, here)
        monkeypatch.delenv("all_proxy")
        for proxy in (Proxy(refusal="407 Who are you?"), Proxy(refusal="x"), SocksProxy()):
            with proxying(proxy):
                address = f"{proxy.url.partition(':')[0]}://user:{SECRET}@{proxy.address}"
                await fail(caplog, f"ws://user:{SECRET}@127.0.0.1:1", proxy=address)
    caller.sees("no key, token or password anywhere")
