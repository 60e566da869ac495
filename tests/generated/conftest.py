"""A package generated from one document with every kind of operation, and a server that it calls."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

from tests.generated.support import (
    body,
    document,
    generate_into,
    imported,
    obj,
    operation,
    ref,
    text,
)


def parameter(name: str, where: str = "query", **more: object) -> dict[str, object]:
    """A parameter."""
    return {"name": name, "in": where, "schema": text(**more), "required": where == "path"}


def array(items: object, **more: object) -> dict[str, object]:
    """A described array."""
    return {"type": "array", "description": "Several.", "items": items, **more}


KITCHEN = document(
    tags=("client", "tts", "voices", "clips", "agents", "agents.calls", "agents.calls.results"),
    paths={
        "/": {"get": operation("client.get_status", ref("Status"))},
        "/tts": {
            "post": operation(
                "tts.generate",
                {"type": "string", "format": "binary"},
                "audio/wav",
                requestBody=body("Generate"),
                extensions={
                    "x-billed": True,
                    "x-aliases": [
                        {"name": "bytes", "deprecated": True, "returns": "iterator"},
                        {"name": "speak"},
                        {"name": "say", "deprecated": True},
                    ],
                },
            )
        },
        "/tts/sse": {
            "post": operation(
                "tts.generate_sse", ref("Event"), "text/event-stream", requestBody=body("Generate")
            )
        },
        "/voices": {
            "get": operation(
                "voices.list",
                ref("VoicePage"),
                parameters=[
                    parameter("starting_after"),
                    parameter("since", format="date-time"),
                    {"name": "expand[]", "in": "query", "schema": array({"type": "string"})},
                ],
                extensions={"x-pagination": "cursor"},
            )
        },
        "/voices/{id}/parts/{partID}": {
            "parameters": [parameter("id", "path")],
            "delete": operation(
                "voices.delete",
                status="204",
                parameters=[
                    {**parameter("partID", "path"), "x-python-name": "part_id"},
                ],
            ),
        },
        "/clips": {
            "post": operation(
                "clips.hear", ref("Status"), requestBody=body("Hear", "multipart/form-data")
            )
        },
        "/agents/calls/results": {
            "get": operation("agents.calls.results.export", {"type": "string"}, "text/csv")
        },
        "/agents/calls": {"get": operation("agents.calls.list", {**ref("Calls")})},
    },
    schemas={
        "Status": obj(("ok",), ok={"type": "boolean", "description": "Whether it is well."}),
        "Generate": obj(
            ("transcript", "voice", "kind"),
            kind=text(const="speech"),
            pace={"type": "number", "default": 1, "description": "How fast."},
            transcript=text(),
            voice=ref("Voice"),
            language={"type": ["string", "null"], "description": "Which language."},
            **{"continue": text()},
        ),
        "Voice": {**obj(("mode", "id"), mode=text(const="id"), id=text()), "x-shorthand": "id"},
        "Hear": obj(
            ("file",),
            file=text(format="binary"),
            model=text(),
            **{"granularities[]": array({"type": "string"})},
        ),
        "VoicePage": obj(("data",), data=array(ref("Voice")), has_more=text(type="boolean")),
        "Calls": obj(("calls",), calls=array(ref("Call"))),
        "Call": obj(
            ("id", "startedAt"),
            id=text(),
            startedAt=text(format="date-time"),
            field=text(),
            **{"from": text(), "class": text()},
            labels={"type": "object", "description": "x", "additionalProperties": ref("Status")},
            parent={"description": "x", "anyOf": [ref("Call"), {"type": "null"}]},
            event=ref("Event"),
            filename={**text(), "x-aliases": ["name"]},
        ),
        "Event": {
            "description": "An event.",
            "oneOf": [ref("Chunk"), ref("Failure")],
            "discriminator": {
                "propertyName": "type",
                "mapping": {
                    "chunk": "#/components/schemas/Chunk",
                    "error": "#/components/schemas/Failure",
                },
            },
        },
        "Chunk": obj(
            ("type",),
            type=text(const="chunk"),
            data=text(contentEncoding="base64", contentMediaType="audio/pcm"),
        ),
        "Failure": {
            **obj(("type",), type=text(const="error"), title=text(), message=text()),
            "x-python-base": "ErrorEvent",
        },
        "Loose": {
            "description": "Told apart by what is in it.",
            "anyOf": [ref("Failure"), ref("Finished"), ref("Status")],
        },
        "Finished": obj(("done",), done={"type": "boolean", "const": True, "description": "x"}),
    },
)


@pytest.fixture(scope="package")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the package generated from `KITCHEN`."""
    return generate_into(tmp_path_factory.mktemp("kitchen"), KITCHEN)


@pytest.fixture
def rest(kitchen: Path) -> Generator[ModuleType]:
    """The package itself, imported in place of the real one."""
    with imported(kitchen) as package:
        yield package


@dataclass
class Received:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> object:
        """The body, read."""
        return json.loads(self.body)


@dataclass
class Server:
    """A server on loopback that answers each request as told."""

    url: str
    received: list[Received] = field(default_factory=list[Received])
    answer: bytes = b"{}"
    media: str = "application/json"
    status: int = 200

    @property
    def last(self) -> Received:
        """The last request."""
        return self.received[-1]


@pytest.fixture
def server() -> Generator[Server]:
    """A server on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Received(self.command, self.path, headers, self.rfile.read(length))
            told.received.append(got)
            self.send_response(told.status)
            if told.status != 204:
                self.send_header("content-type", told.media)
                self.send_header("content-length", str(len(told.answer)))
            self.end_headers()
            if told.status != 204:
                self.wfile.write(told.answer)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - names that http.server asks for

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Server(f"http://127.0.0.1:{listening.server_port}")
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    yield told
    listening.shutdown()
    thread.join()
    listening.server_close()
