"""Live calls in one process: a conversation on each of many sockets, heard while it is spoken.

A run's number is that of the calls; one with fewer than `CALLS` is shorter, too.
"""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tests.benchmarks.limits import raise_file_limit, resident_bytes
from tests.benchmarks.works.base import HEADERS, VOICE_ID, Figures, Run, client_options, socket_url
from tests.benchmarks.works.calls import GENERATION

if TYPE_CHECKING:
    from cartesia_rest.sockets.tts import AsyncTTSConnection

CALLS = 200
_IDLE_SECONDS = 4.0
_CHUNKS = 60
_FEWEST_CHUNKS = 3
_MESSAGE = json.dumps({**GENERATION, "context_id": VOICE_ID, "continue": True})

_Hear = Callable[[], Awaitable[list[float]]]
"""Begins a conversation and hears it to its end; gives how late each chunk was, in seconds."""

_Open = Callable[[], Awaitable[_Hear]]
"""Opens a socket."""


def calls(url: str) -> Run:
    """Hear calls in the event loop of asyncio."""
    return _run(asyncio.new_event_loop(), url, _sockets)


def raw_calls(url: str) -> Run:
    """Hear calls with websockets, orjson and pybase64."""
    return _run(asyncio.new_event_loop(), url, _raw_sockets)


def calls_uvloop(url: str) -> Run:
    """Hear calls in the event loop of uvloop."""
    import uvloop

    return _run(uvloop.new_event_loop(), url, _sockets)


def raw_calls_uvloop(url: str) -> Run:
    """Hear calls with raw libraries in the event loop of uvloop."""
    import uvloop

    return _run(uvloop.new_event_loop(), url, _raw_sockets)


def _run(loop: asyncio.AbstractEventLoop, url: str, sockets: Callable[[str], _Open]) -> Run:
    async def measure(times: int) -> Figures:
        await (await sockets(f"{url}/live-{_FEWEST_CHUNKS}")())()
        chunks = max(_CHUNKS * times // CALLS, _FEWEST_CHUNKS)
        return await _measure(sockets(f"{url}/live-{chunks}"), times)

    return lambda times: loop.run_until_complete(measure(times))


async def _measure(open_socket: _Open, number: int) -> Figures:
    """Open sockets, let them be, and then talk on all of them at once."""
    raise_file_limit()
    idle = _IDLE_SECONDS * number / CALLS
    # Virtual machines charge even a process that sleeps: some milliseconds a second where nothing
    # else runs, which would be most of what the sockets seem to cost.
    sleeping = await _processor_asleep(idle)
    gc.collect()
    before = resident_bytes()
    opened = [await open_socket() for _ in range(number)]
    idle_processor = max(await _processor_asleep(idle) - sleeping, 0.0) / idle / number
    start, processor = time.monotonic(), time.process_time()
    heard = await asyncio.gather(*(hear() for hear in opened))
    processor = time.process_time() - processor
    late = sorted(late for call in heard for late in call)
    gc.collect()
    return {
        "bytes": (resident_bytes() - before) / number,
        "idle": idle_processor,
        "seconds": processor / (time.monotonic() - start) / number,
        "late_middle": late[len(late) // 2],
        "late_most": late[len(late) * 99 // 100],
    }


async def _processor_asleep(seconds: float) -> float:
    """Sleep; give the processor time that this process was charged meanwhile."""
    processor = time.process_time()
    await asyncio.sleep(seconds)
    return time.process_time() - processor


def _sockets(url: str) -> _Open:
    from cartesia import AsyncCartesia

    client = AsyncCartesia(**client_options(url))

    async def open_socket() -> _Hear:
        connection = await client.tts.websocket_connect().__aenter__()
        return lambda: _hear(connection)

    return open_socket


async def _hear(connection: AsyncTTSConnection) -> list[float]:
    context = connection.context(
        model_id="sonic-3",
        voice={"mode": "id", "id": VOICE_ID},
        output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
    )
    await context.push("Hello, world!")
    return [
        time.monotonic() - event.step_time
        async for event in context.receive()
        if event.type == "chunk" and event.audio
    ]


def _raw_sockets(url: str) -> _Open:
    import orjson
    import pybase64
    from websockets.asyncio.client import connect

    async def open_socket() -> _Hear:
        websocket = await connect(socket_url(url), additional_headers=HEADERS, compression=None)

        async def hear() -> list[float]:
            late: list[float] = []
            await websocket.send(_MESSAGE)
            while True:
                event = orjson.loads(await websocket.recv(decode=False))
                if event["type"] == "done":
                    return late
                if pybase64.b64decode(event["data"], validate=True):
                    late.append(time.monotonic() - event["step_time"])

        return hear

    return open_socket
