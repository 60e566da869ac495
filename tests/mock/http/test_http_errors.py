"""Errors: status, text, and the format of each API version."""

from __future__ import annotations

import json
import logging
from typing import Any, NoReturn

import httpx
import pytest

from cartesia_mock.document.openapi_document import APIDocument
from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS, NEW, OLD, VOICE, FailingSynthesizer

JSON = {"content-type": "application/json"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_errors_are_text_before_march_2026(http: httpx.Client) -> None:
    answer = http.get(f"/voices/{UNKNOWN}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith(f"Voice not found: no voice has the id '{UNKNOWN}'")


@pytest.mark.parametrize("version", ["2026-03-01", NEW])
def test_errors_are_json_since_march_2026(http: httpx.Client, version: str) -> None:
    answer = http.get(f"/voices/{UNKNOWN}", headers={"cartesia-version": version})
    assert answer.status_code == 404
    body = answer.json()
    assert body.pop("message").startswith("no voice has the id")
    assert body == {
        "error_code": "voice_not_found",
        "title": "Voice not found",
        "request_id": answer.headers["x-request-id"],
    }


def test_every_answer_has_a_request_id_of_its_own(http: httpx.Client) -> None:
    answers = [http.get(path) for path in ("/", "/voices", "/nowhere", "/openapi.json")]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 4


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Basic YTpi"},
        {"authorization": "token"},
        {"x-api-key": ""},
    ],
)
def test_no_credentials_are_refused(bare: httpx.Client, headers: dict[str, str]) -> None:
    answer = bare.get("/voices", headers={"cartesia-version": OLD, **headers})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.text.startswith("Missing credentials: ")


def test_credentials_in_the_query_are_for_sockets_only(bare: httpx.Client) -> None:
    headers = {"cartesia-version": OLD}
    assert bare.get("/voices?api_key=abc", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [{"authorization": "Bearer any"}, {"authorization": "bearer any"}, {"x-api-key": "a"}],
)
def test_any_key_is_accepted(bare: httpx.Client, headers: dict[str, str]) -> None:
    answer = bare.get("/voices", headers={"cartesia-version": OLD, **headers})
    assert answer.status_code == 200


def test_a_refused_upload_gets_a_response(bare: httpx.Client) -> None:
    answer = bare.post("/stt", files={"file": b"x" * 5_000_000})
    assert answer.status_code == 401


def test_only_the_configured_key_is_accepted() -> None:
    with serve(engine="tone", api_key="right") as url, httpx.Client(base_url=url) as http:
        for headers in ({"authorization": "Bearer right"}, {"x-api-key": "right"}):
            answer = http.get("/voices", headers={"cartesia-version": OLD, **headers})
            assert answer.status_code == 200
        answer = http.get("/voices", headers=HEADERS)
        assert answer.status_code == 401
        assert answer.text == "Invalid credentials: the API key or token is not known"


@pytest.mark.parametrize("version", ["", "yesterday", "2025-13-01", "2025-11-4", "20251104"])
def test_a_missing_or_malformed_version_is_refused(bare: httpx.Client, version: str) -> None:
    headers = {"authorization": "Bearer any"} | ({"cartesia-version": version} if version else {})
    answer = bare.get("/voices", headers=headers)
    assert answer.status_code == 400
    assert "Cartesia-Version" in answer.text
    assert (version or "2025-11-04") in answer.text


def test_the_status_needs_neither_key_nor_version(bare: httpx.Client) -> None:
    answer = bare.get("/")
    assert answer.json() == {"ok": True, "version": "2025-11-04"}


def test_an_unknown_path_is_not_found(http: httpx.Client) -> None:
    for path in ("/nowhere", "/voices/a/b", "/tts"):
        answer = http.get(path)
        assert (answer.status_code, answer.text) == (404, f"Not found: there is nothing at {path}")


def test_a_path_may_have_a_slash_at_its_end_or_none(
    http: httpx.Client, document: APIDocument
) -> None:
    for operation in document.operations:
        if operation.method == "GET" and "{" not in operation.path and not operation.socket:
            bare = operation.path.rstrip("/")
            answers = [http.get(path) for path in (bare or "/", f"{bare}/")]
            assert answers[0].status_code == answers[1].status_code != 404, operation.path
            assert answers[0].content == answers[1].content


def test_a_known_path_names_its_methods(http: httpx.Client) -> None:
    answer = http.delete("/tts/bytes")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    answer = http.request("PATCH", "/voices")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert "PATCH /voices: allowed are GET" in answer.text


def test_a_socket_without_upgrade_gets_426(http: httpx.Client) -> None:
    answer = http.get("/tts/websocket")
    assert answer.status_code == 426
    assert answer.headers["upgrade"] == "websocket"


@pytest.mark.parametrize(
    ("content", "headers", "status", "text"),
    [
        (b"", JSON, 400, "Invalid request: the request body is missing"),
        (b"{", JSON, 400, "Invalid JSON: the request body cannot be read"),
        (b'{"a": NaN}', JSON, 400, "NaN is not a JSON number"),
        (b'{"a": "\xff"}', JSON, 400, "not valid Unicode"),
        (b'{"a": "\\ud800"}', JSON, 400, "not valid Unicode"),
        (b"[" * 200_000, JSON, 400, "nested too deeply"),
        (b"[]", JSON, 400, "[] is not of type object"),
        (b"a=b", {"content-type": "text/plain"}, 415, "send application/json"),
        (b"a=b", {}, 415, "content-type is missing"),
    ],
)
def test_bodies_that_cannot_be_read(
    http: httpx.Client, content: bytes, headers: dict[str, str], status: int, text: str
) -> None:
    answer = http.post("/tts/bytes", content=content, headers=headers)
    assert answer.status_code == status
    assert text in answer.text


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"model_id": None}, 400, "model_id: None is not of type string"),
        ({"transcript": 7}, 400, "transcript: 7 is not of type string"),
        ({"transcript": "  "}, 400, "transcript empty or contains only punctuation"),
        ({"voice": "a plain id"}, 400, "voice: 'a plain id' is not of type object"),
        ({"voice": {"mode": "embedding"}}, 400, "voice.id: is required"),
        ({"voice": {"mode": "id", "id": UNKNOWN}}, 404, "Voice not found"),
        ({"voice": {"mode": "id", "id": "no uuid"}}, 404, "Voice not found"),
        ({"model_id": "tenor-1"}, 400, "Invalid model: no model is called 'tenor-1'"),
        ({"language": "klingon"}, 400, "Unsupported language: language: 'klingon'"),
        ({"output_format": {}}, 400, "output_format.container: is required"),
        (
            {"output_format": {"container": "flac", "sample_rate": 8000}},
            400,
            "output_format.container: 'flac' is not one of raw, wav, mp3",
        ),
        (
            {"output_format": {"container": "mp3", "sample_rate": 8000}},
            400,
            "output_format.bit_rate: is required",
        ),
        (
            {"output_format": {"container": "wav", "encoding": "pcm_s24le", "sample_rate": 8000}},
            400,
            "output_format.encoding: 'pcm_s24le' is not one of pcm_f32le, pcm_s16le",
        ),
        ({"generation_config": {"speed": 9}}, 400, "generation_config.speed: 9 is greater than"),
        ({"generation_config": {"emotion": 5}}, 400, "generation_config.emotion: 5 is not of type"),
        ({"save": "no"}, 400, "save: 'no' is not of type boolean or null"),
    ],
)
def test_fields_that_do_not_fit_are_named(
    http: httpx.Client,
    speech_request: dict[str, Any],
    changes: dict[str, Any],
    status: int,
    text: str,
) -> None:
    answer = http.post("/tts/bytes", json=speech_request | changes)
    assert answer.status_code == status
    assert text in answer.text


def test_every_wrong_field_is_named_at_once(http: httpx.Client) -> None:
    answer = http.post("/tts/bytes", json={"transcript": "Hi", "speed": "brisk"})
    assert answer.text == (
        "Invalid request: model_id: is required; output_format: is required; "
        "speed: 'brisk' is not one of slow, normal, fast; voice: is required"
    )


def test_error_codes_tell_models_and_voices_apart(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    http.headers["cartesia-version"] = NEW
    answer = http.post("/tts/sse", json=speech_request | {"model_id": "tenor"})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "model_not_found")
    # An id that is no UUID is not found like any other.
    malformed = speech_request | {"voice": {"mode": "id", "id": "no uuid"}}
    answer = http.post("/tts/sse", json=malformed)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "voice_not_found")


def test_unknown_fields_and_parameters_are_ignored(
    http: httpx.Client, speech_request: dict[str, Any]
) -> None:
    answer = http.post("/tts/bytes?debug=1", json=speech_request | {"new_field": [1]})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("limit=0", "limit: 0 is less than the minimum of 1"),
        ("limit=101", "limit: 101 is greater than the maximum of 100"),
        ("limit=ten", "limit: 'ten' is not of type integer"),
        ("limit=1_0", "limit: '1_0' is not of type integer"),
        ("limit=%201", "limit: ' 1' is not of type integer"),
        ("limit=1&limit=2", "limit: is given 2 times"),
        ("is_owner=yes", "is_owner: 'yes' is not of type boolean"),
        ("gender=deep", "gender: 'deep' is not one of masculine, feminine, gender_neutral"),
        ("expand[]=everything", "expand[][0]: 'everything' is not one of preview_file_url"),
    ],
)
def test_query_parameters_that_do_not_fit_are_named(
    http: httpx.Client, query: str, text: str
) -> None:
    answer = http.get(f"/voices?{query}")
    assert answer.status_code == 400
    assert answer.text == f"Invalid request: {text}"


def test_a_body_over_the_limit_is_refused(speech_request: dict[str, Any]) -> None:
    with serve(engine="tone", max_body_bytes=1000) as url:
        body = speech_request | {"transcript": "x" * 5_000_000}
        answer = httpx.post(f"{url}/tts/bytes", json=body, headers=HEADERS)
    assert answer.status_code == 413
    assert answer.text == "Request too large: the body has more than 1000 bytes"


def test_a_failure_in_the_middle_of_events_is_an_event(
    speech_request: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with serve(speech=FailingSynthesizer(engine="tone")) as url, caplog.at_level(logging.CRITICAL):
        body = speech_request | {"transcript": "All is well. Now fail.", "context_id": "mine"}
        answer = httpx.post(f"{url}/tts/sse", json=body, headers=HEADERS)
        new = {**HEADERS, "cartesia-version": NEW}
        later = httpx.post(f"{url}/tts/sse", json=body, headers=new)
    assert answer.status_code == 200
    for each in (answer, later):
        event = json.loads(each.text.split("data: ")[-1])
        assert event == {
            "type": "error",
            "done": True,
            "status_code": 500,
            "error_code": None,
            "title": "Internal server error",
            "message": "RuntimeError: synthesis failed",
            "error": "Internal server error: RuntimeError: synthesis failed",
            "request_id": each.headers["x-request-id"],
            "context_id": "mine",
        }
        assert "event: chunk" in each.text
    assert event["request_id"] == later.headers["x-request-id"]


def test_a_failure_in_the_middle_of_a_body_cuts_it_short(
    speech_request: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with serve(speech=FailingSynthesizer(engine="tone")) as url, caplog.at_level(logging.CRITICAL):
        body = speech_request | {"transcript": "All is well. Now fail."}
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            httpx.post(f"{url}/tts/bytes", json=body, headers=HEADERS)


def test_an_internal_error_is_a_500(
    speech_request: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> NoReturn:
        raise RuntimeError("a bug")

    monkeypatch.setattr("cartesia_mock.handlers.tts.parse_synthesis_options", broken)
    with serve(engine="tone") as url, caplog.at_level(logging.CRITICAL):
        answer = httpx.post(f"{url}/tts/bytes", json=speech_request, headers=HEADERS)
    assert answer.status_code == 500
    assert answer.text == "Internal server error: RuntimeError: a bug"
    assert VOICE not in answer.text
