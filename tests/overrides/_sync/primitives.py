"""Do several things at once: as threads here, as tasks in the async twin."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

pause = time.sleep


def gather(*jobs: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]
