"""The turn-detecting STT session without I/O: audio, commands and time in, messages out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject
from cartesia_mock.document.openapi_document import APIDocument
from cartesia_mock.document.schema_validation import SchemaValidator
from cartesia_mock.speech.audio import pack
from cartesia_mock.speech.recognition import FIXED_SENTENCE
from cartesia_mock.stt.manual_session import StreamOptions
from cartesia_mock.stt.turn_detection import TurnThresholds, VoiceActivityDetector
from cartesia_mock.stt.turn_session import TurnSession
from tests.mock.stt.known_audio import (
    FIRST,
    ID,
    LANGUAGE,
    RATE,
    SECOND,
    KnownAudio,
    ended,
    kinds,
    say,
)


@pytest.fixture(scope="module")
def turns(known_audio: KnownAudio) -> Callable[..., TurnSession]:
    document = APIDocument.load()
    schemas = SchemaValidator(document)
    socket = document.operation("stt.auto_finalize.websocket").socket
    assert socket is not None

    def make(**thresholds: float) -> TurnSession:
        return TurnSession(
            known_audio.transcriber,
            StreamOptions(ID, "pcm_s16le", RATE, LANGUAGE),
            TurnThresholds(**thresholds),
            schemas,
            socket.client,
        )

    return make


def test_the_probability_rises_fast_and_decays_slowly() -> None:
    activity = VoiceActivityDetector()
    activity.update(0.02, 0.1)
    assert 0 < activity.probability < 0.5  # One click is not speech.
    for _ in range(10):
        activity.update(0.02, 0.1)
    assert activity.probability > 0.9
    activity.update(0.1, 0.0)
    assert 0.6 < activity.probability < 0.9
    assert activity.silence == pytest.approx(0.1)


def test_a_turn_begins_grows_and_ends(
    known_audio: KnownAudio, turns: Callable[..., TurnSession]
) -> None:
    session = turns()
    messages = [*session.start_messages(), *say(session, known_audio.sound(0.5, FIRST, 1.5))]
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
    assert len(updates) >= len(known_audio.words(FIRST)) - 2
    assert texts[-1] == FIRST
    assert all(each["request_id"] == ID for each in messages)


def test_concatenated_turns_are_the_transcript(
    known_audio: KnownAudio, turns: Callable[..., TurnSession]
) -> None:
    session = turns()
    messages = say(session, known_audio.sound(FIRST, 1.5, SECOND, 1.5, FIRST, 0.1))
    messages += session.receive_command('{"type": "close"}')
    assert "".join(ended(messages)) == f"{FIRST} {SECOND} {FIRST}"
    assert session.is_over
    assert session.receive_audio(b"\0\0", 0.0) == session.receive_command("nonsense") == []


def test_a_turn_resumes_after_an_eager_end(
    known_audio: KnownAudio, turns: Callable[..., TurnSession]
) -> None:
    messages = say(turns(), known_audio.sound(FIRST, 0.4, SECOND, 1.5))
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


def test_unknown_audio_ends_eagerly_with_its_final_text(
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


def test_config_changes_when_turns_end(
    known_audio: KnownAudio, turns: Callable[..., TurnSession]
) -> None:
    patient = '{"type": "config", "turn": {"eager_end_threshold": 0.3, "end_threshold": 0.05}}'
    session = turns()
    assert session.receive_command(patient) == []
    messages = say(session, known_audio.sound(FIRST, 0.5, SECOND, 0.5))
    assert kinds(messages) == ["turn.start", "turn.update"]
    session.receive_command(
        '{"type": "config", "turn": {"eager_end_threshold": 0.8, "end_threshold": 0.5}}'
    )
    assert kinds(say(session, known_audio.sound(0.5)))[-1] == "turn.end"


def test_the_time_out_ends_a_turn_whatever_the_thresholds(
    known_audio: KnownAudio, turns: Callable[..., TurnSession]
) -> None:
    sound = known_audio.sound(FIRST, 1.0)
    assert ended(say(turns(eager_end=0.3, end=0.05), sound)) == []
    assert ended(say(turns(eager_end=0.3, end=0.05, end_timeout=0.64), sound)) == [FIRST]


def test_a_turn_without_more_audio_ends_by_the_clock(
    known_audio: KnownAudio, turns: Callable[..., TurnSession]
) -> None:
    session = turns(end_timeout=2.0)
    assert session.next_deadline() is None
    session.receive_audio(known_audio.sound(FIRST), 10.0)
    assert session.next_deadline() == 12.0
    assert session.on_deadline(11.9) == []
    assert ended(session.on_deadline(12.0)) == [FIRST]
    assert session.next_deadline() is None
    assert session.on_deadline(20.0) == []


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
def test_an_invalid_command_is_named_in_the_error(
    turns: Callable[..., TurnSession], text: str, problem: str
) -> None:
    session = turns()
    with pytest.raises(HTTPError, match=problem) as failure:
        session.receive_command(text)
    assert failure.value.status == 400
    assert not session.is_over


@given(
    start=st.none() | st.floats(0.5, 0.9),
    eager_end=st.none() | st.floats(0.3, 0.8),
    end=st.none() | st.floats(0.05, 0.5),
)
def test_thresholds_in_the_wrong_order_are_refused(
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
        with pytest.raises(HTTPError, match="turn_start_threshold > "):
            TurnThresholds().updated(JSONFields(named), "turn_")
        return
    limits = TurnThresholds().updated(JSONFields(named), "turn_").resolved()
    assert limits.start >= limits.eager_end >= limits.end  # no float lies between neighbours
    assert limits.start > limits.end
    assert start in {None, limits.start}
    assert eager_end in {None, limits.eager_end}
    assert end in {None, limits.end}


def test_the_default_thresholds_are_those_of_the_newest_documents() -> None:
    limits = TurnThresholds().resolved()
    assert (limits.start, limits.eager_end, limits.end, limits.end_timeout) == (0.8, 0.6, 0.3, 5.6)
