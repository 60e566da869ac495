"""Transcription of files: audio of the mock is transcribed exactly."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from cartesia_mock.testing import serve
from tests.mock.helpers import (
    HEADERS,
    NO_TLS,
    Connect,
    joined_audio,
    joined_words,
    read_sse,
    read_until_end,
)

TEXT = "The quick brown fox jumps over the lazy dog. Then it rests, and all is quiet!"


def transcribe(
    http: httpx.Client, content: bytes, query: str = "", **fields: str | list[str]
) -> dict[str, Any]:
    answer = http.post(
        f"/stt?{query}",
        files={"file": ("speech", content, "application/octet-stream")},
        data={"model": "ink-whisper", "timestamp_granularities[]": ["word"], **fields},
    )
    assert answer.status_code == 200, answer.text
    heard: dict[str, Any] = answer.json()
    return heard


def times(heard: dict[str, Any]) -> list[tuple[str, float, float]]:
    return [(word["word"], word["start"], word["end"]) for word in heard["words"]]


@pytest.mark.parametrize(
    "output",
    [
        {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 44100},
        {"container": "wav", "encoding": "pcm_mulaw", "sample_rate": 8000},
        {"container": "mp3", "sample_rate": 24000, "bit_rate": 64000},
    ],
    ids=lambda output: f"{output['container']}-{output['sample_rate']}",
)
def test_files_round_trip(
    http: httpx.Client, speech_request: dict[str, Any], output: dict[str, Any]
) -> None:
    body = speech_request | {"transcript": TEXT, "output_format": output}
    heard = transcribe(http, http.post("/tts/bytes", json=body).content)
    assert heard["text"] == TEXT
    assert [word["word"] for word in heard["words"]] == TEXT.split()
    assert (heard["type"], heard["language"], heard["is_final"]) == ("transcript", "en", True)


def test_events_round_trip_with_true_word_times(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    body = speech_request | {"transcript": TEXT, "add_timestamps": True}
    events = [event for _, event in read_sse(http.post("/tts/sse", json=body).text)]
    audio = joined_audio(events)
    heard = transcribe(http, audio, "encoding=pcm_s16le&sample_rate=16000")
    assert heard["text"] == TEXT
    assert heard["duration"] == pytest.approx(len(audio) / 32000, abs=0.01)
    for utterance, written in zip(joined_words(events), times(heard), strict=True):
        assert written[0] == utterance[0]
        assert written[1:] == pytest.approx(utterance[1:], abs=0.02)


@pytest.mark.anyio
async def test_a_whole_context_round_trips(
    http: httpx.Client, speech_request: dict[str, Any], open_socket: Connect
) -> None:
    async with open_socket() as socket:
        for piece in (TEXT[:7], TEXT[7:50], TEXT[50:], ""):
            message = speech_request | {
                "transcript": piece,
                "context_id": "c1",
                "continue": bool(piece),
                "add_timestamps": True,
            }
            await socket.send(json.dumps(message))
        events = await read_until_end(socket, "c1")
    query = "encoding=pcm_s16le&sample_rate=16000"
    heard = await asyncio.to_thread(transcribe, http, joined_audio(events), query)
    assert heard["text"] == TEXT
    for utterance, written in zip(joined_words(events), times(heard), strict=True):
        assert written[0] == utterance[0]
        assert written[1:] == pytest.approx(utterance[1:], abs=0.02)


def test_audio_of_a_cut_response_is_recognized(speech_request: dict[str, Any]) -> None:
    body = speech_request | {"transcript": f"An answer that nobody waited for. {TEXT * 20}"}
    with (
        serve(engine="tone") as url,
        httpx.Client(base_url=url, headers=HEADERS, verify=NO_TLS) as http,
    ):
        with http.stream("POST", "/tts/bytes", json=body) as answer:
            audio = b""
            for piece in answer.iter_raw():
                audio += piece
                if len(audio) > 64000:
                    break
        query = "encoding=pcm_s16le&sample_rate=16000"
        # In another language than English nothing unknown is recognised, which takes seconds.
        while not (text := transcribe(http, audio, query, language="de")["text"]).startswith("An"):
            time.sleep(0.05)
    assert body["transcript"].startswith(text)


def test_words_are_returned_only_if_requested(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    audio = http.post("/tts/bytes", json=speech_request).content
    answer = http.post(
        "/stt?encoding=pcm_s16le&sample_rate=16000",
        files={"file": audio},
        data={"model": "ink-whisper", "language": "en"},
    )
    assert "words" not in answer.json()
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_other_audio_is_transcribed_with_its_true_duration(http: httpx.Client) -> None:
    heard = transcribe(
        http, b"\x00\x10\x00\xf0" * 8000, "encoding=pcm_s16le&sample_rate=16000", language="de"
    )
    assert heard["language"] == "de"
    assert heard["duration"] == 1.0


@pytest.mark.parametrize(
    ("query", "content", "fields", "text"),
    [
        ("", b"no audio at all", {}, "Invalid audio: the file cannot be read"),
        ("", b"", {}, "Invalid audio: the audio is empty"),
        ("encoding=pcm_s16le", b"\0\0" * 99, {}, "needs sample_rate"),
        ("encoding=pcm_s24le&sample_rate=8000", b"\0", {}, "encoding: 'pcm_s24le' is not one of"),
        ("sample_rate=0", b"\0\0", {}, "sample_rate: 0 is less than"),
        ("", b"\0\0", {"model": "whisper-1"}, "Invalid model: no model is called 'whisper-1'"),
        ("", b"\0\0", {"language": "klingon"}, "Unsupported language"),
        ("", b"\0\0", {"timestamp_granularities[]": "line"}, "[0]: 'line' is not one of word"),
    ],
)
def test_invalid_audio_is_refused(
    http: httpx.Client, query: str, content: bytes, fields: dict[str, str], text: str
) -> None:
    data = {"model": "ink-whisper", **fields}
    answer = http.post(f"/stt?{query}", files={"file": ("a.wav", content)}, data=data)
    assert answer.status_code == 400
    assert text in answer.text


def test_the_file_and_the_model_are_required(http: httpx.Client) -> None:
    answer = http.post("/stt", files={"other": b"x"})
    assert answer.text == "Invalid request: file: is required; model: is required"
    # Without a file name a part is a text field.
    answer = http.post("/stt", files={"file": (None, "text"), "model": (None, "ink-whisper")})
    assert answer.text == "Invalid request: file: must be sent as a file"


def test_a_broken_multipart_body_is_refused(http: httpx.Client) -> None:
    for media in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = http.post("/stt", content=b"nonsense", headers={"content-type": media})
        assert answer.status_code == 400
        assert "Invalid multipart body" in answer.text
    answer = http.post("/stt", json={"model": "ink-whisper"})
    assert answer.status_code == 415
    assert "send multipart/form-data" in answer.text
