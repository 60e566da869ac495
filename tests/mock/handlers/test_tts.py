"""Speech over HTTP: formats, pace, events with timestamps."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import numpy as np
import pytest

from cartesia_mock.speech.audio import decode
from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS, NEW, joined_audio, joined_words, read_sse

ENCODINGS = ["pcm_f32le", "pcm_s16le", "pcm_mulaw", "pcm_alaw"]
TEXT = "Hello there. How are you today?"


def seconds_of(content: bytes, output: dict[str, Any]) -> float:
    raw = output["container"] == "raw"
    samples, rate = decode(
        content,
        encoding=output["encoding"] if raw else None,
        sample_rate=output["sample_rate"] if raw else None,
    )
    assert rate == output["sample_rate"]
    assert float(np.abs(samples).max()) > 0.05
    return len(samples) / rate


@pytest.mark.parametrize(
    ("container", "encoding", "rate"),
    [
        *((container, each, 24000) for container in ("raw", "wav") for each in ENCODINGS),
        *(("raw", "pcm_s16le", rate) for rate in (8000, 16000, 22050, 44100, 48000)),
    ],
)
def test_every_format_has_the_same_sound(
    http: httpx.Client, speech_request: dict[str, Any], container: str, encoding: str, rate: int
) -> None:
    output = {"container": container, "encoding": encoding, "sample_rate": rate}
    body = speech_request | {"output_format": output}
    answer = http.post("/tts/bytes", json=body)
    assert answer.status_code == 200
    media = {"raw": "audio/pcm", "wav": "audio/wav"}[container]
    assert answer.headers["content-type"] == media
    assert answer.headers["transfer-encoding"] == "chunked"
    expected = seconds_of(http.post("/tts/bytes", json=speech_request).content, FORMAT)
    assert seconds_of(answer.content, output) == pytest.approx(expected, abs=0.01)


FORMAT = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000}


@pytest.mark.parametrize(("rate", "bit_rate"), [(44100, 128000), (8000, 32000)])
def test_mp3(http: httpx.Client, speech_request: dict[str, Any], rate: int, bit_rate: int) -> None:
    output = {"container": "mp3", "sample_rate": rate, "bit_rate": bit_rate}
    answer = http.post("/tts/bytes", json=speech_request | {"output_format": output})
    assert answer.headers["content-type"] == "audio/mpeg"
    expected = seconds_of(http.post("/tts/bytes", json=speech_request).content, FORMAT)
    assert seconds_of(answer.content, output) == pytest.approx(expected, abs=0.2)


def test_the_first_audio_is_there_long_before_the_last(speech_request: dict[str, Any]) -> None:
    # At an hour for a second of audio only the first chunk can ever arrive.
    with (
        serve(engine="tone", realtime_factor=3600) as url,
        httpx.stream("POST", f"{url}/tts/bytes", json=speech_request, headers=HEADERS) as answer,
    ):
        assert len(next(answer.iter_raw())) <= 4096


def test_a_saved_file_is_named(http: httpx.Client, speech_request: dict[str, Any]) -> None:
    answer = http.post("/tts/bytes", json=speech_request | {"save": True})
    assert answer.headers["cartesia-file-id"].startswith("file_")
    for save in (False, None):
        answer = http.post("/tts/bytes", json=speech_request | {"save": save})
        assert "cartesia-file-id" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"generation_config": {"speed": 0.6}}, 1 / 0.6),
        ({"generation_config": {"speed": 1.5}}, 1 / 1.5),
        ({"speed": "slow"}, 1 / 0.8),
        ({"speed": "fast"}, 1 / 1.2),
        ({"speed": "normal"}, 1.0),
        ({"speed": "slow", "generation_config": {"speed": 1.2}}, 1 / 1.2),
    ],
)
def test_speed_changes_the_duration(
    http: httpx.Client, speech_request: dict[str, Any], changes: dict[str, Any], expected: float
) -> None:
    usual = len(http.post("/tts/bytes", json=speech_request).content)
    changed = len(http.post("/tts/bytes", json=speech_request | changes).content)
    assert changed / usual == pytest.approx(expected, rel=0.03)


def test_volume_changes_the_loudness(http: httpx.Client, speech_request: dict[str, Any]) -> None:
    def loudness(volume: float) -> float:
        body = speech_request | {"generation_config": {"volume": volume}}
        samples, _ = decode(
            http.post("/tts/bytes", json=body).content, encoding="pcm_s16le", sample_rate=16000
        )
        return float(np.sqrt(np.mean(samples**2)))

    assert loudness(0.5) == pytest.approx(loudness(1.0) / 2, rel=0.02)
    assert loudness(2.0) > loudness(1.0) * 1.5


def test_voices_sound_different(http: httpx.Client, speech_request: dict[str, Any]) -> None:
    other = {"mode": "id", "id": "e07c00bc-4134-4eae-9ea4-1a55fb45746b"}
    first = http.post("/tts/bytes", json=speech_request).content
    assert first == http.post("/tts/bytes", json=speech_request).content
    assert first != http.post("/tts/bytes", json=speech_request | {"voice": other}).content


def test_events_are_the_same_audio_with_an_end(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    body = speech_request | {"transcript": TEXT}
    answer = http.post("/tts/sse", json=body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    pairs = read_sse(answer.text)
    assert all(name == event["type"] for name, event in pairs)
    events = [event for _, event in pairs]
    assert {event["type"] for event in events} == {"chunk", "done"}
    assert events[-1] == {"type": "done", "done": True, "status_code": 206}
    assert joined_audio(events) == http.post("/tts/bytes", json=body).content
    sizes = [len(joined_audio([event])) for event in events[:-1]]
    assert len(sizes) > 5
    assert max(sizes) == 4096


def test_events_carry_times_in_order_when_asked_for(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    body = speech_request | {
        "transcript": TEXT,
        "add_timestamps": True,
        "add_phoneme_timestamps": True,
        "context_id": "mine",
    }
    events = [event for _, event in read_sse(http.post("/tts/sse", json=body).text)]
    assert {event["context_id"] for event in events} == {"mine"}
    words = joined_words(events)
    assert [word for word, _, _ in words] == TEXT.split()
    for (_, start, end), (_, following, _) in itertools.pairwise(words):
        assert start < end <= following
    assert words[-1][2] <= len(joined_audio(events)) / 32000 + 0.01
    kinds = [event["type"] for event in events]
    assert (
        "chunk" in kinds[kinds.index("timestamps") : len(kinds) - kinds[::-1].index("timestamps")]
    )
    phonemes = [each["phoneme_timestamps"] for each in events if "phoneme_timestamps" in each]
    assert phonemes
    assert all(len(each["phonemes"]) == len(each["start"]) == len(each["end"]) for each in phonemes)


def test_events_support_raw_output_only(http: httpx.Client, speech_request: dict[str, Any]) -> None:
    output = {**FORMAT, "container": "wav"}
    answer = http.post("/tts/sse", json=speech_request | {"output_format": output})
    assert answer.status_code == 400
    assert "output_format.container: 'raw' was expected" in answer.text


def test_open_model_names_of_a_known_family_are_accepted(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    for model in ("sonic-latest", "sonic-3-latest", "sonic-preview"):
        answer = http.post("/tts/bytes", json=speech_request | {"model_id": model})
        assert answer.status_code == 200


def test_tags_are_applied_and_not_spoken(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    body = speech_request | {"transcript": 'One. <break time="2s"/> Two.', "add_timestamps": True}
    events = [event for _, event in read_sse(http.post("/tts/sse", json=body).text)]
    (one, _, end), (two, start, _) = joined_words(events)
    assert (one, two) == ("One.", "Two.")
    assert start - end >= 2


@pytest.mark.parametrize("seconds", [0.3, 1.0])
def test_a_duration_caps_the_audio_and_its_times(
    http: httpx.Client, speech_request: dict[str, Any], seconds: float
) -> None:
    body = speech_request | {"transcript": TEXT, "duration": seconds, "add_timestamps": True}
    events = [event for _, event in read_sse(http.post("/tts/sse", json=body).text)]
    assert events[-1]["type"] == "done"
    audio = joined_audio(events)
    assert len(audio) / 32000 == pytest.approx(seconds, abs=0.01)
    assert http.post("/tts/bytes", json=body).content == audio
    utterance = [word for word, _, _ in joined_words(events)]
    assert 0 < len(utterance) < len(TEXT.split())
    assert utterance == TEXT.split()[: len(utterance)]
    assert joined_words(events)[-1][2] <= seconds
    heard = http.post(
        "/stt?encoding=pcm_s16le&sample_rate=16000",
        files={"file": audio},
        data={"model": "ink-whisper"},
    ).json()
    assert heard["text"] == " ".join(utterance)


@pytest.mark.parametrize("duration", [0, -1, 60, 1e308])
def test_a_duration_that_is_none_or_long_enough_caps_nothing(
    http: httpx.Client, speech_request: dict[str, Any], duration: float
) -> None:
    whole = http.post("/tts/bytes", json=speech_request).content
    assert http.post("/tts/bytes", json=speech_request | {"duration": duration}).content == whole


def test_a_file_with_capped_audio_is_valid(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    for output in (
        {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 16000},
        {"container": "mp3", "sample_rate": 44100, "bit_rate": 128000},
    ):
        body = speech_request | {"transcript": TEXT, "output_format": output, "duration": 0.8}
        answer = http.post("/tts/bytes", json=body)
        assert seconds_of(answer.content, output) == pytest.approx(0.8, abs=0.2)


@pytest.mark.parametrize(
    ("normalized", "expected"),
    [(True, ["Gate", "twelve,", "please."]), (False, ["Gate", "12,", "please."])],
)
def test_timestamps_are_of_words_as_spoken_or_as_written(
    http: httpx.Client, speech_request: dict[str, Any], normalized: bool, expected: list[str]
) -> None:
    body = speech_request | {"transcript": "Gate 12, please.", "add_timestamps": True}
    plain = read_sse(http.post("/tts/sse", json=body).text)
    asked = read_sse(
        http.post("/tts/sse", json=body | {"use_normalized_timestamps": normalized}).text
    )
    found = joined_words([event for _, event in asked])
    assert [word for word, _, _ in found] == expected
    written = joined_words([event for _, event in plain])
    assert [times for _, *times in found] == [times for _, *times in written]
    assert joined_audio([event for _, event in asked]) == joined_audio(
        [event for _, event in plain]
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "twelve,"),
        ({"normalization": None}, "twelve,"),
        ({"normalization": "auto"}, "twelve,"),
        ({"normalization": "off"}, "12,"),
        ({"normalization": "off", "locale": "en-US"}, "12,"),
    ],
)
def test_numbers_are_normalized_as_the_text_asks(
    http: httpx.Client, speech_request: dict[str, Any], fields: dict[str, Any], expected: str
) -> None:
    http.headers["cartesia-version"] = NEW
    body = speech_request | {
        "model_id": "sonic-3.6",
        "transcript": "Gate 12, please.",
        "add_timestamps": True,
        "use_normalized_timestamps": True,
    }
    events = [event for _, event in read_sse(http.post("/tts/sse", json=body | fields).text)]
    assert [word for word, _, _ in joined_words(events)] == ["Gate", expected, "please."]
    auto = http.post("/tts/bytes", json=body).content
    is_auto = expected == "twelve,"
    assert (http.post("/tts/bytes", json=body | fields).content == auto) is is_auto
