"""The operations of the document as callers see them: which arguments, and what the answer is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from scripts.bundle import JSON, JSONMap
from scripts.view.document import RawOperation, mapping, mappings, text
from scripts.view.python_names import identifier
from tests.contract.instances import document


@dataclass(frozen=True)
class Argument:
    """One argument of a method, and where in the request it belongs."""

    python: str
    wire: str
    place: str
    """``path``, ``query``, ``json``, ``form`` or ``file``."""
    schema: JSONMap
    required: bool
    pointer: str
    """Of the schema, in the bundled document."""


@dataclass(frozen=True)
class Called:
    """One operation as callers see it."""

    raw: RawOperation

    @property
    def id(self) -> str:
        """Its name in Python."""
        return self.raw.id

    @property
    def names(self) -> list[str]:
        """The names of its method, older ones that give the same answer included."""
        aliases = mappings(self.raw.node, "x-aliases")
        return [self.raw.name, *(text(node, "name") for node in aliases if "returns" not in node)]

    @property
    def media(self) -> str:
        """The media type of its body, or an empty text."""
        return next(iter(mapping(self._body, "content")), "")

    @property
    def body_pointer(self) -> str:
        """The schema of its body, as a pointer into the bundled document."""
        schema = mapping(mapping(mapping(self._body, "content"), self.media), "schema")
        return text(schema, "$ref").removeprefix("#")

    @property
    def _body(self) -> JSONMap:
        return document().resolve(mapping(self.raw.node, "requestBody"))[0]

    @property
    def answer(self) -> tuple[int, JSONMap]:
        """The status of success, and what comes with it by media type."""
        responses = mapping(self.raw.node, "responses")
        status = min(status for status in responses if status.isdigit())
        response, _ = document().resolve(mapping(responses, status))
        return int(status), mapping(response, "content")

    def arguments(self) -> Iterator[Argument]:
        """Return its arguments."""
        for node, pointer in document().parameters(self.raw):
            wire = text(node, "name")
            yield Argument(
                python=text(node, "x-python-name") or identifier(wire),
                wire=wire,
                place=text(node, "in"),
                schema=mapping(node, "schema"),
                required=node.get("required") is True,
                pointer=f"{pointer}/schema",
            )
        for wire, item in document().body_properties(self.raw).items():
            node, _ = document().resolve(item.schema)
            is_form = self.media == "multipart/form-data"
            is_file = is_form and node.get("format") == "binary"
            yield Argument(
                python=text(item.schema, "x-python-name") or identifier(wire),
                wire=wire,
                place="file" if is_file else "form" if is_form else "json",
                schema=item.schema,
                required=item.required,
                pointer=item.pointer,
            )


@cache
def operations() -> Mapping[str, Called]:
    """Return every operation over HTTP by its id."""
    found = (Called(raw) for raw in document().operations if "x-websocket" not in raw.node)
    return {operation.id: operation for operation in found}


@cache
def sockets() -> Mapping[str, Called]:
    """Return every operation that opens a WebSocket by its id."""
    found = (Called(raw) for raw in document().operations if "x-websocket" in raw.node)
    return {operation.id: operation for operation in found}


def examples(media: JSON) -> list[JSON]:
    """Return the examples under a media type, in the order of the document."""
    nodes = mapping(media, "examples").values()
    return [node["value"] for node in nodes if isinstance(node, Mapping)]
