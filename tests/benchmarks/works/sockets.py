"""Chunks of 4 KB over a WebSocket, from the socket to decoded audio."""

from __future__ import annotations

import asyncio
import json

from tests.benchmarks.server import CHUNKS
from tests.benchmarks.works.base import (
    HEADERS,
    VOICE_ID,
    Run,
    client_options,
    processor,
    processor_async,
    socket_url,
)
from tests.benchmarks.works.calls import GENERATION

_WAY = "many"
_MESSAGE = json.dumps({**GENERATION, "context_id": VOICE_ID, "continue": True})


def chunks(url: str) -> Run:
    """Hear a context to its end."""
    from cartesia import Cartesia

    client = Cartesia(**client_options(f"{url}/{_WAY}"))
    connection = client.tts.websocket_connect().__enter__()

    def hear() -> None:
        heard = 0
        context = connection.context(
            model_id="sonic-3",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        )
        context.push("Hello, world!")
        for event in context.receive():
            if event.type == "chunk" and event.audio:
                heard += 1
        assert heard == CHUNKS[_WAY]

    return processor(hear, CHUNKS[_WAY])


def raw_chunks(url: str) -> Run:
    """Hear a generation with websockets, orjson and pybase64."""
    import orjson
    import pybase64
    from websockets.sync.client import connect

    address = socket_url(f"{url}/{_WAY}")
    websocket = connect(address, additional_headers=HEADERS, compression=None)

    def hear() -> None:
        heard = 0
        websocket.send(_MESSAGE)
        while True:
            event = orjson.loads(websocket.recv(decode=False))
            if event["type"] == "done":
                break
            if pybase64.b64decode(event["data"], validate=True):
                heard += 1
        assert heard == CHUNKS[_WAY]

    return processor(hear, CHUNKS[_WAY])


def chunks_async(url: str) -> Run:
    """Hear a context to its end."""
    from cartesia import AsyncCartesia

    client = AsyncCartesia(**client_options(f"{url}/{_WAY}"))
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(client.tts.websocket_connect().__aenter__())

    async def hear() -> None:
        heard = 0
        context = connection.context(
            model_id="sonic-3",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        )
        await context.push("Hello, world!")
        async for event in context.receive():
            if event.type == "chunk" and event.audio:
                heard += 1
        assert heard == CHUNKS[_WAY]

    return processor_async(loop, hear, CHUNKS[_WAY])


def raw_chunks_async(url: str) -> Run:
    """Hear a generation with websockets, orjson and pybase64."""
    import orjson
    import pybase64
    from websockets.asyncio.client import ClientConnection, connect

    loop = asyncio.new_event_loop()

    async def open_socket() -> ClientConnection:
        address = socket_url(f"{url}/{_WAY}")
        return await connect(address, additional_headers=HEADERS, compression=None)

    websocket = loop.run_until_complete(open_socket())

    async def hear() -> None:
        heard = 0
        await websocket.send(_MESSAGE)
        while True:
            event = orjson.loads(await websocket.recv(decode=False))
            if event["type"] == "done":
                break
            if pybase64.b64decode(event["data"], validate=True):
                heard += 1
        assert heard == CHUNKS[_WAY]

    return processor_async(loop, hear, CHUNKS[_WAY])
