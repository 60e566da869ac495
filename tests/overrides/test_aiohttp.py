"""The async client on aiohttp: the same answers, the same errors."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

from cartesia import (
    APIConnectionError,
    AsyncCartesia,
    AuthenticationError,
    DefaultAioHttpClient,
)
from tests.core.server import Step, answer, hang_up, serve
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, WAV

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(30)]


async def test_it_speaks_streams_and_hears(mock_url: str) -> None:
    async with AsyncCartesia(
        api_key="good", base_url=mock_url, http_client=DefaultAioHttpClient()
    ) as client:
        speech = await client.tts.generate(
            model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=WAV
        )
        wav = await speech.read()
        assert wav[:4] == b"RIFF"
        heard = await client.stt.transcribe(file=wav, model="ink-whisper")
        assert heard.text.split() == SENTENCE.split()
        async with await client.tts.generate_sse(
            model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
        ) as stream:
            kinds = [event.type async for event in stream]
        assert kinds[0] == "chunk"
        assert kinds[-1] == "done"
        assert [voice.id async for voice in client.voices.list(limit=2)]


@pytest.mark.parametrize(
    ("step", "wanted"), [(hang_up, APIConnectionError), (answer(status=401), AuthenticationError)]
)
async def test_failures_are_ours(step: Step, wanted: type[Exception]) -> None:
    with serve(step) as server:
        async with AsyncCartesia(
            api_key="bad", base_url=server.url, http_client=DefaultAioHttpClient(), max_retries=0
        ) as client:
            with pytest.raises(wanted):
                await client.voices.get("v1")


def test_its_limits_and_timeouts_are_those_of_the_client() -> None:
    import httpx

    assert DefaultAioHttpClient().timeout == httpx.Timeout(60, connect=5)
    assert DefaultAioHttpClient(timeout=3).timeout == httpx.Timeout(3)


def test_without_the_extra_it_says_what_to_install() -> None:
    code = """
import sys
sys.modules["httpx_aiohttp"] = None
from cartesia import *
from cartesia import CartesiaError, DefaultAioHttpClient
try:
    DefaultAioHttpClient()
except CartesiaError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert "pip install 'cartesia-openapi[aiohttp]'" in done.stdout
    assert version("httpx-aiohttp")
