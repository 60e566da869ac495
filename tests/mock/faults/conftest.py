"""A mock server for tests of faults, which must not log errors of its own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS, NO_TLS


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serve(engine="tone") as url:
        yield url


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No fault is a mistake of the server's, so it logs none."""
    yield
    records = caplog.get_records("call")
    assert [record.getMessage() for record in records if record.levelname == "ERROR"] == []


@pytest.fixture
def client(base: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base, headers=HEADERS, timeout=10, verify=NO_TLS) as client:
        yield client
        client.delete("/_mock/faults")
