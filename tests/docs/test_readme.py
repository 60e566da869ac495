"""The README's Python runs as it stands, on the mock."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
SNIPPETS = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def run(code: str, folder: Path, url: str) -> str:
    environment = {**os.environ, "CARTESIA_BASE_URL": url, "CARTESIA_API_KEY": "good"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(120)
def test_every_snippet_runs_in_turn(tmp_path: Path, mock_url: str) -> None:
    assert len(SNIPPETS) >= 5
    printed = [run(snippet, tmp_path, mock_url) for snippet in SNIPPETS]
    assert (tmp_path / "hello.wav").read_bytes().startswith(b"RIFF")
    assert "bytes of sound" in printed[1]
    assert "'knows'" in printed[1]
    assert "bytes of sound" in printed[2]
    assert "bytes of sound" in printed[3]
    assert printed[4].startswith("Hello, world!\n")
    assert len(printed[4].splitlines()) > 5, "voices are found"
