"""The tools that judge this repository are pinned, so that none of their releases can."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))


def test_every_tool_is_pinned_exactly() -> None:
    groups = PROJECT["dependency-groups"]
    tools = [tool for name in ("generate", "dev") for tool in groups[name] if isinstance(tool, str)]
    assert len(tools) > 10
    assert [tool for tool in tools if "==" not in tool] == []


def test_check_generated_runs_both_steps_whichever_fails(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parents[2] / "Makefile", tmp_path)
    program = tmp_path / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$*: edited" >&2\nexit 1\n')
    program.chmod(0o755)
    command = ["make", "--silent", "--assume-old=setup", "check-generated"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode != 0
    for step in ("generate", "unasync"):
        assert f"-m scripts.{step} --check: edited" in done.stderr
