"""The client under test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cartesia import AsyncCartesia


@pytest.fixture
async def client(mock_url: str) -> AsyncIterator[AsyncCartesia]:
    async with AsyncCartesia(api_key="good", base_url=mock_url) as client:
        yield client
