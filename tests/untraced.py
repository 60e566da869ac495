"""Running without the tracing of coverage, which doubles the time of what it is not there for.

It measures the client and the scripts. So threads of servers are not traced, nor the tests of the
mock, nor those with the mark ``untraced``: they do very often what other tests do once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import TraceFunction

MEASURED = "COVERAGE_RUN" in os.environ
"""Whether coverage measures this process: debuggers trace as well, and must go on."""

SERVERS = ("cartesia-mock", "test-server", "recorder")
"""What the names of the threads of servers begin with."""


def environment() -> dict[str, str]:
    """Give the environment of this process for one that coverage does not measure."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


@contextmanager
def untraced() -> Generator[None]:
    """Do without tracing in this thread."""
    trace = sys.gettrace()
    if MEASURED:
        sys.settrace(None)
    try:
        yield
    finally:
        if MEASURED:
            sys.settrace(trace)


def leave_out_servers() -> None:
    """Have new threads traced as before, but for those of servers."""
    if sys.version_info < (3, 10) or not MEASURED:
        return
    trace = threading.gettrace()
    assert trace is not None

    def trace_others(*event: Any) -> TraceFunction | None:
        if threading.current_thread().name.startswith(SERVERS):
            sys.settrace(None)
            return None
        return trace(*event)

    threading.settrace(trace_others)
