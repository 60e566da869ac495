"""Do several things at once: as tasks here, as threads in the sync twin."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

pause = asyncio.sleep


async def gather(*jobs: Callable[[], Awaitable[T]]) -> list[T]:
    return list(await asyncio.gather(*(job() for job in jobs)))
