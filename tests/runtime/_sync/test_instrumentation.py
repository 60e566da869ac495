# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/test_instrumentation.py
# Do not edit: change that file instead.
"""Tools that patch or watch httpx see every call, and no mocked call reaches the real host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import respx
import vcr  # type: ignore[import-untyped]
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from pytest_httpx import HTTPXMock, IteratorStream

import cartesia
from cartesia import Cartesia
from tests.faults._sync.calls import connect, speak
from tests.runtime.server import RawServer, answer, chunked, serve

REAL = {"id": "real"}
MOCKED = {"id": "mocked"}


@pytest.fixture
def host() -> Iterator[RawServer]:
    """The real host: whatever answers with "real" came from it."""
    with serve(answer(b'{"id": "real"}')) as server:
        yield server


def get(client: Cartesia) -> dict[str, object]:
    return (client.voices.get("v")).to_dict()


@pytest.mark.httpx_mock(assert_all_requests_were_expected=False)
def test_pytest_httpx(host: RawServer, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{host.url}/voices/v", json=MOCKED)
    pieces = [b"ab", b"cd"]
    httpx_mock.add_response(url=f"{host.url}/tts/bytes", stream=IteratorStream(pieces))
    with connect(host.url) as client:
        assert get(client) == MOCKED
        assert [piece for piece in (speak(client)).iter_bytes()] == pieces
        with pytest.raises(cartesia.APIConnectionError):
            client.voices.get("nothing is registered for it")
    seen = httpx_mock.get_requests()
    assert [request.headers["authorization"] for request in seen] == ["Bearer sk_test"] * 3
    assert host.connections == 0


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_respx(host: RawServer, using: str) -> None:
    with respx.mock(base_url=host.url, using=using) as router:
        busy = httpx.Response(503, headers={"retry-after-ms": "1"})
        voice = router.get("/voices/v").mock(side_effect=[busy, httpx.Response(200, json=MOCKED)])
        audio = router.post("/tts/bytes").respond(content=b"abcd")
        with connect(host.url, max_retries=1) as client:
            assert get(client) == MOCKED
            assert (speak(client)).read() == b"abcd"
    assert (voice.call_count, audio.call_count) == (2, 1)
    assert host.connections == 0


def test_vcrpy(tmp_path: Path) -> None:
    cassette = tmp_path / "calls.yaml"
    audio = chunked(b"ab", b"cd", media_type="audio/pcm")
    with serve(answer(b'{"id": "real"}'), audio) as server:
        with vcr.use_cassette(cassette, record_mode="once") as recorded:
            with connect(server.url) as client:
                assert get(client) == REAL
                assert (speak(client)).read() == b"abcd"
        assert (len(recorded), recorded.play_count, len(server.requests)) == (2, 0, 2)
        with vcr.use_cassette(cassette, record_mode="none") as replayed:
            with connect(server.url) as client:
                assert get(client) == REAL
                assert (speak(client)).read() == b"abcd"
                with pytest.raises(
                    Exception,
                    match=r"(?i)(no recorded interaction matches|no match for the request)",
                ):
                    client.voices.get("what was not recorded")
        assert (replayed.play_count, len(server.requests)) == (2, 2)


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What OpenTelemetry notes of each request, of clients made before and after."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        yield exporter
    finally:
        instrumentor.uninstrument()
        provider.shutdown()


def test_opentelemetry(spans: InMemorySpanExporter) -> None:
    busy = answer(status=503, headers={"retry-after-ms": "1"})
    with serve(busy, answer(b'{"id": "real"}')) as server:
        with connect(server.url, max_retries=1) as client:
            assert get(client) == REAL
    first, second = spans.get_finished_spans()
    assert (first.kind, second.kind) == (SpanKind.CLIENT, SpanKind.CLIENT)
    statuses = [dict(span.attributes or {})["http.status_code"] for span in (first, second)]
    assert statuses == [503, 200]
    # Each attempt tells the server which span it belongs to.
    parents = [request.headers["traceparent"].split("-")[2] for request in server.requests]
    assert parents == [format(span.context.span_id, "016x") for span in (first, second)]
