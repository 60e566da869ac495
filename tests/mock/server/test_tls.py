"""TLS: given certificates, and one that the server makes."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from websockets.sync.client import connect

from cartesia_mock import cli
from cartesia_mock.server.certificates import CertificateError
from cartesia_mock.storage import Storage
from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS, running


def trust(path: Path | str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=path)


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A certificate, its key, and the authority to trust."""
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1")
    paths = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    leaf.cert_chain_pems[0].write_to_path(paths[0])
    leaf.private_key_pem.write_to_path(paths[1])
    authority.cert_pem.write_to_path(paths[2])
    return paths


def test_serve_makes_a_certificate_and_tells_where_it_is(speech_request: dict[str, Any]) -> None:
    with serve(engine="tone", tls=True) as url:
        assert url.startswith("https://127.0.0.1:")
        assert url.certificate is not None
        context = trust(url.certificate)
        with httpx.Client(base_url=url, headers=HEADERS, verify=context) as http:
            assert http.post("/tts/bytes", json=speech_request).status_code == 200
            shown = http.get("/voices?limit=1&expand[]=preview_file_url").json()
            assert shown["data"][0]["preview_file_url"].startswith(url)
        address = url.replace("https", "wss", 1) + "/tts/websocket"
        with connect(address, additional_headers=HEADERS, ssl=context) as socket:
            socket.send(json.dumps(speech_request | {"context_id": "c"}))
            assert json.loads(socket.recv())["type"] == "chunk"
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(url, verify=ssl.create_default_context())
    assert not url.certificate.exists()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_the_certificate_fits_the_names_of_the_loopback_interface(name: str) -> None:
    with serve(engine="tone", tls=True) as url:
        address = url.replace("127.0.0.1", name)
        assert httpx.get(address, verify=trust(url.certificate)).json()["ok"] is True


def test_faults_happen_over_tls(speech_request: dict[str, Any]) -> None:
    with serve(engine="tone", tls=True) as url:
        headers = {**HEADERS, "x-mock-fault": "cut; after=2000; how=reset"}
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            httpx.post(
                f"{url}/tts/bytes",
                json=speech_request,
                headers=headers,
                verify=trust(url.certificate),
            )


def test_a_request_over_tls_that_is_never_complete_is_given_up() -> None:
    with serve(engine="tone", tls=True, request_timeout=0.3) as url:
        port = int(url.rpartition(":")[2])
        context = trust(url.certificate)
        with (
            socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped,
        ):
            wrapped.sendall(b"GET / HTTP/1.1\r\nhost: x")
            assert b"408" in wrapped.recv(100)


def test_serve_takes_a_certificate(own: tuple[Path, Path, Path]) -> None:
    chain, key, authority = own
    with serve(engine="tone", certfile=chain, keyfile=key) as url:
        assert url.certificate == chain
        assert httpx.get(url, verify=trust(authority)).json()["ok"] is True


def test_the_command_takes_a_certificate(own: tuple[Path, Path, Path]) -> None:
    chain, key, authority = own
    with running("--certfile", str(chain), "--keyfile", str(key)) as (_, url):
        assert url.startswith("https://")
        assert httpx.get(url, verify=trust(authority)).json()["ok"] is True


def test_the_command_makes_a_certificate_and_says_where_it_is() -> None:
    with running("--tls", "--quiet", stderr=subprocess.PIPE) as (process, url):
        assert process.stderr is not None
        line = process.stderr.readline()
        prefix = "cartesia-mock: clients have to trust the certificate in "
        assert line.startswith(prefix)
        path = line.removeprefix(prefix).strip()
        assert httpx.get(url, verify=trust(path)).json()["ok"] is True
        if os.name == "posix":
            assert Path(path).parent.stat().st_mode & 0o077 == 0
        process.terminate()
        process.communicate(timeout=10)
        assert not Path(path).exists()


def test_serve_closes_its_storage_where_the_certificate_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Storage] = []
    close = Storage.close

    def note(storage: Storage) -> None:
        closed.append(storage)
        close(storage)

    monkeypatch.setattr(Storage, "close", note)
    missing = tmp_path / "no.pem"
    with pytest.raises(CertificateError, match="cannot serve TLS"), serve(certfile=missing):
        pass
    assert len(closed) == 1


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--keyfile", "key.pem"], "keyfile needs certfile: name the certificate of the key"),
        (["--certfile", "no.pem"], "cannot serve TLS with no.pem: "),
        (["--certfile", __file__, "--keyfile", "k"], f"cannot serve TLS with {__file__} and k: "),
    ],
)
def test_wrong_files_are_a_clear_error(
    options: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--port", "0", "--engine", "tone", *options]) == 1
    text = capsys.readouterr().err
    assert text.startswith("cartesia-mock: ")
    assert problem in text
