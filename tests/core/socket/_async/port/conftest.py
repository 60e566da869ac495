"""Every test of a port runs over one library after the other."""

from __future__ import annotations

import pytest

from tests.core.socket._async.io import TRANSPORTS
from tests.core.socket._async.port.talk import OPTIONS


@pytest.fixture(autouse=True, params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Connect over one library after the other."""
    monkeypatch.setitem(OPTIONS, "transport", request.param)
    name: str = request.param
    return name
