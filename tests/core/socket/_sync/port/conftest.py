# Derived by `make generate` (scripts/unasync.py) from
# tests/core/socket/_async/port/conftest.py
# Do not edit: change that file instead.
"""Every test of a port runs over one library after the other."""

from __future__ import annotations

import pytest

from tests.core.socket._sync.io import TRANSPORTS
from tests.core.socket._sync.port.talk import OPTIONS


@pytest.fixture(autouse=True, params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Connect over one library after the other."""
    monkeypatch.setitem(OPTIONS, "transport", request.param)
    name: str = request.param
    return name
