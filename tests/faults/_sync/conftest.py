# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/conftest.py
# Do not edit: change that file instead.
"""What the tests of faults share."""

from __future__ import annotations

import pytest

from tests.faults._sync.calls import HTTP_LIBRARY

_OVER_HTTP = ("answers", "connections", "events", "lists", "places", "retries", "truncation")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of HTTP over httpx2 too: the caller must see the same."""
    if metafunc.module.__name__.rpartition(".test_")[2] in _OVER_HTTP:
        metafunc.parametrize("http_library", ["httpx", "httpx2"], indirect=True)


@pytest.fixture(autouse=True)
def http_library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose the library beneath, where it is a parameter."""
    monkeypatch.setitem(HTTP_LIBRARY, "name", getattr(request, "param", "httpx"))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the waits between attempts instead of waiting."""
    noted: list[float] = []

    def sleep(seconds: float) -> None:
        noted.append(seconds)

    monkeypatch.setattr("cartesia._runtime._sync.exchange.sleep", sleep)
    return noted
