"""What all tests share: the event loop and the mock server."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run every async test on asyncio: the only event loop that the SDK speaks."""
    return "asyncio"
