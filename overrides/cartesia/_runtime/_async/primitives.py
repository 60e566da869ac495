"""What differs between async and sync HTTP; the hand-written twin is ``_sync/primitives.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import httpx


async def sleep(seconds: float) -> None:
    """Wait, and let other tasks run.

    Args:
        seconds: How long.
    """
    # httpx depends on anyio, which works under asyncio and trio alike.
    import anyio

    await anyio.sleep(seconds)


def current_loop() -> object:
    """Give the event loop that connections opened now belong to.

    Returns:
        The loop; None under another library than asyncio.
    """
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def is_closed_loop(loop: object) -> bool:
    """Tell whether an event loop was closed, as that of an earlier `asyncio.run` is.

    Args:
        loop: What `current_loop` gave.

    Returns:
        Whether its connections can neither be used nor closed any more.
    """
    import asyncio

    return isinstance(loop, asyncio.AbstractEventLoop) and loop.is_closed()


async def send(http: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send a request, without redirects.

    Args:
        http: The HTTP client.
        request: The request.

    Returns:
        The response, of which only the head has been read.
    """
    sending = http.send(request, stream=True, follow_redirects=False)
    # Under trio, httpcore shields itself from cancellation.
    if current_loop() is None:
        return await sending
    import httpx

    from cartesia._runtime.cancellation import DeferredCancellation, DeferredCancellationStream

    deferred = DeferredCancellation(sending)
    response = await deferred
    if isinstance(response.stream, httpx.AsyncByteStream):
        response.stream = DeferredCancellationStream(response.stream)
    if deferred.pending is not None:
        await response.aclose()
        deferred.raise_pending()
    return response


async def read_within(
    seconds: float, response: httpx.Response, read: Callable[[], Awaitable[object]]
) -> None:
    """Read from a response for a limited time; if it has not ended by then, it must be closed.

    Args:
        seconds: The limit.
        response: The response.
        read: Reads from it.
    """
    import anyio

    del response
    with anyio.move_on_after(seconds):
        await read()
