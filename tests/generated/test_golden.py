"""Small documents of one feature each, and the package that each must give, to the letter."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from scripts.generate import files_of
from tests.generated.update_golden import cases, generate_case


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_case_gives_just_what_is_expected(case: Path, tmp_path: Path) -> None:
    found = files_of(generate_case(case, tmp_path))
    wanted = files_of(case / "expected")
    assert found.keys() == wanted.keys(), "run `make golden` and look at what it changes"
    for path, content in wanted.items():
        difference = difflib.unified_diff(
            content.decode().splitlines(), found[path].decode().splitlines(), "wanted", "found"
        )
        assert content == found[path], f"{path}:\n" + "\n".join(difference)
