"""What truly differs between the two worlds; the hand-written twin is ``_sync/primitives.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Generator

    import httpx

    from cartesia._runtime._async.pages import AsyncCursorIDPage

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


async def receive_head(sending: Awaitable[httpx.Response]) -> httpx.Response:
    """Await the head of an answer, so that its connection is not lost when the task is cancelled.

    Args:
        sending: Sends a request.

    Returns:
        The answer, of which only the head has been read.
    """
    # Other libraries than asyncio hold a cancellation off where httpx asks them to.
    if current_loop() is None:
        return await sending
    import httpx

    from cartesia._runtime.undisturbed import Undisturbed, UndisturbedStream

    undisturbed = Undisturbed(sending)
    response = await undisturbed
    if isinstance(response.stream, httpx.AsyncByteStream):
        response.stream = UndisturbedStream(response.stream)
    if undisturbed.is_cancelled:
        await response.aclose()
        undisturbed.strike()
    return response


async def _closing(http: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await http.aclose()


async def guard(http: httpx.AsyncClient) -> AsyncGenerator[None, None] | None:
    """See that connections are closed, even where nobody does it.

    An event loop finishes the asynchronous generators that were begun in it: those that nobody
    holds any more soon, all others before it ends. So finishing a generator is what closes them.

    Args:
        http: What holds the connections.

    Returns:
        A generator that closes them when it is closed; None under another library than asyncio.
    """
    if current_loop() is None:
        return None
    generator = _closing(http)
    await generator.__anext__()
    return generator


async def limited(
    seconds: float, response: httpx.Response, read: Callable[[], Awaitable[object]]
) -> None:
    """Read from an answer, for a limited time; an answer that has not ended then must be closed.

    Args:
        seconds: The limit.
        response: The answer.
        read: Reads from it.
    """
    import anyio

    del response
    with anyio.move_on_after(seconds):
        await read()
