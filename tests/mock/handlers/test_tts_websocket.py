"""The TTS socket over loopback: contexts as section 4.1 of the API has them."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedOK, InvalidStatus

from cartesia_mock.document.openapi_document import APIDocument
from cartesia_mock.document.schema_validation import SchemaValidator
from cartesia_mock.testing import serve
from tests.mock.helpers import (
    HEADERS,
    NEW,
    VOICE,
    Connect,
    FailingSynthesizer,
    joined_audio,
    joined_words,
    read_until_end,
)

pytestmark = pytest.mark.anyio

FORMAT = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000}


async def say(
    socket: ClientConnection, transcript: str, context: str = "c1", /, **changes: object
) -> None:
    fields: dict[str, object] = {
        "model_id": "sonic-3",
        "transcript": transcript,
        "voice": {"mode": "id", "id": VOICE},
        "output_format": FORMAT,
        "context_id": context,
        "continue": False,
    }
    await socket.send(json.dumps(fields | changes))


def kinds(events: list[dict[str, Any]]) -> list[str]:
    """Return the types in order, runs of one type once."""
    found = [event["type"] for event in events]
    return [kind for index, kind in enumerate(found) if not index or found[index - 1] != kind]


async def test_one_request_is_spoken_and_done(open_socket: Connect) -> None:
    async with open_socket() as socket:
        await say(socket, "Hello there.")
        events = await read_until_end(socket, "c1")
    assert kinds(events) == ["chunk", "done"]
    assert len(joined_audio(events)) > 16000
    assert {event["context_id"] for event in events} == {"c1"}
    assert [event["done"] for event in events[-2:]] == [False, True]
    assert {event["status_code"] for event in events} == {206}
    assert all(event["step_time"] >= 0 for event in events[:-1])


async def test_pieces_are_joined_exactly_as_sent(open_socket: Connect) -> None:
    async with open_socket() as socket:
        for piece in ("Hel", "lo, wor", "ld."):
            await say(socket, piece, **{"continue": True, "add_timestamps": True})
        await say(socket, "", add_timestamps=True)
        events = await read_until_end(socket, "c1")
    assert [word for word, _, _ in joined_words(events)] == ["Hello,", "world."]


async def test_word_times_go_on_over_the_whole_context(open_socket: Connect) -> None:
    async with open_socket() as socket:
        settings = {"add_timestamps": True, "add_phoneme_timestamps": True}
        await say(socket, "One two. Three. ", **{"continue": True, **settings})
        await say(socket, "Four five.", **settings)
        events = await read_until_end(socket, "c1")
    words = joined_words(events)
    assert [word for word, _, _ in words] == ["One", "two.", "Three.", "Four", "five."]
    times = [time for _, start, end in words for time in (start, end)]
    assert times == sorted(times)
    seconds = len(joined_audio(events)) / 32000
    assert seconds - 0.1 < times[-1] <= seconds + 0.01
    assert "phoneme_timestamps" in kinds(events)


async def test_a_duration_caps_the_whole_context(open_socket: Connect) -> None:
    async with open_socket() as socket:
        for piece in ("This is one. ", "And this another, ", "which is never heard."):
            await say(socket, piece, **{"continue": True, "duration": 1, "add_timestamps": True})
        await say(socket, "", add_timestamps=True)
        events = await read_until_end(socket, "c1")
    assert kinds(events)[-1] == "done"
    assert len(joined_audio(events)) == pytest.approx(32000, abs=4)
    assert "heard." not in [word for word, _, _ in joined_words(events)]


async def test_times_come_before_the_audio_that_they_are_about(open_socket: Connect) -> None:
    async with open_socket() as socket:
        await say(socket, "One two three four five six.", add_timestamps=True)
        events = await read_until_end(socket, "c1")
    sent = 0.0
    for event in events:
        if event["type"] == "chunk":
            sent += len(joined_audio([event])) / 32000
        elif event["type"] == "timestamps":
            assert all(start >= sent - 0.01 for start in event["word_timestamps"]["start"])


async def test_contexts_interleave_and_each_is_done_once(open_socket: Connect) -> None:
    async with open_socket() as socket:
        for name in ("a", "b", "c"):
            await say(socket, "A sentence that is long enough to take its time.", name)
        events = await read_until_end(socket, "a", "b", "c")
    order = [event["context_id"] for event in events if event["type"] == "chunk"]
    assert order != sorted(order)
    done = [event["context_id"] for event in events if event["type"] == "done"]
    assert sorted(done) == ["a", "b", "c"]
    assert joined_audio(events, "a") == joined_audio(events, "b") == joined_audio(events, "c")


async def test_flush_is_answered_and_numbers_the_audio(open_socket: Connect) -> None:
    async with open_socket() as socket:
        await say(socket, "First", **{"continue": True})
        await say(socket, "", **{"continue": True, "flush": True})
        await say(socket, "Second")
        events = await read_until_end(socket, "c1")
    assert kinds(events) == ["chunk", "flush_done", "chunk", "done"]
    flushed = next(event for event in events if event["type"] == "flush_done")
    assert (flushed["flush_done"], flushed["flush_id"], flushed["done"]) == (True, 1, False)
    at = events.index(flushed)
    assert {event["flush_id"] for event in events[:at]} == {1}
    assert {event["flush_id"] for event in events[at + 1 : -1]} == {2}


async def test_buffered_text_is_spoken_after_the_delay(open_socket: Connect) -> None:
    async with open_socket() as socket:
        await say(socket, "no end", **{"continue": True, "max_buffer_delay_ms": 50})
        event = json.loads(await socket.recv())
    assert event["type"] == "chunk"


async def test_an_open_context_expires_once_its_audio_is_sent() -> None:
    with serve(engine="tone", context_expiry=0.05) as url:
        async with connect(
            url.replace("http", "ws") + "/tts/websocket", additional_headers=HEADERS
        ) as socket:
            await say(socket, "Hello.", **{"continue": True})
            assert kinds(await read_until_end(socket, "c1")) == ["chunk", "done"]
            await say(socket, "Too late.")
            late = json.loads(await socket.recv())
    assert (late["type"], late["context_id"], late["status_code"]) == ("error", "c1", 400)
    assert "generate a new context_id" in late["error"]


async def test_cancel_stops_one_context_and_no_other(open_socket: Connect) -> None:
    long = "Sentence after sentence goes on. " * 40
    async with open_socket() as socket:
        await say(socket, long, "gone")
        await say(socket, "Short.", "stays")
        assert json.loads(await socket.recv())["type"] == "chunk"
        await socket.send(json.dumps({"context_id": "gone", "cancel": True}))
        events = await read_until_end(socket, "gone", "stays")
    assert [event["type"] for event in events if event["type"] not in {"chunk", "done"}] == []
    assert len(joined_audio(events, "gone")) < len(joined_audio(events, "stays")) * 20


async def test_cancelling_nothing_has_no_answer(open_socket: Connect) -> None:
    async with open_socket() as socket:
        await socket.send(json.dumps({"context_id": "nobody", "cancel": True}))
        await say(socket, "Hello.")
        assert kinds(await read_until_end(socket, "c1")) == ["chunk", "done"]


async def test_settings_must_stay_the_same(open_socket: Connect) -> None:
    async with open_socket() as socket:
        await say(socket, "One ", "other", **{"continue": True})
        await say(socket, "One ", **{"continue": True})
        await say(socket, "two", model_id="sonic-3.5")
        (error,) = await read_until_end(socket, "c1")
        await say(socket, "two", "other")
        assert kinds(await read_until_end(socket, "other")) == ["chunk", "done"]
    assert error["status_code"] == 400
    assert error["error"].startswith("Context settings differ: model_id")


async def test_an_empty_first_transcript_is_the_api_s_error(open_socket: Connect) -> None:
    async with open_socket() as socket:
        await say(socket, " ... ")
        (error,) = await read_until_end(socket, "c1")
    assert error["status_code"] == 400
    assert error["error"] == (
        "transcript empty or contains only punctuation: first transcript for WS is "
        "empty or contains only punctuation"
    )


@pytest.mark.parametrize("version", ["2024-06-10", "2025-11-04", "2026-03-01", NEW])
async def test_every_generation_of_clients_can_show_an_error(
    open_socket: Connect, version: str
) -> None:
    async with open_socket(version=version) as socket:
        await say(socket, "Hello.", voice={"mode": "id", "id": "nobody"})
        (error,) = await read_until_end(socket, "c1")
        request_id = socket.response.headers["x-request-id"] if socket.response else ""
    message = error.pop("message")
    assert message.startswith("no voice has the id 'nobody'")
    assert error == {
        "error": f"Voice not found: {message}",
        "type": "error",
        "done": True,
        "status_code": 404,
        "error_code": "voice_not_found",
        "title": "Voice not found",
        "request_id": request_id,
        "context_id": "c1",
    }


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"voice": {"mode": "id", "id": "x"}}, "Voice not found: no voice has the id 'x'"),
        ({"model_id": "tenor-1"}, "Invalid model: no model is called 'tenor-1'"),
        (
            {"output_format": {**FORMAT, "container": "mp3"}},
            "Invalid request: output_format.container: 'raw' was expected",
        ),
        (
            {"output_format": {**FORMAT, "sample_rate": 44000}},
            "Invalid request: output_format.sample_rate: 44000 is not one of 8000, 16000",
        ),
        ({"max_buffer_delay_ms": 6000}, "max_buffer_delay_ms: 6000 is greater than"),
        ({"language": "klingon"}, "Unsupported language: language: 'klingon' is not one of en, fr"),
        ({"continue": "yes"}, "Invalid request: continue: 'yes' is not of type boolean"),
    ],
)
async def test_bad_requests_are_errors_of_their_context(
    open_socket: Connect, changes: dict[str, object], text: str
) -> None:
    async with open_socket() as socket:
        await say(socket, "Hello.", **changes)
        (error,) = await read_until_end(socket, "c1")
        await say(socket, "Hello.", "c2")
        assert kinds(await read_until_end(socket, "c2")) == ["chunk", "done"]
    assert text in error["error"]


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        ("{not json", "Invalid JSON"),
        ("[1, 2]", "is not of type object"),
        ("{}", "context_id: is required; model_id: is required"),
        (b"\x00\x01", "send JSON in text frames"),
        ('{"cancel": true}', "Invalid request: context_id: is required"),
    ],
)
async def test_a_message_without_a_context_is_an_error_of_the_connection(
    open_socket: Connect, frame: str | bytes, text: str
) -> None:
    async with open_socket() as socket:
        await socket.send(frame)
        error = json.loads(await socket.recv())
        await say(socket, "Hello.")
        assert kinds(await read_until_end(socket, "c1")) == ["chunk", "done"]
    assert "context_id" not in error
    assert text in error["error"]


async def test_a_context_that_fails_in_the_middle_ends_with_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serve(speech=FailingSynthesizer(engine="tone")) as url, caplog.at_level(logging.CRITICAL):
        async with connect(
            url.replace("http", "ws") + "/tts/websocket", additional_headers=HEADERS
        ) as socket:
            await say(socket, "All is well. Now fail.")
            events = await read_until_end(socket, "c1")
            await say(socket, "Hello.", "c2")
            assert kinds(await read_until_end(socket, "c2")) == ["chunk", "done"]
    assert kinds(events) == ["chunk", "error"]
    assert events[-1]["status_code"] == 500
    assert events[-1]["error"] == "Internal server error: RuntimeError: synthesis failed"


async def test_an_idle_connection_is_closed_with_the_api_s_reason() -> None:
    with serve(engine="tone", idle_timeout=0.1) as url:
        async with connect(
            url.replace("http", "ws") + "/tts/websocket", additional_headers=HEADERS
        ) as socket:
            with pytest.raises(ConnectionClosedOK) as caught:
                await socket.recv()
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (1000, "connection idle timeout")


@pytest.mark.parametrize("credential", ["access_token=abc", "api_key=abc"])
async def test_credentials_and_version_may_come_in_the_query(url: str, credential: str) -> None:
    address = url.replace("http", "ws") + f"/tts/websocket?cartesia_version={NEW}&{credential}"
    async with connect(address) as socket:
        await socket.send("no json")
        assert json.loads(await socket.recv())["title"] == "Invalid JSON"


async def test_the_version_in_the_query_takes_precedence(open_socket: Connect) -> None:
    async with open_socket(f"/tts/websocket?cartesia_version={NEW}") as socket:
        await socket.send("no json")
        assert json.loads(await socket.recv())["title"] == "Invalid JSON"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/tts/websocket", {"cartesia-version": NEW}, 401),
        ("/tts/websocket", {"authorization": "Bearer x"}, 400),
        ("/tts/websocket", {**HEADERS, "cartesia-version": "soon"}, 400),
        ("/tts/websocket?cartesia_version=soon", HEADERS, 400),
        ("/nowhere", HEADERS, 404),
    ],
)
async def test_handshakes_are_refused(
    url: str, path: str, headers: dict[str, str], status: int
) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with connect(url.replace("http", "ws") + path, additional_headers=headers):
            pass
    assert caught.value.response.status_code == status
    assert caught.value.response.headers["x-request-id"]


async def test_a_wrong_key_is_refused_at_the_handshake() -> None:
    with serve(engine="tone", api_key="right") as url:
        address = url.replace("http", "ws") + "/tts/websocket"
        with pytest.raises(InvalidStatus) as caught:
            async with connect(address, additional_headers=HEADERS):
                pass
        assert caught.value.response.status_code == 401
        right = {**HEADERS, "authorization": "Bearer right"}
        async with connect(address, additional_headers=right):
            pass


async def test_every_event_is_valid_by_the_document(
    open_socket: Connect, document: APIDocument, schemas: SchemaValidator
) -> None:
    socket_schemas = document.operation("tts.websocket_connect").socket
    assert socket_schemas is not None
    events: list[dict[str, Any]] = []
    for version in ("2025-11-04", NEW):
        async with open_socket(version=version) as socket:
            await socket.send("no json")
            events.append(json.loads(await socket.recv()))
            settings = {"add_timestamps": True, "add_phoneme_timestamps": True}
            await say(socket, "One. ", **{"continue": True, "flush": True, **settings})
            await say(socket, "Two.", **settings)
            events += await read_until_end(socket, "c1")
            await say(socket, "", "c2")
            events += await read_until_end(socket, "c2")
    assert set(kinds(events)) >= {"timestamps", "phoneme_timestamps", "flush_done", "error"}
    for event in events:
        assert schemas.problems(socket_schemas.server, event) == []


async def test_a_disconnect_in_the_middle_does_not_affect_other_clients(
    open_socket: Connect,
) -> None:
    async with open_socket() as socket:
        await say(socket, "A long story. " * 30)
        await socket.recv()
    async with open_socket() as socket:
        await say(socket, "Hello.")
        assert kinds(await read_until_end(socket, "c1")) == ["chunk", "done"]


async def test_many_connections_speak_at_once(open_socket: Connect) -> None:
    async def one() -> list[str]:
        async with open_socket() as socket:
            await say(socket, "Hello there.")
            return kinds(await read_until_end(socket, "c1"))

    assert await asyncio.gather(*(one() for _ in range(8))) == [["chunk", "done"]] * 8


async def test_a_context_keeps_its_normalization_where_a_message_omits_it(
    open_socket: Connect,
) -> None:
    async with open_socket(version=NEW) as socket:
        asked = {"add_timestamps": True, "use_normalized_timestamps": True, "voice": VOICE}
        await say(socket, "Gate 12. ", **asked, **{"normalization": "off", "continue": True})
        await say(socket, "Gate 34.", **asked)
        words = joined_words(await read_until_end(socket, "c1"))
        assert [word for word, _, _ in words] == ["Gate", "12.", "Gate", "34."]
        await say(socket, "Gate 12. ", "c2", **asked, **{"continue": True})
        await say(socket, "Gate 34.", "c2", **asked, normalization="off")
        error = (await read_until_end(socket, "c2"))[-1]
    assert "normalization: must be the same" in error["message"]
