# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/transport/test_handshakes.py
# Do not edit: change that file instead.
"""One WebSocket that is being opened: refusals, proxies and certificates."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import threading
from pathlib import Path

import pytest

from cartesia._runtime.errors import (
    APIConnectionError,
    APIStatusError,
    CartesiaError,
    RateLimitError,
)
from tests.runtime.websocket._sync.primitives import until
from tests.runtime.websocket._sync.transport.talk import MEGABYTE, close_of, connect, echo
from tests.runtime.websocket.proxy import proxying
from tests.runtime.websocket.server import CERTIFICATE, Peer, Server, serving

# Handshakes that fail.


def test_a_refusal_has_the_words_of_the_server() -> None:
    with serving(echo) as server:
        body = b'{"title": "Too many", "message": "Wait.", "status_code": 429}'
        server.refusals.append((429, body, {"retry-after": "7"}))
        with pytest.raises(RateLimitError) as caught:
            connect(server)
        assert caught.value.title == "Too many"
        assert caught.value.response.headers["retry-after"] == "7"


def test_a_refusal_is_not_decompressed() -> None:
    with serving(echo) as server:
        server.refusals.append((403, b"no gzip", {"content-encoding": "gzip, gzip"}))
        with pytest.raises(APIStatusError, match="403 - no gzip"):
            connect(server)


def test_a_redirect_is_a_refusal() -> None:
    with serving(echo) as server, serving(echo) as other:
        server.refusals.append((307, b"", {"location": other.url}))
        with pytest.raises(APIStatusError) as caught:
            connect(server)
        assert caught.value.status_code == 307
        assert other.handshakes == []


def test_an_answer_that_is_no_handshake_is_an_error_of_ours() -> None:
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
            connect(server)
        until(lambda: not thread.is_alive())


@pytest.mark.parametrize("url", ["http://127.0.0.1", "ws:///nowhere"])
def test_what_is_no_address_is_said(url: str) -> None:
    server = Server()
    server.url = url
    with pytest.raises(CartesiaError, match="is not a WebSocket URL"):
        connect(server)


# What is between us and the server.


@pytest.mark.parametrize("tls", [False, True])
def test_a_proxy_of_the_environment_is_used(tls: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with serving(echo, tls=tls) as server, proxying() as proxy:
        monkeypatch.setenv("https_proxy" if tls else "http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        port = connect(server)
        port.send(b"hello", text=True)
        assert port.receive() == b"hello"
        port.close(1000, "")
        assert proxy.targets == [server.url.partition("://")[2]]


def test_tls_has_every_message_and_every_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(peer: Peer) -> None:
        for _ in range(3):
            peer.send(peer.connection.recv())
        peer.connection.close(1013, "later")

    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with serving(talk, echo, Peer.cut, tls=True) as server:
        port = connect(server)
        for data in (b"", b"hello", os.urandom(MEGABYTE - 1)):
            port.send(data, text=False)
            assert port.receive() == data
        assert close_of(port.receive) == (1013, "later", "server")
        port = connect(server)
        port.abort()
        assert (close_of(port.receive))[0] == 1006
        port = connect(server)
        assert (close_of(port.receive))[0] == 1006


def test_authorities_are_read_once_and_not_in_the_event_loop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read_by: list[threading.Thread] = []

    def read(cafile: str) -> ssl.SSLContext:
        read_by.append(threading.current_thread())
        return default(cafile=cafile)

    default = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", read)
    # A path of its own, so that it is not what another test had.
    monkeypatch.setenv("SSL_CERT_FILE", str(shutil.copy(CERTIFICATE, tmp_path)))
    with serving(echo, echo, tls=True) as server:
        for _ in range(2):
            port = connect(server)
            port.close(1000, "")
    assert len(read_by) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with serving(tls=True) as server:
        with pytest.raises(APIConnectionError, match="certificate"):
            connect(server)
        assert server.handshakes == []
