"""How a piece of work is described and driven."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypedDict

KEY = "sk_car_benchmark"
HEADERS = {"authorization": f"Bearer {KEY}", "cartesia-version": "2025-11-04"}
"""What every request must carry, with raw libraries too."""

VOICE_ID = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"

Figures = dict[str, float]
Run = Callable[[int], Figures]
"""Does the work so many times, and gives figures of one time; all of them in seconds or bytes."""

Prepare = Callable[[str], Run]
"""Takes the URL of the server, sets everything up, and gives what is measured."""


def processor(work: Callable[[], object], parts: int = 1) -> Run:
    """Measure the processor time of this process.

    Args:
        work: What is done once.
        parts: How many operations that is, for work that streams many.

    Returns:
        Gives ``seconds`` for one operation.
    """

    def run(times: int) -> Figures:
        start = time.process_time()
        for _ in range(times):
            work()
        return {"seconds": (time.process_time() - start) / times / parts}

    return run


def processor_async(
    loop: asyncio.AbstractEventLoop, work: Callable[[], Awaitable[object]], parts: int = 1
) -> Run:
    """Measure the processor time of this process in an event loop.

    Args:
        loop: The event loop, in which everything of the work lives.
        work: What is done once.
        parts: How many operations that is, for work that streams many.

    Returns:
        Gives ``seconds`` for one operation.
    """

    async def repeat(times: int) -> None:
        for _ in range(times):
            await work()

    def run(times: int) -> Figures:
        start = time.process_time()
        loop.run_until_complete(repeat(times))
        return {"seconds": (time.process_time() - start) / times / parts}

    return run


class ClientOptions(TypedDict):
    """What a client is made with, the same for both packages."""

    api_key: str
    base_url: str
    websocket_base_url: str


def client_options(url: str) -> ClientOptions:
    """Return what a client is made with.

    Args:
        url: The base URL.

    Returns:
        Keyword arguments.
    """
    return ClientOptions(api_key=KEY, base_url=url, websocket_base_url=url.replace("http", "ws", 1))


def socket_url(url: str) -> str:
    """Return the address of the socket that speaks.

    Args:
        url: The base URL.

    Returns:
        The URL of the WebSocket.
    """
    return f"{url.replace('http', 'ws', 1)}/tts/websocket"
