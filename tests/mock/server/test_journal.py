"""The journal of requests, the log of refusals, and the reset."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cartesia_mock.clock import Clock
from cartesia_mock.testing import MockURL, serve
from tests.mock.helpers import HEADERS, NEW, NO_TLS, OLD, running

KEY = {"cartesia-version": OLD}


def get(url: MockURL, path: str, **headers: str) -> httpx.Response:
    return httpx.get(url + path, headers={**HEADERS, **headers}, verify=NO_TLS)


def test_the_journal_has_what_was_sent_and_what_was_answered(
    speech_request: dict[str, Any],
) -> None:
    with serve(engine="tone") as url:
        assert url.requests == []
        first = httpx.post(f"{url}/tts/bytes?x=1", json=speech_request, headers=HEADERS)
        refused = speech_request | {"voice": {"mode": "id", "id": "nobody"}}
        httpx.post(f"{url}/tts/bytes", json=refused, headers=HEADERS)
        spoken, wrong = url.requests
        shown = get(url, "/_mock/requests").json()["requests"]
    assert (spoken.method, spoken.path, spoken.query) == ("POST", "/tts/bytes", {"x": "1"})
    assert (spoken.status, spoken.errors, spoken.version) == (200, [], OLD)
    assert spoken.id == first.headers["x-request-id"]
    assert json.loads(spoken.body) == speech_request
    assert wrong.status == 404
    assert wrong.errors[0].startswith("Voice not found: no voice has the id 'nobody'")
    assert [entry["errors"] for entry in shown] == [[], wrong.errors]
    assert json.loads(shown[0]["body"]) == speech_request


def test_errors_of_every_shape_are_in_the_journal(speech_request: dict[str, Any]) -> None:
    with serve(engine="tone") as url:
        httpx.post(f"{url}/tts/bytes", json={}, headers={**HEADERS, "cartesia-version": NEW})
        long = speech_request | {"transcript": "Hi. " + "<break time='30s'/>" * 99}
        httpx.post(f"{url}/tts/sse", json=long, headers=HEADERS)
        address = url.replace("http", "ws", 1) + "/tts/websocket"
        with connect(address, additional_headers=HEADERS) as socket:
            socket.send("{")
            socket.recv()
            socket.send(json.dumps({**speech_request, "context_id": "c", "model_id": "none"}))
            socket.recv()
        with pytest.raises(InvalidStatus), connect(address):
            pass
        structured, stream, spoken, handshake = url.requests
    assert structured.errors[0].startswith("Invalid request: model_id: is required; ")
    assert stream.status == 200
    assert stream.errors[0].startswith("Transcript too long: ")
    assert (spoken.method, spoken.status) == ("WEBSOCKET", 101)
    assert spoken.messages[0] == "{"
    assert json.loads(spoken.messages[1])["context_id"] == "c"
    assert [error.partition(":")[0] for error in spoken.errors] == ["Invalid JSON", "Invalid model"]
    assert handshake.status == 401
    assert handshake.errors[0].startswith("Missing credentials: ")


def test_the_journal_counts_audio_and_has_no_credentials() -> None:
    secret = "sk_car_secret"
    path = "/stt/turns/websocket?model=ink-2&encoding=pcm_s16le&sample_rate=16000"
    with serve(engine="tone") as url:
        address = f"{url.replace('http', 'ws', 1)}{path}&cartesia_version={OLD}&api_key={secret}"
        with connect(address) as socket:
            socket.send(b"\0" * 500)
            socket.send('{"type": "close"}')
            assert list(socket)
        get(url, "/voices", authorization=f"Bearer {secret}")
        listened = url.requests[0]
        assert (listened.audio_bytes, listened.messages) == (500, ['{"type": "close"}'])
        assert (listened.version, listened.query["model"]) == (OLD, "ink-2")
        assert secret not in repr(url.requests) + get(url, "/_mock/requests").text


def test_the_journal_is_bounded() -> None:
    with serve(engine="tone") as url:
        with httpx.Client(base_url=url, headers=HEADERS, verify=NO_TLS) as http:
            http.post("/tts/bytes", json={"transcript": "x" * 100_000})
            assert len(url.requests[0].body) == 16 * 1024
            for _ in range(501):
                http.get("/")
        assert len(url.requests) == 500
        address = url.replace("http", "ws", 1) + "/tts/websocket"
        with connect(address, additional_headers=HEADERS) as socket:
            for _ in range(150):
                socket.send("x" * 20_000)
                socket.recv()
        assert [len(text) for text in url.requests[-1].messages] == [2 * 1024] * 100
        assert len(url.requests[-1].errors) == 20


def test_reset_makes_a_server_as_new() -> None:
    clock = Clock()
    with (
        serve(engine="tone", clock=clock) as url,
        httpx.Client(base_url=url, headers=HEADERS, verify=NO_TLS) as http,
    ):
        before = [http.get(path).json() for path in ("/voices?is_owner=true", "/agents")]
        for reset in (url.reset, lambda: http.post("/_mock/reset").raise_for_status()):
            http.post("/datasets/", json={"name": "x", "description": ""}).raise_for_status()
            owned = before[0]["data"][0]["id"]
            http.delete(f"/voices/{owned}").raise_for_status()
            http.post("/_mock/faults", json={"fault": "status", "times": None})
            http.post("/_mock/clock", json={"advance": 60})
            assert http.get("/voices").status_code == 500
            reset()
            assert url.requests == []
            assert clock.offset == 0
            after = [http.get(path).json() for path in ("/voices?is_owner=true", "/agents")]
            assert after == before
            assert http.get("/datasets/").json()["data"] == []


def test_tokens_outlive_a_reset() -> None:
    with serve(engine="tone") as url:
        made = httpx.post(f"{url}/access-token", json={"grants": {"agent": True}}, headers=HEADERS)
        url.reset()
        token = made.json()["token"]
        assert get(url, "/agents/templates", authorization=f"Bearer {token}").status_code == 200


def test_the_url_is_a_str() -> None:
    with serve(engine="tone") as url:
        assert isinstance(url, str)
        assert url == str(url)
        assert url.certificate is None


@pytest.mark.parametrize("quiet", [False, True])
def test_the_command_logs_requests_and_refusals(
    quiet: bool, speech_request: dict[str, Any]
) -> None:
    options = ["--quiet"] if quiet else []
    with running(*options, stderr=subprocess.PIPE) as (process, url):
        httpx.get(f"{url}/voices", headers=HEADERS)
        httpx.post(f"{url}/tts/bytes", json={"model_id": "sonic-3"}, headers=HEADERS)
        with connect(
            url.replace("http", "ws", 1) + "/tts/websocket", additional_headers=HEADERS
        ) as s:
            s.send(json.dumps(speech_request | {"context_id": "c", "transcript": "?"}))
            s.recv()
        httpx.get(f"{url}/voices/%1b[31m%0anext", headers=HEADERS)
        httpx.post(f"{url}/_mock/faults", headers={"origin": "https://evil.example"})
        process.terminate()
        _, text = process.communicate(timeout=10)
    expected = """\
GET /voices 200
POST /tts/bytes 400: Invalid request: output_format: is required; transcript: is required; voice: is required
WEBSOCKET /tts/websocket 101
WEBSOCKET /tts/websocket 101: transcript empty or contains only punctuation: first transcript for WS is empty or contains only punctuation
GET /voices/\\u001b[31m\\nnext 404: Voice not found: no voice has the id '\\x1b[31m\\nnext'; GET /voices lists those that there are
POST /_mock/faults 403: Forbidden: Origin is 'https://evil.example': a page of another site may not do this
"""
    lines = [line for line in expected.splitlines() if not quiet or ": " in line]
    assert text.splitlines() == [f"cartesia-mock: {line}" for line in lines]


def test_refusals_are_logged_in_tests(caplog: pytest.LogCaptureFixture) -> None:
    with serve(engine="tone") as url:
        get(url, "/voices/nobody")
    assert "GET /voices/nobody 404: Voice not found" in caplog.text


def test_serve_tells_refusals_on_standard_error() -> None:
    code = """\
import urllib.request
from cartesia_mock.testing import serve
with serve(engine="tone") as url:
    try:
        urllib.request.urlopen(url + "/voices")
    except urllib.error.HTTPError:
        pass
    urllib.request.urlopen(url)
"""
    done = subprocess.run(  # noqa: S603  our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines() == [
        "GET /voices 401: Missing credentials: send `Authorization: Bearer <API key>` (or X-API-Key)"
    ]
