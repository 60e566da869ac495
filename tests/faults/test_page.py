"""The page about reliability is what this run saw."""

from __future__ import annotations

import pytest

from tests.faults.page import PAGE, Book, Row


def test_the_page_is_what_the_tests_saw(book: Book, request: pytest.FixtureRequest) -> None:
    """Runs last; where only some tests were chosen, only their rows are compared."""
    page = PAGE.read_text("utf-8")
    missing = [line for line in book.lines() if _is_whole(line) and line not in page.splitlines()]
    assert not missing, "run `make reliability`, and look at what changed"
    if request.config.args_source is pytest.Config.ArgsSource.TESTPATHS and not (
        request.config.option.keyword or request.config.option.markexpr
    ):
        assert page == book.text(), "run `make reliability`, and look at what changed"


def _is_whole(line: str) -> bool:
    return "does not apply" not in line


def test_a_row_says_what_differs_between_the_worlds() -> None:
    row = Row("test_it", {"sync": ["a", "b"], "async": ["a", "b"]})
    assert row.line("It breaks") == "| It breaks | a; b | the same | `test_it` |"
    row = Row("test_it", {"sync": ["a"], "async": []})
    assert row.line("It breaks") == "| It breaks | a | does not apply | `test_it` |"
