"""A small document, and changes of it with what each means for users."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from scripts.api_surface import Surface, surface
from scripts.bundle import Bundle
from scripts.spec_diff import Change, compare
from scripts.view.document import Document

Node = dict[str, Any]
Edit = Callable[[Node], object]

DOCUMENT: Node = {
    "openapi": "3.1.0",
    "info": {"title": "Tea", "version": "2025-11-04"},
    "paths": {
        "/cups/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "post": {
                "operationId": "cups.fill",
                "x-aliases": [{"name": "pour"}],
                "parameters": [
                    {
                        "name": "sugar",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 0, "maximum": 3, "default": 1},
                    }
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/FillRequest"}}
                    }
                },
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Cup"}}
                        }
                    }
                },
            },
        },
        "/steam": {
            "get": {
                "operationId": "steam.watch",
                "responses": {
                    "200": {
                        "content": {
                            "text/event-stream": {"schema": {"$ref": "#/components/schemas/Puff"}}
                        }
                    }
                },
            }
        },
        "/talk": {
            "get": {
                "operationId": "talk.open",
                "x-websocket": {
                    "name": "Talk",
                    "legacy": "websocket",
                    "client": {"$ref": "#/components/schemas/Word"},
                    "server": {"$ref": "#/components/schemas/Puff"},
                },
                "responses": {"101": {"description": "open"}},
            }
        },
    },
    "components": {
        "schemas": {
            "FillRequest": {
                "type": "object",
                "required": ["tea"],
                "properties": {
                    "tea": {"$ref": "#/components/schemas/Tea"},
                    "milk": {"type": ["boolean", "null"]},
                    "pot": {"$ref": "#/components/schemas/Pot"},
                },
            },
            "Tea": {"type": "string", "enum": ["black", "green"]},
            "Mood": {"anyOf": [{"type": "string", "enum": ["calm"]}, {"type": "string"}]},
            "Pot": {"type": "object", "properties": {"size": {"type": "integer"}}},
            "Cup": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "mood": {"$ref": "#/components/schemas/Mood"},
                    "filledAt": {"type": "string", "format": "date-time", "x-aliases": ["at"]},
                },
            },
            "Puff": {
                "oneOf": [
                    {"$ref": "#/components/schemas/White"},
                    {"$ref": "#/components/schemas/Grey"},
                ]
            },
            "White": {"type": "object", "properties": {"size": {"type": "integer"}}},
            "Grey": {"type": "object", "properties": {"shade": {"type": "integer"}}},
            "Word": {"type": "object", "properties": {"text": {"type": "string"}}},
        }
    },
}


def read(document: Node) -> Surface:
    return surface(Document(Bundle(document, {})))


def changes(edit: Edit, *, back: bool = False) -> list[Change]:
    """Compare the document with an edited one, or the edited one with it."""
    edited = copy.deepcopy(DOCUMENT)
    edit(edited)
    pair = (read(DOCUMENT), read(edited))
    return compare(*(pair[::-1] if back else pair))


def schema(node: Node, name: str) -> Node:
    found: Node = node["components"]["schemas"][name]
    return found


def fields(node: Node, name: str) -> Node:
    found: Node = schema(node, name)["properties"]
    return found


def fill(node: Node) -> Node:
    found: Node = node["paths"]["/cups/{id}"]["post"]
    return found


def sugar(node: Node) -> Node:
    found: Node = fill(node)["parameters"][0]["schema"]
    return found


def rename(node: Node, old: str, new: str) -> None:
    schemas = node["components"]["schemas"]
    schemas[new] = schemas.pop(old)
    schemas["Puff"]["oneOf"][0]["$ref"] = f"#/components/schemas/{new}"


CASES: list[tuple[str, Edit, list[str], list[str]]] = [
    (
        "an operation",
        lambda it: it["paths"].pop("/steam"),
        ["Removed! `steam.watch`: GET /steam."],
        ["Added `steam.watch`: GET /steam."],
    ),
    (
        "the path of an operation",
        lambda it: it["paths"].update({"/mist": it["paths"].pop("/steam")}),
        ["Changed `steam.watch` is GET /mist now, it was GET /steam."],
        ["Changed `steam.watch` is GET /steam now, it was GET /mist."],
    ),
    (
        "the name of a method",
        lambda it: fill(it).update(operationId="cups.brew"),
        [
            "Removed! `cups.fill` for POST /cups/{id}. Call `cups.brew`.",
            "Added `cups.brew` for POST /cups/{id}.",
        ],
        [
            "Removed! `cups.brew` for POST /cups/{id}. Call `cups.fill`.",
            "Added `cups.fill` for POST /cups/{id}.",
        ],
    ),
    (
        "an older name",
        lambda it: fill(it).pop("x-aliases"),
        ["Removed! `cups.pour` for POST /cups/{id}."],
        ["Added `cups.pour` for POST /cups/{id}."],
    ),
    (
        "the older name of a socket",
        lambda it: it["paths"]["/talk"]["get"]["x-websocket"].pop("legacy"),
        ["Removed! `talk.websocket` for GET /talk."],
        ["Added `talk.websocket` for GET /talk."],
    ),
    (
        "no answer",
        lambda it: fill(it)["responses"]["200"].pop("content"),
        ["Changed! `cups.fill` returns nothing now, it was Cup."],
        ["Changed! `cups.fill` returns Cup now, it was nothing."],
    ),
    (
        "an optional field",
        lambda it: fields(it, "FillRequest").update(honey={"type": "boolean"}),
        ["Added `honey` of `cups.fill` in requests: boolean."],
        ["Removed! `honey` of `cups.fill` in requests."],
    ),
    (
        "a required field",
        lambda it: (
            fields(it, "FillRequest").update(honey={"type": "boolean"}),
            schema(it, "FillRequest")["required"].append("honey"),
        ),
        ["Added! `honey` of `cups.fill` in requests: boolean, which must be given."],
        ["Removed! `honey` of `cups.fill` in requests."],
    ),
    (
        "a field of an answer",
        lambda it: (
            fields(it, "Cup").update(warm={"type": "boolean"}),
            schema(it, "Cup")["required"].append("warm"),
        ),
        ["Added `warm` of `Cup` in responses: boolean."],
        ["Removed! `warm` of `Cup` in responses."],
    ),
    (
        "what must be given",
        lambda it: schema(it, "FillRequest")["required"].append("milk"),
        ["Changed! `milk` of `cups.fill` in requests must be given now."],
        ["Changed `milk` of `cups.fill` in requests may be left out now."],
    ),
    (
        "what is always there",
        lambda it: schema(it, "Cup")["required"].append("mood"),
        ["Changed `mood` of `Cup` in responses is always there now."],
        ["Changed! `mood` of `Cup` in responses may be missing now."],
    ),
    (
        "null in a request",
        lambda it: fields(it, "FillRequest").update(milk={"type": "boolean"}),
        ["Changed! `milk` of `cups.fill` in requests cannot be null any more."],
        ["Changed `milk` of `cups.fill` in requests may be null now."],
    ),
    (
        "null in an answer",
        lambda it: fields(it, "Cup").update(id={"type": ["string", "null"]}),
        ["Changed! `id` of `Cup` in responses may be null now."],
        ["Changed `id` of `Cup` in responses cannot be null any more."],
    ),
    (
        "a type",
        lambda it: fields(it, "Cup").update(id={"type": "integer"}),
        ["Changed! `id` of `Cup` in responses is integer now, it was string."],
        ["Changed! `id` of `Cup` in responses is string now, it was integer."],
    ),
    (
        "one more type in a request",
        lambda it: fields(it, "FillRequest").update(
            tea={"anyOf": [{"$ref": "#/components/schemas/Tea"}, {"type": "integer"}]}
        ),
        ["Changed `tea` of `cups.fill` in requests is Tea or integer now, it was Tea."],
        ["Changed! `tea` of `cups.fill` in requests is Tea now, it was Tea or integer."],
    ),
    (
        "a range",
        lambda it: sugar(it).update(maximum=2),
        ["Changed! `sugar` of `cups.fill` in requests goes 0..2 now, it went 0..3."],
        ["Changed `sugar` of `cups.fill` in requests goes 0..3 now, it went 0..2."],
    ),
    (
        "no range",
        lambda it: (sugar(it).pop("minimum"), sugar(it).pop("maximum")),
        ["Changed `sugar` of `cups.fill` in requests goes anywhere now, it went 0..3."],
        ["Changed! `sugar` of `cups.fill` in requests goes 0..3 now, it went anywhere."],
    ),
    (
        "a default",
        lambda it: sugar(it).pop("default"),
        ["Changed `sugar` of `cups.fill` in requests is up to the server if not given, it was 1."],
        ["Changed `sugar` of `cups.fill` in requests is 1 if not given, it was up to the server."],
    ),
    (
        "the Python name of a field",
        lambda it: fields(it, "Cup")["filledAt"].update({"x-python-name": "filled"}),
        [
            "Changed! `filledAt` of `Cup` in responses is called `filled` in Python now, it was `filled_at`."
        ],
        [
            "Changed! `filledAt` of `Cup` in responses is called `filled_at` in Python now, it was `filled`."
        ],
    ),
    (
        "a further name of a field",
        lambda it: fields(it, "Cup")["filledAt"].pop("x-aliases"),
        ["Removed! `filledAt` of `Cup` in responses is not called `at` in Python any more."],
        ["Added `filledAt` of `Cup` in responses is called `at` in Python too."],
    ),
    (
        "a value that may be sent",
        lambda it: schema(it, "Tea")["enum"].append("white"),
        ["Added The value `white` of `Tea` in requests."],
        ["Removed! The value `white` of `Tea` in requests."],
    ),
    (
        "a value that may come",
        lambda it: schema(it, "Mood")["anyOf"][0]["enum"].append("merry"),
        ["Added The value `merry` of `Mood` in responses."],
        ["Removed The value `merry` of `Mood` in responses."],
    ),
    (
        "other values than the listed ones",
        lambda it: it["components"]["schemas"].update(
            Tea={"anyOf": [schema(it, "Tea"), {"type": "string"}]}
        ),
        ["Changed `Tea` in requests may have other values too now."],
        ["Changed! `Tea` in requests has only the listed values now."],
    ),
    (
        "a kind of event",
        lambda it: (
            schema(it, "Puff")["oneOf"].append({"$ref": "#/components/schemas/Blue"}),
            it["components"]["schemas"].update(
                Blue={"type": "object", "properties": {"deep": {"type": "null"}}}
            ),
        ),
        ["Added The kind `Blue` of `Puff` in responses.", "Added The type `Blue`."],
        ["Removed The kind `Blue` of `Puff` in responses.", "Removed! The type `Blue`."],
    ),
    (
        "the name of a type",
        lambda it: rename(it, "White", "Pale"),
        ["Changed! `White` is called `Pale` now."],
        ["Changed! `Pale` is called `White` now."],
    ),
    (
        "another sort of type",
        lambda it: it["components"]["schemas"].update(Pot={"type": "string", "enum": ["big"]}),
        ["Changed! `Pot` is an enum now, it was an object."],
        ["Changed! `Pot` is an object now, it was an enum."],
    ),
    (
        "the version",
        lambda it: it["info"].update(version="2026-08-14"),
        ["Changed The API version is 2026-08-14 now, it was 2025-11-04."],
        ["Changed The API version is 2025-11-04 now, it was 2026-08-14."],
    ),
    (
        "a message to a socket",
        lambda it: schema(it, "Word").update(required=["text"]),
        ["Changed! `text` of `Word` in requests must be given now."],
        ["Changed `text` of `Word` in requests may be left out now."],
    ),
]
