# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/conftest.py
# Do not edit: change that file instead.
"""What the tests of faults share."""

from __future__ import annotations

import pytest


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the waits between attempts instead of waiting."""
    noted: list[float] = []

    def sleep(seconds: float) -> None:
        noted.append(seconds)

    monkeypatch.setattr("cartesia._runtime._sync.exchange.sleep", sleep)
    return noted
