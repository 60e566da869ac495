"""Known audio for all tests of a file."""

from __future__ import annotations

import pytest

from tests.mock.stt.known_audio import KnownAudio


@pytest.fixture(scope="module")
def known_audio() -> KnownAudio:
    return KnownAudio()
