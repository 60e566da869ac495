"""Types are behaviour: both checkers accept what is right and refuse the rest, line by line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("cases.py")
ROOT = CASES.parents[2]


def run(*command: str) -> str:
    done = subprocess.run(  # noqa: S603 - the tools of this environment
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def lines_refused_by_mypy() -> set[int]:
    said = run("mypy", "--hide-error-context", str(CASES))
    found = re.findall(r"^tests/typing/cases\.py:(\d+): error", said, re.MULTILINE)
    return {int(line) for line in found}


def lines_refused_by_pyright() -> set[int]:
    report = json.loads(run("pyright", "--outputjson", str(CASES)))
    return {item["range"]["start"]["line"] + 1 for item in report["generalDiagnostics"]}


@pytest.mark.timeout(300)  # both checkers read the whole client first
@pytest.mark.parametrize("refused", [lines_refused_by_mypy, lines_refused_by_pyright])
def test_exactly_the_marked_lines_are_refused(refused: object) -> None:
    assert callable(refused)
    text = CASES.read_text("utf-8").splitlines()
    marked = {number for number, line in enumerate(text, 1) if line.endswith("# rejected")}
    assert marked
    assert refused() == marked
