"""How much a contract run tries, and the figures at its end."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.contract.figures import figures

EXAMPLES = int(os.environ.get("EXAMPLES", "12"))
"""Examples for each schema, operation and message: more with `make contract EXAMPLES=500`."""

settings.register_profile(
    "contract",
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    # Instances of deep schemas are large and slow to make; that says nothing of what is tested.
    suppress_health_check=[*HealthCheck],
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = figures.lines()
    if lines:
        terminalreporter.section("contract")
        failed = len(terminalreporter.getreports("failed"))
        for line in [*lines, f"examples each: {EXAMPLES}, failures: {failed}"]:
            terminalreporter.write_line(line)
