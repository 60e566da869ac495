"""The pages of the documentation: their Python runs on the mock, their commands exist, their links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("runner.py")
WRITTEN_BY_OTHERS = {"migrating": "its snippets have a test of their own", "api": "it is generated"}
PAGES = [
    page
    for page in sorted((ROOT / "docs").rglob("*.md"))
    if page.parent.name not in WRITTEN_BY_OTHERS
]
TEXTS = [*(ROOT / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING")), *PAGES]
PYTHON = [page for page in TEXTS if "```python\n" in page.read_text("utf-8")]
PRINTED = {
    "README": [" bytes of sound", "Hello, world!\n", "Katie"],
    "quickstart": ["Hello, world!", " bytes of sound", "Katie"],
    "text-to-speech": ["'knows'", "00:00:00,000 --> "],
    "sockets": ["flush_done", "done"],
    "speech-to-text": [
        "Please turn on the light.",
        "WEBVTT",
        "answer this: Please turn on the light.",
    ],
    "voices": ["Katie"],
    "errors": ["404", "chunk\n", "500"],
    "production": ["Katie"],
    "testing": ["503"],
}


def name_of(page: Path) -> str:
    return page.stem


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PYTHON, ids=name_of)
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path, mock_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(RUNNER), str(page)],
        cwd=tmp_path,
        env={**os.environ, "CARTESIA_BASE_URL": mock_url, "CARTESIA_API_KEY": "good"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for expected in PRINTED.get(page.stem, []):
        assert expected in done.stdout


def test_every_page_with_promises_is_run() -> None:
    assert PRINTED.keys() <= {page.stem for page in PYTHON}


def test_the_first_screen_of_the_readme_leads_to_a_sound() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= 180
    assert "make demo" in "\n".join(lines[:10])
    assert any("write_to_file" in line for line in lines[:32])


@pytest.mark.parametrize("page", TEXTS, ids=name_of)
def test_commands_of_a_page_exist(page: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    verbs = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    text = page.read_text("utf-8")
    commands = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for line in "".join(commands).splitlines():
        for extras in re.findall(r"pip install .*\[([\w,]+)\]", line):
            assert set(extras.split(",")) <= project["optional-dependencies"].keys(), line
        if line.startswith("make "):
            assert line.split()[1] in verbs, line
        if line.startswith("cartesia"):
            assert line.split()[0] in project["scripts"], line
    for verb in re.findall(r"`make ([a-z-]+)", text):
        assert verb in verbs


@pytest.mark.parametrize("page", TEXTS, ids=name_of)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"(?<!`)\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if re.match(r"\w+:", target):
            continue
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


def anchors(file: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_example_is_on_its_page() -> None:
    shown = re.findall(
        r'^--8<-- "examples/(\w+)\.py"$',
        (ROOT / "docs" / "examples.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert sorted(shown) == sorted(file.stem for file in (ROOT / "examples").glob("*.py"))
