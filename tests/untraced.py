"""What runs without the tracing of coverage: code that is not measured would take half as long again."""

from __future__ import annotations

import os
import sys
import threading
from types import FrameType

MEASURED = "COVERAGE_RUN" in os.environ
"""Whether coverage measures this process: debuggers trace as well, and must go on."""

MOCK_THREADS = "cartesia-mock"
"""What the names of the mock server's threads begin with."""


def environment() -> dict[str, str]:
    """Give the environment of this process for one that coverage does not measure."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def leave_out_threads_of_the_mock() -> None:
    """Have new threads traced as before, but for those of the mock server."""
    if sys.version_info < (3, 10) or not MEASURED:
        return
    trace = threading.gettrace()
    assert trace is not None

    def trace_others(frame: FrameType, event: str, argument: object) -> object:
        if threading.current_thread().name.startswith(MOCK_THREADS):
            sys.settrace(None)
            return None
        return trace(frame, event, argument)

    threading.settrace(trace_others)
