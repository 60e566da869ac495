"""TLS: servers are verified, and a connection without TLS loads no certificates."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress

import pytest

from cartesia import AsyncCartesia, Cartesia, CartesiaError
from cartesia._runtime.http_clients import LazyTLSContext
from tests.faults.server import certificate, tls
from tests.runtime.server import answer, serve

FOUND = answer(b'{"id": "v"}')


@pytest.mark.anyio
async def test_an_authority_of_the_environment_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()))
    with serve(FOUND, tls=tls()) as server:
        with Cartesia(api_key="k", base_url=server.url) as client:
            assert client.voices.get("v").id == "v"
        async with AsyncCartesia(api_key="k", base_url=server.url) as async_client:
            assert (await async_client.voices.get("v")).id == "v"


def test_what_goes_around_it_rejects_every_server() -> None:
    context = LazyTLSContext()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert not context.get_ca_certs()


def test_a_host_is_verified() -> None:
    with serve(FOUND, tls=tls()) as server:
        host, _, port = server.url.partition("://")[2].partition(":")
        with (
            socket.create_connection((host, int(port))) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            LazyTLSContext().wrap_socket(plain, server_hostname=host)


@pytest.mark.anyio
async def test_certificates_are_read_when_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    with serve(FOUND) as server, Cartesia(api_key="k", base_url=server.url) as client:
        assert client.voices.get("v").id == "v"
    with serve(FOUND, tls=tls()) as server:
        with (
            Cartesia(api_key="k", base_url=server.url) as client,
            pytest.raises(CartesiaError, match=r"cannot be read .*see SSL_CERT_FILE"),
        ):
            client.voices.get("v")
        async with AsyncCartesia(api_key="k", base_url=server.url) as async_client:
            with pytest.raises(CartesiaError, match=r"cannot be read .*see SSL_CERT_FILE"):
                await async_client.voices.get("v")


def test_protocols_may_be_chosen_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()))
    context = LazyTLSContext()
    offered = tls()
    offered.set_alpn_protocols(["http/1.1"])
    for protocols in (["h2"], ["http/1.1"]):
        ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
        context.set_alpn_protocols(protocols)
        client = context.wrap_bio(ours, theirs, server_hostname="127.0.0.1")
        server = offered.wrap_bio(theirs, ours, server_side=True)
        for _ in range(3):
            for side in (client, server):
                with suppress(ssl.SSLWantReadError):
                    side.do_handshake()
    assert client.selected_alpn_protocol() == "http/1.1"
