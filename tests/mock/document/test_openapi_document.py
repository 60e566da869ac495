"""The mock and its document: every operation is served, and every response is valid."""

from __future__ import annotations

import copy
import inspect
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from cartesia_mock.api.jsontypes import JSONObject, JSONValue, as_list, as_object
from cartesia_mock.api.versions import served_date
from cartesia_mock.document.openapi_document import (
    BUNDLED_DOCUMENT,
    APIDocument,
    InvalidDocumentError,
)
from cartesia_mock.document.schema_validation import SchemaValidator
from cartesia_mock.handlers import HANDLERS, WEBSOCKET_HANDLERS
from cartesia_mock.handlers.__main__ import main as check_handlers
from cartesia_mock.handlers.registration import http_handlers
from cartesia_mock.server.application import make_app, make_mock
from cartesia_mock.settings import MockSettings
from cartesia_mock.testing import serve
from tests.mock.helpers import NEW, OLD, VOICE, Connect, read_sse, read_until_end

SPEAK = {
    "model_id": "sonic-3",
    "transcript": "Hello there.",
    "voice": {"mode": "id", "id": VOICE},
    "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
}
TIMED = {**SPEAK, "add_timestamps": True, "add_phoneme_timestamps": True}


def test_the_document_is_served(http: httpx.Client, document: APIDocument) -> None:
    assert (
        http.get("/openapi.json").json()
        == document.contents
        == json.loads(BUNDLED_DOCUMENT.read_text())
    )


def changed(document: APIDocument, **operations: JSONObject) -> APIDocument:
    contents = copy.deepcopy(document.contents)
    as_object(contents["paths"]).update({f"/{name}": item for name, item in operations.items()})
    return APIDocument(contents)


@pytest.mark.parametrize("extra", [{}, {"x-websocket": {"client": {}, "server": {}}}])
def test_an_operation_without_handler_and_example_is_named_at_the_start(
    document: APIDocument, extra: JSONObject
) -> None:
    operation: JSONObject = {"operationId": "odes.sing", "responses": {}, **extra}
    wider = changed(document, odes={"get": operation})
    with pytest.raises(InvalidDocumentError, match=r"'odes\.sing' \(GET /odes\)"):
        make_app(make_mock(MockSettings(engine="tone"), wider))


def test_another_document_may_lack_operations_of_the_mock(document: APIDocument) -> None:
    contents = copy.deepcopy(document.contents)
    del as_object(contents["paths"])["/stt"]
    make_app(make_mock(MockSettings(engine="tone"), APIDocument(contents)))


def test_a_handler_that_lost_its_operation_in_the_bundled_document_is_named_at_the_start(
    document: APIDocument,
) -> None:
    contents = copy.deepcopy(document.contents)
    del as_object(contents["paths"])["/stt"]
    lacking = APIDocument(contents, document.patches, is_bundled=True)
    with pytest.raises(InvalidDocumentError) as caught:
        make_app(make_mock(MockSettings(engine="tone"), lacking))
    assert str(caught.value) == (
        "the handler of 'stt.transcribe' in mock/cartesia_mock/handlers/transcription.py has no "
        "operation: remove it, or correct the operationId in the document"
    )


def renamed(document: APIDocument, **more: JSONValue) -> APIDocument:
    """Return the document with `stt.transcribe` called `stt.read`, and more said of it."""
    contents = copy.deepcopy(document.contents)
    operation = as_object(as_object(as_object(contents["paths"])["/stt"])["post"])
    operation.update({"operationId": "stt.read", **more})
    return APIDocument(contents)


def test_a_renamed_operation_without_an_alias_is_named_at_the_start(document: APIDocument) -> None:
    with pytest.raises(InvalidDocumentError) as caught:
        make_app(make_mock(MockSettings(engine="tone"), renamed(document)))
    assert str(caught.value) == (
        "the handler of 'stt.transcribe' in mock/cartesia_mock/handlers/transcription.py has no "
        "operation: POST /stt is called 'stt.read' now; keep the old name among its x-aliases, or "
        "register the handler under the new one"
    )


def test_a_renamed_operation_with_an_alias_keeps_its_handler(document: APIDocument) -> None:
    aliases: list[JSONValue] = [{"name": "transcribe", "deprecated": True}]
    handlers = http_handlers(renamed(document, **{"x-aliases": aliases}))
    assert inspect.unwrap(handlers["stt.read"]) is HANDLERS["stt.transcribe"]


def test_the_command_of_make_lint_finds_every_handler_an_operation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_handlers() == 0
    monkeypatch.setitem(HANDLERS, "odes.sing", HANDLERS["stt.transcribe"])
    assert check_handlers() == 1
    assert capsys.readouterr().err.startswith("cartesia_mock: the handler of 'odes.sing' in mock/")


@pytest.mark.anyio
async def test_messages_of_the_document_without_an_implementation_are_answered_as_such(
    document: APIDocument, open_socket: Connect
) -> None:
    contents = copy.deepcopy(document.contents)
    schemas = as_object(as_object(contents["components"])["schemas"])
    pause: JSONObject = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"type": "string", "const": "pause"}},
    }
    for name, kinds in (
        ("WebsocketClientEvent", "anyOf"),
        ("STTAutoFinalizeWebsocketRequest", "oneOf"),
    ):
        union = as_object(schemas[name])
        union[kinds] = [*as_list(union[kinds]), pause]
        union.pop("discriminator", None)
    commands = as_object(schemas["STTManualFinalizeWebsocketRequest"])
    commands["enum"] = [*as_list(commands["enum"]), "pause"]
    query = "model=ink-2&encoding=pcm_s16le&sample_rate=16000"
    with serve(engine="tone", document=APIDocument(contents)) as url:
        async with open_socket(base=url) as socket:
            await socket.send('{"type": "pause"}')
            refusal = json.loads(await socket.recv())
            assert (refusal["type"], refusal["status_code"]) == ("error", 501)
            assert "the mock does not act on this message" in refusal["error"]
            await socket.send(json.dumps({**SPEAK, "context_id": "c"}))
            assert (await read_until_end(socket, "c"))[-1]["type"] == "done"
            await socket.send('{"type": "halt"}')
            assert json.loads(await socket.recv())["type"] == "error"
        async with open_socket(f"/stt/websocket?{query}", base=url) as socket:
            await socket.send("pause")
            refusal = json.loads(await socket.recv())
            assert refusal["message"] == "the mock does not act on the command 'pause'"
            await socket.send("close")
            assert json.loads(await socket.recv())["type"] == "done"
        async with open_socket(f"/stt/turns/websocket?{query}", base=url) as socket:
            assert json.loads(await socket.recv())["type"] == "connected"
            await socket.send('{"type": "pause"}')
            refusal = json.loads(await socket.recv())
            assert refusal["message"] == "the mock does not act on the command 'pause'"
            await socket.send('{"type": "halt"}')
            assert json.loads(await socket.recv())["type"] == "error"


def test_every_handler_is_for_an_operation(document: APIDocument) -> None:
    """The reverse need not hold: what is new in the document is answered by its example."""
    assert {*HANDLERS, *WEBSOCKET_HANDLERS} <= document.names


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "is missing: run `make generate`"),
        ("{", "is not JSON"),
        ("{}", "has no `paths`"),
        ('{"paths": {"/a": {"get": {}}}}', "GET /a has no operationId"),
        (
            '{"paths": {"/a": {"get": {"operationId": "x", "parameters": [{"$ref": "#/b"}]}}}}',
            "#/b",
        ),
    ],
)
def test_a_document_that_cannot_be_served_says_why(
    tmp_path: Path, content: str | None, text: str
) -> None:
    path = tmp_path / "openapi.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InvalidDocumentError, match=text):
        _ = APIDocument.load(path).operations


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize(
    ("operation", "arguments", "status"),
    [
        ("client.get_status", {}, 200),
        ("voices.list", {"params": {"limit": "100", "expand[]": "preview_file_url"}}, 200),
        ("voices.list", {"params": {"limit": "1"}}, 200),
        ("voices.list", {"params": {"limit": "0"}}, 400),
        ("voices.list", {"headers": {"authorization": ""}}, 401),
        ("voices.get", {"params": {"expand[]": "preview_file_url"}}, 200),
        ("voices.get", {"path": "/voices/ffffffff-ffff-4fff-bfff-ffffffffffff"}, 404),
        ("tts.generate", {"json": SPEAK}, 200),
        ("tts.generate", {"json": {}}, 400),
        ("tts.generate_sse", {"json": TIMED}, 200),
        ("tts.generate_sse", {"json": TIMED | {"context_id": "mine"}}, 200),
        ("tts.generate_sse", {"data": {"a": "b"}}, 415),
        (
            "stt.transcribe",
            {"files": {"file": b"\0\0" * 999}, "data": {"model": "ink-whisper"}},
            200,
        ),
        ("stt.transcribe", {"files": {"file": b"nothing"}, "data": {"model": "ink-whisper"}}, 400),
    ],
)
def test_every_answer_is_valid_by_the_document(
    *,
    http: httpx.Client,
    document: APIDocument,
    operation: str,
    arguments: dict[str, Any],
    status: int,
    version: str,
) -> None:
    document = document.dated(served_date(version, document.dates))
    schemas = SchemaValidator(document)
    described = document.operation(operation)
    arguments = dict(arguments)
    path = arguments.pop("path", described.path.replace("{id}", VOICE))
    if operation == "stt.transcribe" and status == 200:
        arguments["params"] = {"encoding": "pcm_s16le", "sample_rate": "8000"}
    http.headers["cartesia-version"] = version
    answer = http.request(described.method, path, **arguments)
    assert answer.status_code == status, answer.text
    schema = answer_schema(document, described.pointer, answer)
    for value in answer_values(answer):
        assert schemas.problems(schema, value) == []


def answer_schema(document: APIDocument, pointer: str, answer: httpx.Response) -> str:
    """Return the pointer to the schema that the document has for an answer."""
    responses = as_object(document.at(f"{pointer}/responses"))
    status = str(answer.status_code) if str(answer.status_code) in responses else "default"
    place, response = document.find(f"{pointer}/responses/{status}")
    media = answer.headers["content-type"].partition(";")[0]
    assert media in as_object(as_object(response)["content"])
    return f"{place}/content/{media.replace('/', '~1')}/schema"


def answer_values(answer: httpx.Response) -> list[Any]:
    """Return what the schema speaks of: the body, or each event of a stream."""
    media = answer.headers["content-type"].partition(";")[0]
    if media == "application/json":
        return [answer.json()]
    if media == "text/event-stream":
        events = [event for _, event in read_sse(answer.text)]
        assert {event["type"] for event in events} >= {"chunk", "timestamps", "done"}
        return list(events)
    return [answer.text]


SMALL: JSONObject = {
    "paths": {},
    "components": {
        "schemas": {
            "When": {"type": "string", "format": "date-time"},
            "Maybe": {"anyOf": [{"type": "integer", "minimum": 3}, {"type": "null"}]},
            "List": {"type": ["array", "null"], "items": {"type": "number"}},
            "Either": {
                "anyOf": [
                    {"required": ["a", "b"], "properties": {"a": {"type": "string"}}},
                    {"required": ["c"], "properties": {"c": {"const": True}}},
                ]
            },
            "Open": {"anyOf": [{"enum": ["a", "b"]}, {"type": "string"}]},
            "Deep": {"properties": {"x": {"items": {"properties": {"y": {"enum": [1]}}}}}},
            "Long": {"enum": [f"value {number}" for number in range(20)]},
            "Pattern": {"pattern": "^a+$"},
        }
    },
}


@pytest.mark.parametrize(
    ("schema", "value", "problems"),
    [
        ("When", "2026-11-22T10:00:00Z", []),
        ("When", "yesterday", ["'yesterday' is not a 'date-time'"]),
        ("Maybe", None, []),
        ("Maybe", 2, ["2 is less than the minimum of 3"]),
        ("Maybe", "x", ["'x' is not of type integer"]),
        ("List", [1, "x"], ["[1]: 'x' is not of type number"]),
        ("Either", {"c": False}, ["c: True was expected"]),
        ("Either", {"a": 1, "b": 1}, ["a: 1 is not of type string"]),
        ("Open", "anything", []),
        ("Deep", {"x": [{"y": 1}, {"y": 2}]}, ["x[1].y: 2 is not one of 1"]),
        ("Pattern", "b" * 500, [f"'{'b' * 79}... does not fit (pattern)"]),
    ],
)
def test_problems_name_the_field(schema: str, value: Any, problems: list[str]) -> None:
    schemas = SchemaValidator(APIDocument(SMALL))
    assert schemas.problems(f"/components/schemas/{schema}", value) == problems


def test_long_lists_of_choices_are_cut() -> None:
    (problem,) = SchemaValidator(APIDocument(SMALL)).problems("/components/schemas/Long", "x")
    assert problem.endswith("value 11 and 8 more")


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ("Maybe", "7", 7),
        ("Maybe", "seven", "seven"),
        ("Maybe", "9" * 9999, "9" * 9999),
        ("Open", "7", "7"),
        ("When", "true", "true"),
    ],
)
def test_texts_are_converted_to_the_types_of_their_schemas(
    schema: str, text: str, value: Any
) -> None:
    schemas = SchemaValidator(APIDocument(SMALL))
    assert schemas.coerce(f"/components/schemas/{schema}", text) == value
