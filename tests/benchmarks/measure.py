"""Contestants as processes, asked in turns: one round of each, then the next round."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal, Protocol, Self

from tests.benchmarks.server import CERTIFICATE

Side = Literal["ours", "vendor", "raw"]
Figures = dict[str, float]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Work:
    """A piece of work of `tests.benchmarks.works`, done by a process that lives on.

    Attributes:
        module: Its module.
        function: Its function.
        plain: Whether to do without the speedups.
        fresh: Whether every round gets a process of its own.
        tls: Whether the server is asked over TLS.
    """

    module: str
    function: str
    plain: bool = False
    fresh: bool = False
    tls: bool = False


@dataclass(frozen=True)
class Start:
    """Python code that a fresh process begins with; timed from the process's start to its answer.

    Attributes:
        code: The code; it prints its figures as a JSON object. ``{url}`` is the server's.
    """

    code: str


@dataclass(frozen=True)
class Command:
    """A module of this repository, run to its end by the Python of development and timed.

    Attributes:
        arguments: What follows ``python -m``.
    """

    arguments: tuple[str, ...]


Task = Work | Start | Command


@dataclass(frozen=True)
class URLs:
    """Where the server is.

    Attributes:
        plain: Its URL.
        secure: The same with TLS.
    """

    plain: str
    secure: str


class Contestant(Protocol):
    """What can be asked for a round."""

    def run(self, times: int) -> Figures:
        """Do the work so often, and give its figures."""
        ...


class _Lasting:
    """A process that prepares its work once and then waits to be asked.

    Args:
        python: Its interpreter.
        work: Its work.
        urls: Where the server is.
    """

    def __init__(self, python: Path, work: Work, urls: URLs) -> None:
        url = urls.secure if work.tls else urls.plain
        arguments = ["-m", "tests.benchmarks.contestant", work.module, work.function, url]
        options = ["--plain"] if work.plain else []
        self._process = _start(python, *arguments, *options, tls=work.tls)
        self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()

    def run(self, times: int) -> Figures:
        """Do the work so often, and give its figures."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{times}\n")
        self._process.stdin.flush()
        figures: Figures = json.loads(self._read())
        return figures

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a contestant ended: {self._process.args!r}")
        return line


class _Fresh:
    """A process for each round."""

    def __init__(self, python: Path, task: Task, urls: URLs) -> None:
        self._python = python
        self._task = task
        self._urls = urls

    def run(self, times: int) -> Figures:
        """Do the work once, or as a work of its own so often, and give its figures."""
        task = self._task
        if isinstance(task, Work):
            with _Lasting(self._python, task, self._urls) as contestant:
                return contestant.run(times)
        start = time.perf_counter()
        if isinstance(task, Command):
            with _start(Path(sys.executable), "-m", *task.arguments) as process:
                process.communicate()
            if process.returncode:
                raise RuntimeError(f"{' '.join(task.arguments)} failed")
            return {"seconds": time.perf_counter() - start}
        with _start(self._python, "-c", task.code.replace("{url}", self._urls.plain)) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            took = time.perf_counter() - start
        if not line:
            raise RuntimeError(f"this code failed:\n{task.code}")
        return {"answered": took, **json.loads(line)}


def _start(python: Path, *arguments: str, tls: bool = False) -> subprocess.Popen[str]:
    # All libraries beneath find there whom to trust.
    trusted = {"SSL_CERT_FILE": str(CERTIFICATE)} if tls else {}
    return subprocess.Popen(  # noqa: S603  # ourselves
        [str(python), *arguments],
        cwd=ROOT,
        env={**os.environ, **trusted},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def serving() -> Iterator[URLs]:
    """Run the benchmark server; say where it is."""
    with _start(Path(sys.executable), "-m", "tests.benchmarks.server") as process:
        assert process.stdout is not None
        try:
            plain, secure = process.stdout.readline().split()
            yield URLs(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}")
        finally:
            process.kill()


@dataclass(frozen=True)
class Samples:
    """What the rounds gave.

    Attributes:
        rounds: A round each: the figures by contestant.
    """

    rounds: list[dict[Side, Figures]]

    def middle(self, side: Side, figure: str) -> float | None:
        """Return the median of a contestant, None where it did not take part."""
        values = [taken[side][figure] for taken in self.rounds if side in taken]
        return median(values) if values else None

    def ratio(self, side: Side, figure: str) -> float | None:
        """Return the median of what ours was over another, round by round.

        The two of a round are measured within a second, so a machine that is busy with other things
        slows both.
        """
        values = [
            taken["ours"][figure] / taken[side][figure]
            for taken in self.rounds
            if side in taken and "ours" in taken and taken[side][figure]
        ]
        return median(values) if values else None

    def difference(self, side: Side, figure: str) -> float | None:
        """Return the median of how much more ours was than another, round by round."""
        values = [
            taken["ours"][figure] - taken[side][figure]
            for taken in self.rounds
            if side in taken and "ours" in taken
        ]
        return median(values) if values else None


def compete(
    tasks: dict[Side, Task],
    pythons: dict[Side, Path],
    urls: URLs,
    *,
    times: int,
    rounds: int,
    warm_up: int = 1,
) -> Samples:
    """Let contestants do the same work in turns.

    Args:
        tasks: What each does.
        pythons: The interpreter of each; one without an interpreter does not take part.
        urls: Where the server is.
        times: How often the work is done in a round.
        rounds: How many rounds.
        warm_up: How many more come before them and do not count.

    Returns:
        The figures of the rounds.
    """
    taken: list[dict[Side, Figures]] = []
    with ExitStack() as processes:
        contestants: dict[Side, Contestant] = {}
        for side, task in tasks.items():
            if side in pythons:
                lasting = isinstance(task, Work) and not task.fresh
                contestants[side] = (
                    processes.enter_context(_Lasting(pythons[side], task, urls))
                    if lasting and isinstance(task, Work)
                    else _Fresh(pythons[side], task, urls)
                )
        if all(isinstance(task, Work) and task.fresh for task in tasks.values()):
            warm_up = 0  # each begins cold, and warms up itself
        order = list(contestants)
        for _ in range(warm_up + rounds):
            taken.append({side: contestants[side].run(times) for side in order})
            order.reverse()  # nobody always comes first
    return Samples(taken[warm_up:])
