# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/test_verbs.py
# Do not edit: change that file instead.
"""Calls of endpoints without a method of their own: any verb, any path, and what is made of it."""

from __future__ import annotations

import httpx
import pytest

from cartesia import BinaryAPIResponse, Cartesia, Model, NotFoundError
from cartesia._runtime.errors import APIResponseValidationError
from cartesia.types import Voice
from tests.runtime.server import answer, hang_up, serve

JSON = b'{"id": "v1", "more": [1]}'


def test_any_verb_sends_path_fields_and_options() -> None:
    with serve(answer(b"{}")) as server:
        with Cartesia(api_key="k", base_url=server.url, default_query={"q": 1}) as client:
            client.get(
                "/a", cast_to=dict, options={"params": {"x": "y z"}, "headers": {"X-One": "1"}}
            )
            client.post("/b", cast_to=object, body={"one": 1}, options={"extra_json": {"two": 2}})
            client.put("/c", cast_to=object, body=Model.from_dict({"three": 3}))
            client.patch("/d", cast_to=object, body={"four": None})
            client.delete("/e", cast_to=object)
    got = server.requests
    assert [(one.method, one.target) for one in got] == [
        ("GET", "/a?q=1&x=y%20z"),
        ("POST", "/b?q=1"),
        ("PUT", "/c?q=1"),
        ("PATCH", "/d?q=1"),
        ("DELETE", "/e?q=1"),
    ]
    assert got[0].headers["x-one"] == "1"
    assert got[0].headers["authorization"] == "Bearer k"
    assert [one.body for one in got] == [
        b"", b'{"one":1,"two":2}', b'{"three":3}', b'{"four":null}', b"",
    ]  # fmt: skip


def test_files_make_a_form() -> None:
    with serve(answer(b"{}")) as server:
        with Cartesia(api_key="k", base_url=server.url) as client:
            client.post("/f", cast_to=object, body={"a": {"b": 1}}, files={"clip": b"audio"})
    (got,) = server.requests
    assert got.headers["content-type"].startswith("multipart/form-data")
    assert b'name="a[b]"' in got.body
    assert b'name="clip"; filename="upload"' in got.body


def test_an_answer_becomes_what_was_asked_for() -> None:
    with serve(*[answer(JSON)] * 7, answer(b'[{"id": "v1"}]'), answer(b"[1]")) as server:
        with Cartesia(api_key="k", base_url=server.url) as client:
            voice = client.get("/x", cast_to=Voice)
            assert (type(voice), voice.id) == (Voice, "v1")
            assert client.get("/x", cast_to=object) == {"id": "v1", "more": [1]}
            assert client.get("/x", cast_to=dict[str, object]) == {"id": "v1", "more": [1]}
            assert client.get("/x", cast_to=str) == JSON.decode()
            assert client.get("/x", cast_to=bytes) == JSON
            response = client.get("/x", cast_to=httpx.Response)
            assert (response.status_code, response.content) == (200, JSON)
            nothing: object = client.get("/x", cast_to=type(None))
            assert nothing is None
            voices = client.get("/x", cast_to=list[Voice])
            assert [(type(one), one.id) for one in voices] == [(Voice, "v1")]
            assert client.get("/x", cast_to=list) == [1]


def test_audio_comes_as_it_is() -> None:
    with serve(answer(b"audio", headers={"content-type": "audio/wav"})) as server:
        with Cartesia(api_key="k", base_url=server.url) as client:
            audio = client.post("/speak", cast_to=BinaryAPIResponse)
            assert audio.read() == b"audio"


@pytest.mark.parametrize(("kind", "said"), [(dict, "a JSON object"), (list, "a JSON array")])
def test_an_answer_of_another_shape_is_an_error(kind: type, said: str) -> None:
    with serve(answer(b'"text"')) as server:
        with Cartesia(api_key="k", base_url=server.url) as client:
            with pytest.raises(APIResponseValidationError, match=said):
                client.get("/x", cast_to=kind)


def test_what_cannot_work_is_refused_before_anything_is_sent() -> None:
    with Cartesia(api_key="k", base_url="http://127.0.0.1:9") as client:
        with pytest.raises(ValueError, match="`path` is what comes after `base_url`"):
            client.get("https://elsewhere", cast_to=object)
        with pytest.raises(ValueError, match="`path` takes no query"):
            client.get("/x?a=1", cast_to=object)
        with pytest.raises(TypeError, match="but not param"):
            client.get("/x", cast_to=object, options={"param": {}})  # type: ignore[arg-type]
        for kind in (int, set):
            with pytest.raises(TypeError, match="`cast_to` must be a model"):
                client.get("/x", cast_to=kind)
        with pytest.raises(ValueError, match="`max_retries` must not be negative"):
            client.get("/x", cast_to=object, options={"max_retries": -1})


def test_retries_are_those_of_the_call_and_failures_those_of_any() -> None:
    with serve(hang_up, answer(b"{}"), hang_up, answer(b"no", status=404)) as server:
        with Cartesia(api_key="k", base_url=server.url, max_retries=0) as client:
            assert client.get("/x", cast_to=dict, options={"max_retries": 1}) == {}
            with pytest.raises(NotFoundError):
                client.get("/x", cast_to=dict, options={"max_retries": 1})
