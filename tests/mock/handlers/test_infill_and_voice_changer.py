"""Infill between clips, and clips in another voice."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import httpx
import numpy as np
import pytest

from cartesia_mock.speech import Samples, SpeechSynthesizer, VoiceTraits
from cartesia_mock.speech.audio import decode, encode
from cartesia_mock.speech.pitch_shift import change_pitch
from cartesia_mock.speech.voice_analysis import analyze_voice, measure_pitch
from tests.mock.helpers import VOICE, speech_wav

LOW, HIGH = "6a17056a-da25-48fd-bcc1-dfe2a51fc49a", VOICE  # A masculine voice and a feminine one.
INFILL = {"model_id": "sonic-3", "transcript": "really", "voice_id": VOICE}
WAV = {
    "output_format[container]": "wav",
    "output_format[encoding]": "pcm_s16le",
    "output_format[sample_rate]": "24000",
}


def level(samples: Samples) -> float:
    loud = samples[np.abs(samples) > 0.02 * np.abs(samples).max()]
    return float(np.sqrt(np.square(loud).mean()))


def quieter(clip: bytes, factor: float) -> bytes:
    samples, rate = decode(clip)
    quiet = (samples * factor).astype(np.float32)
    return encode(quiet, rate, "wav", encoding="pcm_s16le", sample_rate=rate)


@pytest.mark.parametrize(
    "clips", [("left_audio",), ("right_audio",), ("left_audio", "right_audio")]
)
def test_infill_speaks_the_transcript(api: httpx.Client, clips: tuple[str, ...]) -> None:
    files = {name: speech_wav("It was a very long day.") for name in clips}
    answer = api.post("/infill/bytes", data=INFILL | WAV, files=files)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "audio/wav"
    heard = api.post("/stt", files={"file": answer.content}, data={"model": "ink-whisper"}).json()
    assert heard["text"] == "really"


def test_infill_is_as_loud_as_the_clips(api: httpx.Client) -> None:
    clip = speech_wav("It was a very long day.")
    levels: list[float] = []
    for factor in (0.3, 1.0):
        files = {"left_audio": quieter(clip, factor)}
        answer = api.post("/infill/bytes", data=INFILL, files=files)
        samples, rate = decode(answer.content)
        assert rate == 44100
        levels.append(level(samples))
    assert levels[0] == pytest.approx(0.3 * levels[1], rel=0.1)


@pytest.mark.parametrize(
    ("output", "media"),
    [
        ({"output_format": '{"container":"mp3","sample_rate":44100,"bit_rate":64000}'}, "mpeg"),
        (
            {
                "output_format[container]": "raw",
                "output_format[encoding]": "pcm_f32le",
                "output_format[sample_rate]": "8000",
            },
            "pcm",
        ),
    ],
)
def test_the_format_is_an_object_of_the_form(
    api: httpx.Client, output: dict[str, str], media: str
) -> None:
    files = {"left_audio": speech_wav("It was.")}
    answer = api.post("/infill/bytes", data=INFILL | output, files=files)
    assert answer.headers["content-type"] == f"audio/{media}"


@pytest.mark.parametrize(
    ("changes", "files", "status", "text"),
    [
        ({}, {}, 400, "left_audio or right_audio: send at least one clip"),
        ({}, {"left_audio": b"no audio"}, 400, "Invalid audio: left_audio:"),
        ({}, {"right_audio": b""}, 400, "right_audio: the audio is empty"),
        ({"voice_id": "nobody"}, {"left_audio": b"x"}, 404, "Voice not found"),
        ({"model_id": "tenor-1"}, {"left_audio": b"x"}, 400, "Invalid model"),
        ({"transcript": "..."}, {"left_audio": b"x"}, 400, "transcript empty"),
        ({"output_format[container]": "ogg"}, {"left_audio": b"x"}, 400, "output_format.container"),
        ({"output_format[container]": "wav"}, {"left_audio": b"x"}, 400, "encoding: is required"),
        ({"output_format": "wav"}, {"left_audio": b"x"}, 400, "output_format: 'wav'"),
    ],
)
def test_invalid_infills_are_refused(
    api: httpx.Client,
    changes: dict[str, str],
    files: dict[str, bytes],
    status: int,
    text: str,
) -> None:
    parts = {"x": b"", **files}  # A form even where no clip is sent.
    answer = api.post("/infill/bytes", data=INFILL | changes, files=parts)
    assert answer.status_code == status
    assert text in answer.text


def change(api: httpx.Client, clip: bytes, voice: str, **output: Any) -> httpx.Response:
    data = {"voice[id]": voice, **{f"output_format[{name}]": v for name, v in output.items()}}
    return api.post("/voice-changer/bytes", data=data, files={"clip": clip})


def test_known_words_are_spoken_in_the_other_voice(
    api: httpx.Client, speech_request: dict[str, Any]
) -> None:
    wanted = {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 22050}
    text = "The kettle is on, and the tea is nearly ready."
    clip = api.post(
        "/tts/bytes", json=speech_request | {"transcript": text, "output_format": wanted}
    ).content
    changed = change(api, clip, LOW).content
    before, after = decode(clip), decode(changed)
    assert (measure_pitch(*after) or 0) < 0.8 * (measure_pitch(*before) or 0)
    assert len(after[0]) / after[1] == pytest.approx(len(before[0]) / before[1], rel=0.1)
    heard = api.post("/stt", files={"file": changed}, data={"model": "ink-whisper"}).json()
    assert heard["text"] == text


def test_unknown_audio_is_shifted_to_the_pitch_of_the_voice(api: httpx.Client) -> None:
    clip = speech_wav("Nobody has heard me before.")
    pitches = [
        measure_pitch(*decode(change(api, clip, voice).content)) or 0 for voice in (LOW, HIGH)
    ]
    assert pitches[0] * 1.3 < pitches[1]
    samples, rate = decode(change(api, clip, HIGH).content)
    assert rate == 44100  # the usual one
    whole, whole_rate = decode(clip)
    assert len(samples) / rate == pytest.approx(len(whole) / whole_rate, abs=0.01)


@pytest.mark.parametrize(
    ("output", "media"),
    [
        ({"container": "mp3", "sample_rate": 44100, "bit_rate": 64000}, "audio/mpeg"),
        ({"container": "raw", "sample_rate": 8000, "encoding": "pcm_mulaw"}, "audio/pcm"),
        ({"container": "raw"}, "audio/pcm"),
        ({"container": "mp3"}, "audio/mpeg"),
        ({"sample_rate": 16000}, "audio/wav"),
    ],
)
def test_the_format_is_flat_and_has_defaults(
    api: httpx.Client, output: dict[str, Any], media: str
) -> None:
    answer = change(api, speech_wav("Hello."), VOICE, **output)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media


def test_events_carry_the_same_audio(api: httpx.Client) -> None:
    output = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000}
    clip = speech_wav("Nobody has heard me before.")
    whole = change(api, clip, LOW, **output).content
    data = {"voice[id]": LOW, **{f"output_format[{name}]": str(v) for name, v in output.items()}}
    answer = api.post("/voice-changer/sse", data=data, files={"clip": clip})
    events = [json.loads(each) for each in re.findall("^data: (.*)$", answer.text, re.MULTILINE)]
    assert events[-1] == {"status_code": 200, "done": True}
    assert {event["sample_rate"] for event in events[:-1]} == {24000}
    assert b"".join(base64.b64decode(event["data"]) for event in events[:-1]) == whole
    assert not any("type" in event for event in events)


@pytest.mark.parametrize(
    ("fields", "clip", "status", "text"),
    [
        ({"voice[id]": VOICE}, b"no audio", 400, "Invalid audio: clip:"),
        ({"voice[id]": "nobody"}, b"x", 404, "Voice not found"),
        ({}, b"x", 400, "voice[id]: is required"),
        ({"voice[id]": VOICE, "output_format[sample_rate]": "1"}, b"x", 400, "[sample_rate]: 1"),
    ],
)
def test_invalid_voice_changes_are_refused(
    api: httpx.Client, fields: dict[str, str], clip: bytes, status: int, text: str
) -> None:
    for path in ("/voice-changer/bytes", "/voice-changer/sse"):
        answer = api.post(path, data=fields, files={"clip": clip})
        assert answer.status_code == status
        assert text in answer.text


def test_silence_and_noise_have_no_pitch_and_can_be_changed() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 16000).astype(np.float32)
    for samples in (np.zeros(16000, dtype=np.float32), noise, np.ones(3, dtype=np.float32)):
        assert measure_pitch(samples, 16000) is None
        assert len(change_pitch(samples, 16000, 200.0)) == len(samples)
        assert analyze_voice(samples, 16000).gender == "gender_neutral"


@pytest.mark.parametrize("pitch", [0.0, 0.5, 1.0])
def test_a_cloned_voice_follows_the_pitch(pitch: float) -> None:
    voice = VoiceTraits("masculine", pitch=pitch)
    utterance = SpeechSynthesizer(engine="tone").synthesize(
        "This is how I speak, and no other way.", voice=voice
    )
    measured = measure_pitch(utterance.samples, utterance.sample_rate)
    assert measured is not None
    changed = change_pitch(utterance.samples, utterance.sample_rate, measured * 1.4)
    again = measure_pitch(changed, utterance.sample_rate)
    assert again == pytest.approx(measured * 1.4, rel=0.1)
    assert len(changed) == len(utterance.samples)
