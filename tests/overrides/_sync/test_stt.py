# Derived by `make generate` (scripts/unasync.py) from
# tests/overrides/_async/test_stt.py
# Do not edit: change that file instead.
"""Speech to text: what was spoken is heard again, however the file is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartesia import BadRequestError, Cartesia
from cartesia._runtime.types import FileTypes
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, WAV


@pytest.fixture
def speech(client: Cartesia) -> bytes:
    response = client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=WAV
    )
    return response.read()


@pytest.mark.parametrize("kind", ["bytes", "path", "open file", "tuple", "typed tuple"])
def test_a_file_in_every_form(client: Cartesia, speech: bytes, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "speech.wav"
    path.write_bytes(speech)
    with path.open("rb") as opened:
        files: dict[str, FileTypes] = {
            "bytes": speech,
            "path": path,
            "open file": opened,
            "tuple": ("speech.wav", speech),
            "typed tuple": ("speech.wav", path.read_bytes(), "audio/wav"),
        }
        heard = client.stt.transcribe(file=files[kind], model="ink-whisper")
    assert heard.text == SENTENCE
    assert heard.words is None


def test_words_have_times(client: Cartesia, speech: bytes) -> None:
    heard = client.stt.transcribe(
        file=speech, model="ink-whisper", language="en", timestamp_granularities=["word"]
    )
    assert heard.words is not None
    assert [word.word for word in heard.words] == SENTENCE.split()
    assert heard.duration
    assert all(0 <= word.start <= word.end <= heard.duration + 0.1 for word in heard.words)


def test_bare_samples_need_encoding_and_rate(client: Cartesia) -> None:
    response = client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
    )
    heard = client.stt.transcribe(
        file=response.read(), model="ink-whisper", encoding="pcm_s16le", sample_rate=16000
    )
    assert heard.text == SENTENCE


def test_what_is_no_audio_is_the_servers_error(client: Cartesia) -> None:
    with pytest.raises(BadRequestError) as caught:
        client.stt.transcribe(file=b"not audio at all", model="ink-whisper")
    assert caught.value.title
    assert caught.value.request_id
