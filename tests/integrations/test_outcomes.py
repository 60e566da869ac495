"""What the runner makes of the lines of a program, without one of the packages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integrations.__main__ import Outcome

PROGRAM = """
from checks import check, main, waits_for

@check
def it_works(url): pass

@check
async def it_fails_in_async_code(url): assert url == "nowhere", url

@waits_for("tomorrow")
def it_is_not_there_yet(url): raise LookupError

@waits_for("yesterday")
def it_is_there_by_now(url): pass

main()
"""


@pytest.mark.parametrize(
    ("problem", "reason", "verdict"),
    [("", "", "passed"), ("it broke", "", "failed"), ("it broke", "known", "waits")],
)
def test_a_known_failure_waits(problem: str, reason: str, verdict: str) -> None:
    assert Outcome("it speaks", problem, reason).verdict == verdict


def test_a_known_failure_that_begins_to_work_fails_loudly() -> None:
    outcome = Outcome("it speaks", "", "known")
    assert outcome.verdict == "failed"
    assert "take its mark away (known)" in str(outcome)


def test_every_check_of_a_program_is_told(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    folder = Path(__file__).parent / "clients"
    done = subprocess.run(
        [sys.executable, str(program), "here"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(folder)},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("check ")]
    outcomes = [Outcome(**json.loads(line.removeprefix("check "))) for line in lines]
    assert [outcome.verdict for outcome in outcomes] == ["passed", "failed", "waits", "failed"]
    assert outcomes[1].problem == "AssertionError: here"
    assert "it_fails_in_async_code" in done.stderr
