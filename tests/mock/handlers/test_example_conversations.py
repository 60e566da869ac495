"""A WebSocket that the mock does not know is answered by the examples of its messages."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosedOK
from websockets.sync.client import ClientConnection, connect

from cartesia_mock.api.jsontypes import JSONObject, JSONValue, as_object
from cartesia_mock.document.openapi_document import APIDocument
from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS


def message(kind: str, **fields: JSONValue) -> JSONObject:
    """A message with its example."""
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"type": "string", "const": kind}, "id": {"type": "string"}},
        "examples": [{"type": kind, **fields}],
    }


def socket(name: str, **more: JSONValue) -> JSONObject:
    """An operation that opens a WebSocket."""
    return {
        "get": {
            "operationId": f"songs.{name}",
            "tags": ["songs"],
            "security": [{"apiKey": []}],
            "x-websocket": {
                "name": name.title(),
                "client": {"$ref": "#/components/schemas/SongCommand"},
                "server": {"$ref": "#/components/schemas/SongEvent"},
                **more,
            },
            "responses": {"101": {"description": "Open."}},
        }
    }


SONG: JSONObject = {
    "type": "object",
    "required": ["id", "line"],
    "properties": {
        "id": {"type": "string"},
        "line": {"type": "string"},
        "more": {"type": "boolean"},
    },
    "examples": [{"id": "a", "line": "La"}],
}
CONTEXT: JSONObject = {
    "key": "id",
    "request": {"$ref": "#/components/schemas/Song"},
    "cancel": {"type": "stop"},
    "close": {"line": "", "more": False},
    "per_message": ["line", "more"],
    "ends": ["end"],
}
KINDS = ("note", "rest", "end", "error")


@pytest.fixture(scope="module")
def songs() -> Iterator[str]:
    """A mock of a document with three more WebSockets; give their address."""
    contents = copy.deepcopy(APIDocument.load().contents)
    schemas = as_object(as_object(contents["components"])["schemas"])
    schemas["Song"] = SONG
    schemas["SongCommand"] = {"anyOf": [message("sing"), message("stop"), SONG]}
    schemas["SongEvent"] = {"oneOf": [message(kind, pitch=440) for kind in KINDS]}
    schemas["SongWord"] = {"type": "string", "enum": ["sing", "stop"]}
    words: JSONObject = {"client": {"$ref": "#/components/schemas/SongWord"}, "text": "word"}
    as_object(contents["paths"]).update(
        {
            "/songs/live": socket("live", finish={"type": "stop"}, ends=["end"], binary="audio"),
            "/songs/words": socket("words", **words, finish="stop", ends=["end"]),
            "/songs/choir": socket("choir", context=CONTEXT),
        }
    )
    with serve(engine="tone", document=APIDocument(contents)) as url:
        yield url.replace("http", "ws", 1)


def says(socket: ClientConnection, count: int) -> list[tuple[str, Any]]:
    """Receive some messages; give their types and contexts."""
    found = [json.loads(socket.recv(5)) for _ in range(count)]
    return [(each["type"], each.get("id")) for each in found]


def test_a_message_is_answered_by_the_examples_and_the_last_one_by_the_end(songs: str) -> None:
    with connect(f"{songs}/songs/live", additional_headers=HEADERS) as live:
        live.send('{"type": "sing"}')
        assert says(live, 2) == [("note", None), ("rest", None)]
        live.send(b"\0\0")
        assert says(live, 2) == [("note", None), ("rest", None)]
        live.send('{"type": "stop"}')
        assert says(live, 3) == [("note", None), ("rest", None), ("end", None)]
        with pytest.raises(ConnectionClosedOK):
            live.recv(5)


def test_commands_may_be_words(songs: str) -> None:
    with connect(f"{songs}/songs/words", additional_headers=HEADERS) as words:
        words.send("sing")
        assert says(words, 2) == [("note", None), ("rest", None)]
        words.send("shout")
        error = json.loads(words.recv(5))
        assert error["error"] == "Invalid message: 'shout' is not one of sing, stop"
        words.send(b"\0\0")
        assert json.loads(words.recv(5))["error"] == "Invalid message: send text"
        words.send("stop")
        assert says(words, 3)[-1] == ("end", None)


def test_each_context_has_its_own_end(songs: str) -> None:
    with connect(f"{songs}/songs/choir", additional_headers=HEADERS) as choir:
        choir.send('{"id": "a", "line": "La", "more": true}')
        assert says(choir, 2) == [("note", "a"), ("rest", "a")]
        choir.send('{"id": "b", "line": "La", "more": false}')
        assert says(choir, 3) == [("note", "b"), ("rest", "b"), ("end", "b")]
        choir.send('{"id": "c", "line": "La"}')
        assert says(choir, 3)[-1] == ("end", "c")
        choir.send('{"id": "a", "type": "stop"}')
        assert says(choir, 3)[-1] == ("end", "a")
        choir.send('{"id": "d"}')
        assert says(choir, 1) == [("error", "d")]
        choir.send("{")
        assert "is not JSON" in json.loads(choir.recv(5))["error"]


def test_a_client_may_leave_at_any_time(songs: str) -> None:
    for _ in range(2):
        with connect(f"{songs}/songs/live", additional_headers=HEADERS) as live:
            live.send('{"type": "sing"}')


def test_the_handshake_is_judged_as_any_other(songs: str) -> None:
    answer = httpx.get(songs.replace("ws", "http", 1) + "/songs/live", headers=HEADERS)
    assert answer.status_code == 426
