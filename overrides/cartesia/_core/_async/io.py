"""What truly differs between the two worlds; the hand-written twin is ``_sync/io.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Generator

    import httpx

    from cartesia._core._async.pages import AsyncCursorIDPage

T = TypeVar("T")


class AsyncPaginator(Generic[T]):
    """A list that nobody has asked for yet: await it for its first page, or iterate over all items.

    Args:
        fetch: Gets the first page.
    """

    def __init__(self, fetch: Callable[[], Awaitable[AsyncCursorIDPage[T]]]) -> None:
        self._fetch = fetch

    def __await__(self) -> Generator[None, None, AsyncCursorIDPage[T]]:
        return self._first().__await__()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for item in await self._fetch():
            yield item

    async def _first(self) -> AsyncCursorIDPage[T]:
        return await self._fetch()


def paginate(fetch: Callable[[], Awaitable[AsyncCursorIDPage[T]]]) -> AsyncPaginator[T]:
    """Give a list in pages.

    Args:
        fetch: Gets the first page.

    Returns:
        What gets it when it is awaited.
    """
    return AsyncPaginator(fetch)


async def sleep(seconds: float) -> None:
    """Wait, and let other tasks run.

    Args:
        seconds: How long.
    """
    # httpx depends on anyio: through it a client works under asyncio and trio alike.
    import anyio

    await anyio.sleep(seconds)


def current_loop() -> object:
    """Give the event loop that connections made now belong to.

    Returns:
        The loop; None under another library than asyncio.
    """
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def is_over(loop: object) -> bool:
    """Say whether connections of an event loop are dead, as a second `asyncio.run` finds them.

    Args:
        loop: What `current_loop` gave.

    Returns:
        Whether they can neither be used nor closed.
    """
    import asyncio

    return isinstance(loop, asyncio.AbstractEventLoop) and loop.is_closed()


def discard(http: httpx.AsyncClient) -> None:
    """Let go of connections that nobody closed; only their event loop could close them.

    Args:
        http: What holds them.
    """
    del http
