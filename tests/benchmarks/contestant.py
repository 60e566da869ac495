"""One contestant in a process of its own: does a piece of work as often as it is told to.

``python -m tests.benchmarks.contestant MODULE FUNCTION URL [--plain]``; it reads numbers, a line
each, and answers each with the figures of so many runs. ``--plain`` hides the speedups.
"""

from __future__ import annotations

import importlib
import json
import sys

from tests.benchmarks.works.base import Prepare, Run


def load(module: str, function: str) -> Prepare:
    """Find a piece of work.

    Args:
        module: The module of `tests.benchmarks.works`.
        function: Its function.

    Returns:
        What prepares the work.
    """
    prepare: Prepare = getattr(
        importlib.import_module(f"tests.benchmarks.works.{module}"), function
    )
    return prepare


def main(module: str, function: str, url: str, *options: str) -> None:
    """Prepare a piece of work, and do it for each number that is read.

    Args:
        module: The module of `tests.benchmarks.works`.
        function: Its function.
        url: The URL of the server.
        options: ``--plain`` to do without the speedups.
    """
    if "--plain" in options:
        for name in ("orjson", "pybase64"):
            sys.modules[name] = None  # type: ignore[assignment]  # how an import is made to fail
    run: Run = load(module, function)(url)
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(run(int(line))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
