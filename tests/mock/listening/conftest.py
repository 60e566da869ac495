"""Ears for all tests of a file."""

from __future__ import annotations

import pytest

from tests.mock.listening.ears import Ears


@pytest.fixture(scope="module")
def ears() -> Ears:
    return Ears()
