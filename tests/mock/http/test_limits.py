"""Limits on concurrency, pages, uploads and exports."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from cartesia_mock.document.openapi_document import BUNDLED_DOCUMENT, APIDocument
from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS, NEW, NO_TLS, read_until_end, speech_wav
from tests.mock.response_checker import ResponseChecker


def test_a_generation_too_many_is_refused_until_the_client_leaves(
    checker: ResponseChecker, speech_request: dict[str, Any]
) -> None:
    long = speech_request | {"transcript": "And so on. " * 40}
    with (
        serve(engine="tone", tts_concurrency=1, realtime_factor=1) as url,
        checker.client(url) as api,
    ):
        with (
            httpx.Client(base_url=url, headers=HEADERS, verify=NO_TLS) as leaving,
            leaving.stream("POST", "/tts/bytes", json=long) as running,
        ):
            pieces = running.iter_raw()
            assert next(pieces)
            for path in ("/tts/bytes", "/tts/sse"):
                answer = api.post(path, json=speech_request, headers={"cartesia-version": NEW})
                assert answer.status_code == 429
                assert answer.json()["error_code"] == "concurrency_limited"
                assert answer.headers["retry-after"] == "1"
        short = speech_request | {"transcript": "Hi."}
        while api.post("/tts/bytes", json=short).status_code == 429:
            pass  # The server sees with the next piece that the client has left.


def test_an_ended_generation_releases_its_slot(
    checker: ResponseChecker, speech_request: dict[str, Any]
) -> None:
    with serve(engine="tone", tts_concurrency=1) as url, checker.client(url) as api:
        for path in ("/tts/bytes", "/tts/sse") * 10:
            assert api.post(path, json=speech_request).status_code == 200
        refused = speech_request | {"transcript": "?"}
        assert api.post("/tts/bytes", json=refused).status_code == 400
        assert api.post("/tts/bytes", json=speech_request).status_code == 200


@pytest.mark.anyio
async def test_each_context_of_a_socket_counts(speech_request: dict[str, Any]) -> None:
    with serve(engine="tone", tts_concurrency=2) as url:
        address = url.replace("http", "ws", 1) + "/tts/websocket"
        async with connect(address, additional_headers=HEADERS) as socket:
            for context in ("a", "b", "c"):
                message = speech_request | {"context_id": context, "continue": True}
                await socket.send(json.dumps(message))
            refused = (await read_until_end(socket, "c"))[-1]
            assert (refused["type"], refused["status_code"]) == ("error", 429)
            done = {"transcript": "", "continue": False}
            await socket.send(json.dumps(speech_request | {"context_id": "a"} | done))
            assert (await read_until_end(socket, "a"))[-1]["type"] == "done"
            await socket.send(json.dumps(speech_request | {"context_id": "d"}))
            assert (await read_until_end(socket, "d"))[-1]["type"] == "done"


@pytest.mark.anyio
async def test_a_format_that_the_mock_does_not_know_holds_no_slot(
    speech_request: dict[str, Any],
) -> None:
    contents = json.loads(BUNDLED_DOCUMENT.read_text("utf-8"))
    contents["components"]["schemas"]["RawOutputFormat"] = {"type": "object"}
    document = APIDocument(contents)
    with serve(engine="tone", tts_concurrency=1, document=document) as url:
        address = url.replace("http", "ws", 1) + "/tts/websocket"
        unknown = speech_request["output_format"] | {"container": "flac"}
        async with connect(address, additional_headers=HEADERS) as socket:
            await socket.send(
                json.dumps(speech_request | {"context_id": "a", "output_format": unknown})
            )
            assert (await read_until_end(socket, "a"))[-1]["status_code"] == 501
            await socket.send(json.dumps(speech_request | {"context_id": "b"}))
            assert (await read_until_end(socket, "b"))[-1]["type"] == "done"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("limits", "most"), [({"tts_sockets": 2}, 2), ({"tts_concurrency": 1}, 10)]
)
async def test_a_socket_too_many_is_refused_until_one_closes(
    limits: dict[str, int], most: int
) -> None:
    with serve(engine="tone", **limits) as url:  # type: ignore[arg-type]  # whole numbers, all of them
        address = url.replace("http", "ws", 1) + "/tts/websocket"

        async def open_it() -> ClientConnection:
            return await connect(address, additional_headers=HEADERS)

        sockets = [await open_it() for _ in range(most)]
        with pytest.raises(InvalidStatus) as refusal:
            await open_it()
        assert refusal.value.response.status_code == 429
        await sockets.pop().close()
        while True:
            try:
                sockets.append(await open_it())
                break
            except InvalidStatus:
                continue  # The server has yet to see that one has gone.
        for each in sockets:
            await each.close()


def test_a_transcription_counts_as_well(checker: ResponseChecker) -> None:
    sent = {"files": {"file": speech_wav("Hello.")}, "data": {"model": "ink-whisper"}}
    with serve(engine="tone", stt_concurrency=1) as url, checker.client(url) as api:
        for _ in range(3):
            assert api.post("/stt", **sent).status_code == 200  # type: ignore[arg-type]  # as httpx takes them


def test_pages_are_as_long_as_the_server_says(checker: ResponseChecker) -> None:
    with serve(engine="tone", page_size=3) as url, checker.client(url) as api:
        assert len(api.get("/voices").json()["data"]) == 3
        assert len(api.get("/voices?limit=5").json()["data"]) == 5
        assert len(api.get("/agents/metrics/results").json()["data"]) == 3


def test_uploads_are_as_large_as_the_server_says(checker: ResponseChecker) -> None:
    with serve(engine="tone", max_body_bytes=1000) as url, checker.client(url) as api:
        dataset = api.post("/datasets/", json={"name": "x", "description": "y"}).json()["id"]
        answer = api.post(f"/datasets/{dataset}/files", files={"file": b"x" * 1000})
        assert answer.status_code == 413
        assert api.get(f"/datasets/{dataset}/files").json()["data"] == []


def test_an_export_that_is_too_long_is_refused(checker: ResponseChecker) -> None:
    with serve(engine="tone", max_export_rows=2) as url, checker.client(url) as api:
        answer = api.get("/agents/metrics/results/export")
        assert answer.status_code == 400
        assert "a table has at most 2 rows" in answer.text
        few = api.get("/agents/metrics/results/export?call_id=call_8Np6GsQt")
        assert few.status_code == 200
