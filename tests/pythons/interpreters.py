"""Finds the Pythons of this machine: by name on PATH, and in the folders of pyenv and uv."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

VERSIONS = tuple(f"3.{minor}" for minor in range(9, 15))
"""The versions that the SDK runs on."""

_PRINT_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


def find(version: str) -> Path | None:
    """Find an interpreter that starts and is of a version.

    Args:
        version: The version, such as `3.9`.

    Returns:
        Its path; None where there is none.
    """
    return next((path for path in _candidates(version) if _is(path, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    folders = [Path(folder) for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for root in (pyenv / "versions", *_uv_folder()):
        folders += sorted(root.glob("*/bin"), reverse=True)
    for folder in folders:
        path = folder / f"python{version}"
        if path.is_file():
            yield path


def _uv_folder() -> list[Path]:
    """Return the folder where uv keeps its Pythons, if there is uv."""
    uv = shutil.which("uv")
    if uv is None:
        return []
    done = subprocess.run([uv, "python", "dir"], capture_output=True, text=True, check=False)
    return [Path(done.stdout.strip())] if done.returncode == 0 else []


def _is(path: Path, version: str) -> bool:
    """Return whether an interpreter starts as that version, which a shim of pyenv may not do."""
    try:
        done = subprocess.run(
            [path, "-c", _PRINT_VERSION], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == version
