"""The page about reliability: written from what the tests tell, and held to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.page import ROOT, Book, Row, Told

HANGS = Told(7, "Sockets", "It hangs", "test_hangs", ["sync", "async"], "`APITimeoutError`")
BREAKS = Told(4, "Calls", "It breaks", "test_breaks", ["sync"], "`APIError`: a")
OTHER = Told(5, "Calls", "It breaks", "test_breaks", ["sync", "async"], "`APIError`: b")

SUITE = """
from pathlib import Path

from tests.faults import page

page.PAGE = Path(__file__).with_name("page.md")
"""

TESTS = """
import pytest

@pytest.mark.parametrize("number", range(4))
@pytest.mark.fault("Calls", "It breaks")
def test_breaks(caller, number):
    caller.sees(f"number {number}")
"""


def test_a_row_says_what_differs_between_the_clients() -> None:
    row = Row("test_it", {"sync": ["a", "b"], "async": ["a", "b"]})
    assert row.line("It breaks") == "| It breaks | a; b | the same | `test_it` |"
    row = Row("test_it", {"sync": ["a"], "async": []})
    assert row.line("It breaks") == "| It breaks | a | does not apply | `test_it` |"


def test_the_page_does_not_depend_on_who_told_first() -> None:
    book = Book([HANGS, OTHER, BREAKS, OTHER])
    assert book.text() == Book([BREAKS, OTHER, HANGS]).text()
    assert book.lines() == [
        "| It breaks | `APIError`: a; `APIError`: b | `APIError`: b | `test_breaks` |",
        "| It hangs | `APITimeoutError` | the same | `test_hangs` |",
    ]


def test_where_some_tests_were_chosen_only_their_rows_are_compared() -> None:
    page = Book([HANGS, BREAKS, OTHER]).text()
    assert Book([HANGS]).differs(page, is_whole=True)
    assert not Book([HANGS]).differs(page, is_whole=False)
    assert not Book([BREAKS]).differs(
        page, is_whole=False
    )  # half a row: its other client did not run
    assert Book([HANGS._replace(what="`APIError`")]).differs(page, is_whole=False)


def run(folder: Path, *options: str) -> str:
    """Run the small suite in a process of its own, and give what it printed."""
    plugins = ["-p", "xdist", "-p", "tests.faults.page"]
    arguments = ["-m", "pytest", "-c", str(folder / "pytest.ini"), *plugins]
    done = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, *arguments, *options],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("is not what the tests saw" in done.stdout) == (done.returncode == 1), done.stdout
    return done.stdout


@pytest.mark.parametrize("processes", ["0", "2"])
@pytest.mark.untraced
def test_a_run_fails_where_it_saw_something_else(tmp_path: Path, processes: str) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = .\n")
    (tmp_path / "conftest.py").write_text(SUITE)
    (tmp_path / "test_it.py").write_text(TESTS)
    page = tmp_path / "page.md"
    seen = Book(
        Told(n, "Calls", "It breaks", "test_breaks", ["sync", "async"], f"number {n}")
        for n in range(4)
    )
    page.write_text(seen.text())
    assert "4 passed" in run(tmp_path, "-n", processes)
    page.write_text(seen.text().replace("number 3", "number 4"))
    assert "run `make reliability`" in run(tmp_path, "-n", processes)
