"""What breaks users' code is found between two revisions of a small repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scripts.api_diff import main

PUBLIC_INIT = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from cartesia._client import Client as Client
    from cartesia._client import Helper
"""
CLIENT = """
class Client:
    def get(self, id: str, *, wait: float = 1) -> str: ...
    def _inner(self) -> None: ...
class Helper:
    def help(self) -> None: ...
"""
RESOURCE = """
class Voices:
    def list(self) -> None: ...
"""


def git(root: Path, *command: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *identity, *command], cwd=root, check=True, capture_output=True)  # noqa: S603, S607


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path, text in {
        "overrides/cartesia/__init__.py": PUBLIC_INIT,
        "overrides/cartesia/_client.py": CLIENT,
        "generated/cartesia_rest/__init__.py": "",
        "generated/cartesia_rest/voices.py": RESOURCE,
    }.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.chdir(tmp_path)  # paths are printed as seen from here
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_without_a_tag_it_says_what_to_do(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([""], repository) == 2
    assert "make api-diff BASE=main" in capsys.readouterr().err
    assert main(["v9"], repository) == 2
    assert "no revision 'v9'" in capsys.readouterr().err


def test_what_is_private_or_added_breaks_nothing(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(repository, "tag", "v1")
    client = repository / "overrides/cartesia/_client.py"
    change(client, "def _inner(self)", "def _other(self)")
    change(client, "class Helper:", "class Other:")
    change(client, "wait: float = 1)", "wait: float = 1, more: int = 0)")
    assert main([], repository) == 0
    assert capsys.readouterr().out == "no breaking changes of the Python interface since v1\n"


def test_what_users_call_is_compared_with_the_last_tag(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(repository, "tag", "v1")
    change(
        repository / "overrides/cartesia/_client.py",
        "id: str, *, wait",
        "id: str, key: int, *, wait",
    )
    change(repository / "generated/cartesia_rest/voices.py", "def list", "def find")
    assert main([], repository) == 1
    printed = capsys.readouterr().out.splitlines()
    assert "Voices.list: Public object was removed" in printed[0]
    assert "Client.get(key): Parameter was added as required" in printed[1]
    assert printed[-1] == "2 breaking changes of the Python interface since v1"
    assert "\x1b" not in "".join(printed)
    git(repository, "commit", "--quiet", "--all", "-m", "two")
    assert main(["HEAD"], repository) == 0
