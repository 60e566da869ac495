"""Calls that are answered at once: a voice, a short generation, a page of a hundred voices."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.benchmarks.works.base import (
    HEADERS,
    VOICE_ID,
    Run,
    client_options,
    processor,
    processor_async,
)

if TYPE_CHECKING:
    import aiohttp
    import httpx
    import httpx2

    from cartesia import AsyncCartesia, Cartesia

GENERATION = {
    "model_id": "sonic-3",
    "transcript": "Hello, world!",
    "voice": {"mode": "id", "id": VOICE_ID},
    "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
}


def _client(url: str) -> Cartesia:
    from cartesia import Cartesia

    return Cartesia(**client_options(f"{url}/instant"))


def _async_client(
    url: str, http_client: httpx.AsyncClient | httpx2.AsyncClient | None = None
) -> AsyncCartesia:
    from cartesia import AsyncCartesia

    return AsyncCartesia(**client_options(f"{url}/instant"), http_client=http_client)


def voice(url: str) -> Run:
    """Get one voice."""
    client = _client(url)
    return processor(lambda: client.voices.get(VOICE_ID))


def raw_voice(url: str) -> Run:
    """Get the JSON of one voice with httpx."""
    import httpx

    client = httpx.Client(base_url=f"{url}/instant", headers=HEADERS)
    return processor(lambda: client.get(f"/voices/{VOICE_ID}").json())


def voice_async(url: str) -> Run:
    """Get one voice."""
    client = _async_client(url)
    return processor_async(asyncio.new_event_loop(), lambda: client.voices.get(VOICE_ID))


def raw_voice_async(url: str) -> Run:
    """Get the JSON of one voice with httpx."""
    import httpx

    client = httpx.AsyncClient(base_url=f"{url}/instant", headers=HEADERS)

    async def get() -> object:
        return (await client.get(f"/voices/{VOICE_ID}")).json()

    return processor_async(asyncio.new_event_loop(), get)


def voice_aiohttp(url: str) -> Run:
    """Get one voice through the aiohttp transport."""
    from httpx_aiohttp import HttpxAiohttpClient

    loop = asyncio.new_event_loop()

    async def connect() -> AsyncCartesia:
        return _async_client(url, HttpxAiohttpClient(timeout=60))

    client = loop.run_until_complete(connect())
    return processor_async(loop, lambda: client.voices.get(VOICE_ID))


def voice_httpx2(url: str) -> Run:
    """Get one voice through httpx2."""
    from cartesia import DefaultAsyncHttpx2Client

    client = _async_client(url, DefaultAsyncHttpx2Client())
    return processor_async(asyncio.new_event_loop(), lambda: client.voices.get(VOICE_ID))


vendor_voice_httpx2 = voice_async
"""Its http_client must be one of httpx."""


def raw_voice_httpx2(url: str) -> Run:
    """Get the JSON of one voice with httpx2."""
    import httpx2

    client = httpx2.AsyncClient(base_url=f"{url}/instant", headers=HEADERS)

    async def get() -> object:
        return (await client.get(f"/voices/{VOICE_ID}")).json()

    return processor_async(asyncio.new_event_loop(), get)


def raw_voice_aiohttp(url: str) -> Run:
    """Get the JSON of one voice with aiohttp."""
    loop = asyncio.new_event_loop()
    session = loop.run_until_complete(_aiohttp_session())

    async def get() -> object:
        async with session.get(f"{url}/instant/voices/{VOICE_ID}") as response:
            return await response.json()

    return processor_async(loop, get)


async def _aiohttp_session() -> aiohttp.ClientSession:
    import aiohttp

    return aiohttp.ClientSession(headers=HEADERS)


def generation(url: str) -> Run:
    """Generate 20 KB of speech and read them."""
    client = _client(url)

    def generate() -> bytes:
        return client.tts.generate(
            model_id="sonic-3",
            transcript="Hello, world!",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        ).read()

    return processor(generate)


def raw_generation(url: str) -> Run:
    """Post a generation with httpx."""
    import httpx

    client = httpx.Client(base_url=f"{url}/instant", headers=HEADERS)
    return processor(lambda: client.post("/tts/bytes", json=GENERATION).content)


def generation_async(url: str) -> Run:
    """Generate 20 KB of speech and read them."""
    client = _async_client(url)

    async def generate() -> bytes:
        response = await client.tts.generate(
            model_id="sonic-3",
            transcript="Hello, world!",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        )
        return await response.read()

    return processor_async(asyncio.new_event_loop(), generate)


def raw_generation_async(url: str) -> Run:
    """Post a generation with httpx."""
    import httpx

    client = httpx.AsyncClient(base_url=f"{url}/instant", headers=HEADERS)

    async def post() -> bytes:
        return (await client.post("/tts/bytes", json=GENERATION)).content

    return processor_async(asyncio.new_event_loop(), post)


def page(url: str) -> Run:
    """Get a page of a hundred voices."""
    client = _client(url)
    return processor(lambda: client.voices.list(limit=100).data)


def raw_page(url: str) -> Run:
    """Get the JSON of a page with httpx."""
    import httpx

    client = httpx.Client(base_url=f"{url}/instant", headers=HEADERS)
    return processor(lambda: client.get("/voices", params={"limit": 100}).json())
