"""What truly differs between the two worlds; the hand-written twin is ``_async/io.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, TypeVar

from cartesia._core._sync.pages import SyncCursorIDPage

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

Paginator = SyncCursorIDPage
"""A list in pages: where calls block, it is its first page."""


def paginate(fetch: Callable[[], SyncCursorIDPage[T]]) -> Paginator[T]:
    """Give a list in pages.

    Args:
        fetch: Gets the first page.

    Returns:
        The first page.
    """
    return fetch()


def sleep(seconds: float) -> None:
    """Wait.

    Args:
        seconds: How long.
    """
    import time

    time.sleep(seconds)


def current_loop() -> object:
    """Give the event loop that connections made now belong to.

    Returns:
        None: there is no event loop.
    """
    return None


def is_over(loop: object) -> bool:
    """Say whether connections are dead for want of their event loop.

    Args:
        loop: What `current_loop` gave.

    Returns:
        False: there is no event loop.
    """
    del loop
    return False


def discard(http: httpx.Client) -> None:
    """Close connections that nobody closed.

    This may be called by the collector: nobody can be inside of a pool that nobody holds.

    Args:
        http: What holds them.
    """
    http.close()
