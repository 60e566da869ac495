"""Models, languages and accents that no document lists are refused, wherever one is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from cartesia_mock.api.jsontypes import JSONFields, JSONObject, as_object
from cartesia_mock.document.known_values import KnownValues
from cartesia_mock.document.openapi_document import APIDocument, APIOperation, bundled_document
from cartesia_mock.document.schema_validation import SchemaValidator
from tests.mock.helpers import HEADERS, NEW, OLD, VOICE, Connect, speech_wav

DOCUMENTS = {date: bundled_document().dated(date) for date in bundled_document().dates}
TITLES = {"model": "Invalid model", "model_id": "Invalid model", "accent": "Invalid accent"}


@dataclass(frozen=True)
class Named:
    """A field of an operation, of one date, whose values the server knows."""

    date: str
    operation: APIOperation
    field: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.operation.id} {self.field} {self.date}"

    @property
    def unknown(self) -> str:
        """A value of the form of the known ones."""
        return f"{self.known[0]}-nope" if "model" in self.field else "xx"

    def assert_told(self, title: str, message: str) -> None:
        """Check that an error is about the field, and lists what there is."""
        assert title == TITLES.get(self.field, "Unsupported language")
        assert repr(self.unknown) in message
        there = "GET /accents" if self.field == "accent" else ", ".join(self.known)
        assert there in message


def named(*, sockets: bool) -> Iterator[Named]:
    """Return every such field of every date."""
    for date, document in DOCUMENTS.items():
        schemas, values = SchemaValidator(document), KnownValues(document, DOCUMENTS.values())
        for operation in document.operations:
            if (operation.socket is not None) is not sockets:
                continue
            fields = {each.name: each.schema for each in operation.parameters}
            if operation.body is not None:
                fields |= schemas.properties(next(iter(operation.body.schemas.values())))
            if operation.socket is not None and operation.socket.request is not None:
                fields |= schemas.properties(operation.socket.request)
            for name, schema in fields.items():
                if known := values.of(schema):
                    yield Named(date, operation, name, tuple(known))


def example(document: APIDocument, operation: APIOperation) -> tuple[str, JSONObject]:
    """Return the media type of an operation's request, and its first example."""
    content = as_object(document.find(f"{operation.pointer}/requestBody")[1])["content"]
    media, described = next(iter(as_object(content).items()))
    examples = JSONFields(as_object(described)).object("examples").data
    return media, as_object(as_object(next(iter(examples.values())))["value"])


def test_the_fields_are_those_of_models_languages_and_accents() -> None:
    found = {
        (each.operation.id, each.field)
        for sockets in (False, True)
        for each in named(sockets=sockets)
        if each.date == OLD
    }
    # A later document may have more, which the tests below then try as well.
    assert found >= {
        ("tts.generate", "model_id"),
        ("tts.generate", "language"),
        ("tts.generate_sse", "model_id"),
        ("tts.generate_sse", "language"),
        ("tts.infill", "model_id"),
        ("tts.infill", "language"),
        ("tts.websocket_connect", "model_id"),
        ("tts.websocket_connect", "language"),
        ("stt.transcribe", "model"),
        ("stt.transcribe", "language"),
        ("stt.manual_finalize.websocket", "model"),
        ("stt.manual_finalize.websocket", "language"),
        ("stt.auto_finalize.websocket", "model"),
        ("voices.clone", "language"),
        ("fine_tunes.create", "model_id"),
    }


@pytest.mark.parametrize("place", list(named(sockets=False)), ids=str)
def test_an_unknown_value_is_refused_with_the_list(http: httpx.Client, place: Named) -> None:
    media, body = example(DOCUMENTS[place.date], place.operation)
    body = body | {place.field: place.unknown}
    if place.field == "locale":
        body.pop("language", None)
    request: dict[str, Any] = {"json": body}
    if media == "multipart/form-data":
        clip = ("clip.wav", speech_wav("Hello."))
        files = {name: clip for name, value in body.items() if str(value).endswith(".wav")}
        fields = flat({name: value for name, value in body.items() if name not in files})
        request = {"data": fields, "files": files}
    headers = {**HEADERS, "cartesia-version": place.date}
    path = place.operation.path.format(id=VOICE)
    refused = http.request(place.operation.method, path, headers=headers, **request)
    assert refused.status_code == 400, refused.text
    place.assert_told(*told(refused.text))


def told(text: str) -> tuple[str, str]:
    """Return the title and the message of an error, in the shape of any date."""
    if text.startswith("{"):
        error = json.loads(text)
        return error["title"], error["message"]
    title, _, message = text.partition(": ")
    return title, message


def flat(body: JSONObject) -> dict[str, Any]:
    """Return the fields of a form; objects with the names of their parts in brackets."""
    found: dict[str, Any] = {}
    for name, value in body.items():
        if isinstance(value, dict):
            found |= {f"{name}[{part}]": each for part, each in value.items()}
        else:
            found[name] = value
    return found


@pytest.mark.anyio
@pytest.mark.parametrize("place", list(named(sockets=True)), ids=str)
async def test_an_unknown_value_is_refused_on_a_websocket(
    open_socket: Connect, place: Named
) -> None:
    speech: JSONObject = {
        "model_id": "sonic-3",
        "transcript": "Hello.",
        "voice": {"mode": "id", "id": VOICE},
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
        "context_id": "c",
    }
    query: JSONObject = {"model": "ink-2", "encoding": "pcm_s16le", "sample_rate": 16000}
    path = f"{place.operation.path}?{urlencode(query | {place.field: place.unknown})}"
    message = speech | {place.field: place.unknown}
    place.assert_told(*told(await refusal(open_socket, path, place.date, message)))


async def refusal(open_socket: Connect, path: str, version: str, message: JSONObject) -> str:
    """Return what refuses a handshake, or else the first event after a message."""
    try:
        async with open_socket(path, version=version) as socket:
            if path.startswith("/tts"):
                await socket.send(json.dumps(message))
            return str(await socket.recv())
    except InvalidStatus as refused:
        return (refused.response.body or b"").decode()


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (OLD, {"model_id": "sonic-3.6"}),  # of a later date
        (NEW, {"model_id": "sonic-2"}),  # of an earlier date
        (OLD, {"language": "ur"}),
        (OLD, {"language": "en-GB"}),
        (OLD, {"language": "PT_br"}),
        (OLD, {"language": "zh-Hant-TW"}),
        (OLD, {"language": None}),
        (NEW, {"model_id": "sonic-3.6", "locale": "EN_gb"}),
        (NEW, {"normalization": "de-de"}),
    ],
)
def test_values_of_every_date_and_regions_are_known(
    http: httpx.Client, speech_request: dict[str, Any], version: str, fields: dict[str, Any]
) -> None:
    headers = {"cartesia-version": version}
    answer = http.post("/tts/bytes", json=speech_request | fields, headers=headers)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (OLD, {"language": "xx-GB"}),
        (OLD, {"language": "en-"}),
        (OLD, {"language": "en-GB!"}),
        (OLD, {"language": "eng"}),
        (OLD, {"language": ""}),
        (NEW, {"model_id": "sonic-3.6", "locale": "en-XX"}),  # The list has regions.
        (NEW, {"normalization": "on"}),
        (NEW, {"normalization": ""}),
    ],
)
def test_what_only_looks_like_a_language_is_refused(
    http: httpx.Client, speech_request: dict[str, Any], version: str, fields: dict[str, Any]
) -> None:
    headers = {"cartesia-version": version}
    answer = http.post("/tts/bytes", json=speech_request | fields, headers=headers)
    assert answer.status_code == 400
    assert "Unsupported language" in answer.text


def test_a_model_of_another_operation_is_unknown(http: httpx.Client) -> None:
    clip = {"file": ("a.wav", speech_wav("Hello."))}
    refused = http.post("/stt", files=clip, data={"model": "ink-2"})
    assert refused.text == (
        "Invalid model: no model is called 'ink-2'; there are ink-whisper, ink-whisper-2025-06-04"
    )
