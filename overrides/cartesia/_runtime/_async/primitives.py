"""What differs between async and sync HTTP; the hand-written twin is ``_sync/primitives.py``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Callable, TypeVar

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Awaitable, Coroutine

    import httpx

    from cartesia._runtime.retry import Deadline

T = TypeVar("T")

_closing: set[asyncio.Task[None]] = set()
"""An event loop holds its tasks weakly."""


async def sleep(seconds: float) -> None:
    """Wait, and let other tasks run.

    Args:
        seconds: How long.
    """
    # httpx depends on anyio, which works under asyncio and trio alike.
    import anyio

    await anyio.sleep(seconds)


def current_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that connections opened now belong to.

    Returns:
        The loop; None under another library than asyncio.
    """
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def run_in_thread(run: Callable[[], None]) -> None:
    """Run something that takes long in a thread.

    Args:
        run: What to run.
    """
    import anyio.to_thread

    await anyio.to_thread.run_sync(run)


def is_interrupt(error: BaseException) -> bool:
    """Return whether a signal handler raised an error, maybe in the middle of a library's code.

    Args:
        error: The error. A task that is cancelled is not interrupted: it ends at an await.

    Returns:
        Whether it did.
    """
    return isinstance(error, (KeyboardInterrupt, SystemExit))


def run_soon(loop: object, run: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run something in its event loop soon. Waits for nothing, so that finalizers may call it.

    Args:
        loop: What `current_loop` gave. Under another library than asyncio nothing is run.
        run: What to run.
    """
    import asyncio

    def start() -> None:
        task = asyncio.ensure_future(run())
        _closing.add(task)
        task.add_done_callback(_closing.discard)

    if isinstance(loop, asyncio.AbstractEventLoop):
        with suppress(RuntimeError):  # it was closed
            loop.call_soon_threadsafe(start)


async def close_when_dropped(http: httpx.AsyncClient) -> AsyncGenerator[None, None] | None:
    """Have connections closed even if the client never is: once started, a generator is finalized.

    An event loop finalizes the asynchronous generators that were started in it: soon after the last
    reference is gone, or when it shuts down.

    Args:
        http: The HTTP client.

    Returns:
        The generator, to be kept as long as the HTTP client is in use. None under trio, which warns
        of generators that were not closed.
    """

    async def wait() -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await http.aclose()

    if current_loop() is None:
        return None
    finalizer = wait()
    await finalizer.__anext__()
    return finalizer


async def send(
    http: httpx.AsyncClient, request: httpx.Request, seconds: float | None
) -> httpx.Response:
    """Send a request, without redirects.

    Args:
        http: The HTTP client.
        request: The request.
        seconds: The limit of the time until the head of the response has come; None for no limit.

    Returns:
        The response, of which only the head has been read.

    Raises:
        TimeoutError: The time is up.
    """
    if seconds is None:
        return await _send(http, request)
    import anyio

    with anyio.fail_after(seconds):
        return await _send(http, request)


async def _send(http: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    sending = http.send(request, stream=True, follow_redirects=False)
    # httpcore shields its clean-up from scopes of anyio, as trio has them, not from `Task.cancel`.
    if current_loop() is None:
        return await sending
    import httpx

    from cartesia._runtime.cancellation import DeferredCancellation, DeferredCancellationStream
    from cartesia._runtime.http_clients import wrap_stream

    deferred = DeferredCancellation(sending, raises=False)
    response = await deferred
    wrap_stream(response, httpx.AsyncByteStream, DeferredCancellationStream)
    if deferred.pending is not None:
        await response.aclose()
        deferred.raise_pending()
    return response


def end_reading(_response: httpx.Response) -> None:
    """Do nothing: closing a response ends a read of it, in the task that waits for it."""


class ReadLimit:
    """A limit of the time in which a response is read; what goes on after it must be closed.

    Args:
        deadline: The limit.
        _response: The response, which threads need.
    """

    def __init__(self, deadline: Deadline, _response: httpx.Response) -> None:
        self.deadline = deadline

    async def run(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read.

        Args:
            read: Reads from the response.

        Returns:
            What it returned.

        Raises:
            TimeoutError: The time is up.
        """
        import anyio

        with anyio.fail_after(max(0.0, self.deadline.left())):
            return await read()

    def cancel(self) -> None:
        """End the limit."""
