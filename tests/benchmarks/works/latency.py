"""How late the first audio is: after the first byte on the wire, and after a push."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from statistics import median

from tests.benchmarks.works.base import HEADERS, VOICE_ID, Run, client_options, socket_url
from tests.benchmarks.works.calls import GENERATION


def _middle(once: Callable[[], float]) -> Run:
    return lambda times: {"seconds": median(once() for _ in range(times))}


def _middle_async(loop: asyncio.AbstractEventLoop, once: Callable[[], Awaitable[float]]) -> Run:
    async def run(times: int) -> dict[str, float]:
        return {"seconds": median([await once() for _ in range(times)])}

    return lambda times: loop.run_until_complete(run(times))


class _FirstPiece:
    """Notes how late the first piece of a paced body is in the caller's hands."""

    late: float | None = None

    def note(self, piece: bytes) -> None:
        """Compare with the server's clock, which is ours too; later pieces do not matter."""
        if self.late is None:
            self.late = (time.monotonic_ns() - int(piece.split()[0])) / 1e9

    def result(self) -> float:
        """Say how late it was, in seconds."""
        assert self.late is not None
        return self.late


def first_byte(url: str) -> Run:
    """Wait for the first bytes of a generation whose body takes its time."""
    from cartesia import Cartesia

    client = Cartesia(**client_options(f"{url}/paced"))

    def once() -> float:
        first = _FirstPiece()
        response = client.tts.generate(
            model_id="sonic-3",
            transcript="Hello, world!",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        )
        for piece in response.iter_bytes():
            first.note(piece)
        return first.result()

    return _middle(once)


def raw_first_byte(url: str) -> Run:
    """Wait for the first bytes of a response that httpx streams."""
    import httpx

    client = httpx.Client(base_url=f"{url}/paced", headers=HEADERS)

    def once() -> float:
        first = _FirstPiece()
        with client.stream("POST", "/tts/bytes", json=GENERATION) as response:
            for piece in response.iter_bytes():
                first.note(piece)
        return first.result()

    return _middle(once)


def first_byte_async(url: str) -> Run:
    """Wait for the first bytes of a generation whose body takes its time."""
    from cartesia import AsyncCartesia

    client = AsyncCartesia(**client_options(f"{url}/paced"))

    async def once() -> float:
        first = _FirstPiece()
        response = await client.tts.generate(
            model_id="sonic-3",
            transcript="Hello, world!",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        )
        async for piece in response.iter_bytes():
            first.note(piece)
        return first.result()

    return _middle_async(asyncio.new_event_loop(), once)


def raw_first_byte_async(url: str) -> Run:
    """Wait for the first bytes of a response that httpx streams."""
    import httpx

    client = httpx.AsyncClient(base_url=f"{url}/paced", headers=HEADERS)

    async def once() -> float:
        first = _FirstPiece()
        async with client.stream("POST", "/tts/bytes", json=GENERATION) as response:
            async for piece in response.aiter_bytes():
                first.note(piece)
        return first.result()

    return _middle_async(asyncio.new_event_loop(), once)


def first_audio(url: str) -> Run:
    """Push a text over an open socket, and wait for its first chunk."""
    from cartesia import Cartesia

    client = Cartesia(**client_options(f"{url}/one"))
    connection = client.tts.websocket_connect().__enter__()

    def once() -> float:
        context = connection.context(
            model_id="sonic-3",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        )
        start = time.perf_counter()
        context.push("Hello, world!")
        took = 0.0
        for event in context.receive():
            if event.type == "chunk" and event.audio:
                took = time.perf_counter() - start
        return took

    return _middle(once)


def raw_first_audio(url: str) -> Run:
    """Send a text over an open socket with websockets, and wait for the first chunk."""
    import orjson
    import pybase64
    from websockets.sync.client import connect

    address = socket_url(f"{url}/one")
    websocket = connect(address, additional_headers=HEADERS, compression=None)
    message = {**GENERATION, "context_id": VOICE_ID, "continue": True}

    def once() -> float:
        start = time.perf_counter()
        websocket.send(json.dumps(message))
        event = orjson.loads(websocket.recv(decode=False))
        assert pybase64.b64decode(event["data"], validate=True)
        took = time.perf_counter() - start
        websocket.recv(decode=False)
        return took

    return _middle(once)


def first_audio_async(url: str) -> Run:
    """Push a text over an open socket, and wait for its first chunk."""
    from cartesia import AsyncCartesia

    loop = asyncio.new_event_loop()
    client = AsyncCartesia(**client_options(f"{url}/one"))
    connection = loop.run_until_complete(client.tts.websocket_connect().__aenter__())

    async def once() -> float:
        context = connection.context(
            model_id="sonic-3",
            voice={"mode": "id", "id": VOICE_ID},
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        )
        start = time.perf_counter()
        await context.push("Hello, world!")
        took = 0.0
        async for event in context.receive():
            if event.type == "chunk" and event.audio:
                took = time.perf_counter() - start
        return took

    return _middle_async(loop, once)


def raw_first_audio_async(url: str) -> Run:
    """Send a text over an open socket with websockets, and wait for the first chunk."""
    import orjson
    import pybase64
    from websockets.asyncio.client import ClientConnection, connect

    loop = asyncio.new_event_loop()

    async def open_socket() -> ClientConnection:
        address = socket_url(f"{url}/one")
        return await connect(address, additional_headers=HEADERS, compression=None)

    websocket = loop.run_until_complete(open_socket())
    message = {**GENERATION, "context_id": VOICE_ID, "continue": True}

    async def once() -> float:
        start = time.perf_counter()
        await websocket.send(json.dumps(message))
        event = orjson.loads(await websocket.recv(decode=False))
        assert pybase64.b64decode(event["data"], validate=True)
        took = time.perf_counter() - start
        await websocket.recv(decode=False)
        return took

    return _middle_async(loop, once)
