# Derived by `make generate` (scripts/unasync.py) from
# tests/overrides/_async/test_tts.py
# Do not edit: change that file instead.
"""Text to speech over HTTP: bytes, files, prefixes and server-sent events."""

from __future__ import annotations

import wave
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from cartesia import (
    APIResponse,
    BinaryAPIResponse,
    Cartesia,
    CartesiaError,
    Stream,
)
from cartesia.types import GenerationConfig, TTSSSEEvent, VoiceSpecifier
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE, WAV, WAV_HEADER_BYTES


def speak(client: Cartesia) -> bytes:
    response = client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
    )
    return response.read()


def test_generate_gives_a_playable_wav(client: Cartesia, tmp_path: Path) -> None:
    response = client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=WAV
    )
    assert isinstance(response, BinaryAPIResponse)
    assert response.status_code == 200
    assert response.headers["content-type"] == "audio/wav"
    response.write_to_file(tmp_path / "hello.wav")
    audio = (tmp_path / "hello.wav").read_bytes()
    assert audio[:4] == b"RIFF"
    assert len(audio) > 16000
    with wave.open(str(tmp_path / "hello.wav")) as opened:
        samples = opened.readframes(opened.getnframes() + 1)
    assert len(samples) == len(audio) - WAV_HEADER_BYTES
    sent = response.read()  # what was read is kept, with the header as it was sent
    assert sent[WAV_HEADER_BYTES:] == samples
    assert len(sent) == len(audio)
    memory = BytesIO()
    response.write_to_file(memory)
    assert memory.getvalue() == audio


def test_what_a_hook_has_read_is_there_still(client: Cartesia, mock_url: str) -> None:
    def read(response: httpx.Response) -> None:
        response.read()

    http = httpx.Client(event_hooks={"response": [read]})
    with Cartesia(api_key="good", base_url=mock_url, http_client=http) as hooked:
        assert speak(hooked) == speak(client)
        assert (hooked.voices.list(limit=1)).data
        with hooked.tts.generate_sse(
            model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
        ) as events:
            assert [event.type for event in events][-1] == "done"


def test_every_way_to_read_gives_the_same_audio(client: Cartesia, tmp_path: Path) -> None:
    whole = speak(client)
    response = client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
    )
    assert b"".join([chunk for chunk in response.iter_bytes(1000)]) == whole
    with client.tts.with_streaming_response.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
    ) as streamed:
        streamed.stream_to_file(tmp_path / "speech.raw")
    assert (tmp_path / "speech.raw").read_bytes() == whole
    raw = client.tts.with_raw_response.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
    )
    assert raw.read() == whole


@pytest.mark.parametrize(
    "voice", [VOICE, {"mode": "id", "id": VOICE}, VoiceSpecifier(id=VOICE)], ids=type
)
def test_a_voice_is_given_as_text_dict_or_model(client: Cartesia, voice: VoiceSpecifier) -> None:
    response = client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=voice, output_format=RAW
    )
    assert response.read() == speak(client)


def test_a_faster_voice_is_shorter(client: Cartesia) -> None:
    response = client.tts.generate(
        model_id=MODEL,
        transcript=SENTENCE,
        voice=VOICE,
        output_format=RAW,
        generation_config=GenerationConfig(speed=1.5),
    )
    assert len(response.read()) < 0.85 * len(speak(client))


def test_mp3_and_saving(client: Cartesia) -> None:
    response = client.tts.generate(
        model_id=MODEL,
        transcript=SENTENCE,
        voice=VOICE,
        output_format={"container": "mp3", "sample_rate": 44100, "bit_rate": 128000},
        save=True,
    )
    assert response.headers["cartesia-file-id"]
    assert response.headers["content-type"] == "audio/mpeg"
    assert len(response.read()) > 1000


def test_the_older_name_for_bytes_still_gives_an_iterator(client: Cartesia) -> None:
    with pytest.warns(DeprecationWarning, match="generate"):
        chunks = client.tts.bytes(
            model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=WAV
        )
    audio = b"".join([chunk for chunk in chunks])
    assert audio[WAV_HEADER_BYTES:] == speak(client)


def test_events_carry_audio_and_times(client: Cartesia) -> None:
    stream = client.tts.generate_sse(
        model_id=MODEL,
        transcript=SENTENCE,
        voice=VOICE,
        output_format=RAW,
        add_timestamps=True,
        add_phoneme_timestamps=True,
        context_id="mine",
    )
    audio, words, phonemes, kinds = b"", list[str](), list[str](), list[str]()
    with stream:
        for event in stream:
            kinds.append(event.type)
            assert event.to_dict()["context_id"] == "mine"
            if event.type == "chunk":
                assert event.audio is not None
                audio += event.audio
            elif event.type == "timestamps":
                words += event.word_timestamps.words
                assert event.timestamps is event.word_timestamps
            elif event.type == "phoneme_timestamps":
                phonemes += event.phoneme_timestamps.phonemes
    assert kinds[-1] == "done"
    assert kinds.count("done") == 1
    assert audio == speak(client)
    assert words == SENTENCE.split()
    assert phonemes


def test_leaving_a_stream_early_gives_the_connection_back(client: Cartesia) -> None:
    for _ in range(3):
        with client.tts.generate_sse(
            model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
        ) as stream:
            for event in stream:
                assert event.type == "chunk"
                break
    assert speak(client)


def test_the_older_name_for_events_still_streams(client: Cartesia) -> None:
    with pytest.warns(DeprecationWarning, match="generate_sse"):
        stream = client.tts.sse(model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW)
    assert [event.type for event in stream][-1] == "done"


def test_a_raw_stream_that_was_read_is_parsed_from_what_was_kept(
    client: Cartesia,
) -> None:
    def raw() -> APIResponse[Stream[TTSSSEEvent]]:
        return client.tts.with_raw_response.generate_sse(
            model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
        )

    response = raw()
    response.read()
    kinds = [event.type for event in response.parse()]
    assert (kinds[0], kinds[-1]) == ("chunk", "done")
    response = raw()
    assert response.iter_bytes().__next__()
    with pytest.raises(CartesiaError, match="was not kept"):  # else its beginning would lack
        (response.parse()).__next__()
