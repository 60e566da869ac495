"""Calls through a generated client, over the real runtime, as they arrive at a server."""

from __future__ import annotations

import inspect
from collections.abc import Generator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

import cartesia
from cartesia import AsyncCartesia, Cartesia
from cartesia._runtime.types import omit
from tests.generated.conftest import Server
from tests.generated.support import part


@pytest.fixture
def client(rest: ModuleType, server: Server) -> Generator[Any]:
    """The generated client, sending through the runtime."""
    with Cartesia(api_key="key", base_url=server.url, max_retries=0) as real:
        yield part(rest, "client").ClientResources(real._requester)


def test_a_call_sends_its_arguments_and_fixed_fields_and_no_defaults(
    client: Any, server: Server
) -> None:
    server.media, server.answer = "audio/wav", b"audio"
    answer = client.tts.generate(transcript="Hello", voice="v1", language=None)
    assert answer.read() == b"audio"
    assert (server.last.method, server.last.target) == ("POST", "/tts")
    assert server.last.headers["accept"] == "audio/wav"
    assert server.last.json == {
        "kind": "speech",
        "transcript": "Hello",
        "voice": {"mode": "id", "id": "v1"},
        "language": None,
    }


def test_dicts_and_models_are_sent_as_they_are(
    client: Any, rest: ModuleType, server: Server
) -> None:
    models = part(rest, "models")
    server.media = "audio/wav"
    wanted = {"mode": "id", "id": "v2"}
    for voice in (wanted, models.Voice(id="v2")):
        client.tts.generate(transcript="Hello", voice=voice, continue_="yes").read()
        sent = server.last.json
        assert isinstance(sent, dict)
        assert sent["voice"] == wanted
        assert sent["continue"] == "yes"


def test_path_and_query_are_filled_in(client: Any, server: Server) -> None:
    server.status = 204
    assert client.voices.delete("p/1", id="v 1") is None
    assert (server.last.method, server.last.target) == ("DELETE", "/voices/v%201/parts/p%2F1")
    server.status, server.answer = 200, b'{"data": [{"mode": "id", "id": "v1"}], "has_more": false}'
    since = datetime(2025, 5, 2, tzinfo=UTC)
    page = client.voices.list(since=since, expand=["a", "b"], starting_after=None)
    assert [voice.id for voice in page] == ["v1"]
    assert "expand%5B%5D=a&expand%5B%5D=b" in server.last.target
    assert "since=2025-05-02T00" in server.last.target
    assert "starting_after" not in server.last.target


def test_a_form_carries_files_and_fields(client: Any, server: Server) -> None:
    server.answer = b'{"ok": true}'
    heard = client.clips.hear(file=("a.wav", b"audio"), granularities=["word"])
    assert heard.ok is True
    sent = server.last.body
    assert b'name="file"; filename="a.wav"' in sent
    assert b'name="granularities[]"' in sent
    assert b'name="model"' not in sent


def test_a_stream_gives_the_variants_of_its_union(
    client: Any, rest: ModuleType, server: Server
) -> None:
    server.media = "text/event-stream"
    server.answer = (
        b'data: {"type": "chunk", "data": "AAE="}\n\n'
        b'data: {"type": "news", "text": "x"}\n\n'
        b'data: {"type": "error", "title": "Bad", "message": "worse"}\n\n'
    )
    stream = client.tts.generate_sse(transcript="Hello", voice="v1")
    events = [next(stream) for _ in range(3)]
    with pytest.raises(cartesia.APIError, match="the server reported an error: Bad: worse"):
        next(stream)
    assert events[0].audio == b"\x00\x01"
    assert isinstance(events[0], part(rest, "models").Chunk)
    assert events[1].text == "x"
    assert events[2].error == "Bad: worse"


def test_resources_nest_and_text_is_given_as_text(client: Any, server: Server) -> None:
    server.media, server.answer = "text/csv", b"a,b"
    assert client.agents.calls.results.export() == "a,b"
    assert server.last.headers["accept"] == "text/csv"
    assert client.agents.calls is client.agents.calls


def test_options_of_a_call_are_passed_on(client: Any, server: Server) -> None:
    server.answer = b'{"ok": true}'
    client.get_status(extra_headers={"x-a": "1"}, extra_query={"q": 2}, timeout=5)
    assert server.last.headers["x-a"] == "1"
    assert server.last.target == "/?q=2"
    server.media = "audio/wav"
    client.tts.generate(transcript="a", voice="v", extra_body={"transcript": "b", "more": 1}).read()
    sent = server.last.json
    assert isinstance(sent, dict)
    assert (sent["transcript"], sent["more"]) == ("b", 1)


def test_older_names_do_the_same_and_warn_where_deprecated(client: Any, server: Server) -> None:
    server.media, server.answer = "audio/wav", b"audio"
    assert client.tts.speak(transcript="a", voice="v").read() == b"audio"
    text = r"`tts\.say` is deprecated: use `tts\.generate`"
    with pytest.warns(DeprecationWarning, match=text) as caught:
        assert client.tts.say(transcript="a", voice="v").read() == b"audio"
    assert caught[0].filename == __file__
    assert inspect.signature(client.tts.say) == inspect.signature(client.tts.generate)
    with pytest.warns(DeprecationWarning, match=r"`tts\.bytes`") as caught:
        assert b"".join(client.tts.bytes(transcript="a", voice="v")) == b"audio"
    assert caught[0].filename == __file__


def test_raw_and_streaming_forms_reach_every_method(client: Any, server: Server) -> None:
    server.answer = b'{"ok": true}'
    raw = client.with_raw_response.get_status()
    assert raw.status_code == 200
    assert raw.parse().ok is True
    with client.with_streaming_response.get_status() as streamed:
        assert streamed.parse().ok is True
    server.answer = b'{"calls": []}'
    assert client.with_raw_response.agents.calls.list().parse().calls == []
    assert client.agents.with_raw_response.calls.list().parse().calls == []
    server.media, server.answer = "audio/wav", b"audio"
    assert client.tts.with_raw_response.speak(transcript="a", voice="v").read() == b"audio"
    with client.tts.with_streaming_response.generate(transcript="a", voice="v") as audio:
        assert b"".join(audio.iter_bytes()) == b"audio"
    assert not hasattr(client.tts.with_raw_response, "bytes")


@pytest.mark.anyio
async def test_the_async_client_makes_the_same_calls(rest: ModuleType, server: Server) -> None:
    async with AsyncCartesia(api_key="key", base_url=server.url, max_retries=0) as real:
        client = part(rest, "client").AsyncClientResources(real._requester)
        server.answer = b'{"ok": true}'
        assert (await client.get_status()).ok is True
        assert (await client.with_raw_response.get_status()).status_code == 200
        server.answer = b'{"data": [{"mode": "id", "id": "v1"}], "has_more": false}'
        assert [voice.id async for voice in client.voices.list()] == ["v1"]
        assert (await client.voices.list()).data[0].id == "v1"
        server.media, server.answer = "audio/wav", b"audio"
        answer = await client.tts.generate(transcript="a", voice="v1")
        assert await answer.read() == b"audio"
        assert server.last.json == {
            "kind": "speech",
            "transcript": "a",
            "voice": {"mode": "id", "id": "v1"},
        }
        with pytest.warns(DeprecationWarning, match="bytes") as caught:
            pieces = client.tts.bytes(transcript="a", voice="v")
        assert caught[0].filename == __file__
        assert b"".join([piece async for piece in pieces]) == b"audio"


def test_signatures_read_as_the_document_says(client: Any) -> None:
    generate = inspect.signature(client.tts.generate)
    assert list(generate.parameters)[:5] == ["transcript", "voice", "pace", "language", "continue_"]
    assert generate.parameters["voice"].default is inspect.Parameter.empty
    assert generate.parameters["pace"].default is omit
    delete = inspect.signature(client.voices.delete)
    assert [(p.name, p.kind.name) for p in delete.parameters.values()][:2] == [
        ("part_id", "POSITIONAL_OR_KEYWORD"),
        ("id", "KEYWORD_ONLY"),
    ]


def test_sync_and_async_have_the_same_methods_with_the_same_arguments(rest: ModuleType) -> None:
    compared = 0
    for tag in ("tts", "voices", "clips", "agents_calls"):
        module = part(rest, f"resources.{tag}")
        for name, sync in inspect.getmembers(module, inspect.isclass):
            other = getattr(module, f"Async{name}", None)
            if other is None or sync.__module__ != module.__name__:
                continue
            for method, function in inspect.getmembers(sync, inspect.isfunction):
                twin = getattr(other, method)
                if not method.startswith("_"):
                    assert inspect.signature(function).parameters == (
                        inspect.signature(twin).parameters
                    )
                    assert (inspect.getdoc(function) or "").partition("Returns:")[0] == (
                        (inspect.getdoc(twin) or "").partition("Returns:")[0]
                    )
                    compared += 1
    assert compared >= 9


def test_a_method_is_documented_from_the_document(client: Any) -> None:
    said = inspect.getdoc(client.tts.generate) or ""
    assert said.startswith("Do tts.generate.\n\n`POST /tts`\n\nArgs:\n")  # No page is named.
    assert "    pace: How fast. The server's default is `1`.\n" in said
    assert "Returns:\n    The answer.\n" in said
    assert said.endswith("Raises:\n    CartesiaError: The call failed; see its subclasses.")
