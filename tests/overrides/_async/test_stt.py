"""Speech to text: what was spoken is heard again, however the file is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartesia import AsyncCartesia, BadRequestError
from cartesia._runtime.types import FileTypes
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, WAV

pytestmark = pytest.mark.anyio


@pytest.fixture
async def speech(client: AsyncCartesia) -> bytes:
    response = await client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=WAV
    )
    return await response.read()


@pytest.mark.parametrize("kind", ["bytes", "path", "open file", "tuple", "typed tuple"])
async def test_a_file_in_every_form(
    client: AsyncCartesia, speech: bytes, tmp_path: Path, kind: str
) -> None:
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
        heard = await client.stt.transcribe(file=files[kind], model="ink-whisper")
    assert heard.text == SENTENCE
    assert heard.words is None


async def test_words_have_times(client: AsyncCartesia, speech: bytes) -> None:
    heard = await client.stt.transcribe(
        file=speech, model="ink-whisper", language="en", timestamp_granularities=["word"]
    )
    assert heard.words is not None
    assert [word.word for word in heard.words] == SENTENCE.split()
    assert heard.duration
    assert all(0 <= word.start <= word.end <= heard.duration + 0.1 for word in heard.words)


async def test_bare_samples_need_encoding_and_rate(client: AsyncCartesia) -> None:
    response = await client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
    )
    heard = await client.stt.transcribe(
        file=await response.read(), model="ink-whisper", encoding="pcm_s16le", sample_rate=16000
    )
    assert heard.text == SENTENCE


async def test_what_is_no_audio_is_the_servers_error(client: AsyncCartesia) -> None:
    with pytest.raises(BadRequestError) as caught:
        await client.stt.transcribe(file=b"not audio at all", model="ink-whisper")
    assert caught.value.title
    assert caught.value.request_id
