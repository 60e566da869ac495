"""The mock keeps to the document whatever it is asked: schemathesis, all phases and all checks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cartesia_mock.testing import serve
from tests.contract.dates import version
from tests.contract.figures import EXAMPLES, figures
from tests.contract.operations import operations

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).parent / "schemathesis.toml"
ALONE = ("examples", "coverage", "fuzzing")
SPEAKING = "^/(tts|infill)"
HEARING = "^/(stt|voice-changer)"
RUNS = {
    # Three, so that several processors can share what takes longest of all tests.
    "operations that speak": (ALONE, EXAMPLES, ("--include-path-regex", SPEAKING)),
    "operations that hear": (ALONE, EXAMPLES, ("--include-path-regex", HEARING)),
    "all others": (ALONE, EXAMPLES, ("--exclude-path-regex", f"{SPEAKING}|{HEARING}")),
    # A walk has many ways to go, and most steps are cheap.
    "along the links": (("stateful",), EXAMPLES * 15, ()),
}
"""Which phases run on one mock, how many examples they make, and of which operations."""

SEED = 20251104
LONGEST = 60 * 60


def run(
    url: str, folder: Path, phases: tuple[str, ...], limit: int, chosen: tuple[str, ...]
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Run schemathesis against a server; give how it ended, and its report."""
    report = folder / "report.json"
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", str(CONFIG), "run", f"{url}/openapi.json?version={version().date}"),
        *("--header", f"Cartesia-Version: {version().date}"),
        *("--url", url, "--max-examples", str(limit), "--seed", str(SEED)),
        *("--phases", ",".join(phases), "--generation-database", "none", *chosen),
        *("--report", "json", "--report-json-path", str(report)),
    ]
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis"),  # which keeps tables of Unicode
    }
    done = subprocess.run(  # noqa: S603  # of this environment
        command, cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return done, found


@pytest.mark.timeout(LONGEST)
@pytest.mark.parametrize("how", RUNS)
def test_the_mock_keeps_to_the_document(tmp_path: Path, how: str) -> None:
    phases, limit, chosen = RUNS[how]
    with serve(api_key="good", engine="tone") as url:
        done, report = run(url, tmp_path, phases, limit, chosen)
    figures.count(f"operations tested by schemathesis, {how}", report["operations"]["tested"])
    figures.count(f"requests made by schemathesis, {how}", report["test_cases"]["generated"])
    figures.count("failures found by schemathesis", report["test_cases"]["unique_failures"])
    if links := re.search(r"API Links: +([0-9]+) covered", done.stdout):
        figures.count("links followed by schemathesis", int(links[1]))
    assert report["failures"] == [], done.stdout
    assert report["errors"] == [], done.stdout
    assert done.returncode == 0, done.stdout + done.stderr
    assert report["complete"]
    ran = {name: phase["status"] for name, phase in report["phases"].items() if name in phases}
    assert ran == dict.fromkeys(phases, "success")
    if phases == ALONE:
        assert report["operations"]["tested"] == report["operations"]["selected"]
        assert report["operations"]["total"] == len(operations())
