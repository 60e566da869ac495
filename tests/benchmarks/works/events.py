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

_FLUSHED = "flushed"
_MANY = "many"


def stream(url: str) -> Run:
    """Read a stream of chunks."""
    return _stream(url, _MANY)


def stream_flushed(url: str) -> Run:
    """Read a stream of chunks, each in a chunk of HTTP of its own."""
    return _stream(url, _FLUSHED)


def _stream(url: str, way: str) -> Run:
    from cartesia import Cartesia

    client = Cartesia(**client_options(f"{url}/{way}"))

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
        assert heard == CHUNKS[way]

    return processor(read, CHUNKS[way])


def stream_async(url: str) -> Run:
    """Read a stream of chunks."""
    return _stream_async(url, _MANY)


def stream_flushed_async(url: str) -> Run:
    """Read a stream of chunks, each in a chunk of HTTP of its own."""
    return _stream_async(url, _FLUSHED)


def _stream_async(url: str, way: str) -> Run:
    from cartesia import AsyncCartesia

    client = AsyncCartesia(**client_options(f"{url}/{way}"))

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
        assert heard == CHUNKS[way]

    return processor_async(asyncio.new_event_loop(), read, CHUNKS[way])


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
    return _raw_stream(url, _MANY)


def raw_stream_flushed(url: str) -> Run:
    """Read a stream of chunks, each in a chunk of HTTP of its own."""
    return _raw_stream(url, _FLUSHED)


def _raw_stream(url: str, way: str) -> Run:
    import httpx

    client = httpx.Client(base_url=f"{url}/{way}", headers=HEADERS)

    def read() -> None:
        splitter, heard = _Splitter(), 0
        with client.stream("POST", "/tts/sse", json=GENERATION) as response:
            for data in response.iter_bytes():
                heard += splitter.audio(data)
        assert heard == CHUNKS[way]

    return processor(read, CHUNKS[way])


def raw_stream_async(url: str) -> Run:
    """Read a stream of chunks with httpx, orjson and pybase64."""
    return _raw_stream_async(url, _MANY)


def raw_stream_flushed_async(url: str) -> Run:
    """Read a stream of chunks, each in a chunk of HTTP of its own."""
    return _raw_stream_async(url, _FLUSHED)


def _raw_stream_async(url: str, way: str) -> Run:
    import httpx

    client = httpx.AsyncClient(base_url=f"{url}/{way}", headers=HEADERS)

    async def read() -> None:
        splitter, heard = _Splitter(), 0
        async with client.stream("POST", "/tts/sse", json=GENERATION) as response:
            async for data in response.aiter_bytes():
                heard += splitter.audio(data)
        assert heard == CHUNKS[way]

    return processor_async(asyncio.new_event_loop(), read, CHUNKS[way])
