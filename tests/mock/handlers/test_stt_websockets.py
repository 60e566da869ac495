"""The STT WebSockets: audio of the mock in, its words out."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import anyio
import httpx
import numpy as np
import pytest
from starlette.requests import HTTPConnection
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from cartesia_mock.api.jsontypes import JSONFields
from cartesia_mock.document.openapi_document import APIOperation
from cartesia_mock.document.schema_validation import SchemaValidator
from cartesia_mock.http.request_validation import parse_parameters
from cartesia_mock.speech.audio import PCMEncoding, pack
from cartesia_mock.testing import serve
from tests.mock.helpers import NEW, Connect

pytestmark = pytest.mark.anyio

RATE = 16000
MANUAL, TURNS = "/stt/websocket", "/stt/turns/websocket"
MANUAL_EVENTS = "/paths/~1stt~1websocket/get/x-websocket/server"
TURN_EVENTS = "/paths/~1stt~1turns~1websocket/get/x-websocket/server"
QUERY: dict[str, Any] = {"model": "ink-2", "encoding": "pcm_s16le", "sample_rate": RATE}


def address(path: str, **query: Any) -> str:
    given = {name: value for name, value in {**QUERY, **query}.items() if value is not None}
    return f"{path}?{urlencode(given, doseq=True)}"


def silence(seconds: float) -> bytes:
    return bytes(round(seconds * RATE) * 2)


async def send_audio(socket: ClientConnection, data: bytes) -> None:
    for at in range(0, len(data), RATE // 5):
        await socket.send(data[at : at + RATE // 5])


async def read_all(
    socket: ClientConnection, schemas: SchemaValidator, pointer: str
) -> list[dict[str, Any]]:
    """Read until the server closes; every event must fit the document."""
    events: list[dict[str, Any]] = [json.loads(text) async for text in socket]
    assert [problem for event in events for problem in schemas.problems(pointer, event)] == []
    assert socket.close_code == 1000
    return events


@pytest.fixture
def spoken(http: httpx.Client, speech_request: dict[str, Any]) -> tuple[str, bytes]:
    """A sentence, and the mock's own voice saying it (pcm_s16le)."""
    text = "The quick brown fox jumps over the lazy dog."
    answer = http.post("/tts/bytes", json={**speech_request, "transcript": text})
    return text, answer.content


async def test_known_audio_is_transcribed_while_it_arrives(
    open_socket: Connect, spoken: tuple[str, bytes], schemas: SchemaValidator
) -> None:
    text, audio = spoken
    async with open_socket(address(MANUAL)) as socket:
        await send_audio(socket, audio)
        await socket.send("finalize")
        await send_audio(socket, silence(0.2) + audio)
        await socket.send("close")
        events = await read_all(socket, schemas, MANUAL_EVENTS)
    finals = [event for event in events if event.get("is_final")]
    assert "".join(event["text"] for event in finals) == f"{text} {text}"
    assert [word["word"] for word in finals[0]["words"]] == text.split()
    assert finals[0]["language"] == "en"
    assert [each["type"] for each in events if each["type"] != "transcript"] == [
        "flush_done",
        "done",
    ]
    assert len({event["request_id"] for event in events}) == 1
    interim = [event["text"] for event in events[: events.index(finals[0])]]
    assert len(interim) > len(text.split()) // 2


async def test_the_query_is_parsed_once_for_all_frames(
    open_socket: Connect, schemas: SchemaValidator, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def counted(
        connection: HTTPConnection, operation: APIOperation, schemas: SchemaValidator
    ) -> dict[str, JSONFields]:
        parsed.append(operation.id)
        return parse_parameters(connection, operation, schemas)

    monkeypatch.setattr("cartesia_mock.http.routing.parse_parameters", counted)
    async with open_socket(address(MANUAL)) as socket:
        await send_audio(socket, silence(1))
        await socket.send("close")
        await read_all(socket, schemas, MANUAL_EVENTS)
    assert len(parsed) == 1


@pytest.mark.parametrize("word", ["close", "done"])
async def test_both_closing_commands_close_the_connection(
    open_socket: Connect, schemas: SchemaValidator, word: str
) -> None:
    async with open_socket(address(MANUAL)) as socket:
        await socket.send(word)
        events = await read_all(socket, schemas, MANUAL_EVENTS)
    assert [event["type"] for event in events] == ["done"]


@pytest.mark.parametrize(
    "encoding", ["pcm_s16le", "pcm_s32le", "pcm_f16le", "pcm_f32le", "pcm_mulaw", "pcm_alaw"]
)
async def test_every_encoding_is_transcribed(
    open_socket: Connect, spoken: tuple[str, bytes], schemas: SchemaValidator, encoding: PCMEncoding
) -> None:
    text, audio = spoken
    samples = np.frombuffer(audio, "<i2").astype(np.float32) / np.float32(2**15)
    data = pack(samples, encoding)
    async with open_socket(address(MANUAL, encoding=encoding)) as socket:
        await socket.send(data)
        await socket.send("close")
        events = await read_all(socket, schemas, MANUAL_EVENTS)
    assert "".join(event["text"] for event in events if event.get("is_final")) == text


async def test_a_turn_is_reported_while_it_lasts(
    open_socket: Connect, spoken: tuple[str, bytes], schemas: SchemaValidator
) -> None:
    text, audio = spoken
    async with open_socket(address(TURNS)) as socket:
        await send_audio(socket, silence(0.5) + audio + silence(1.5) + audio)
        await socket.send('{"type": "close"}')
        events = await read_all(socket, schemas, TURN_EVENTS)
    kinds = [event["type"] for event in events if event["type"] != "turn.update"]
    assert kinds == [
        "connected",
        "turn.start",
        "turn.eager_end",
        "turn.end",
        "turn.start",
        "turn.end",
    ]
    ends = [event["transcript"] for event in events if event["type"] == "turn.end"]
    assert "".join(ends) == f"{text} {text}"
    assert len({event["request_id"] for event in events}) == 1


async def test_config_counts_from_when_it_is_sent(
    open_socket: Connect, spoken: tuple[str, bytes], schemas: SchemaValidator
) -> None:
    _, audio = spoken
    turn = {"eager_end_threshold": 0.3, "end_threshold": 0.05}
    async with open_socket(address(TURNS)) as socket:
        await socket.send(json.dumps({"type": "config", "turn": turn}))
        await send_audio(socket, audio + silence(0.5) + audio)
        await socket.send('{"type": "close"}')
        events = await read_all(socket, schemas, TURN_EVENTS)
    assert "turn.eager_end" not in {event["type"] for event in events}
    assert [event["type"] for event in events][-1] == "turn.end"


async def test_the_query_sets_the_thresholds(
    open_socket: Connect, spoken: tuple[str, bytes], schemas: SchemaValidator
) -> None:
    _, audio = spoken
    query = {
        "turn_eager_end_threshold": 0.3,
        "turn_end_threshold": 0.05,
        "turn_end_timeout_ms": 640,
    }
    async with open_socket(address(TURNS, **query)) as socket:
        await send_audio(socket, audio + silence(1.0))
        await socket.send('{"type": "close"}')
        events = await read_all(socket, schemas, TURN_EVENTS)
    assert [event["type"] for event in events].count("turn.end") == 1


async def test_a_turn_ends_by_itself_when_no_more_audio_comes(
    open_socket: Connect, spoken: tuple[str, bytes]
) -> None:
    text, audio = spoken
    async with open_socket(address(TURNS, turn_end_timeout_ms=640)) as socket:
        await send_audio(socket, audio)
        events = [json.loads(await socket.recv())]
        while events[-1]["type"] != "turn.end":
            events.append(json.loads(await socket.recv()))
    assert events[-1]["transcript"] == text


@pytest.mark.parametrize("version", ["2025-11-04", NEW])
@pytest.mark.parametrize(
    "wrong",
    [
        (MANUAL, "stop", "bare word"),
        (TURNS, "close", "cannot be read"),
        (TURNS, '{"type": "finalize"}', "is not one of close, config"),
    ],
)
async def test_a_wrong_command_is_an_error_and_the_connection_goes_on(
    open_socket: Connect, schemas: SchemaValidator, wrong: tuple[str, str, str], version: str
) -> None:
    path, message, problem = wrong
    pointer = MANUAL_EVENTS if path == MANUAL else TURN_EVENTS
    async with open_socket(address(path), version=version) as socket:
        await socket.send(message)
        await socket.send("close" if path == MANUAL else '{"type": "close"}')
        events = await read_all(socket, schemas, pointer)
    error = next(event for event in events if event["type"] == "error")
    assert error["status_code"] == 400
    assert problem in error["message"]
    assert error["title"]
    assert error["request_id"]


@pytest.mark.parametrize(
    ("path", "query", "problem"),
    [
        (MANUAL, {"model": None}, "model: is required"),
        (MANUAL, {"encoding": "mp3"}, "encoding:"),
        (MANUAL, {"encoding": None}, "encoding: is required"),
        (MANUAL, {"sample_rate": None}, "sample_rate: is required"),
        (MANUAL, {"sample_rate": 0}, "sample_rate:"),
        (MANUAL, {"sample_rate": 10}, "use 1000 to 384000 Hz"),
        (MANUAL, {"sample_rate": "fast"}, "sample_rate:"),
        (MANUAL, {"min_volume": 1.5}, "min_volume:"),
        (MANUAL, {"min_volume": "nan"}, "min_volume: 'nan' is not of type number"),
        (MANUAL, {"min_volume": "-inf"}, "min_volume: '-inf' is not of type number"),
        (MANUAL, {"min_volume": " 1"}, "min_volume: ' 1' is not of type number"),
        (MANUAL, {"max_silence_duration_secs": -1}, "max_silence_duration_secs:"),
        (MANUAL, {"keyterm": ["x"] * 101}, "keyterm:"),
        (MANUAL, {"keyterm": ["x" * 601, "y" * 600]}, "keyterm: 1201 characters"),
    ],
)
async def test_a_wrong_query_is_refused_at_the_handshake(
    open_socket: Connect, path: str, query: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with open_socket(address(path, **query)):
            pass
    response = refusal.value.response
    assert response.status_code == 400
    assert problem in (response.body or b"").decode()


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"model": None}, "model: is required"),
        ({"model": "tenor"}, "no model is called 'tenor'"),
        ({"keyterm": ["x" * 601, "y" * 600]}, "keyterm: 1201 characters"),
        ({"turn_start_threshold": 0.95}, "turn_start_threshold:"),
        ({"turn_end_timeout_ms": 100}, "turn_end_timeout_ms:"),
        (
            {"turn_eager_end_threshold": 0.3, "turn_end_threshold": 0.4},
            "turn_start_threshold > turn_eager_end_threshold > turn_end_threshold",
        ),
    ],
)
async def test_wrong_settings_of_turns_are_an_error_in_place_of_connected(
    open_socket: Connect, schemas: SchemaValidator, query: dict[str, Any], problem: str
) -> None:
    async with open_socket(address(TURNS, **query)) as socket:
        (error,) = await read_all(socket, schemas, TURN_EVENTS)
    assert (error["type"], error["status_code"]) == ("error", 400)
    assert problem in error["message"]


async def test_key_terms_within_the_limits_are_taken(
    open_socket: Connect, schemas: SchemaValidator
) -> None:
    terms = ["Ink 2", *["k" * 11] * 99]
    async with open_socket(address(MANUAL, keyterm=terms)) as socket:
        await socket.send("close")
        assert len(await read_all(socket, schemas, MANUAL_EVENTS)) == 1


async def test_an_idle_connection_is_closed(open_socket: Connect) -> None:
    with serve(engine="tone", stt_idle_timeout=0.05) as base:
        for path in (MANUAL, TURNS):
            async with open_socket(address(path), base=base) as socket:
                async for _ in socket:
                    pass
            assert (socket.close_code, socket.close_reason) == (1000, "connection idle timeout")


async def test_one_stream_too_many_is_refused_until_another_ends(open_socket: Connect) -> None:
    with serve(engine="tone", stt_concurrency=1) as base:
        async with open_socket(address(MANUAL), base=base):
            with pytest.raises(InvalidStatus) as refusal:
                async with open_socket(address(TURNS), base=base, version=NEW):
                    pass
            response = refusal.value.response
            assert response.status_code == 429
            assert json.loads(response.body or b"")["error_code"] == "concurrency_limited"
        with anyio.fail_after(10):
            while True:  # The end of the first is noticed a moment after it is sent.
                try:
                    async with open_socket(address(TURNS), base=base) as socket:
                        assert json.loads(await socket.recv())["type"] == "connected"
                    break
                except InvalidStatus:
                    await anyio.sleep(0.01)


async def test_a_disconnect_releases_the_slot(
    open_socket: Connect, spoken: tuple[str, bytes]
) -> None:
    for path in (MANUAL, TURNS):
        async with open_socket(address(path)) as socket:
            await socket.send(spoken[1])
    async with open_socket(address(TURNS)) as socket:  # The server is none the worse for it.
        assert json.loads(await socket.recv())["type"] == "connected"


async def test_words_spoken_over_a_socket_are_transcribed_at_once(
    open_socket: Connect, speech_request: dict[str, Any], schemas: SchemaValidator
) -> None:
    request = {
        **speech_request,
        "context_id": "c",
        "transcript": "Nobody has ever said this before.",
    }
    async with open_socket() as socket:
        await socket.send(json.dumps(request))
        audio = b""
        while (event := json.loads(await socket.recv()))["type"] != "done":
            audio += base64.b64decode(event["data"])
    async with open_socket(address(MANUAL)) as socket:
        await send_audio(socket, audio)
        await socket.send("close")
        events = await read_all(socket, schemas, MANUAL_EVENTS)
    assert (
        "".join(event["text"] for event in events if event.get("is_final")) == request["transcript"]
    )
