"""Imports of the first calls: in a thread, before an event loop that must not stand still."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import asyncio, sys, threading
from cartesia import AsyncCartesia

VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000}
SETTINGS = {"model_id": "sonic-3", "voice": VOICE, "output_format": RAW}

async def use(client):
    before = set(sys.modules)
    await client.voices.get(VOICE)
    assert [voice async for voice in client.voices.list(limit=100)]
    assert await (await client.tts.generate(transcript="Hi.", **SETTINGS)).read()
    assert [event async for event in await client.tts.generate_sse(transcript="Hi.", **SETTINGS)]
    assert [event async for event in client.tts.stream(transcript="Hi.", **SETTINGS)]
    await client.close()
    print(sorted(set(sys.modules) - before))

class Watch:
    def find_spec(self, name, *_):
        if threading.current_thread() is threading.main_thread():
            imported.append(name)

imported = []

async def prepared():
    client = AsyncCartesia(api_key="good", base_url=sys.argv[1])
    sys.meta_path.insert(0, Watch())
    await client.prepare()
    print(imported)
    await use(client)

async def entered():
    sys.meta_path.insert(0, Watch())
    async with AsyncCartesia(api_key="good", base_url=sys.argv[1]) as client:
        print(imported)
        await use(client)
"""


@pytest.mark.parametrize("how", ["prepared", "entered"])
def test_a_prepared_client_imports_nothing_in_the_event_loop(how: str, mock_url: str) -> None:
    done = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", f"{SCRIPT}\nasyncio.run({how}())", mock_url],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    beside, in_the_loop = done.stdout.splitlines()
    # A thread pool is what the standard library itself imports for a thread.
    assert not {"httpx", "websockets", "cartesia_rest"} & {
        name.partition(".")[0]
        for name in eval(beside)  # noqa: S307  # our own
    }
    assert in_the_loop == "[]"
