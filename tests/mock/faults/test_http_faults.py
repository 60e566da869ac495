"""HTTP faults, observed by plain clients."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.mock.faults.fault_requests import FAULT, ask, exchange, speak
from tests.mock.helpers import HEADERS, NEW, NO_TLS


@pytest.mark.parametrize(
    "code", [301, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504, 529]
)
def test_any_status_can_be_requested(client: httpx.Client, code: int) -> None:
    answer = client.get("/voices", headers={FAULT: f"status; code={code}"})
    assert answer.status_code == code
    assert answer.text == "Fault on demand: this response was requested"
    assert answer.headers["x-request-id"]
    assert "retry-after" not in answer.headers


def test_a_status_has_the_error_format_of_the_version(client: httpx.Client) -> None:
    headers = {FAULT: "status; code=429", "cartesia-version": NEW}
    answer = client.get("/voices", headers=headers)
    assert answer.json()["error_code"] == "concurrency_limited"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    old = client.get("/voices", headers={FAULT: "status; code=429; body=json"})
    assert old.json()["title"] == "Fault on demand"


def test_retry_headers_are_sent_as_asked_for(client: httpx.Client) -> None:
    fault = "status; code=503; retry-after=1.5; retry-after-ms=250; should-retry=false"
    headers = client.get("/voices", headers={FAULT: fault}).headers
    assert headers["retry-after"] == "1.5"
    assert float(headers["retry-after-ms"]) == 250
    assert headers["x-should-retry"] == "false"
    fault = "status; code=503; retry-after-date=30"
    dated = client.get("/voices", headers={FAULT: fault}).headers["retry-after"]
    left = parsedate_to_datetime(dated) - dt.datetime.now(dt.timezone.utc)
    assert 0 < left.total_seconds() <= 30


@pytest.mark.parametrize(
    ("body", "start", "media"),
    [
        ("broken", b'{"title": "broken', "application/json"),
        ("text", b"Something", "text/plain; charset=utf-8"),
        ("html", b"<!DOCTYPE html>", "text/html; charset=utf-8"),
        ("empty", b"", "text/plain; charset=utf-8"),
        ("latin1", b"Das h\xe4tte", "text/plain; charset=utf-8"),
        ("charset", b"Something", "text/plain; charset=x-nonsense"),
        ("binary", b"\x00\x01", "application/octet-stream"),
    ],
)
def test_bodies_of_every_kind(client: httpx.Client, body: str, start: bytes, media: str) -> None:
    failed = client.get("/voices", headers={FAULT: f"status; code=500; body={body}"})
    assert failed.content.startswith(start)
    assert failed.headers["content-type"] == media
    changed = client.get("/voices", headers={FAULT: f"body; is={body}"})
    assert changed.status_code == 200
    assert changed.content == failed.content
    assert changed.headers["content-type"] == "application/json"


def test_the_type_can_be_another(client: httpx.Client) -> None:
    answer = client.get("/voices", headers={FAULT: "media; type=text/html"})
    assert answer.headers["content-type"] == "text/html"
    assert answer.json()["data"]


def test_no_body_comes_with_204(client: httpx.Client) -> None:
    assert client.get("/voices", headers={FAULT: "status; code=204"}).content == b""


def test_a_redirect_leads_on(client: httpx.Client) -> None:
    fault = "status; code=307; location=/voices?limit=1"
    answer = client.get("/voices", headers={FAULT: fault})
    assert answer.next_request is not None
    assert answer.next_request.url.path == "/voices"


def test_responses_are_delayed(client: httpx.Client, speech_request: dict[str, Any]) -> None:
    with pytest.raises(httpx.ReadTimeout):
        client.get("/voices", headers={FAULT: "delay; head=30"}, timeout=0.1)
    with client.stream(
        "POST", "/tts/bytes", json=speech_request, headers={FAULT: "delay; chunk=30"}, timeout=1
    ) as answer:
        assert answer.status_code == 200  # The head is there at once.
        with pytest.raises(httpx.ReadTimeout):
            answer.read()


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_connection_is_dropped_before_any_answer(base: str, how: str) -> None:
    found, reset = exchange(base, ask(f"drop; how={how}"), b"{}")
    assert (found, reset) == (b"", how == "reset")


@pytest.mark.parametrize("framing", ["own", "length", "chunked"])
@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_body_is_cut_after_some_bytes(
    base: str, speech_request: dict[str, Any], how: str, framing: str
) -> None:
    fault = f"cut; after=3000; how={how}; framing={framing}"
    found, reset = exchange(base, ask(fault), json.dumps(speech_request).encode())
    head, _, body = found.partition(b"\r\n\r\n")
    assert reset == (how == "reset")
    assert head.startswith(b"HTTP/1.1 200")
    assert (b"content-length" in head) == (framing == "length")
    if framing == "length":
        assert len(body) == 3000
    else:
        assert body.startswith(b"bb8\r\n")  # 3000 in hexadecimal
        assert not body.endswith(b"0\r\n\r\n")


def test_a_cut_chunked_body_lacks_only_its_end(base: str, speech_request: dict[str, Any]) -> None:
    body = json.dumps(speech_request).encode()
    found, reset = exchange(base, ask("cut; after=99999999"), body)
    assert not reset
    assert not found.endswith(b"0\r\n\r\n")
    with httpx.Client(base_url=base, headers=HEADERS, verify=NO_TLS) as client:
        whole = client.post("/tts/bytes", json=speech_request).content
    pieces, rest = b"", found.partition(b"\r\n\r\n")[2]
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        pieces, rest = pieces + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    assert pieces == whole


def test_a_cut_body_can_end_as_if_it_were_whole(
    client: httpx.Client, speech_request: dict[str, Any]
) -> None:
    wav = {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 16000}
    request = {**speech_request, "output_format": wav}
    assert len(speak(client, request, "cut; after=1000; how=end")) == 1000
    assert len(client.get("/voices", headers={FAULT: "cut; after=10; how=end"}).content) == 10


def test_a_body_can_stall(client: httpx.Client, speech_request: dict[str, Any]) -> None:
    headers = {FAULT: "cut; after=100; how=stall"}
    with client.stream(
        "POST", "/tts/bytes", json=speech_request, headers=headers, timeout=1
    ) as answer:
        pieces = answer.iter_raw()
        assert len(next(pieces)) == 100
        with pytest.raises(httpx.ReadTimeout):
            next(pieces)


def test_a_body_can_be_compressed(client: httpx.Client) -> None:
    plain = client.get("/voices")
    answer = client.get("/voices", headers={FAULT: "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == plain.content
    raw = b""
    with client.stream("GET", "/voices", headers={FAULT: "gzip; broken=yes"}) as broken:
        raw += b"".join(broken.iter_raw())
    with pytest.raises(EOFError):
        gzip.decompress(raw)


def test_a_keep_alive_connection_can_be_closed(base: str) -> None:
    head = "\r\n".join(
        ["GET /voices HTTP/1.1", *(f"{name}: {value}" for name, value in HEADERS.items())]
    )
    found, reset = exchange(base, f"{head}\r\n{FAULT}: hang-up", b"")
    answer, _, body = found.partition(b"\r\n\r\n")
    assert not reset
    assert b"connection: close" not in answer.lower()
    assert json.loads(body)["data"]
