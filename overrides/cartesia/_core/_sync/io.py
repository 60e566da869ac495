"""What truly differs between the two worlds; the hand-written twin is ``_async/io.py``."""

from __future__ import annotations

from typing import Callable, TypeVar

from cartesia._core._sync.pages import SyncCursorIDPage

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
