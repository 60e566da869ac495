"""Many at once: a hundred contexts on one socket, a thousand sockets in one process."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.limits import raise_file_limit, resident_bytes
from tests.benchmarks.server import CHUNKS
from tests.benchmarks.works.base import VOICE_ID, Figures, Run, client_options

if TYPE_CHECKING:
    from cartesia import AsyncCartesia
    from cartesia_rest.sockets.tts import AsyncTTSConnection, AsyncTTSContext, TTSContext


def _open(connection: AsyncTTSConnection) -> AsyncTTSContext:
    return connection.context(
        model_id="sonic-3",
        voice={"mode": "id", "id": VOICE_ID},
        output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
    )


async def _hear(context: AsyncTTSContext, chunks: int) -> float:
    """Hear a context to its end; say how long that took."""
    start = time.perf_counter()
    heard = 0
    await context.push("Hello, world!")
    async for event in context.receive():
        if event.type == "chunk" and event.audio:
            heard += 1
    assert heard == chunks
    return time.perf_counter() - start


def fairness(url: str) -> Run:
    """Hear contexts of one socket at the same time: how much longer than the median the last took.

    The run's number is that of the contexts.
    """
    from cartesia import AsyncCartesia

    loop = asyncio.new_event_loop()
    client = AsyncCartesia(**client_options(f"{url}/fair"))
    connection = loop.run_until_complete(client.tts.websocket_connect().__aenter__())

    async def run(contexts: int) -> Figures:
        opened = [_open(connection) for _ in range(contexts)]
        took = await asyncio.gather(*(_hear(context, CHUNKS["fair"]) for context in opened))
        return {"seconds": max(took) / median(took)}

    return lambda times: loop.run_until_complete(run(times))


def fairness_threads(url: str) -> Run:
    """Hear contexts of one socket at the same time, each in a thread of its own.

    The run's number is that of the contexts.
    """
    from cartesia import Cartesia

    client = Cartesia(**client_options(f"{url}/fair"))
    connection = client.tts.websocket_connect().__enter__()

    def hear(context: TTSContext, ready: threading.Barrier) -> float:
        # To start so many threads takes as long as to hear them all: that is not what is asked.
        ready.wait()
        start = time.perf_counter()
        heard = 0
        context.push("Hello, world!")
        for event in context.receive():
            if event.type == "chunk" and event.audio:
                heard += 1
        assert heard == CHUNKS["fair"]
        return time.perf_counter() - start

    def run(contexts: int) -> Figures:
        opened = [
            connection.context(
                model_id="sonic-3",
                voice={"mode": "id", "id": VOICE_ID},
                output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
            )
            for _ in range(contexts)
        ]
        with ThreadPoolExecutor(contexts) as threads:
            took = list(threads.map(partial(hear, ready=threading.Barrier(contexts)), opened))
        return {"seconds": max(took) / median(took)}

    return run


def idle_sockets(url: str) -> Run:
    """Open sockets, hear a chunk on each, and let them be: the memory that one of them takes.

    The run's number is that of the sockets.
    """
    from cartesia import AsyncCartesia

    raise_file_limit()
    loop = asyncio.new_event_loop()
    client = AsyncCartesia(**client_options(f"{url}/one"))

    async def once() -> AsyncTTSConnection:
        connection = await client.tts.websocket_connect().__aenter__()
        await _hear(_open(connection), 1)
        return connection

    async def run(sockets: int) -> Figures:
        warm = [await once()]
        gc.collect()
        before = resident_bytes()
        warm.extend([await once() for _ in range(sockets)])
        gc.collect()
        after = resident_bytes()
        await asyncio.gather(*(_hear(_open(connection), 1) for connection in warm))
        await asyncio.gather(*(connection.close() for connection in warm))
        return {"bytes": (after - before) / sockets}

    return lambda times: loop.run_until_complete(run(times))


def idle_contexts(url: str) -> Run:
    """Open contexts on one socket and let them be: the memory that one of them takes.

    The run's number is that of the contexts.
    """
    from cartesia import AsyncCartesia

    loop = asyncio.new_event_loop()
    client = AsyncCartesia(**client_options(f"{url}/one"))
    connection = loop.run_until_complete(_entered(client))

    async def run(contexts: int) -> Figures:
        gc.collect()
        before = resident_bytes()
        kept = [_open(connection) for _ in range(contexts)]
        gc.collect()
        return {"bytes": (resident_bytes() - before) / len(kept)}

    return lambda times: loop.run_until_complete(run(times))


async def _entered(client: AsyncCartesia) -> AsyncTTSConnection:
    connection = await client.tts.websocket_connect().__aenter__()
    await _hear(_open(connection), 1)
    return connection
