"""Running without the tracing of coverage, which doubles the time of what it is not there for.

It measures the client and the scripts. So threads of servers are not traced, nor the process that
hands the tests to others, nor tests of something else, nor those with the mark ``untraced``: they
do very often what other tests do once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _typeshed import TraceFunction

MEASURED = "COVERAGE_RUN" in os.environ
"""Whether coverage measures this process: debuggers trace as well, and must go on."""

FOLDERS = frozenset({"benchmarks", "contract", "docs", "examples", "mock", "typing"})
"""Folders of tests that are not traced: of programs that are not measured, or of what others cover."""

SERVERS = ("cartesia-mock", "test-server", "recorder")
"""What the names of the threads of servers begin with."""


@contextmanager
def untraced() -> Generator[None]:
    """Do without tracing in this thread, and in the threads and processes that it starts."""
    if not MEASURED or sys.version_info < (3, 10):
        yield
        return
    trace, trace_of_threads = sys.gettrace(), threading.gettrace()
    assert trace_of_threads is not None
    settings = {
        name: os.environ.pop(name) for name in [*os.environ] if name.startswith("COVERAGE_")
    }
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        threading.settrace(trace_of_threads)
        sys.settrace(trace)
        os.environ.update(settings)


def leave_out_controller(config: pytest.Config) -> None:
    """Do without tracing in the process of pytest-xdist that runs no test itself."""
    if MEASURED and config.getoption("numprocesses", None):
        from coverage import Coverage

        running = Coverage.current()
        assert running is not None
        running.stop()


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
