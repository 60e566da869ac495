"""What holds for the default date holds for every other date with a client: the same tests, of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.dates import VARIABLE, other_dates
from tests.contract.figures import EXAMPLES, figures

HERE = Path(__file__).parent
MODULES = ("models", "calls", "sockets", "links", "schemathesis")
SHARE = 4
"""What is the same for both dates was tried already, so a further date is tried with fewer examples."""


@pytest.mark.skipif(VARIABLE in os.environ, reason="this run is about one date alone")
@pytest.mark.timeout(60 * 60)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("date", other_dates())
def test_a_further_date_is_held_to_its_document(date: str, module: str) -> None:
    examples = str(max(2, EXAMPLES // SHARE))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(  # noqa: S603  # of this environment
        [*command, str(HERE / f"test_{module}.py")],
        cwd=HERE.parents[1],
        env={**os.environ, VARIABLE: date, "EXAMPLES": examples},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures.count("modules of tests that ran for further dates")
