# Derived by `make generate` (scripts/unasync.py) from
# tests/overrides/_async/conftest.py
# Do not edit: change that file instead.
"""The client under test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cartesia import Cartesia


@pytest.fixture
def client(mock_url: str) -> Iterator[Cartesia]:
    with Cartesia(api_key="good", base_url=mock_url) as client:
        yield client
