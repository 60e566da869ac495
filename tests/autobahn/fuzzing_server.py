"""Autobahn's fuzzing server as a process, and its verdicts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

_READY_SECONDS = 20
_PASSED = frozenset({"OK", "INFORMATIONAL"})


@dataclass(frozen=True)
class Verdict:
    """What the fuzzing server says of one case.

    Attributes:
        case: The case, such as ``6.4.1``.
        behavior: ``OK``, ``INFORMATIONAL``, ``NON-STRICT``, ``FAILED`` or ``UNIMPLEMENTED``.
        behavior_close: How the connection was closed: the same, ``UNCLEAN`` or ``WRONG CODE``.
        report: The file that has all of it, beside a page of the same name.
    """

    case: str
    behavior: str
    behavior_close: str
    report: Path

    @property
    def section(self) -> int:
        """The part of the suite that the case belongs to."""
        return int(self.case.partition(".")[0])

    @property
    def passed(self) -> bool:
        """Whether it passed strictly."""
        return self.behavior in _PASSED and self.behavior_close in _PASSED

    @property
    def reason(self) -> str:
        """Why it did not pass, in the server's words."""
        report: dict[str, Any] = json.loads(self.report.read_bytes())
        if self.behavior not in _PASSED:
            return f"{self.behavior}: {report['result']} (close {self.behavior_close})"
        return f"close {self.behavior_close}: {report['resultClose']}"


@contextmanager
def fuzzing(installed: Path, folder: Path, cases: Sequence[str]) -> Iterator[str]:
    """Run a fuzzing server.

    Args:
        installed: The folder that holds the package ``autobahntestsuite``.
        folder: Where its reports and its log go.
        cases: Patterns such as ``1.*``.

    Yields:
        Its URL.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"ws://127.0.0.1:{listening.getsockname()[1]}"
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / "spec.json"
    spec.write_text(json.dumps({"url": url, "outdir": str(folder), "cases": list(cases)}))
    command = [str(installed / "bin" / "wstest")]
    command += ["--mode", "fuzzingserver", "--webport", "0", "--spec", str(spec)]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    with (
        (folder / "server.log").open("w") as log,
        subprocess.Popen(  # noqa: S603 # what `make autobahn` installed
            command, env=environment, stdout=log, stderr=log
        ) as process,
    ):
        try:
            _await_server(url, process, Path(log.name))
            yield url
        finally:
            process.kill()


def _await_server(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    host, _, port = url.removeprefix("ws://").partition(":")
    for _ in range(_READY_SECONDS * 10):
        try:
            socket.create_connection((host, int(port))).close()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the fuzzing server did not start:\n{log.read_text()}")


def case_count(url: str) -> int:
    """Ask the server how many cases it has.

    Args:
        url: The server's URL.
    """
    with connect(f"{url}/getCaseCount") as connection:
        return int(connection.recv())


def verdicts(url: str, agent: str, folder: Path) -> list[Verdict]:
    """Have the server write its reports, and read them.

    Args:
        url: The server's URL.
        agent: The name that the client gave itself.
        folder: Where the reports go.
    """
    with connect(f"{url}/updateReports?agent={agent}") as connection:
        list(connection)  # it closes the connection when the reports are written
    reports: dict[str, dict[str, dict[str, Any]]] = json.loads((folder / "index.json").read_bytes())
    found = [
        Verdict(case, report["behavior"], report["behaviorClose"], folder / report["reportfile"])
        for case, report in reports.get(agent, {}).items()
    ]
    return sorted(found, key=lambda verdict: [int(part) for part in verdict.case.split(".")])
