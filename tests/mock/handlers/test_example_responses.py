"""The stateless mode: any identifier exists, and every operation answers with its example."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from cartesia_mock.api.jsontypes import JSONFields, JSONObject, as_list, as_object
from cartesia_mock.document.openapi_document import APIDocument, APIOperation
from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS, speech_wav
from tests.mock.response_checker import ResponseChecker

DOCUMENT = APIDocument.load()
OPERATIONS = [operation for operation in DOCUMENT.operations if operation.socket is None]
AUDIO = speech_wav("Hello.")


@pytest.fixture(scope="module")
def example_client(checker: ResponseChecker) -> Iterator[httpx.Client]:
    with serve(engine="tone", examples=True) as url, checker.client(url) as client:
        yield client


def examples(pointer: str) -> list[Any]:
    """Return the examples at a media type."""
    _, node = DOCUMENT.find(pointer)
    found = JSONFields(as_object(node)).object("examples").data.values()
    return [as_object(example)["value"] for example in found]


def required_query(operation: APIOperation) -> dict[str, str]:
    return {
        parameter.name: "anything"
        for parameter in operation.parameters
        if parameter.place == "query" and parameter.required
    }


def arguments(operation: APIOperation) -> dict[str, Any]:
    """Return the first example of what an operation takes, as httpx sends it."""
    if operation.body is None:
        return {}
    media, schema = next(iter(operation.body.schemas.items()))
    body: JSONObject = examples(schema.removesuffix("/schema"))[0]
    if media == "application/json":
        return {"json": body}
    properties = as_object(as_object(DOCUMENT.find(schema)[1])["properties"])
    files = [name for name in body if as_object(properties[name]).get("format") == "binary"]
    data: dict[str, Any] = {}
    for name, value in body.items():
        if isinstance(value, dict):
            data |= {f"{name}[{part}]": str(each) for part, each in value.items()}
        elif name not in files:
            data[name] = [str(each) for each in as_list(value)] or str(value)
    return {"data": data, "files": dict.fromkeys(files, AUDIO)}


def ask(client: httpx.Client, operation: APIOperation) -> httpx.Response:
    path = operation.path
    for parameter in operation.parameters:
        path = path.replace(f"{{{parameter.name}}}", "anything")
    query = required_query(operation)
    return client.request(operation.method, path, params=query, **arguments(operation))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_operation_answers_with_its_example(
    example_client: httpx.Client, operation: APIOperation
) -> None:
    answer = ask(example_client, operation)
    assert answer.is_success, answer.text
    place, node = DOCUMENT.find(f"{operation.pointer}/responses/{answer.status_code}")
    if answer.status_code == 204:
        assert answer.content == b""
        return
    media = answer.headers["content-type"].partition(";")[0]
    content = JSONFields(as_object(node)).object("content").data
    assert media in content
    values = examples(f"{place}/content/{media.replace('/', '~1')}")
    if media == "application/json":
        assert answer.json() == values[0]
    elif media == "text/event-stream":
        lines = [line for line in answer.text.splitlines() if line.startswith("data: ")]
        assert [json.loads(line.removeprefix("data: ")) for line in lines] == values
    elif media == "text/csv":
        assert answer.text == values[0]
    else:
        assert len(answer.content) > 1000


NEW = [each for each in OPERATIONS if each.body is not None and "{" not in each.path]


@pytest.mark.parametrize("operation", NEW, ids=lambda operation: operation.id)
def test_ids_of_examples_are_unknown_to_a_server_with_storage(
    http: httpx.Client, operation: APIOperation
) -> None:
    answer = ask(http, operation)
    if operation.id == "fine_tunes.create":  # It names a dataset, and no server begins with one.
        assert (answer.status_code, "dataset" in answer.text) == (404, True)
    else:
        assert answer.is_success, answer.text


def test_nothing_is_stored(example_client: httpx.Client) -> None:
    made = example_client.post("/datasets/", json={"name": "x", "description": "y"}).json()
    assert example_client.delete(f"/datasets/{made['id']}").status_code == 204
    assert example_client.get(f"/datasets/{made['id']}").json() == made


def test_requests_are_validated_nevertheless(example_client: httpx.Client) -> None:
    assert example_client.post("/datasets/", json={"name": 1}).status_code == 400
    assert example_client.get("/voices?limit=0").status_code == 400
    assert example_client.get("/voices", headers={"authorization": ""}).status_code == 401


def test_a_socket_speaks_in_any_voice(
    example_client: httpx.Client, speech_request: dict[str, Any]
) -> None:
    address = str(example_client.base_url).replace("http", "ws", 1) + "/tts/websocket"
    message = speech_request | {"context_id": "c", "voice": {"mode": "id", "id": "anybody"}}
    with connect(address, additional_headers=HEADERS) as socket:
        socket.send(json.dumps(message | {"pronunciation_dict_id": "any"}))
        assert json.loads(socket.recv())["type"] == "chunk"


@pytest.mark.parametrize(
    ("media", "magic"),
    [
        ("audio/ogg", b"OggS"),
        ("audio/flac", b"fLaC"),
        ("audio/webm; codecs=opus", b"\x1a\x45\xdf\xa3"),
        ("audio/wav", b"RIFF"),
        ("audio/mp4", b"\0\0\0\x1cftyp"),
        ("audio/x-unheard-of", b"\0An example"),
        ("application/zip", b"\0An example"),
        ("image/png", b"\0An example"),
    ],
)
def test_a_binary_answer_is_of_the_media_type_of_the_document(media: str, magic: bytes) -> None:
    answer: JSONObject = {"content": {media: {"schema": {"type": "string", "format": "binary"}}}}
    operation: JSONObject = {"operationId": "songs.get", "responses": {"200": answer}}
    document = copy.deepcopy(DOCUMENT.contents)
    as_object(document["paths"])["/songs"] = {"get": operation}
    with serve(engine="tone", document=APIDocument(document)) as url:
        got = httpx.get(f"{url}/songs", headers=HEADERS)
    assert got.headers["content-type"] == media
    assert got.content.startswith(magic)


def test_json_of_another_name_is_json() -> None:
    media = "application/problem+json"
    value: JSONObject = {"title": "Nothing"}
    answer: JSONObject = {"content": {media: {"schema": {}, "examples": {"a": {"value": value}}}}}
    operation: JSONObject = {"operationId": "songs.get", "responses": {"200": answer}}
    document = copy.deepcopy(DOCUMENT.contents)
    as_object(document["paths"])["/songs"] = {"get": operation}
    with serve(engine="tone", document=APIDocument(document)) as url:
        got = httpx.get(f"{url}/songs", headers=HEADERS)
    assert (got.headers["content-type"], got.json()) == (media, value)


def test_a_container_that_the_mock_cannot_write_is_refused(speech_request: dict[str, Any]) -> None:
    document = copy.deepcopy(DOCUMENT.contents)
    schemas = as_object(as_object(document["components"])["schemas"])
    schemas["OutputFormat"] = {"type": "object"}
    request = {**speech_request, "output_format": {"container": "ogg"}}
    with serve(engine="tone", document=APIDocument(document)) as url:
        answer = httpx.post(f"{url}/tts/bytes", headers=HEADERS, json=request)
    assert answer.status_code == 501
    assert answer.text == (
        "Not implemented: the mock does not act on the container 'ogg': use raw, wav, mp3"
    )
