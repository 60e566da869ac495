"""What sends the requests of an async client, and when it is httpx's own transport."""

from __future__ import annotations

import httpcore
import httpx
import pytest

from cartesia import AsyncCartesia
from cartesia._runtime._async.primitives import direct
from cartesia._runtime.direct import transport
from cartesia._runtime.tls import lazy_tls
from tests.runtime.server import answer, serve

FOUND = answer(b'{"id": "v"}')
LIMITS = httpx.Limits(max_connections=1)


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)


@pytest.mark.anyio
@pytest.mark.usefixtures("no_proxies")
async def test_it_goes_straight_where_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(direct(lazy_tls(), LIMITS), transport.DirectTransport)
    monkeypatch.setenv("no_proxy", "localhost")
    assert isinstance(direct(lazy_tls(), LIMITS), transport.DirectTransport)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert direct(lazy_tls(), LIMITS) is None


@pytest.mark.usefixtures("no_proxies")
def test_it_does_not_under_another_library_than_asyncio() -> None:
    assert direct(lazy_tls(), LIMITS) is None


@pytest.mark.anyio
@pytest.mark.usefixtures("no_proxies")
async def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(FOUND) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        async with AsyncCartesia(api_key="k", base_url="http://api.test") as client:
            assert (await client.voices.get("v")).id == "v"
        assert proxy.requests[0].target == "http://api.test/voices/v"


def test_every_error_has_its_name_in_httpx() -> None:
    leaves = {
        kind
        for kind in vars(httpcore).values()
        if isinstance(kind, type) and issubclass(kind, Exception) and not kind.__subclasses__()
    }
    # The one is for proxies, the other never leaves httpcore.
    leaves -= {httpcore.ProxyError, httpcore.ConnectionNotAvailable}
    assert set(transport._ERRORS) == leaves
    assert all(ours.__name__ == theirs.__name__ for ours, theirs in transport._ERRORS.items())


@pytest.mark.anyio
@pytest.mark.usefixtures("no_proxies")
async def test_errors_are_those_of_httpx() -> None:
    async with httpx.AsyncClient(transport=direct(lazy_tls(), LIMITS)) as http:
        with pytest.raises(httpx.UnsupportedProtocol, match="ftp"):
            await http.get("ftp://api.test")
