# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/test_network.py
# Do not edit: change that file instead.
"""HTTP and WebSockets trust the same authorities and use the same proxies."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TypedDict
from urllib.parse import unquote

import httpx
import pytest

from cartesia import (
    APIConnectionError,
    APITimeoutError,
    Cartesia,
    CartesiaError,
    ConnectionOptions,
    DefaultHttpxClient,
)
from cartesia._runtime import network
from tests.faults.server import certificate, tls
from tests.overrides.speaking import RAW
from tests.runtime.server import answer, serve
from tests.runtime.websocket.proxy import Proxy, SocksProxy, proxying
from tests.runtime.websocket.server import CERTIFICATE, serving

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

FOUND = answer(b'{"id": "v"}')
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class Where(TypedDict):
    api_key: str
    base_url: str
    websocket_base_url: str


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, *map(str.upper, VARIABLES), "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    network._load.cache_clear()


@pytest.fixture
def authorities(tmp_path: Path) -> str:
    """Return a file with both authorities of `secured`."""
    path = tmp_path / "authorities.pem"
    path.write_text(certificate().read_text() + CERTIFICATE.read_text())
    return str(path)


@contextmanager
def secured() -> Iterator[Where]:
    """Serve HTTP and WebSockets over TLS, by authorities that nobody knows."""
    with serve(FOUND, tls=tls()) as http, serving(tls=True) as sockets:
        yield {"api_key": "k", "base_url": http.url, "websocket_base_url": sockets.url}


@contextmanager
def plain() -> Iterator[Where]:
    """Serve HTTP and WebSockets."""
    with serve(FOUND) as http, serving() as sockets:
        yield {"api_key": "k", "base_url": http.url, "websocket_base_url": sockets.url}


def host_of(url: str) -> str:
    return url.partition("://")[2]


def call(client: Cartesia) -> None:
    assert (client.voices.get("v")).id == "v"


def connect(client: Cartesia, options: ConnectionOptions | None = None) -> None:
    with client.tts.websocket_connect(websocket_connection_options=options) as connection:
        context = connection.context(model_id="sonic-3", voice="v", output_format=RAW)
        context.push("Hi.")
        context.no_more_inputs()
        assert [event.type for event in context.receive()]


def refusals(client: Cartesia) -> list[str]:
    """Say what HTTP and a WebSocket fail with."""
    with pytest.raises(CartesiaError) as http:
        call(client)
    with pytest.raises(CartesiaError) as opening:
        connect(client)
    return [str(http.value), str(opening.value)]


# Trust.


def test_the_context_of_a_client_is_for_http_and_sockets(authorities: str) -> None:
    context = ssl.create_default_context(cafile=authorities)
    with secured() as where:
        with Cartesia(**where, max_retries=0) as client:
            assert all("certificate" in text for text in refusals(client))
            with client.with_options(ssl_context=context) as trusting:
                call(trusting)
                connect(trusting)
        with Cartesia(**where, ssl_context=context) as client:
            call(client)
            connect(client)
            assert client.with_options(timeout=3)._requester.transport.network == (
                client._requester.transport.network
            )


def test_a_socket_may_have_a_context_of_its_own(authorities: str) -> None:
    context = ssl.create_default_context(cafile=authorities)
    with secured() as where:
        with Cartesia(**where) as client:
            connect(client, {"ssl": context})


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "certifi"])
def test_the_authorities_of_the_environment_are_for_both(
    variable: str, authorities: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable == "certifi":
        monkeypatch.setattr("certifi.where", lambda: authorities)
    else:
        monkeypatch.setenv(variable, authorities)
    with secured() as where:
        with Cartesia(**where) as client:
            call(client)
            connect(client)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
@pytest.mark.parametrize("path", ["missing", "empty.pem"])
def test_certificates_that_cannot_be_read_are_named(
    variable: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv(variable, str(tmp_path / path))
    with secured() as where:
        with Cartesia(**where, max_retries=0) as client:
            for text in refusals(client):
                assert "cannot be read" in text
                assert str(tmp_path / path) in text
                assert variable in text


def test_tls_is_1_2_at_least(authorities: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authorities)
    old = ssl.create_default_context

    def create(cafile: str) -> ssl.SSLContext:
        context = old(cafile=cafile)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED  # as Python 3.9 has it
        return context

    monkeypatch.setattr(network, "ssl", sys.modules["ssl"])
    monkeypatch.setattr("ssl.create_default_context", create)
    assert network.load_trust().minimum_version == ssl.TLSVersion.TLSv1_2


def test_what_the_default_client_was_made_with_is_for_sockets(
    authorities: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(cafile=authorities)
    with secured() as where, proxying() as proxy:
        http = DefaultHttpxClient(verify=context, proxy=proxy.address)
        with Cartesia(**where, http_client=http) as client:
            call(client)
            connect(client)
        assert proxy.targets == [host_of(where["base_url"]), host_of(where["websocket_base_url"])]
        # What cannot be read of another client is the environment's, unless it ignores that.
        monkeypatch.setenv("SSL_CERT_FILE", authorities)
        monkeypatch.setenv("https_proxy", proxy.url)
        with Cartesia(**where, http_client=httpx.Client()) as client:
            connect(client)
        assert len(proxy.targets) == 3
        other = httpx.Client(trust_env=False)
        with Cartesia(**where, http_client=other) as client:
            with pytest.raises(APIConnectionError, match="certificate"):
                connect(client)
        assert len(proxy.targets) == 3


def test_the_default_trust_is_shared() -> None:
    with DefaultHttpxClient(http2=False) as http:
        assert http.network.ssl_context is network.load_trust()
    with DefaultHttpxClient(verify=False) as http:
        assert http.network.ssl_context is not None
        assert http.network.ssl_context.verify_mode is ssl.CERT_NONE


# Proxies.


@pytest.mark.parametrize("scheme", ["http://", ""])
def test_the_proxy_of_a_client_is_for_http_and_sockets(scheme: str) -> None:
    with plain() as where, proxying() as proxy:
        # The websockets of Python 3.9 takes the quoted text for the name and the password.
        user = "us%40er:pass%3Aword" if sys.version_info >= (3, 10) else "user:password"
        address = f"{scheme}{user}@{proxy.address}"
        with Cartesia(**where, proxy=address) as client:
            call(client)
            connect(client)
        # Sockets go through a tunnel, as RFC 6455 asks for.
        assert [head.split(" ")[0] for head in proxy.heads] == ["GET", "CONNECT"]
        assert proxy.targets == [host_of(where["base_url"]), host_of(where["websocket_base_url"])]
        said = b64encode(unquote(user).encode()).decode()
        assert all(f"asic {said}" in head for head in proxy.heads)


def test_another_proxy_may_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    with plain() as where, proxying() as one, proxying() as two:
        monkeypatch.setenv("http_proxy", two.url)
        with Cartesia(**where, proxy=httpx.URL(one.url)) as client:
            connect(client, {"proxy": two.url})
            connect(client, {"proxy": True})
            connect(client, {"proxy": None})
            assert (len(one.targets), len(two.targets)) == (0, 2)
            with client.with_options(proxy=httpx.Proxy(two.url)) as other:
                call(other)
                connect(other)
        assert (len(one.targets), len(two.targets)) == (0, 4)


@pytest.mark.parametrize("secure", [False, True])
def test_the_proxy_of_the_environment_is_for_both(
    secure: bool, authorities: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authorities)
    with secured() if secure else plain() as where, proxying() as proxy:
        with Cartesia(**where) as client:
            # Without a scheme, as curl takes it.
            monkeypatch.setenv("https_proxy" if secure else "http_proxy", proxy.address)
            # What is for the other scheme leads nowhere, and is not taken.
            monkeypatch.setenv("http_proxy" if secure else "https_proxy", "http://127.0.0.1:1")
            call(client)
            connect(client)
        assert len(proxy.targets) == 2
        with Cartesia(**where) as client:
            monkeypatch.setenv("no_proxy", "somewhere, 127.0.0.1")
            call(client)
            connect(client)
        assert len(proxy.targets) == 2
        for name in ("http_proxy", "https_proxy", "no_proxy"):
            monkeypatch.delenv(name)
        with Cartesia(**where) as client:
            monkeypatch.setenv("all_proxy", proxy.url)
            call(client)
            connect(client)
        assert len(proxy.targets) == 4


@pytest.mark.parametrize("secure", [False, True])
def test_a_socks_proxy_is_for_both(
    secure: bool, authorities: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authorities)
    with secured() if secure else plain() as where, proxying(SocksProxy()) as proxy:
        with Cartesia(**where, proxy=f"socks5://user:word@{proxy.address}") as client:
            call(client)
            connect(client)
        assert proxy.targets == [host_of(where["base_url"]), host_of(where["websocket_base_url"])]
        assert proxy.heads == ["user:word", "user:word"]


@pytest.mark.parametrize("module", ["socksio", "python_socks"])
def test_the_extra_for_socks_is_named(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if module == "socksio":
        monkeypatch.setitem(sys.modules, "socksio", None)
    else:

        def missing(*_: object, **__: object) -> None:
            raise ImportError("connecting through a SOCKS proxy requires python-socks")

        monkeypatch.setattr("websockets.asyncio.client.connect_socks_proxy", missing)
        monkeypatch.setattr("websockets.sync.client.connect_socks_proxy", missing)
    with plain() as where:
        with Cartesia(**where, proxy="socks5h://127.0.0.1:1") as client:
            with pytest.raises(CartesiaError, match=r"pip install 'cartesia-openapi\[socks\]'"):
                (call if module == "socksio" else connect)(client)


def test_a_proxy_may_speak_tls(authorities: str) -> None:
    context = ssl.create_default_context(cafile=authorities)
    with plain() as where, proxying(Proxy("https")) as proxy:
        with Cartesia(**where, ssl_context=context, proxy=proxy.url) as client:
            call(client)
            connect(client)
            assert len(proxy.targets) == 2
        with Cartesia(**where, proxy=proxy.url, max_retries=0) as client:
            for text in refusals(client):
                assert "could not connect to the proxy https://127.0.0.1" in text
                assert "certificate" in text


def test_tls_goes_through_a_proxy_that_speaks_tls(authorities: str) -> None:
    context = ssl.create_default_context(cafile=authorities)
    with secured() as where, proxying(Proxy("https")) as proxy:
        with Cartesia(**where, ssl_context=context, proxy=proxy.url) as client:
            call(client)
            with pytest.raises(CartesiaError, match="name the proxy by http://"):
                connect(client)


def test_a_proxy_follows_the_context_of_each_copy(authorities: str) -> None:
    context = ssl.create_default_context(cafile=authorities)
    with plain() as where, proxying(Proxy("https")) as proxy:
        given = httpx.Proxy(proxy.url)
        with Cartesia(**where, proxy=given, max_retries=0) as client:
            for trusted in (ssl.create_default_context(), context):
                with client.copy(ssl_context=trusted) as copy:
                    if trusted is context:
                        call(copy)
                    else:
                        refusals(copy)
            assert given.ssl_context is None
            refusals(client)


def test_a_client_with_http2_leaves_the_context_of_sockets_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # httpcore offers HTTP/2 in the context that it is given, and a socket cannot speak it.
    monkeypatch.setitem(sys.modules, "h2", ModuleType("h2"))
    with DefaultHttpxClient(http2=True) as client, DefaultHttpxClient() as other:
        assert client.network.ssl_context is other.network.ssl_context


def test_a_dead_proxy_is_named() -> None:
    with secured() as where, socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        listener.close()
        for scheme in ("http", "socks5"):
            proxy = f"{scheme}://user:never-seen@{address}"
            with Cartesia(**where, proxy=proxy, max_retries=0) as client:
                for text in refusals(client):
                    assert f"could not connect to the proxy {scheme}://{address}" in text
                    assert "`proxy`" in text
                    assert "never-seen" not in text
                    assert "check the network and `base_url`" not in text


def test_a_proxy_that_refuses_is_named() -> None:
    refusing = Proxy(refusal="407 Proxy Authentication Required")
    with secured() as where, proxying(refusing) as proxy:
        with Cartesia(**where, proxy=proxy.url, max_retries=0) as client:
            for text in refusals(client):
                assert f"the proxy {proxy.url} did not connect to" in text
                assert "407" in text


def test_what_is_behind_a_proxy_is_not_blamed_on_it() -> None:
    with secured() as where, proxying() as proxy:
        with Cartesia(**where, proxy=proxy.url, max_retries=0) as client:
            for text in refusals(client):
                assert "could not connect to the proxy" not in text
                assert f"through the proxy {proxy.url}" in text
                assert "certificate" in text


@pytest.mark.parametrize("address", ["ftp://user:never-seen@host", "http://", "http://host:port"])
def test_what_is_no_proxy_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"`proxy` must be the URL of a proxy") as caught:
        Cartesia(api_key="k", proxy=address)
    assert "never-seen" not in str(caught.value)
    client = Cartesia(api_key="k", base_url="http://127.0.0.1:1")
    with pytest.raises(ValueError, match="websocket_connection_options: proxy must be"):
        client.tts.websocket_connect(websocket_connection_options={"proxy": address})
    monkeypatch.setenv("http_proxy", address)
    for text in refusals(client):
        assert "proxy" in text
        assert "environment" in text
        assert "never-seen" not in text
    client.close()


def test_what_is_no_context_is_refused() -> None:
    with pytest.raises(TypeError, match=r"`ssl_context` must be an ssl.SSLContext"):
        Cartesia(api_key="k", ssl_context="ca.pem")  # type: ignore[arg-type]
    client = Cartesia(api_key="k")
    with pytest.raises(TypeError, match=r"websocket_connection_options: ssl must be an"):
        client.tts.websocket_connect(websocket_connection_options={"ssl": True})  # type: ignore[arg-type]
    client.close()


def test_an_http_client_has_settings_of_its_own() -> None:
    with httpx.Client() as http:
        with pytest.raises(ValueError, match=r"DefaultHttpxClient\(verify="):
            Cartesia(api_key="k", http_client=http, proxy="http://127.0.0.1:1")


def test_headers_of_a_proxy_are_for_http_alone() -> None:
    proxy = httpx.Proxy("http://127.0.0.1:1", headers={"x-tenant": "a"})
    with Cartesia(api_key="k", base_url="http://127.0.0.1:1", proxy=proxy) as client:
        with pytest.raises(CartesiaError, match="cannot send the `headers` of"):
            connect(client)


# Time.


@pytest.mark.parametrize("timeout", [0.3, httpx.Timeout(30, read=0.3)])
def test_the_timeout_of_a_client_bounds_opening_a_socket(
    timeout: float | httpx.Timeout,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Cartesia(api_key="k", base_url=url, timeout=timeout) as client:
            begun = time.monotonic()
            with pytest.raises(APITimeoutError):
                connect(client)
            assert time.monotonic() - begun < 3
            begun = time.monotonic()
            with pytest.raises(APITimeoutError):
                connect(client, {"open_timeout": 0.6})
            assert time.monotonic() - begun > 0.5
        assert threading.active_count() < 50
