"""Runs the tests of the SDK on every Python of this machine: ``python -m tests.pythons FOLDER [VERSION ...]``.

Each Python has two environments below FOLDER. One has the SDK from this tree with all its extras,
and runs the tests of what users run: those in `TESTS`. All others test tools of development, which
run on one Python. The other environment is made anew, has the wheel alone, and runs the first
snippet of the README against a mock server. It needs nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.pythons.interpreters import VERSIONS, find

ROOT = Path(__file__).resolve().parents[2]
TESTS = ("tests/runtime", "tests/overrides")
EXTRAS = "websockets,speedups,aiohttp,httpx2,socks,cli,mock,speech"

_KEY = "good"
_AT_ONCE = 2
# Tests wait more than they compute: with two Pythons at once, two processes for each processor.
_PYTEST = ("-q", "-p", "no:cacheprovider", "-n", str(os.cpu_count() or 2), "--dist", "worksteal")
_TEST_SECONDS = 600
_SHOWN_LINES = 60


class StepError(Exception):
    """A program failed; the text is what it printed."""


@dataclass(frozen=True)
class Result:
    """What came of one Python.

    Attributes:
        version: Its version.
        summary: What pytest counted, or what failed.
        output: What was printed; empty if nothing failed.
        seconds: How long it took.
    """

    version: str
    summary: str
    output: str
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Try the Pythons, two at a time, and print what came of each.

    Args:
        arguments: The folder of the environments, and the versions to try (all by default).

    Returns:
        1 if something failed, else 0. A Python that is missing fails nothing.
    """
    folder, *wanted = arguments
    home = Path(folder).absolute()
    pythons = {version: find(version) for version in wanted or VERSIONS}
    for version, python in pythons.items():
        print(f"Python {version}: {python or 'MISSING on this machine, so nothing was tried'}")
    there = [(version, python) for version, python in pythons.items() if python is not None]
    if not there:
        return 0
    sys.stdout.flush()
    wheel = _build(home, there[-1][1])
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        results = threads.map(lambda one: _try(one[0], one[1], home, wheel), there)
        failed = [result.version for result in map(_show, results) if result.output]
    print(f"\n{len(there) - len(failed)} of {len(pythons)} Pythons passed, {len(failed)} failed")
    return int(bool(failed))


def _show(result: Result) -> Result:
    print(f"\nPython {result.version}: {result.summary} ({result.seconds:.0f} s)")
    if result.output:
        print("\n".join(result.output.splitlines()[-_SHOWN_LINES:]))
    sys.stdout.flush()
    return result


def _try(version: str, python: Path, home: Path, wheel: Path) -> Result:
    start = time.monotonic()
    try:
        tests = _environment_of_tests(python, home / version / "tests")
        _try_wheel(python, home / version / "wheel", wheel, tests)
        printed = _run([tests, "-m", "pytest", *_PYTEST, *TESTS])
        summary, output = f"the wheel speaks; {printed.strip().splitlines()[-1]}", ""
    except StepError as error:
        summary, output = "FAILED", str(error)
    return Result(version, summary, output, time.monotonic() - start)


def _build(home: Path, python: Path) -> Path:
    """Build the wheel."""
    dist = home / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        _run([uv, "build", "--quiet", "--wheel", "--python", python, "--out-dir", dist])
    else:
        _run(
            [
                *_pip(home / "build", python),
                "wheel",
                "--quiet",
                "--no-deps",
                "--wheel-dir",
                dist,
                ".",
            ]
        )
    return next(dist.glob("*.whl"))


def _environment_of_tests(python: Path, folder: Path) -> Path:
    """Return the Python of an environment with the SDK of this tree, made if pyproject.toml changed."""
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + bytes(python)).hexdigest()
    stamp = folder / ".installed"
    if not stamp.exists() or stamp.read_text() != digest:
        _install(python, folder, "--editable", f".[{EXTRAS}]", "--group", "test")
        stamp.write_text(digest)
    return folder / "bin" / "python"


def _try_wheel(python: Path, folder: Path, wheel: Path, server: Path) -> None:
    """Install the wheel alone, and run the first snippet of the README."""
    _install(python, folder, f"{wheel}[websockets,speedups]")
    snippet = re.search(
        r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert snippet is not None
    sound = folder / "hello.wav"
    with _mock(server) as url:
        settings = {"CARTESIA_BASE_URL": url, "CARTESIA_API_KEY": _KEY}
        _run([folder / "bin" / "python", "-W", "error", "-c", snippet[1]], folder, settings)
    if not sound.read_bytes().startswith(b"RIFF"):
        raise StepError(f"{sound} is no WAV file")


@contextmanager
def _mock(python: Path) -> Iterator[str]:
    """Run the mock server as a process of its own; yields its address."""
    command = [str(python), "-m", "cartesia_mock", "--quiet", "--port", "0", "--api-key", _KEY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            if "listening on " not in line:
                raise StepError(f"the mock server did not start: {line!r}")
            yield line.rpartition(" ")[2].strip()
        finally:
            server.terminate()


def _install(python: Path, folder: Path, *what: str) -> None:
    """Make an environment anew with some packages."""
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        _run([uv, "venv", "--quiet", "--python", python, folder])
        _run([uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python", *what])
    else:
        _run([*_pip(folder, python), "install", "--quiet", *what])


def _pip(folder: Path, python: Path) -> list[str | Path]:
    """Return the command that is pip in an environment, which is made if it is not there."""
    pip: list[str | Path] = [folder / "bin" / "python", "-m", "pip"]
    if not folder.exists():
        _run([python, "-m", "venv", folder])
        _run([*pip, "install", "--quiet", "--upgrade", "pip"])  # dependency groups are new
    return pip


def _run(
    command: Sequence[str | Path], folder: Path = ROOT, settings: dict[str, str] | None = None
) -> str:
    """Run a program, and return what it printed.

    Raises:
        StepError: It failed, or took too long.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **(settings or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode("utf-8", "replace")
        raise StepError(f"{said}\n{command[0]} did not end within {_TEST_SECONDS} s") from late
    if done.returncode:
        raise StepError(f"{done.stdout}\n{command[0]} failed with code {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
