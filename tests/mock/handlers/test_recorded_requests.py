"""Requests as older and other clients send them, sent raw and judged by their version.

What a client sends is written down from its own traffic to the mock. The shapes of 2026-08-14 are refused: the document
is that of 2025-11-04.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.mock.helpers import NO_TLS, VOICE, joined_audio, read_sse, read_until_end

BARBER = "a0e99841-438c-4a64-b679-ae501e7d6091"
SARAH = "694f9389-aac1-45b6-b726-9d9369183238"
KATIE = "f786b574-daa5-4673-aa0c-cbe3e8534c02"
LADY = "71a7ad14-091c-4e8e-a314-022ece01c121"
EMBEDDING = [round((number % 13 - 6) / 50, 4) for number in range(192)]
F32 = {"container": "raw", "encoding": "pcm_f32le", "sample_rate": 44100}
S16 = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000}
MP3 = {"container": "mp3", "sample_rate": 44100, "bit_rate": 128000}


@dataclass(frozen=True)
class Recorded:
    """One request: by which client, of which version, with what.

    Attributes:
        client: The client that sends it.
        version: The API version that it asks for.
        body: The body, or the messages of a WebSocket.
        path: Where it goes.
        refused: Part of the refusal; empty if the request is served.
    """

    client: str
    version: str
    body: Any
    path: str = "/tts/bytes"
    refused: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"x-api-key": "any"})

    def __str__(self) -> str:
        return f"{self.client}, {self.version}, {self.path}"


def by_id(voice: str) -> dict[str, Any]:
    return {"mode": "id", "id": voice}


def speech(voice: Any, output: dict[str, Any], **further: Any) -> dict[str, Any]:
    return {
        "model_id": "sonic-2",
        "transcript": "Hello there.",
        "voice": voice,
        "output_format": output,
        **further,
    }


BY_EMBEDDING = {"mode": "embedding", "embedding": EMBEDDING}
LIVEKIT = {"speed": "fast", "emotion": ["positivity:high"]}

OVER_HTTP = [
    Recorded("vendor 1.4.0", "2024-06-10", speech(BY_EMBEDDING, F32, model_id="sonic-english")),
    Recorded(
        "vendor 1.4.0",
        "2024-06-10",
        speech(by_id(BARBER), F32, stream=True, duration=None, language=None, context_id=None),
        "/tts/sse",
    ),
    Recorded("vendor 2.0.17", "2024-11-13", speech(by_id(SARAH), MP3, language="en")),
    Recorded("vendor 2.0.17", "2024-11-13", speech(by_id(SARAH), F32, duration=None), "/tts/sse"),
    Recorded("vendor 2.0.17", "2024-11-13", speech(by_id(SARAH), F32, language=None)),
    Recorded(
        "LiveKit with embeddings",
        "2024-11-13",
        speech(BY_EMBEDDING | {"__experimental_controls": LIVEKIT}, S16, language="en"),
    ),
    Recorded("LiveKit 1.8.9", "2025-04-16", speech(by_id(KATIE), S16, language=None)),
    Recorded("JavaScript 2.2", "2024-11-13", speech(by_id(BARBER), MP3, language="en")),
    Recorded(
        "Pipecat 1.14.0",
        "2026-03-01",
        speech(
            by_id(LADY), S16, model_id="sonic-3.6", generation_config={"emotion": "joking/comedic"}
        ),
    ),
    Recorded(
        "vendor 3.5.1",
        "2025-11-04",
        speech(by_id(VOICE), F32, model_id="sonic-3", generation_config=None),
    ),
    Recorded(
        "curl with an embedding",
        "2025-11-04",
        speech(BY_EMBEDDING, F32),
        refused="voice.id: is required; voice.mode: 'id' was expected",
    ),
    Recorded(
        "half an embedding",
        "2024-11-13",
        speech({"mode": "embedding", "embedding": ["a"]}, F32),
        refused="voice.embedding[0]: 'a' is not of type number",
    ),
    Recorded("vendor 4.2.0", "2026-08-14", speech(VOICE, F32, model_id="sonic-3.5")),
    Recorded("vendor 4.2.0", "2026-08-14", speech({"id": VOICE}, F32, model_id="sonic-3.5")),
    Recorded("vendor 4.2.0", "2026-08-14", speech(by_id(VOICE), F32, model_id="sonic-3.5")),
    Recorded(
        "vendor 4.2.0",
        "2026-08-14",
        speech(VOICE, F32, model_id="sonic-3.6", locale="en-GB", normalization="off"),
    ),
    Recorded(
        "vendor 4.2.0",
        "2026-08-14",
        speech(VOICE, F32, model_id="sonic-3.6", locale="en-GB", language="en"),
        refused="language and locale exclude each other",
    ),
    Recorded(
        "vendor 4.2.0",
        "2026-08-14",
        speech(VOICE, F32, model_id="sonic-3.5", locale="en-GB"),
        refused="locale: 'en-GB' needs sonic-3.6 or later, not sonic-3.5",
    ),
    Recorded("a text for a voice", "2025-11-04", speech(VOICE, F32), refused="not of type object"),
    Recorded("an unknown voice", "2025-11-04", speech(by_id("f" * 36), F32), refused="no voice"),
]


@pytest.mark.parametrize("recorded", OVER_HTTP, ids=str)
def test_a_request_is_judged_by_its_version(url: str, recorded: Recorded) -> None:
    headers = {**recorded.headers, "cartesia-version": recorded.version}
    with httpx.Client(base_url=url, headers=headers, verify=NO_TLS) as http:
        answer = http.post(recorded.path, json=recorded.body)
    if recorded.refused:
        assert answer.status_code in {400, 404}
        assert recorded.refused in answer.text
        return
    assert answer.status_code == 200, answer.text
    if recorded.path == "/tts/sse":
        assert [name for name, _ in read_sse(answer.text)][-1] == "done"
    assert len(answer.content) > 10_000


def opening(voice: Any, output: dict[str, Any], **further: Any) -> dict[str, Any]:
    return speech(voice, output, **{"context_id": "c1", **further})


# As 2.0.17 ends and flushes a context: with settings of its own, whatever those of the context are.
ENDED_BY_2 = {
    "model_id": "sonic-english",
    "transcript": "",
    "output_format": F32,
    "voice": BY_EMBEDDING,
    "context_id": "c1",
    "stream": True,
}
ON_SOCKETS = [
    Recorded("vendor 1.4.0", "2024-06-10", [opening(BY_EMBEDDING, F32, duration=None)]),
    Recorded("vendor 1.4.0", "2024-06-10", [opening(by_id(BARBER), F32, context_id=None)]),
    Recorded("vendor 2.0.17", "2024-06-10", [opening(by_id(SARAH), S16, stream=True)]),
    Recorded(
        "vendor 2.0.17",
        "2024-06-10",
        [
            opening(by_id(SARAH), S16, **{"continue": True}),
            {**ENDED_BY_2, "continue": True, "flush": True},
            opening(by_id(SARAH), S16, **{"continue": True}),
            ENDED_BY_2,
        ],
    ),
    Recorded("without a context", "2025-04-16", [speech(by_id(KATIE), S16)]),
    Recorded(
        "LiveKit 1.8.9",
        "2025-04-16",
        [
            opening(
                by_id(KATIE),
                S16,
                language=None,
                add_timestamps=True,
                max_buffer_delay_ms=0,
                transcript="River. ",
                generation_config={"emotion": "Joking/Comedic"},
                **{"continue": True},
            ),
            opening(
                by_id(KATIE),
                S16,
                language=None,
                transcript=" ",
                generation_config={"emotion": "Joking/Comedic"},
                **{"continue": False},
            ),
        ],
    ),
    Recorded(
        "Pipecat 1.14.0",
        "2026-03-01",
        [
            opening(by_id(LADY), S16, model_id="sonic-3.6", language="en-GB", **{"continue": True}),
            opening(by_id(LADY), S16, model_id="sonic-3.6", transcript="", language="en-GB"),
        ],
    ),
    Recorded(
        "vendor 3.5.1",
        "2025-11-04",
        [
            opening(by_id(VOICE), F32, **{"continue": True}),
            opening(
                by_id(VOICE), F32, generation_config={"emotion": "angry"}, **{"continue": True}
            ),
            opening(by_id(VOICE), F32, transcript=""),
        ],
    ),
    Recorded(
        "without a context",
        "2025-11-04",
        [speech(by_id(VOICE), F32)],
        refused="context_id: is required",
    ),
    Recorded(
        "with an embedding",
        "2025-11-04",
        [opening(BY_EMBEDDING, F32)],
        refused="voice.id: is required",
    ),
    Recorded("vendor 4.2.0", "2026-08-14", [opening(VOICE, F32)]),
    Recorded(
        "vendor 4.2.0",
        "2026-08-14",
        [
            opening({"id": VOICE}, F32, model_id="sonic-3.6", locale="en-AU", **{"continue": True}),
            opening({"id": VOICE}, F32, model_id="sonic-3.6", locale="en-AU", transcript=""),
        ],
    ),
    Recorded(
        "vendor 4.2.0",
        "2026-08-14",
        [opening(VOICE, F32, locale="en-GB", language="en")],
        refused="language and locale exclude each other",
    ),
    Recorded(
        "other settings for more text",
        "2025-04-16",
        [
            opening(by_id(KATIE), S16, **{"continue": True}),
            opening(by_id(SARAH), S16, transcript="More."),
        ],
        refused="Context settings differ: voice",
    ),
]


@pytest.mark.anyio
@pytest.mark.parametrize("recorded", ON_SOCKETS, ids=str)
async def test_messages_are_judged_by_their_version(url: str, recorded: Recorded) -> None:
    address = f"{url.replace('http', 'ws')}/tts/websocket"
    query = f"?api_key=any&cartesia_version={recorded.version}"
    async with connect(address + query) as socket:
        for message in recorded.body:
            await socket.send(json.dumps(message))
        if recorded.refused:
            error = json.loads(await socket.recv())
            while error["type"] == "chunk":
                error = json.loads(await socket.recv())
            assert recorded.refused in error["error"]
            return
        first = json.loads(await socket.recv())
        assert first.get("context_id"), first
        events = [first, *await read_until_end(socket, first["context_id"])]
    assert events[-1]["type"] == "done"
    assert len(joined_audio(events)) > 10_000


LISTENING = [
    (
        "vendor 2.0.17",
        (
            "/stt/websocket?model=ink-whisper&api_key=any&cartesia_version=2024-11-13&encoding=pcm_s16le"
            "&sample_rate=16000&language=en&min_volume=0.1&max_silence_duration_secs=0.4"
        ),
        {},
        "done",
        ["done"],
    ),
    (
        "Pipecat 1.14.0",
        "/stt/websocket?model=ink-whisper&language=en&encoding=pcm_s16le&sample_rate=16000",
        {"x-api-key": "any", "cartesia-version": "2026-03-01"},
        "done",
        ["done"],
    ),
    (
        "LiveKit 1.8.9",
        "/stt/turns/websocket?model=ink-2&sample_rate=16000&encoding=pcm_s16le&keyterm=quick+brown",
        {"x-api-key": "any", "cartesia-version": "2025-04-16"},
        '{"type":"close"}',
        ["connected"],
    ),
    (
        "Pipecat 1.14.0, wrong thresholds",
        (
            "/stt/turns/websocket?model=ink-2&encoding=pcm_s16le&sample_rate=16000"
            "&turn_start_threshold=0.6&turn_eager_end_threshold=0.3&turn_end_threshold=0.5"
        ),
        {"x-api-key": "any", "cartesia-version": "2026-03-01"},
        None,
        ["error"],
    ),
    (
        "a browser",
        (
            "/stt/websocket?model=ink-2&encoding=pcm_f32le&sample_rate=48000"
            "&cartesia_version=2025-11-04&access_token=any"
        ),
        {"origin": "https://example.com"},
        "close",
        ["done"],
    ),
]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "headers", "command", "kinds"),
    [each[1:] for each in LISTENING],
    ids=[each[0] for each in LISTENING],
)
async def test_listeners_connect_as_they_do(
    url: str, path: str, headers: dict[str, str], command: str | None, kinds: list[str]
) -> None:
    address = f"{url.replace('http', 'ws')}{path}"
    async with connect(address, additional_headers=headers) as socket:
        if command is not None:
            await socket.send(command)
        events = [json.loads(text) async for text in socket]
    assert [event["type"] for event in events] == kinds
    assert socket.close_code == 1000


@pytest.mark.parametrize(
    ("version", "path"),
    [
        ("2024-06-10", "/voices/"),
        ("2024-11-13", "/voices/?limit=3"),
        ("2025-04-16", "/datasets"),
        ("2025-04-16", "/fine-tunes"),
        ("2026-03-01", "/agents/"),
    ],
)
def test_lists_are_there_under_both_spellings(url: str, version: str, path: str) -> None:
    headers = {"x-api-key": "any", "cartesia-version": version}
    with httpx.Client(base_url=url, headers=headers, verify=NO_TLS) as http:
        answer = http.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.json()
