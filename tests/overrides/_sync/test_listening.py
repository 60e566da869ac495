# Derived by `make generate` (scripts/unasync.py) from
# tests/overrides/_async/test_listening.py
# Do not edit: change that file instead.
"""Text from live speech, until told to finish and turn by turn: on the mock."""

from __future__ import annotations

import pytest

from cartesia import Cartesia, ReconnectingEvent, ReconnectingOverrides
from tests.overrides._sync.primitives import pause
from tests.overrides.speaking import MODEL, RAW, SENTENCE, VOICE

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

FRAME = 3200  # 100 ms of 16-bit samples at 16 kHz
SILENCE = bytes(FRAME * 20)


def speech(client: Cartesia) -> bytes:
    response = client.tts.generate(
        model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=RAW
    )
    return response.read()


def test_audio_goes_in_and_text_comes_out_until_told_to_finish(client: Cartesia) -> None:
    audio, text = speech(client), ""
    with client.stt.manual_finalize.websocket(
        model="ink-2", encoding="pcm_s16le", sample_rate=16000, keyterm=["Ink 2", "Cartesia"]
    ) as connection:
        for start in range(0, len(audio), FRAME):
            connection.send_raw(audio[start : start + FRAME])
        connection.send("close")
        kinds = list[str]()
        for event in connection:
            kinds.append(event.type)
            if event.type == "transcript" and event.is_final:
                text += event.text
    assert kinds[-1] == "done"
    assert text.split() == SENTENCE.split()


def test_turns_are_told_apart_and_handlers_hear_of_them(client: Cartesia) -> None:
    audio, turns, kinds = speech(client), list[str](), list[str]()
    manager = client.stt.auto_finalize.websocket(
        model="ink-2", encoding="pcm_s16le", sample_rate=16000, turn_end_timeout_ms=640
    )
    with manager as connection:
        connection.on("turn.end", lambda event: turns.append(event.transcript))
        connection.on("event", lambda event: kinds.append(event.type))
        connection.send({"type": "config", "turn": {"eager_end_threshold": 0.5}})
        for start in range(0, len(audio), FRAME):
            connection.send_raw(audio[start : start + FRAME])
        connection.send_raw(SILENCE)
        connection.send({"type": "close"})
        connection.dispatch_events()
    assert kinds[0] == "connected"
    assert "turn.start" in kinds
    assert "".join(turns).split() == SENTENCE.split()


def calm(_: ReconnectingEvent) -> ReconnectingOverrides:
    """Ask the mock for no further fault."""
    return {"extra_headers": {}}


def test_speech_that_was_cut_is_transcribed_whole(client: Cartesia) -> None:
    audio, text = speech(client), ""
    with client.stt.manual_finalize.websocket(
        model="ink-2",
        encoding="pcm_s16le",
        sample_rate=16000,
        extra_headers={"X-Mock-Fault": "socket-drop; after=2"},
        on_reconnecting=calm,
        initial_delay=0.01,
    ) as connection:
        for start in range(0, len(audio), FRAME):
            connection.send_raw(audio[start : start + FRAME])
        assert (connection.recv(10)).type == "transcript"
        while connection.stats.connections == 1:
            pause(0.01)
        connection.send("close")
        for event in connection:
            if event.type == "transcript" and event.is_final:
                text += event.text
    assert text.split() == SENTENCE.split()


def test_a_turn_that_was_cut_is_transcribed_whole(client: Cartesia) -> None:
    audio, text = speech(client), ""
    with client.stt.auto_finalize.websocket(
        model="ink-2",
        encoding="pcm_s16le",
        sample_rate=16000,
        extra_headers={"X-Mock-Fault": "socket-drop; after=3"},
        on_reconnecting=calm,
        initial_delay=0.01,
    ) as connection:
        for start in range(0, len(audio), FRAME):
            connection.send_raw(audio[start : start + FRAME])
        while connection.stats.connections == 1:
            pause(0.01)
        connection.send_raw(SILENCE)
        connection.send({"type": "close"})
        for event in connection:
            if event.type == "turn.end":
                text += event.transcript
    assert text.split() == SENTENCE.split()


def test_a_command_of_the_other_socket_is_refused_with_the_right_one(
    client: Cartesia,
) -> None:
    manual = client.stt.manual_finalize.websocket(
        model="ink-2", encoding="pcm_s16le", sample_rate=16000
    )
    auto = client.stt.auto_finalize.websocket(
        model="ink-2", encoding="pcm_s16le", sample_rate=16000
    )
    with pytest.raises(TypeError, match=r"words finalize, close, done, not \{'type'"):
        manual.send({"type": "close"})
    with pytest.raises(TypeError, match=r"such as \{'type': 'close'\}, as .* not 'close'"):
        auto.send("close")


def test_settings_are_in_the_query_with_spaces_that_every_server_reads(
    client: Cartesia,
) -> None:
    from cartesia._runtime.request import Operation, Request

    query = {"keyterm": ["Ink 2", "Cartesia"], "language": None}
    url = client._requester.socket_url(Request(Operation("x", "GET", "/x"), query=query))
    assert url.endswith("/x?keyterm=Ink%202&keyterm=Cartesia")
