"""What integrators of the API rely on: their voices, emotions, and what is heard of a context."""

# ruff: noqa: RUF001  the symbols of IPA look like letters

from __future__ import annotations

import inspect
import json
import uuid
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection

from cartesia_mock.settings import MockSettings
from cartesia_mock.testing import serve
from tests.mock.helpers import (
    HEADERS,
    NO_TLS,
    VOICE,
    Connect,
    joined_audio,
    joined_words,
    read_until_end,
)

DEFAULT_VOICES = [
    "f786b574-daa5-4673-aa0c-cbe3e8534c02",
    "794f9389-aac1-45b6-b726-9d9369183238",
    "78ab82d5-25be-4f7d-82b3-7ad64e5b85b2",
    "694f9389-aac1-45b6-b726-9d9369183238",
    "a0e99841-438c-4a64-b679-ae501e7d6091",
    "db6b0ed5-d5d3-463d-ae85-518a07d3c2b4",
    "71a7ad14-091c-4e8e-a314-022ece01c121",
]


def spoken(http: httpx.Client, request: dict[str, Any], **changes: Any) -> np.ndarray[Any, Any]:
    answer = http.post("/tts/bytes", json=request | changes)
    assert answer.status_code == 200, answer.text
    return np.frombuffer(answer.content, "<i2").astype(np.float64)


@pytest.mark.parametrize("voice", DEFAULT_VOICES)
def test_the_default_voices_of_integrators_speak_and_are_listed(
    http: httpx.Client, speech_request: dict[str, Any], voice: str
) -> None:
    assert len(spoken(http, speech_request, voice={"mode": "id", "id": voice}))
    assert http.get(f"/voices/{voice}").json()["id"] == voice


def test_any_voice_speaks_where_the_server_is_told_so(speech_request: dict[str, Any]) -> None:
    def request(voice: str) -> dict[str, Any]:
        return speech_request | {"voice": {"mode": "id", "id": voice}}

    one, other = str(uuid.UUID(int=1)), str(uuid.UUID(int=3))
    with (
        serve(engine="tone", any_voice=True) as base,
        httpx.Client(base_url=base, headers=HEADERS, verify=NO_TLS) as http,
    ):
        audio = [http.post("/tts/bytes", json=request(each)).content for each in (one, one, other)]
        assert audio[0] == audio[1] != audio[2]
        refusal = http.post("/tts/bytes", json=request("my favourite"))
        assert (refusal.status_code, http.get(f"/voices/{one}").status_code) == (404, 404)
        known = http.post("/tts/bytes", json=request(VOICE)).content
    with (
        serve(engine="tone") as base,
        httpx.Client(base_url=base, headers=HEADERS, verify=NO_TLS) as http,
    ):
        assert http.post("/tts/bytes", json=request(one)).status_code == 404
        assert http.post("/tts/bytes", json=request(VOICE)).content == known


def test_an_embedding_is_a_voice_of_its_own(
    bare: httpx.Client, speech_request: dict[str, Any]
) -> None:
    bare.headers.update({"x-api-key": "any", "cartesia-version": "2024-11-13"})
    voices = [{"mode": "embedding", "embedding": [number / 10] * 192} for number in (1, 1, 2)]
    audio = [spoken(bare, speech_request, voice=voice).tolist() for voice in voices]
    assert audio[0] == audio[1] != audio[2]


def test_emotions_are_heard_whatever_their_case(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    def length(emotion: str | None) -> int:
        config = {} if emotion is None else {"emotion": emotion}
        return len(spoken(http, speech_request, generation_config=config))

    assert length("Joking/Comedic") == length("joking/comedic") < length(None)
    assert length("Angry") < length("neutral") == length(None) < length("SAD")
    assert length("an emotion that nobody has listed") == length(None)


@pytest.mark.parametrize("path", ["/tts/bytes", "/tts/sse"])
def test_null_means_not_given(
    http: httpx.Client, speech_request: dict[str, Any], path: str
) -> None:
    nothing = {"language": None, "generation_config": None, "duration": None}
    answer = http.post(path, json=speech_request | nothing)
    assert answer.status_code == 200, answer.text


async def say(socket: ClientConnection, transcript: str, **fields: Any) -> None:
    message = {
        "model_id": "sonic-3",
        "transcript": transcript,
        "voice": {"mode": "id", "id": VOICE},
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000},
        "context_id": "c1",
        "continue": True,
        "add_timestamps": True,
        "language": None,
        "duration": None,
    }
    await socket.send(json.dumps(message | fields))


def transcribed(http: httpx.Client, audio: bytes, language: str) -> str:
    answer = http.post(
        "/stt?encoding=pcm_s16le&sample_rate=16000",
        files={"file": ("said.pcm", audio)},
        data={"model": "ink-whisper", "language": language},
    )
    text: str = answer.json()["text"]
    return text


async def end(socket: ClientConnection) -> list[dict[str, Any]]:
    await say(socket, "", **{"continue": False})
    return await read_until_end(socket, "c1")


@pytest.mark.anyio
async def test_a_config_that_changes_within_a_context_is_heard(open_socket: Connect) -> None:
    text = "I am speaking at some pace. "
    async with open_socket() as socket:
        await say(socket, text)
        await say(socket, text, flush=True, generation_config={"speed": 1.5})
        await say(socket, text, flush=True, generation_config={"speed": 0.6})
        events = await end(socket)
    assert events[-1]["type"] == "done", events[-1]
    words = joined_words(events)
    count = len(text.split())
    lengths = [words[at + count - 1][2] - words[at][1] for at in range(0, 3 * count, count)]
    assert lengths[1] < lengths[0] * 0.8
    assert lengths[2] > lengths[0] * 1.3


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("texts", "transcript"),
    [
        (["Over the river.", "Birds sing."], "Over the river. Birds sing."),
        (["Hel", "lo."], "Hel lo."),
        (["One. ", " Two", "!"], "One.  Two!"),
        (["川を。", "鳥が。"], "川を。鳥が。"),
    ],
)
async def test_texts_without_a_space_between_them_are_transcribed_as_they_are_timed(
    open_socket: Connect, http: httpx.Client, texts: list[str], transcript: str
) -> None:
    language = "en" if transcript.isascii() else "ja"
    async with open_socket() as socket:
        for text in texts:
            await say(socket, text, max_buffer_delay_ms=0, language=language)
        events = await end(socket)
    heard = transcribed(http, joined_audio(events), language)
    assert heard.split() == transcript.split()
    if language == "en":
        timed = " ".join(word for word, _, _ in joined_words(events))
        assert timed.rstrip("!") == " ".join(transcript.split()).rstrip("!")


def test_inline_phonemes_are_spoken_as_phonemes(speech_request: dict[str, Any]) -> None:
    def phonemes(http: httpx.Client, transcript: str) -> str:
        body = speech_request | {"transcript": transcript, "add_phoneme_timestamps": True}
        answer = http.post("/tts/sse", json=body)
        events = [json.loads(line[6:]) for line in answer.text.splitlines() if line[:6] == "data: "]
        return "".join(
            phoneme
            for event in events
            if event["type"] == "phoneme_timestamps"
            for phoneme in event["phoneme_timestamps"]["phonemes"]
        )

    with (
        serve(engine="espeak") as base,
        httpx.Client(base_url=base, headers=HEADERS, verify=NO_TLS, timeout=30) as http,
    ):
        assert phonemes(http, "<<t|ˈ|ɛ|s|t>>.") == phonemes(http, "Test.") == "tˈɛst"
        assert phonemes(http, "My <<m|ˈ|ɛ|t|f|ɔ|ɹ|m|ɪ|n>>, please.").count("ɛ") == 1
        assert "mˈɛtfɔː" in phonemes(http, "My <<m|ˈ|ɛ|t|f|ɔ|ɹ|m|ɪ|n>>, please.")
        # The engine's own notation is text, and is read as such.
        assert phonemes(http, "A [[tEst]] here, and <<t|ɛ|s|t>>.") != phonemes(http, "A test.")


def test_an_stt_socket_may_be_idle_for_three_minutes() -> None:
    default = inspect.signature(serve).parameters["stt_idle_timeout"].default
    assert default == MockSettings().stt_idle_timeout == 180
