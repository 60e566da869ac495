"""Listening without a socket: bytes, commands and time in, messages out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartesia_mock.document import Document
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject
from cartesia_mock.listening.activity import Activity, Thresholds
from cartesia_mock.listening.audio import AudioReader, loudness
from cartesia_mock.listening.manual import ManualSession, Silence, Stream
from cartesia_mock.listening.turns import TurnSession
from cartesia_mock.schemas import Schemas
from cartesia_mock.speech import ENGINE_RATE, Speech, VoiceTraits
from cartesia_mock.speech.audio import PCM_ENCODINGS, SAMPLE_BYTES, PCMEncoding, pack, resample
from cartesia_mock.speech.hearing import FIXED_SENTENCE, Hearing, Memory

RATE = 16000
FIRST = "The quick brown fox jumps over the lazy dog."
SECOND = "Bring seven yellow boats to the harbour!"
# Known sound is known in any language; other sound is only recognised in English, and then by
# what a machine has installed.
LANGUAGE = "de"
ID = "3c9d7e21-5b0f-4a8e-9d16-7f2c4b8a1e05"


class Ears:
    """A hearing that knows two sentences, and their sound at any rate and encoding."""

    def __init__(self) -> None:
        speech = Speech(engine="tone")
        memory = Memory()
        self.hearing = Hearing(memory)
        self._said = {
            text: speech.say(text, language="en", voice=VoiceTraits(), speed=1.0, volume=1.0)
            for text in (FIRST, SECOND)
        }
        for text, said in self._said.items():
            memory.remember(said.samples, said.sample_rate, text, said.words)

    def words(self, text: str) -> list[str]:
        return [word.text for word in self._said[text].words]

    def sound(
        self, *parts: str | float, encoding: PCMEncoding = "pcm_s16le", rate: int = RATE
    ) -> bytes:
        """Put sentences, and silences in seconds, behind each other."""
        pieces = [
            self._said[part].samples
            if isinstance(part, str)
            else np.zeros(round(part * ENGINE_RATE), dtype=np.float32)
            for part in parts
        ]
        return pack(resample(np.concatenate(pieces), ENGINE_RATE, rate), encoding)


@pytest.fixture(scope="module")
def ears() -> Ears:
    return Ears()


@pytest.fixture(scope="module")
def turns(ears: Ears) -> Callable[..., TurnSession]:
    document = Document.load()
    schemas = Schemas(document)
    socket = document.operation("stt.auto_finalize.websocket").socket
    assert socket is not None

    def make(**thresholds: float) -> TurnSession:
        return TurnSession(
            ears.hearing,
            Stream(ID, "pcm_s16le", RATE, LANGUAGE),
            Thresholds(**thresholds),
            schemas,
            socket.client,
        )

    return make


def frames(data: bytes, seconds: float = 0.1, rate: int = RATE, size: int = 2) -> Iterator[bytes]:
    step = round(rate * seconds) * size
    return (data[at : at + step] for at in range(0, len(data), step))


def say(session: ManualSession | TurnSession, data: bytes) -> list[JSONObject]:
    return [message for frame in frames(data) for message in session.hear(frame, 0.0)]


def kinds(messages: list[JSONObject]) -> list[Any]:
    """Give the types, each run of updates as one."""
    found = [message["type"] for message in messages]
    return [
        kind
        for at, kind in enumerate(found)
        if at == 0 or kind != found[at - 1] or kind != "turn.update"
    ]


def finals(messages: list[JSONObject]) -> list[Any]:
    return [message["text"] for message in messages if message.get("is_final")]


def ended(messages: list[JSONObject]) -> list[Any]:
    return [message["transcript"] for message in messages if message["type"] == "turn.end"]


def manual(
    ears: Ears,
    encoding: PCMEncoding = "pcm_s16le",
    rate: int = RATE,
    silence: Silence | None = None,
) -> ManualSession:
    return ManualSession(ears.hearing, Stream(ID, encoding, rate, LANGUAGE), silence)


def test_interim_texts_grow_word_by_word(ears: Ears) -> None:
    messages = say(manual(ears), ears.sound(0.3, FIRST, 0.3))
    assert not any(message["is_final"] for message in messages)
    texts = [str(message["text"]) for message in messages]
    assert texts[0] == ""  # There is sound, and no word yet.
    counts = [len(text.split()) for text in texts]
    assert counts == sorted(set(counts))
    assert counts[-1] == len(ears.words(FIRST))
    assert texts[-1] == FIRST
    # At no time more than one word of each look comes at once, but for the first search.
    assert max(after - before for before, after in zip(counts[1:], counts[2:], strict=False)) == 1


def test_finals_joined_as_they_are_are_the_whole(ears: Ears) -> None:
    session = manual(ears)
    messages = say(session, ears.sound(FIRST, 0.3))
    messages += session.obey("finalize")
    messages += say(session, ears.sound(0.2, SECOND))
    messages += session.obey("close")
    assert "".join(finals(messages)) == f"{FIRST} {SECOND}"
    assert [each["type"] for each in messages if each["type"] != "transcript"] == [
        "flush_done",
        "done",
    ]
    assert all(each["request_id"] == ID for each in messages)
    assert session.is_over
    assert session.hear(ears.sound(FIRST), 0.0) == session.obey("finalize") == []


def test_words_have_true_times_over_the_whole_connection(ears: Ears) -> None:
    session = manual(ears)
    say(session, ears.sound(0.5, FIRST))
    first = session.obey("finalize")[0]
    say(session, ears.sound(0.25, SECOND))
    second = session.obey("finalize")[0]
    assert isinstance(first["words"], list)
    assert isinstance(second["words"], list)
    begin = Fields(first["words"][0] if isinstance(first["words"][0], dict) else {})
    assert begin.text("word") == "The"
    assert begin.number("start") == pytest.approx(0.5, abs=0.06)
    later = Fields(second["words"][0] if isinstance(second["words"][0], dict) else {})
    assert later.number("start") == pytest.approx(
        Fields(first).number("duration") or 0 + 0.25, abs=0.4
    )
    assert (later.number("start") or 0) > (Fields(first).number("duration") or 0)


def test_finalize_before_any_audio_says_only_that_it_is_done(ears: Ears) -> None:
    session = manual(ears)
    assert kinds(session.obey("finalize")) == ["flush_done"]
    assert kinds(session.obey("done")) == ["done"]


def test_silence_is_heard_as_an_empty_text(ears: Ears) -> None:
    session = manual(ears)
    assert say(session, ears.sound(1.0)) == []
    messages = session.obey("finalize")
    assert finals(messages) == [""]
    assert messages[0]["duration"] == pytest.approx(1.0, abs=0.01)


def test_sound_of_others_is_written_down_at_the_end(ears: Ears) -> None:
    session = manual(ears)
    noise = np.random.default_rng(7).standard_normal(RATE).astype(np.float32) * 0.1
    assert [each["text"] for each in say(session, pack(noise, "pcm_s16le"))] == [""]
    assert finals(session.obey("finalize")) == [FIXED_SENTENCE]


@pytest.mark.parametrize("text", ["", "stop", '"finalize"', '{"type":"finalize"}', "Finalize"])
def test_what_is_no_command_is_an_error_that_says_what_is(ears: Ears, text: str) -> None:
    with pytest.raises(APIError, match="bare word finalize or close") as failure:
        manual(ears).obey(text)
    assert failure.value.status == 400


def test_silence_makes_a_text_final_where_it_is_asked_to(ears: Ears) -> None:
    session = manual(ears, silence=Silence(seconds=0.5))
    messages = say(session, ears.sound(FIRST, 1.0, SECOND, 1.0))
    assert finals(messages) == [FIRST, f" {SECOND}"]
    silent = say(manual(ears), ears.sound(FIRST, 1.0, SECOND, 1.0))
    assert finals(silent) == []


def test_a_loud_enough_noise_is_silence_to_a_high_volume(ears: Ears) -> None:
    session = manual(ears, silence=Silence(volume=0.05, seconds=0.5))
    hum = np.full(RATE, 0.02, dtype=np.float32)
    hum[::2] *= -1
    assert finals(say(session, ears.sound(FIRST) + pack(hum, "pcm_s16le"))) == [FIRST]


def test_an_endless_stream_is_made_final_now_and_then(ears: Ears) -> None:
    messages = say(manual(ears), ears.sound(*(FIRST, 0.5) * 12))
    assert finals(messages)
    assert set(" ".join(finals(messages)).split()) == set(FIRST.split())


@pytest.mark.parametrize("encoding", PCM_ENCODINGS)
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_every_encoding_and_rate_is_heard(ears: Ears, encoding: PCMEncoding, rate: int) -> None:
    session = manual(ears, encoding, rate)
    session.hear(ears.sound(FIRST, encoding=encoding, rate=rate), 0.0)
    assert finals(session.obey("close")) == [FIRST]


def test_one_large_frame_grows_as_many_small_ones_do(ears: Ears) -> None:
    data = ears.sound(FIRST)
    assert manual(ears).hear(data, 0.0) == say(manual(ears), data)


@given(
    cuts=st.lists(st.integers(1, 4000), min_size=1, max_size=30),
    encoding=st.sampled_from(PCM_ENCODINGS),
)
@settings(max_examples=40, deadline=None)
def test_frames_may_end_within_a_sample(cuts: list[int], encoding: PCMEncoding) -> None:
    samples = np.linspace(-0.9, 0.9, 7000, dtype=np.float32)
    data = pack(samples, encoding)
    whole, cut = AudioReader(encoding, RATE), AudioReader(encoding, RATE)
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


def test_belief_rises_fast_and_fades_slowly() -> None:
    activity = Activity()
    activity.update(0.02, 0.1)
    assert 0 < activity.belief < 0.5  # One click is no speech.
    for _ in range(10):
        activity.update(0.02, 0.1)
    assert activity.belief > 0.9
    activity.update(0.1, 0.0)
    assert 0.6 < activity.belief < 0.9
    assert activity.silence == pytest.approx(0.1)


def test_a_turn_begins_grows_and_ends(ears: Ears, turns: Callable[..., TurnSession]) -> None:
    session = turns()
    messages = [*session.begin(), *say(session, ears.sound(0.5, FIRST, 1.5))]
    assert kinds(messages) == [
        "connected",
        "turn.start",
        "turn.update",
        "turn.eager_end",
        "turn.end",
    ]
    texts = [str(each["transcript"]) for each in messages if "transcript" in each]
    for before, after in zip(texts, texts[1:], strict=False):
        assert after.startswith(before)
    updates = [each for each in messages if each["type"] == "turn.update"]
    assert len(updates) >= len(ears.words(FIRST)) - 2
    assert texts[-1] == FIRST
    assert all(each["request_id"] == ID for each in messages)


def test_the_ends_of_all_turns_joined_are_the_whole(
    ears: Ears, turns: Callable[..., TurnSession]
) -> None:
    session = turns()
    messages = say(session, ears.sound(FIRST, 1.5, SECOND, 1.5, FIRST, 0.1))
    messages += session.obey('{"type": "close"}')
    assert "".join(ended(messages)) == f"{FIRST} {SECOND} {FIRST}"
    assert session.is_over
    assert session.hear(b"\0\0", 0.0) == session.obey("nonsense") == []


def test_a_pause_is_an_eager_end_that_was_wrong(
    ears: Ears, turns: Callable[..., TurnSession]
) -> None:
    messages = say(turns(), ears.sound(FIRST, 0.4, SECOND, 1.5))
    assert kinds(messages) == [
        "turn.start",
        "turn.update",
        "turn.eager_end",
        "turn.resume",
        "turn.update",
        "turn.eager_end",
        "turn.end",
    ]
    assert ended(messages) == [f"{FIRST} {SECOND}"]


def test_sound_of_others_ends_eagerly_with_a_text_that_stays(
    turns: Callable[..., TurnSession],
) -> None:
    noise = np.random.default_rng(3).standard_normal(RATE).astype(np.float32) * 0.1
    pause, end = np.zeros(RATE // 10 * 4), np.zeros(2 * RATE)
    data = pack(np.concatenate([noise, pause, noise, end]).astype(np.float32), "pcm_s16le")
    messages = say(turns(), data)
    assert [each["type"] for each in messages] == [
        "turn.start",
        "turn.eager_end",
        "turn.resume",
        "turn.eager_end",
        "turn.end",
    ]
    assert messages[1]["transcript"] == FIXED_SENTENCE
    assert (
        messages[3]["transcript"]
        == messages[4]["transcript"]
        == f"{FIXED_SENTENCE} {FIXED_SENTENCE}"
    )


def test_config_changes_when_turns_end(ears: Ears, turns: Callable[..., TurnSession]) -> None:
    patient = '{"type": "config", "turn": {"eager_end_threshold": 0.3, "end_threshold": 0.05}}'
    session = turns()
    assert session.obey(patient) == []
    messages = say(session, ears.sound(FIRST, 0.5, SECOND, 0.5))
    assert kinds(messages) == ["turn.start", "turn.update"]
    session.obey('{"type": "config", "turn": {"eager_end_threshold": 0.8, "end_threshold": 0.5}}')
    assert kinds(say(session, ears.sound(0.5)))[-1] == "turn.end"


def test_the_time_out_ends_a_turn_whatever_the_thresholds(
    ears: Ears, turns: Callable[..., TurnSession]
) -> None:
    sound = ears.sound(FIRST, 1.0)
    assert ended(say(turns(eager_end=0.3, end=0.05), sound)) == []
    assert ended(say(turns(eager_end=0.3, end=0.05, end_timeout=0.64), sound)) == [FIRST]


def test_a_turn_without_more_audio_ends_by_the_clock(
    ears: Ears, turns: Callable[..., TurnSession]
) -> None:
    session = turns(end_timeout=2.0)
    assert session.due() is None
    session.hear(ears.sound(FIRST), 10.0)
    assert session.due() == 12.0
    assert session.tick(11.9) == []
    assert ended(session.tick(12.0)) == [FIRST]
    assert session.due() is None
    assert session.tick(20.0) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("close", "cannot be read"),
        ("{}", "type: is required"),
        ('{"type": "finalize"}', "is not one of close, config"),
        ('{"type": "config"}', "turn: is required"),
        ('{"type": "config", "turn": {"start_threshold": 0.95}}', "turn.start_threshold"),
        ('{"type": "config", "turn": {"end_timeout_ms": 10}}', "turn.end_timeout_ms"),
        (
            '{"type": "config", "turn": {"start_threshold": 0.5, "eager_end_threshold": 0.6}}',
            "start_threshold > eager_end_threshold > end_threshold",
        ),
    ],
)
def test_a_command_that_is_wrong_is_named(
    turns: Callable[..., TurnSession], text: str, problem: str
) -> None:
    session = turns()
    with pytest.raises(APIError, match=problem) as failure:
        session.obey(text)
    assert failure.value.status == 400
    assert not session.is_over


@given(
    start=st.none() | st.floats(0.5, 0.9),
    eager_end=st.none() | st.floats(0.3, 0.8),
    end=st.none() | st.floats(0.05, 0.5),
)
def test_thresholds_go_down_or_are_refused(
    start: float | None, eager_end: float | None, end: float | None
) -> None:
    named: JSONObject = {
        "turn_start_threshold": start,
        "turn_eager_end_threshold": eager_end,
        "turn_end_threshold": end,
    }
    given_values = [each for each in (start, eager_end, end) if each is not None]
    wrong = any(
        upper <= lower for upper, lower in zip(given_values, given_values[1:], strict=False)
    )
    if wrong:
        with pytest.raises(APIError, match="turn_start_threshold > "):
            Thresholds().changed(Fields(named), "turn_")
        return
    limits = Thresholds().changed(Fields(named), "turn_").settled()
    assert limits.start >= limits.eager_end >= limits.end  # no float lies between neighbours
    assert limits.start > limits.end
    assert start in {None, limits.start}
    assert eager_end in {None, limits.eager_end}
    assert end in {None, limits.end}


def test_the_default_thresholds_are_those_of_the_newest_documents() -> None:
    limits = Thresholds().settled()
    assert (limits.start, limits.eager_end, limits.end, limits.end_timeout) == (0.8, 0.6, 0.3, 5.6)
