"""Answers that are no answers: refusals of any shape, and successes that are none."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import httpx2
import pytest

import cartesia
from tests.faults._async.calls import VOICE, WAV, connect, one_at_a_time, speak, watch
from tests.faults.page import Caller
from tests.faults.server import AUDIO, SPOKEN, chunk, forever, head, raw
from tests.runtime.server import Received, Step, Wire, answer, serve

pytestmark = pytest.mark.anyio

REFUSED = "Refusals"
STRANGE = "Answers that are not what was promised"
FOUND = answer(b'{"id": "v"}')

FULL = {
    "title": "Voice not found",
    "message": "No voice has this id.",
    "error_code": "voice_not_found",
    "request_id": "r-1",
    "doc_url": "https://docs.test/voices",
}


def refusal(fault: str, status: int, body: bytes, kind: type, media_type: str = "") -> object:
    headers = {"content-type": media_type or "application/json", "x-request-id": "r-1"}
    step = answer(body, status=status, headers=headers)
    return pytest.param(step, kind, body, marks=pytest.mark.fault(REFUSED, fault))


@pytest.mark.parametrize(
    ("step", "kind", "body"),
    [
        refusal("In JSON", 404, json.dumps(FULL).encode(), cartesia.NotFoundError),
        refusal(
            "In the older text form",
            400,
            b"Invalid transcript: it is empty.",
            cartesia.BadRequestError,
            "text/plain",
        ),
        refusal(
            "A page of HTML",
            502,
            b"<html><body>Bad gateway" + b" " * 9000 + b"</body></html>",
            cartesia.InternalServerError,
            "text/html",
        ),
        refusal("Without a word", 403, b"", cartesia.PermissionDeniedError),
        refusal(
            "In a charset that does not exist",
            409,
            b"Taken: by you",
            cartesia.ConflictError,
            "text/plain; charset=klingon",
        ),
        refusal(
            "Not in UTF-8",
            422,
            "Ungültig: kein Text".encode("latin-1"),
            cartesia.UnprocessableEntityError,
            "text/plain",
        ),
        refusal("JSON that is none", 401, b'{"title": ', cartesia.AuthenticationError),
        refusal("A list in JSON", 429, b"[1, 2]", cartesia.RateLimitError),
        refusal("JSON of the wrong types", 500, b'{"title": 7}', cartesia.InternalServerError),
        refusal("A status that nobody knows", 460, b"Odd: very", cartesia.APIStatusError),
    ],
)
async def test_refusals(
    step: Step, kind: type[cartesia.APIStatusError], body: bytes, caller: Caller
) -> None:
    with serve(step) as server:
        async with connect(server.url) as client:
            with caller.raises(kind) as caught:
                await client.voices.get(VOICE)
            with pytest.raises(kind):
                await speak(client)
            with pytest.raises(kind):
                await watch(client)
    error = caught.value
    assert isinstance(error, cartesia.APIStatusError)
    assert error.request_id == "r-1"
    assert len(str(error)) < 1000
    assert (error.body is None) == (not body)
    if body.startswith(b'{"title": "V'):
        assert (error.title, error.error_code) == (FULL["title"], FULL["error_code"])
        assert error.body == FULL


@pytest.mark.fault(REFUSED, "A body that never ends")
async def test_a_refusal_without_end(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cartesia._runtime._async.body._ERROR_BODY_SECONDS", 0.2)
    begin = b"HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n"
    with serve(forever(begin, chunk(b"busy "))) as server:
        async with connect(server.url) as client:
            with caller.raises(cartesia.InternalServerError):
                await client.voices.get(VOICE)


@pytest.mark.fault(REFUSED, "A body of any size")
async def test_a_refusal_of_any_size(caller: Caller) -> None:
    begin = b"HTTP/1.1 503 Busy\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"
    with serve(forever(begin, chunk(b"busy " * 20_000), seconds=0)) as server:
        async with connect(server.url, http_client=one_at_a_time()) as client:
            for _ in range(2):
                with caller.raises(cartesia.InternalServerError) as caught:
                    await client.voices.get(VOICE)
    assert isinstance(caught.value, cartesia.InternalServerError)
    assert len(str(caught.value.body)) == 1 << 20
    assert len(caught.value.response.content) == 1 << 20


@pytest.mark.parametrize("is_read", [False, True])
@pytest.mark.fault(REFUSED, "A hook of the caller's own HTTP client raises httpx's own error")
async def test_a_hook_that_raises(is_read: bool, caller: Caller) -> None:
    async def refuse(response: httpx.Response) -> None:
        if is_read:
            await response.aread()
        response.raise_for_status()

    http = httpx.AsyncClient(event_hooks={"response": [refuse]})
    with serve(answer(b"No: no", status=404), answer(b"", status=503), FOUND) as server:
        async with connect(server.url, http_client=http, max_retries=1) as client:
            with pytest.raises(cartesia.NotFoundError) as caught:
                await client.voices.get(VOICE)
            assert (await client.voices.get(VOICE)).id == "v"
    assert caught.value.title == ("No" if is_read else None)
    assert len(server.requests) == 3
    caller.sees("the error for the status; it is repeated as usual")


@pytest.mark.fault(REFUSED, "A body that is cut")
async def test_a_refusal_that_is_cut(caller: Caller) -> None:
    with serve(answer(b"half", status=403, length=99)) as server:
        async with connect(server.url) as client:
            with caller.raises(cartesia.PermissionDeniedError):
                await client.voices.get(VOICE)


def strange(fault: str, body: bytes, media_type: str) -> object:
    step = answer(body, headers={"content-type": media_type, "x-request-id": "r-1"})
    return pytest.param(step, marks=pytest.mark.fault(STRANGE, fault))


@pytest.mark.parametrize(
    "step",
    [
        strange("JSON that breaks off", b'{"id": "v', "application/json"),
        strange("No JSON at all", b"hello", "application/json"),
        strange("Nothing", b"", "application/json"),
        strange("JSON that is a list", b"[]", "application/json"),
        strange("Not in UTF-8", b'{"id": "\xff"}', "application/json"),
        strange("The page of a log-in", b"<html>Log in</html>", "text/html"),
        strange("A number without end", b'{"n": ' + b"9" * 5000 + b"}", "application/json"),
        strange("JSON nested without end", b'{"a":' + b"[" * 200_000, "application/json"),
    ],
)
async def test_successes_that_are_none(step: Step, caller: Caller) -> None:
    with serve(step) as server:
        async with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError) as caught:
                await client.voices.get(VOICE)
    assert isinstance(caught.value, cartesia.APIResponseValidationError)
    assert caught.value.status_code == 200


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def promised_audio(fault: str, step: Step) -> object:
    return pytest.param(step, marks=pytest.mark.fault(STRANGE, fault))


@pytest.mark.parametrize(
    "step",
    [
        promised_audio("JSON where audio was promised", answer(b'{"message": "queued"}')),
        promised_audio(
            "An object of another media type where audio was promised",
            answer(b'{"title": "no"}', headers={"content-type": "application/problem+json"}),
        ),
        promised_audio(
            "Text where audio was promised",
            answer(b"Internal error", headers={"content-type": "text/plain; charset=utf-8"}),
        ),
        promised_audio(
            "Audio in a compression that nobody asked for",
            answer(SPOKEN, headers={"content-type": AUDIO, "content-encoding": "gzip, br"}),
        ),
        promised_audio(
            "A page without end where audio was promised",
            forever(head("text/html"), chunk(b"<html>" * 99), seconds=0),
        ),
    ],
)
async def test_no_audio(step: Step, caller: Caller, tmp_path: Path) -> None:
    with serve(step) as server:
        async with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError) as caught:
                await speak(client)
            with pytest.raises(cartesia.APIResponseValidationError):
                async with client.tts.with_streaming_response.generate(
                    model_id="sonic-3", transcript="Hello.", voice=VOICE, output_format=WAV
                ) as response:
                    await response.write_to_file(tmp_path / "speech.wav")
    assert names(tmp_path) == []
    assert len(str(caught.value)) < 1000
    assert isinstance(caught.value, cartesia.APIResponseValidationError)
    assert len(str(caught.value.body)) <= 1 << 20


@pytest.mark.fault(STRANGE, "A page where nothing was promised")
async def test_a_page_instead_of_nothing(caller: Caller) -> None:
    with serve(answer(b"<html>Log in</html>", headers={"content-type": "text/html"})) as server:
        async with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError):
                await client.datasets.delete("d")


@pytest.mark.fault(STRANGE, "A page where a table was promised")
async def test_a_page_instead_of_a_table(caller: Caller) -> None:
    with serve(answer(b"<html>Log in</html>", headers={"content-type": "text/html"})) as server:
        async with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError):
                await client.agents.metrics.results.export()


@pytest.mark.fault(STRANGE, "A page where events were promised")
async def test_a_page_instead_of_events(caller: Caller) -> None:
    with serve(answer(b"<html>", headers={"content-type": "text/html"})) as server:
        async with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError):
                await watch(client)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(
            raw(b"SSH-2.0-OpenSSH_9.6\r\n", close=True),
            marks=pytest.mark.fault(STRANGE, "Another protocol"),
        ),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000, close=True),
            marks=pytest.mark.fault(STRANGE, "A header without end"),
        ),
        pytest.param(
            raw(b"HTTP/1.1 2", close=True),
            marks=pytest.mark.fault(STRANGE, "A head that is cut"),
        ),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n", close=True),
            marks=pytest.mark.fault(STRANGE, "A length below nothing"),
        ),
    ],
)
async def test_heads_that_are_none(step: Step, caller: Caller) -> None:
    with serve(step) as server:
        async with connect(server.url) as client:
            with caller.raises(cartesia.APIConnectionError) as caught:
                await client.voices.get(VOICE)
    assert isinstance(caught.value.__cause__, (httpx.TransportError, httpx2.TransportError))


@pytest.mark.fault(STRANGE, "Compressed data that is none")
async def test_compressed_data_that_is_none(caller: Caller) -> None:
    with serve(answer(b"no gzip", headers={"content-encoding": "gzip"})) as server:
        async with connect(server.url) as client:
            with caller.raises(cartesia.APIConnectionError):
                await client.voices.get(VOICE)


@pytest.mark.fault(STRANGE, "Compressed JSON that ends early")
async def test_compressed_data_that_ends_early(caller: Caller) -> None:
    import gzip

    body = gzip.compress(json.dumps({"id": "v" * 500}).encode())[:-20]
    with serve(answer(body, headers={"content-encoding": "gzip"})) as server:
        async with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError):
                await client.voices.get(VOICE)


def interim(wire: Wire, request: Received) -> None:
    wire.send(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")
    answer(b'{"id": "v"}')(wire, request)


@pytest.mark.fault(STRANGE, "An interim answer comes first")
async def test_an_interim_answer(caller: Caller) -> None:
    with serve(interim) as server:
        async with connect(server.url) as client:
            assert (await client.voices.get(VOICE)).id == "v"
    caller.sees("the answer that follows")


@pytest.mark.fault(STRANGE, "Gzip, in chunks of one byte")
async def test_gzip_in_small_chunks(caller: Caller) -> None:
    import gzip

    data = gzip.compress(b'{"id": "v"}')
    chunks = [chunk(data[place : place + 1]) for place in range(len(data))]
    with serve(raw(head("application/json", "content-encoding: gzip"), *chunks, b"0\r\n\r\n")) as (
        server
    ):
        async with connect(server.url) as client:
            assert (await client.voices.get(VOICE)).id == "v"
            assert (await client.voices.get(VOICE)).id == "v"
    assert server.connections == 1
    caller.sees("the answer, and the connection is used again")
