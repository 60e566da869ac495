# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/port/conftest.py
# Do not edit: change that file instead.
"""Every test of a port runs over one library after the other."""

from __future__ import annotations

import pytest

from tests.runtime.websocket._sync.port.talk import OPTIONS
from tests.runtime.websocket._sync.primitives import TRANSPORTS


@pytest.fixture(autouse=True, params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Connect over one library after the other."""
    monkeypatch.setitem(OPTIONS, "transport", request.param)
    name: str = request.param
    return name
