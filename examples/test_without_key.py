"""Test your own code with no key and no network: ``pytest test_without_key.py``."""

from collections.abc import Iterator

import pytest

from cartesia import Cartesia
from cartesia_mock.testing import MockURL, serve


def announce(client: Cartesia, text: str) -> bytes:
    """Stand in for the code to be tested."""
    return client.tts.generate(
        model_id="sonic-3",
        transcript=text,
        voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
        output_format={"container": "wav", "encoding": "pcm_s16le", "sample_rate": 16000},
    ).read()


@pytest.fixture(scope="session")
def mock_server() -> Iterator[MockURL]:
    """Start the mock server once; it takes any key."""
    with serve() as url:
        yield url


def test_what_is_announced_is_heard(mock_server: MockURL) -> None:
    """Speak, and listen: the mock hears what it has said."""
    with Cartesia(api_key="any", base_url=mock_server) as client:
        audio = announce(client, "Doors are closing.")
        heard = client.stt.transcribe(file=("said.wav", audio), model="ink-whisper")
    assert heard.text == "Doors are closing."
    assert mock_server.requests[0].path == "/tts/bytes"
