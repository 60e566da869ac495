"""The mock keeps to the document whatever it is asked: schemathesis, all phases and all checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cartesia_mock.testing import serve
from tests.contract.conftest import EXAMPLES
from tests.contract.figures import figures
from tests.contract.operations import operations

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).parent / "schemathesis.toml"
PHASES = ("examples", "coverage", "fuzzing", "stateful")
SEED = 20251104
LONGEST = 60 * 60


def run(url: str, folder: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Run schemathesis against a server; give how it ended, and its report."""
    report = folder / "report.json"
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", str(CONFIG), "run", f"{url}/openapi.json"),
        *("--url", url, "--max-examples", str(EXAMPLES), "--seed", str(SEED)),
        *("--phases", ",".join(PHASES), "--generation-database", "none"),
        *("--report", "json", "--report-json-path", str(report)),
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(  # noqa: S603  # of this environment
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return done, found


@pytest.mark.timeout(LONGEST)
def test_the_mock_keeps_to_the_document(tmp_path: Path) -> None:
    with serve(api_key="good", engine="tone") as url:
        done, report = run(url, tmp_path)
    figures.count("operations that schemathesis tested", report["operations"]["tested"])
    figures.count("requests that schemathesis made", report["test_cases"]["generated"])
    figures.count("failures that schemathesis found", report["test_cases"]["unique_failures"])
    assert report["failures"] == [], done.stdout
    assert report["errors"] == [], done.stdout
    assert done.returncode == 0, done.stdout + done.stderr
    assert report["complete"]
    assert report["operations"]["tested"] == len(operations())
    assert {name: phase["status"] for name, phase in report["phases"].items()} == dict.fromkeys(
        PHASES, "success"
    )
