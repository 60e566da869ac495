"""Pythons are found where they are, and one that does not start is passed over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pythons.interpreters import find

OURS = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty PATH and no pyenv."""
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def python(path: Path) -> Path:
    return program(path, f'exec "{sys.executable}" "$@"')


def test_by_name_on_the_path(machine: Path) -> None:
    assert find(OURS) is None
    wanted = python(machine / "path" / f"python{OURS}")
    assert find(OURS) == wanted
    assert find("3.7") is None


def test_in_the_folder_of_pyenv_where_its_shim_does_not_start(machine: Path) -> None:
    program(machine / "path" / f"python{OURS}", "echo 'pyenv: command not found' >&2; exit 127")
    assert find(OURS) is None
    wanted = python(machine / "pyenv" / "versions" / "3.1.4" / "bin" / f"python{OURS}")
    assert find(OURS) == wanted


def test_in_the_folder_of_uv(machine: Path) -> None:
    wanted = python(machine / "uv" / "cpython" / "bin" / f"python{OURS}")
    program(machine / "path" / "uv", f'echo "{machine}/uv"')
    assert find(OURS) == wanted


def test_what_is_called_so_and_is_another_is_passed_over(machine: Path) -> None:
    python(machine / "path" / "python3.7")
    assert find("3.7") is None


def test_a_missing_python_is_named_and_fails_nothing(machine: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.pythons", str(machine / "environments"), "3.7"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Python 3.7: MISSING on this machine, so nothing was tried\n"
    assert not (machine / "environments").exists()
