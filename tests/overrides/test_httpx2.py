"""Clients over httpx2: the same answers, and nothing of it where it is not used."""

from __future__ import annotations

import subprocess
import sys

import httpx2
import pytest

from cartesia import (
    APIConnectionError,
    APITimeoutError,
    AsyncCartesia,
    Cartesia,
    DefaultAsyncHttpx2Client,
    DefaultHttpx2Client,
    NotFoundError,
)
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, WAV
from tests.runtime.server import answer, hang_up, say_nothing, serve

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


async def test_it_speaks_streams_and_hears(mock_url: str) -> None:
    async with AsyncCartesia(
        api_key="good", base_url=mock_url, http_client=DefaultAsyncHttpx2Client()
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
            assert [event.type async for event in stream][-1] == "done"
        assert [voice.id async for voice in client.voices.list(limit=2)]
        with pytest.raises(NotFoundError):
            await client.voices.get("none")


def test_it_speaks_streams_and_hears_in_sync(mock_url: str) -> None:
    with Cartesia(api_key="good", base_url=mock_url, http_client=DefaultHttpx2Client()) as client:
        wav = client.tts.generate(
            model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=WAV
        ).read()
        assert client.stt.transcribe(file=wav, model="ink-whisper").text.split()
        with client.tts.generate_sse(
            model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
        ) as stream:
            assert [event.type for event in stream][-1] == "done"
        with pytest.raises(NotFoundError):
            client.voices.get("none")


@pytest.mark.parametrize("timeout", [0.2, httpx2.Timeout(0.2)])
def test_time_outs_of_httpx2_are_kept(timeout: float) -> None:
    with (
        serve(say_nothing) as server,
        Cartesia(
            api_key="k",
            base_url=server.url,
            http_client=httpx2.Client(),
            timeout=timeout,
            max_retries=0,
        ) as client,
        pytest.raises(APITimeoutError) as caught,
    ):
        client.voices.get("v")
    assert type(caught.value.__cause__) is httpx2.ReadTimeout


def test_a_plain_client_of_httpx2_gets_the_time_outs_of_the_package() -> None:
    with serve(answer(b"{}")) as server:
        for http in (httpx2.Client(), DefaultHttpx2Client()):
            with Cartesia(api_key="k", base_url=server.url, http_client=http) as client:
                sent = client.voices.with_raw_response.get("v").http_request
                wanted = httpx2.Timeout(60, connect=5).as_dict()
                assert sent.extensions["timeout"] == wanted


def test_failures_beneath_are_those_of_the_package() -> None:
    with (
        serve(hang_up) as server,
        Cartesia(
            api_key="k", base_url=server.url, http_client=DefaultHttpx2Client(), max_retries=0
        ) as client,
        pytest.raises(APIConnectionError) as caught,
    ):
        client.voices.get("v")
    assert type(caught.value.__cause__) is httpx2.RemoteProtocolError


def test_its_limits_and_timeouts_are_those_of_the_client() -> None:
    assert DefaultHttpx2Client().timeout == httpx2.Timeout(60, connect=5)
    assert DefaultAsyncHttpx2Client(timeout=3).timeout == httpx2.Timeout(3)


def run(code: str, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_without_the_extra_it_says_what_to_install() -> None:
    code = """
import sys
sys.modules["httpx2"] = None
from cartesia import *
from cartesia import AsyncCartesia, CartesiaError, DefaultAsyncHttpx2Client, DefaultHttpx2Client
for kind in (DefaultAsyncHttpx2Client, DefaultHttpx2Client):
    try:
        kind()
    except CartesiaError as error:
        print(error)
AsyncCartesia(api_key="k", timeout=3)
"""
    assert run(code).count("pip install 'cartesia-openapi[httpx2]'") == 2


def test_nothing_of_it_is_imported_where_it_is_not_used() -> None:
    code = """
import sys
from cartesia import Cartesia
client = Cartesia(api_key="k", base_url=sys.argv[1], max_retries=0)
client.voices.get("v")
try:
    client.with_options(timeout=0.1).voices.get("v")
except Exception as error:
    print(type(error).__name__)
print([name for name in sys.modules if "httpx2" in name or "httpcore2" in name])
"""
    with serve(answer(b"{}"), hang_up) as server:
        assert run(code, server.url).split() == ["APIConnectionError", "[]"]


def test_it_keeps_cookies_only_where_the_caller_wants_it() -> None:
    cookie = answer(b"{}", headers={"set-cookie": "key=a; path=/"})
    for http, sent in (
        (DefaultHttpx2Client(), None),
        (DefaultHttpx2Client(cookies={"own": "1"}), "own=1; key=a"),
    ):
        with (
            serve(cookie, cookie) as server,
            Cartesia(api_key="k", base_url=server.url, http_client=http) as client,
        ):
            client.voices.get("v")
            client.voices.get("v")
        assert server.requests[1].headers.get("cookie") == sent
