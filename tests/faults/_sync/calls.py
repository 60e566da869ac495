# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/calls.py
# Do not edit: change that file instead.
"""The calls that the tests of faults make, through the public client."""

from __future__ import annotations

import httpx
import httpx2

from cartesia import BinaryAPIResponse, Cartesia, Stream
from cartesia.types import RawOutputFormatParam, TTSSSEEvent, WAVOutputFormatParam

VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
WAV: WAVOutputFormatParam = {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 16000}
RAW: RawOutputFormatParam = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000}


HTTP_LIBRARY = {"name": "httpx"}
"""The library of the HTTP clients made here; see ``conftest.py``."""


def connect(
    url: str,
    *,
    timeout: float = 10.0,
    max_retries: int = 0,
    http_client: httpx.Client | httpx2.Client | None = None,
) -> Cartesia:
    """Make a client that does not retry unless it is told to."""
    if http_client is None and HTTP_LIBRARY["name"] == "httpx2":
        http_client = httpx2.Client()
    return Cartesia(
        api_key="sk_test",
        base_url=url,
        timeout=timeout,
        max_retries=max_retries,
        http_client=http_client,
    )


def one_at_a_time() -> httpx.Client | httpx2.Client:
    """Return an HTTP client that blocks for good as soon as it loses a single connection."""
    if HTTP_LIBRARY["name"] == "httpx2":
        return httpx2.Client(limits=httpx2.Limits(max_connections=1), timeout=10.0)
    return httpx.Client(limits=httpx.Limits(max_connections=1), timeout=10.0)


def speak(client: Cartesia) -> BinaryAPIResponse:
    return client.tts.generate(
        model_id="sonic-3", transcript="Hello.", voice=VOICE, output_format=WAV
    )


def watch(client: Cartesia) -> Stream[TTSSSEEvent]:
    return client.tts.generate_sse(
        model_id="sonic-3", transcript="Hello.", voice=VOICE, output_format=RAW
    )
