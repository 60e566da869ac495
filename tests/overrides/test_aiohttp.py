"""The async client on aiohttp: the same answers, the same errors."""

from __future__ import annotations

import gc
import subprocess
import sys
import traceback
from importlib.metadata import version

import httpx
import pytest

from cartesia import (
    APIConnectionError,
    APITimeoutError,
    AsyncCartesia,
    AuthenticationError,
    DefaultAioHttpClient,
    TruncatedResponseError,
)
from tests.faults.page import Caller
from tests.faults.server import CHUNK, DONE, EVENTS, hold, raw
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, WAV
from tests.runtime.server import Step, answer, chunked, hang_up, reset, say_nothing, serve

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


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


async def test_an_answer_nobody_read_is_closed_with_the_client(mock_url: str) -> None:
    async with AsyncCartesia(
        api_key="good", base_url=mock_url, http_client=DefaultAioHttpClient()
    ) as client:
        speech = await client.tts.generate(
            model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=WAV
        )
    assert speech.http_response.is_closed
    del speech
    gc.collect()  # aiohttp would say that it was left open, as a warning


GROUP = "Over aiohttp"


def fault(name: str, step: Step, wanted: type[Exception], beneath: type[Exception]) -> object:
    mark = pytest.mark.fault(GROUP, name, world="async")
    return pytest.param(step, wanted, beneath, marks=mark)


def http(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode() + body


@pytest.mark.parametrize(
    ("step", "wanted", "beneath"),
    [
        fault("Hangs up", hang_up, APIConnectionError, httpx.RemoteProtocolError),
        fault("Resets", reset, APIConnectionError, httpx.RemoteProtocolError),
        fault("Says nothing", say_nothing, APITimeoutError, httpx.ReadTimeout),
        fault(
            "Speaks no HTTP",
            raw(b"SSH-2.0\r\n", close=True),
            APIConnectionError,
            httpx.RemoteProtocolError,
        ),
        fault(
            "Announces a length that is none",
            raw(http("content-length: x"), close=True),
            APIConnectionError,
            httpx.RemoteProtocolError,
        ),
        fault(
            "Cuts a body",
            raw(http("content-length: 50", body=b"{"), close=True),
            TruncatedResponseError,
            httpx.RemoteProtocolError,
        ),
        fault(
            "Sends chunks that are none",
            raw(http("transfer-encoding: chunked", body=b"1\r\n{\r\n-5\r\n"), close=True),
            APIConnectionError,
            httpx.RemoteProtocolError,
        ),
        fault(
            "Stops in the middle",
            hold(http("content-length: 50", body=b"{")),
            APITimeoutError,
            httpx.ReadTimeout,
        ),
    ],
)
async def test_failures_beneath_are_ours(
    step: Step, wanted: type[APIConnectionError], beneath: type[Exception], caller: Caller
) -> None:
    with serve(step) as server:
        async with AsyncCartesia(
            api_key="sk_never_seen",
            base_url=server.url,
            http_client=DefaultAioHttpClient(),
            max_retries=0,
            timeout=0.3,
        ) as client:
            with pytest.raises(APIConnectionError) as caught:
                await client.voices.get("v1")
    assert isinstance(caught.value, wanted)
    assert type(caught.value.__cause__) is beneath
    assert "sk_never_seen" not in "".join(
        traceback.format_exception(None, caught.value, caught.value.__traceback__)
    )
    caller.sees(f"`{wanted.__name__}`")


async def test_nobody_listens() -> None:
    with serve(hang_up) as server:
        url = server.url
    async with AsyncCartesia(
        api_key="k", base_url=url, http_client=DefaultAioHttpClient(), max_retries=0
    ) as client:
        with pytest.raises(APIConnectionError, match="could not connect to http") as caught:
            await client.voices.get("v1")
    assert not isinstance(caught.value, APITimeoutError)


async def test_refusals_are_ours() -> None:
    with serve(answer(status=401)) as server:
        async with AsyncCartesia(
            api_key="bad", base_url=server.url, http_client=DefaultAioHttpClient(), max_retries=0
        ) as client:
            with pytest.raises(AuthenticationError):
                await client.voices.get("v1")


async def test_streams_are_left() -> None:
    with serve(chunked(CHUNK, DONE, media_type=EVENTS)) as server:
        async with AsyncCartesia(
            api_key="k", base_url=server.url, http_client=DefaultAioHttpClient()
        ) as client:
            for _ in range(200):
                stream = await client.tts.generate_sse(
                    model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
                )
                async for _ in stream:
                    break
            del stream
            opened = []
            for _ in range(3):
                opened.append(server.connections)
                async with await client.tts.generate_sse(
                    model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
                ) as stream:
                    assert [event.type async for event in stream] == ["chunk", "done"]
    assert opened[1] == opened[2] == server.connections


def test_its_limits_and_timeouts_are_those_of_the_client() -> None:
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
