# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_answers.py
# Do not edit: change that file instead.
"""Answers that are no answers: refusals of any shape, and successes that are none."""

from __future__ import annotations

import json

import httpx
import pytest

import cartesia
from tests.core.server import Received, Step, Wire, answer, serve
from tests.faults._sync.calls import VOICE, connect, speak, watch
from tests.faults.page import Caller
from tests.faults.server import chunk, forever, head, raw

REFUSED = "Refusals"
STRANGE = "Answers that are not what was promised"

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
def test_refusals(
    step: Step, kind: type[cartesia.APIStatusError], body: bytes, caller: Caller
) -> None:
    with serve(step) as server:
        with connect(server.url) as client:
            with caller.raises(kind) as caught:
                client.voices.get(VOICE)
            with pytest.raises(kind):
                speak(client)
            with pytest.raises(kind):
                watch(client)
    error = caught.value
    assert isinstance(error, cartesia.APIStatusError)
    assert error.request_id == "r-1"
    assert len(str(error)) < 1000
    assert (error.body is None) == (not body)
    if body.startswith(b'{"title": "V'):
        assert (error.title, error.error_code) == (FULL["title"], FULL["error_code"])
        assert error.body == FULL


@pytest.mark.fault(REFUSED, "A body that never ends")
def test_a_refusal_without_end(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cartesia._core._sync.exchange._REFUSAL_SECONDS", 0.2)
    begin = b"HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n"
    with serve(forever(begin, chunk(b"busy "))) as server:
        with connect(server.url) as client:
            with caller.raises(cartesia.InternalServerError):
                client.voices.get(VOICE)


@pytest.mark.fault(REFUSED, "A body that is cut")
def test_a_refusal_that_is_cut(caller: Caller) -> None:
    with serve(answer(b"half", status=403, length=99)) as server:
        with connect(server.url) as client:
            with caller.raises(cartesia.PermissionDeniedError):
                client.voices.get(VOICE)


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
def test_successes_that_are_none(step: Step, caller: Caller) -> None:
    with serve(step) as server:
        with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError) as caught:
                client.voices.get(VOICE)
    assert isinstance(caught.value, cartesia.APIResponseValidationError)
    assert caught.value.status_code == 200


@pytest.mark.fault(STRANGE, "JSON where audio was promised")
def test_json_instead_of_audio(caller: Caller) -> None:
    with serve(answer(b'{"message": "queued"}')) as server:
        with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError):
                speak(client)


@pytest.mark.fault(STRANGE, "A page where events were promised")
def test_a_page_instead_of_events(caller: Caller) -> None:
    with serve(answer(b"<html>", headers={"content-type": "text/html"})) as server:
        with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError):
                watch(client)


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
def test_heads_that_are_none(step: Step, caller: Caller) -> None:
    with serve(step) as server:
        with connect(server.url) as client:
            with caller.raises(cartesia.APIConnectionError) as caught:
                client.voices.get(VOICE)
    assert isinstance(caught.value.__cause__, httpx.TransportError)


@pytest.mark.fault(STRANGE, "Compressed data that is none")
def test_compressed_data_that_is_none(caller: Caller) -> None:
    with serve(answer(b"no gzip", headers={"content-encoding": "gzip"})) as server:
        with connect(server.url) as client:
            with caller.raises(cartesia.APIConnectionError):
                client.voices.get(VOICE)


@pytest.mark.fault(STRANGE, "Compressed JSON that ends early")
def test_compressed_data_that_ends_early(caller: Caller) -> None:
    import gzip

    body = gzip.compress(json.dumps({"id": "v" * 500}).encode())[:-20]
    with serve(answer(body, headers={"content-encoding": "gzip"})) as server:
        with connect(server.url) as client:
            with caller.raises(cartesia.APIResponseValidationError):
                client.voices.get(VOICE)


def interim(wire: Wire, request: Received) -> None:
    wire.send(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")
    answer(b'{"id": "v"}')(wire, request)


@pytest.mark.fault(STRANGE, "An interim answer comes first")
def test_an_interim_answer(caller: Caller) -> None:
    with serve(interim) as server:
        with connect(server.url) as client:
            assert (client.voices.get(VOICE)).id == "v"
    caller.sees("the answer that follows")


@pytest.mark.fault(STRANGE, "Gzip, in chunks of one byte")
def test_gzip_in_small_chunks(caller: Caller) -> None:
    import gzip

    data = gzip.compress(b'{"id": "v"}')
    chunks = [chunk(data[place : place + 1]) for place in range(len(data))]
    with serve(raw(head("application/json", "content-encoding: gzip"), *chunks, b"0\r\n\r\n")) as (
        server
    ):
        with connect(server.url) as client:
            assert (client.voices.get(VOICE)).id == "v"
            assert (client.voices.get(VOICE)).id == "v"
    assert server.connections == 1
    caller.sees("the answer, and the connection is used again")
