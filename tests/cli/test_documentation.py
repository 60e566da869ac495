"""The page on the command line: every command of it runs, and its exit codes are those there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cartesia.cli import failures
from tests.cli.conftest import Voice

PAGE = (Path(__file__).parents[2] / "docs/command-line.md").read_text()
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if "cartesia-voice" in line
]


@pytest.mark.timeout(300)
@pytest.mark.untraced
def test_every_command_runs_in_its_order(voice: Voice) -> None:
    voice.install("ffplay")
    llm = voice.programs / "llm"
    llm.write_text("#!/bin/sh\necho Once upon a time.\n")
    llm.chmod(0o755)
    voice.path("story.txt").write_text("A story.")
    assert len(COMMANDS) > 25
    for line in COMMANDS:
        run = voice("-e", "-o", "pipefail", "-c", line, command=("bash",))
        assert (run.code, run.errors) == (0, ""), line
        assert run.output or re.search(r"-o |speak|delete", line), line


def test_every_exit_code_is_documented() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    codes = {value for name, value in vars(failures).items() if name.isupper() and name[0] != "_"}
    assert documented == {0, *codes}
