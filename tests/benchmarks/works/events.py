"""Server-sent events from the socket to decoded audio."""

from __future__ import annotations

import asyncio

from tests.benchmarks.server import CHUNKS
from tests.benchmarks.works.base import (
    HEADERS,
    VOICE_ID,
    Run,
    client_options,
    processor,
    processor_async,
)
from tests.benchmarks.works.calls import GENERATION

_WAY = "many"


def stream(url: str) -> Run:
    """Read a stream of chunks."""
    from cartesia import Cartesia

    client = Cartesia(**client_options(f"{url}/{_WAY}"))

    def read() -> None:
        heard = 0
        with client.tts.generate_sse(
            model_id="sonic-3",
            transcript="Hello, world!",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        ) as events:
            for event in events:
                if event.type == "chunk" and event.audio:
                    heard += 1
        assert heard == CHUNKS[_WAY]

    return processor(read, CHUNKS[_WAY])


def stream_async(url: str) -> Run:
    """Read a stream of chunks."""
    from cartesia import AsyncCartesia

    client = AsyncCartesia(**client_options(f"{url}/{_WAY}"))

    async def read() -> None:
        heard = 0
        async with await client.tts.generate_sse(
            model_id="sonic-3",
            transcript="Hello, world!",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        ) as events:
            async for event in events:
                if event.type == "chunk" and event.audio:
                    heard += 1
        assert heard == CHUNKS[_WAY]

    return processor_async(asyncio.new_event_loop(), read, CHUNKS[_WAY])


class _Splitter:
    """The least that finds the chunks of this server in a stream."""

    def __init__(self) -> None:
        self._rest = b""

    def audio(self, data: bytes) -> int:
        """Decode the chunks that are whole now; say how many there were."""
        import orjson
        import pybase64

        *events, self._rest = (self._rest + data).split(b"\n\n")
        heard = 0
        for event in events:
            fields = orjson.loads(event.partition(b"data: ")[2])
            if fields["type"] == "chunk" and pybase64.b64decode(fields["data"], validate=True):
                heard += 1
        return heard


def raw_stream(url: str) -> Run:
    """Read a stream of chunks with httpx, orjson and pybase64."""
    import httpx

    client = httpx.Client(base_url=f"{url}/{_WAY}", headers=HEADERS)

    def read() -> None:
        splitter, heard = _Splitter(), 0
        with client.stream("POST", "/tts/sse", json=GENERATION) as response:
            for data in response.iter_bytes():
                heard += splitter.audio(data)
        assert heard == CHUNKS[_WAY]

    return processor(read, CHUNKS[_WAY])


def raw_stream_async(url: str) -> Run:
    """Read a stream of chunks with httpx, orjson and pybase64."""
    import httpx

    client = httpx.AsyncClient(base_url=f"{url}/{_WAY}", headers=HEADERS)

    async def read() -> None:
        splitter, heard = _Splitter(), 0
        async with client.stream("POST", "/tts/sse", json=GENERATION) as response:
            async for data in response.aiter_bytes():
                heard += splitter.audio(data)
        assert heard == CHUNKS[_WAY]

    return processor_async(asyncio.new_event_loop(), read, CHUNKS[_WAY])
