"""The manual STT session without I/O: audio and commands in, messages out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields
from cartesia_mock.speech.audio import PCM_ENCODINGS, SAMPLE_BYTES, PCMEncoding, pack
from cartesia_mock.speech.recognition import FIXED_SENTENCE
from cartesia_mock.stt.manual_session import SilenceOptions
from cartesia_mock.stt.pcm_reader import PCMReader, loudness
from tests.mock.stt.known_audio import (
    FIRST,
    ID,
    RATE,
    SECOND,
    KnownAudio,
    finals,
    kinds,
    manual,
    say,
)


def test_interim_texts_grow_word_by_word(known_audio: KnownAudio) -> None:
    messages = say(manual(known_audio), known_audio.sound(0.3, FIRST, 0.3))
    assert not any(message["is_final"] for message in messages)
    texts = [str(message["text"]) for message in messages]
    assert texts[0] == ""  # There is sound, and no word yet.
    counts = [len(text.split()) for text in texts]
    assert counts == sorted(set(counts))
    assert counts[-1] == len(known_audio.words(FIRST))
    assert texts[-1] == FIRST
    # At no time more than one word of each look comes at once, but for the first search.
    assert max(after - before for before, after in zip(counts[1:], counts[2:], strict=False)) == 1


def test_concatenated_final_texts_are_the_transcript(known_audio: KnownAudio) -> None:
    session = manual(known_audio)
    messages = say(session, known_audio.sound(FIRST, 0.3))
    messages += session.receive_command("finalize")
    messages += say(session, known_audio.sound(0.2, SECOND))
    messages += session.receive_command("close")
    assert "".join(finals(messages)) == f"{FIRST} {SECOND}"
    assert [each["type"] for each in messages if each["type"] != "transcript"] == [
        "flush_done",
        "done",
    ]
    assert all(each["request_id"] == ID for each in messages)
    assert session.is_over
    assert (
        session.receive_audio(known_audio.sound(FIRST), 0.0)
        == session.receive_command("finalize")
        == []
    )


def test_words_have_true_times_over_the_whole_connection(known_audio: KnownAudio) -> None:
    session = manual(known_audio)
    say(session, known_audio.sound(0.5, FIRST))
    first = session.receive_command("finalize")[0]
    say(session, known_audio.sound(0.25, SECOND))
    second = session.receive_command("finalize")[0]
    assert isinstance(first["words"], list)
    assert isinstance(second["words"], list)
    begin = JSONFields(first["words"][0] if isinstance(first["words"][0], dict) else {})
    assert begin.text("word") == "The"
    assert begin.number("start") == pytest.approx(0.5, abs=0.06)
    later = JSONFields(second["words"][0] if isinstance(second["words"][0], dict) else {})
    heard = JSONFields(first).number("duration") or 0
    assert later.number("start") == pytest.approx(heard + 0.25, abs=0.06)


def test_finalize_before_any_audio_says_only_that_it_is_done(known_audio: KnownAudio) -> None:
    session = manual(known_audio)
    assert kinds(session.receive_command("finalize")) == ["flush_done"]
    assert kinds(session.receive_command("done")) == ["done"]


def test_silence_is_transcribed_as_an_empty_text(known_audio: KnownAudio) -> None:
    session = manual(known_audio)
    assert say(session, known_audio.sound(1.0)) == []
    messages = session.receive_command("finalize")
    assert finals(messages) == [""]
    assert messages[0]["duration"] == pytest.approx(1.0, abs=0.01)


def test_unknown_audio_is_transcribed_at_the_end(known_audio: KnownAudio) -> None:
    session = manual(known_audio)
    noise = np.random.default_rng(7).standard_normal(RATE).astype(np.float32) * 0.1
    assert [each["text"] for each in say(session, pack(noise, "pcm_s16le"))] == [""]
    assert finals(session.receive_command("finalize")) == [FIXED_SENTENCE]


@pytest.mark.parametrize("text", ["", "stop", '"finalize"', '{"type":"finalize"}', "Finalize"])
def test_the_error_of_an_unknown_command_lists_the_commands(
    known_audio: KnownAudio, text: str
) -> None:
    with pytest.raises(HTTPError, match="bare word finalize or close") as failure:
        manual(known_audio).receive_command(text)
    assert failure.value.status == 400


def test_silence_makes_a_text_final_where_it_is_asked_to(known_audio: KnownAudio) -> None:
    session = manual(known_audio, silence=SilenceOptions(seconds=0.5))
    messages = say(session, known_audio.sound(FIRST, 1.0, SECOND, 1.0))
    assert finals(messages) == [FIRST, f" {SECOND}"]
    silent = say(manual(known_audio), known_audio.sound(FIRST, 1.0, SECOND, 1.0))
    assert finals(silent) == []


def test_noise_below_min_volume_is_silence(known_audio: KnownAudio) -> None:
    session = manual(known_audio, silence=SilenceOptions(volume=0.05, seconds=0.5))
    hum = np.full(RATE, 0.02, dtype=np.float32)
    hum[::2] *= -1
    assert finals(say(session, known_audio.sound(FIRST) + pack(hum, "pcm_s16le"))) == [FIRST]


def test_a_long_stream_is_made_final_at_intervals(known_audio: KnownAudio) -> None:
    messages = say(manual(known_audio), known_audio.sound(*(FIRST, 0.5) * 12))
    assert finals(messages)
    assert set(" ".join(finals(messages)).split()) == set(FIRST.split())


@pytest.mark.parametrize("encoding", PCM_ENCODINGS)
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_every_encoding_and_rate_is_transcribed(
    known_audio: KnownAudio, encoding: PCMEncoding, rate: int
) -> None:
    session = manual(known_audio, encoding, rate)
    session.receive_audio(known_audio.sound(FIRST, encoding=encoding, rate=rate), 0.0)
    assert finals(session.receive_command("close")) == [FIRST]


def test_one_large_frame_equals_many_small_ones(known_audio: KnownAudio) -> None:
    data = known_audio.sound(FIRST)
    assert manual(known_audio).receive_audio(data, 0.0) == say(manual(known_audio), data)


@given(
    cuts=st.lists(st.integers(1, 4000), min_size=1, max_size=30),
    encoding=st.sampled_from(PCM_ENCODINGS),
)
@settings(max_examples=40, deadline=None)
def test_frames_may_end_within_a_sample(cuts: list[int], encoding: PCMEncoding) -> None:
    samples = np.linspace(-0.9, 0.9, 7000, dtype=np.float32)
    data = pack(samples, encoding)
    whole, cut = PCMReader(encoding, RATE), PCMReader(encoding, RATE)
    expected = [*whole.read(data), whole.finish()]
    found: list[Any] = []
    at = 0
    for size in cuts:
        found += cut.read(data[at : at + size])
        at += size
    found += [*cut.read(data[at:]), cut.finish()]
    assert len(expected) == len(found) == 5
    assert np.array_equal(np.concatenate(expected), np.concatenate(found))
    assert sum(map(len, found)) == len(data) // SAMPLE_BYTES[encoding]


def test_loudness_is_that_of_each_frame() -> None:
    samples = np.concatenate([np.full(320, 0.5), np.zeros(160)]).astype(np.float32)
    assert list(loudness(samples, RATE)) == [(0.02, 0.5), (0.01, 0.0)]
