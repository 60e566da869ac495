"""Tries packages of others on the mock server: ``python -m tests.integrations ENVIRONMENTS [NAMES]``.

Each package has an environment of its own below the folder ENVIRONMENTS, and a program in `clients/` that makes it speak,
stream, be interrupted, listen and be refused. What is heard is compared with what was to be said.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from tests.integrations.clients.checks import KEY

PROGRAMS = {
    "ours": "vendor_current.py",
    "ours.v2026_08_14": "vendor_current.py",
    "livekit": "livekit_plugin.py",
    "pipecat": "pipecat_services.py",
    "vendor-2": "vendor_2.py",
    "vendor-3": "vendor_current.py",
    "vendor-4": "vendor_current.py",
}
"""The program of each environment; that of `ours`, of any date, is the one that runs this."""

_CLIENTS = Path(__file__).parent / "clients"
_LINE = "check "
_SECONDS = 400
_AT_ONCE = 2
_SHOWN_LINES = 40


@dataclass(frozen=True)
class Outcome:
    """What came of one check.

    Attributes:
        name: What was to be seen.
        problem: What was seen instead; empty if nothing.
        reason: Why it is known to fail; empty if it is not.
    """

    name: str
    problem: str
    reason: str

    @property
    def verdict(self) -> str:
        """`passed`, `failed` or `waits`; what is known to fail has to."""
        if not self.reason:
            return "failed" if self.problem else "passed"
        return "waits" if self.problem else "failed"

    def __str__(self) -> str:
        if self.verdict == "waits":
            return f"  waits   {self.name}: {self.reason}"
        if self.reason:
            return f"  failed  {self.name}: it works now, so take its mark away ({self.reason})"
        return f"  {self.verdict}  {self.name}{f': {self.problem}' if self.problem else ''}"


@dataclass(frozen=True)
class Report:
    """The checks of one environment, and what its program said besides."""

    environment: str
    outcomes: list[Outcome]
    said: str

    def count(self, verdict: str) -> int:
        """Count the checks with a verdict."""
        return sum(outcome.verdict == verdict for outcome in self.outcomes)


def main(arguments: Sequence[str]) -> int:
    """Run the programs, and print their verdicts as they come.

    Args:
        arguments: The folder of the environments, and the names of those to try (all by default).

    Returns:
        1 if a check failed, else 0.
    """
    folder, *names = arguments
    wanted = names or list(PROGRAMS)
    start = time.monotonic()
    with serving() as url, ThreadPoolExecutor(_AT_ONCE) as threads:
        runs = threads.map(lambda name: _run(name, Path(folder).absolute(), url), wanted)
        reports = [_shown(report) for report in runs]
    passed, failed, waits = (
        sum(report.count(verdict) for report in reports)
        for verdict in ("passed", "failed", "waits")
    )
    print(f"{time.monotonic() - start:.0f} s; {waits} wait for what is not there yet")
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0)


@contextmanager
def serving() -> Iterator[str]:
    """Run the mock server as a process of its own; yields its address."""
    command = [sys.executable, "-m", "cartesia_mock", "--port", "0", "--api-key", KEY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            if "listening on " not in line:
                raise RuntimeError(f"the mock server did not start: {line!r}")
            yield line.rpartition(" ")[2].strip()
        finally:
            server.terminate()


def _run(name: str, folder: Path, url: str) -> Report:
    is_ours, date = name.partition(".")[0] == "ours", name.partition(".")[2]
    python = Path(sys.executable) if is_ours else folder / name / "bin" / "python"
    package = {"CARTESIA_PACKAGE": f"cartesia.{date}"} if date else {}
    with TemporaryFile("w+") as said:
        command = [str(python), str(_CLIENTS / PROGRAMS[name]), url]
        try:
            done = subprocess.run(
                command,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env={**os.environ, **package},
                timeout=_SECONDS,
                check=False,
            )
            printed, code = done.stdout, str(done.returncode)
        except subprocess.TimeoutExpired as late:
            printed, code = (late.stdout or b"").decode(), f"none within {_SECONDS} s"
        said.seek(0)
        complaints = said.read()
    lines = [line for line in printed.splitlines() if line.startswith(_LINE)]
    outcomes = [Outcome(**json.loads(line.removeprefix(_LINE))) for line in lines]
    if code != "0" or not outcomes:
        outcomes.append(Outcome("the program runs to its end", f"its exit code: {code}", ""))
    return Report(name, outcomes, complaints)


def _shown(report: Report) -> Report:
    print(f"{report.environment}: {report.count('passed')} passed, {report.count('failed')} failed")
    for outcome in report.outcomes:
        print(outcome)
    if report.count("failed"):
        print("\n".join(report.said.splitlines()[-_SHOWN_LINES:]))
    print(flush=True)
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
