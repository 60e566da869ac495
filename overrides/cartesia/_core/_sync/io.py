"""What truly differs between the two worlds; the hand-written twin is ``_async/io.py``."""

from __future__ import annotations

from cartesia._core._sync.pages import SyncCursorIDPage

Paginator = SyncCursorIDPage
"""A list in pages: where calls block, it is its first page."""


def sleep(seconds: float) -> None:
    """Wait.

    Args:
        seconds: How long.
    """
    import time

    time.sleep(seconds)
