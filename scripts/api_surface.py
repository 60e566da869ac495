"""The public surface that a document describes: operations, arguments and types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scripts.bundle import JSON, unescape
from scripts.field_summary import FieldSummary, read_field, type_of
from scripts.view.document import Document, RawOperation, mapping, mappings, sequence, text

REQUESTS, RESPONSES = "requests", "responses"


@dataclass(frozen=True)
class OperationSummary:
    """An operation, as the client offers it."""

    id: str
    call: str
    """HTTP method and path."""
    names: tuple[str, ...]
    """Its dotted names in Python, the current one first."""
    arguments: Mapping[str, FieldSummary]
    result: str
    deprecation: str = ""
    """What to do instead of calling it; empty unless it is deprecated."""


@dataclass(frozen=True)
class SchemaSummary:
    """A named type: an object by its fields, an enum or a union by its values."""

    kind: str
    """``object``, ``enum``, ``union`` or ``alias``."""
    sides: frozenset[str]
    """Whether it is part of requests, of responses, or of both."""
    fields: Mapping[str, FieldSummary]
    values: tuple[str, ...] = ()
    is_open: bool = False


@dataclass(frozen=True)
class Surface:
    """The public surface of one document."""

    version: str
    operations: Mapping[str, OperationSummary]
    """By HTTP method and path."""
    schemas: Mapping[str, SchemaSummary]

    def with_names(self, names: Mapping[str, str]) -> Surface:
        """Return a copy with some schemas renamed, wherever they are mentioned."""
        if not names:
            return self
        pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")

        def said(shown: str) -> str:
            return pattern.sub(lambda found: names[found[1]], shown)

        def fields(old: Mapping[str, FieldSummary]) -> dict[str, FieldSummary]:
            return {name: replace(field, type=said(field.type)) for name, field in old.items()}

        return Surface(
            self.version,
            {
                call: replace(old, arguments=fields(old.arguments), result=said(old.result))
                for call, old in self.operations.items()
            },
            {
                names.get(name, name): replace(
                    old,
                    fields=fields(old.fields),
                    values=tuple(map(said, old.values)) if old.kind == "union" else old.values,
                )
                for name, old in self.schemas.items()
            },
        )


def surface(document: Document) -> Surface:
    """Read the public surface of a document.

    Args:
        document: The document.
    """
    sides = {
        REQUESTS: _reached(document, _sent(document)),
        RESPONSES: _reached(document, _received(document)),
    }
    shown = document.schemas.keys() - (document.bodies - document.referred)
    found = (_operation(document, raw) for raw in document.operations)
    return Surface(
        version=text(mapping(document.root, "info"), "version"),
        operations={operation.call: operation for operation in found},
        schemas={
            name: _schema(
                document, name, frozenset(side for side, names in sides.items() if name in names)
            )
            for name in sorted(shown)
        },
    )


def _operation(document: Document, raw: RawOperation) -> OperationSummary:
    older = [text(node, "name") for node in mappings(raw.node, "x-aliases")]
    legacy = text(mapping(raw.node, "x-websocket"), "legacy")
    arguments = {
        text(node, "name"): read_field(
            document,
            text(node, "name"),
            mapping(node, "schema"),
            node,
            required=node.get("required") is True,
        )
        for node, _ in document.parameters(raw)
    }
    for wire, item in document.body_properties(raw).items():
        arguments[wire] = read_field(
            document, wire, item.schema, item.schema, required=item.required
        )
    return OperationSummary(
        id=raw.id,
        call=f"{raw.method.upper()} {raw.path}",
        names=(raw.id, *(f"{raw.tag}.{name}" for name in [*older, legacy] if name)),
        arguments=arguments,
        result=_result(document, raw),
        deprecation=raw.deprecation,
    )


def _result(document: Document, raw: RawOperation) -> str:
    """Describe the result of an operation: a type, a media type, events, or nothing."""
    if socket := mapping(raw.node, "x-websocket"):
        return f"a socket of {type_of(document, mapping(socket, 'server'))[0]}"
    for content in _successes(document, raw):
        for media, entry in content.items():
            shown = type_of(document, mapping(entry, "schema"))[0]
            if media == "text/event-stream":
                return f"events of {shown}"
            return f"`{media}`" if shown in {"file", "string"} else shown
    return "nothing"


def _successes(document: Document, raw: RawOperation) -> Iterator[Mapping[str, JSON]]:
    for status, node in mapping(raw.node, "responses").items():
        if status.startswith("2") and isinstance(node, Mapping):
            yield mapping(document.resolve(node)[0], "content")


def _schema(document: Document, name: str, sides: frozenset[str]) -> SchemaSummary:
    node = document.schemas[name]
    listed = document.open_values(node)
    if listed is not None or "enum" in node:
        values = tuple(map(str, sequence(listed or node, "enum")))
        return SchemaSummary("enum", sides, {}, values, is_open=listed is not None)
    if members := mappings(node, "oneOf") or mappings(node, "anyOf"):
        values = tuple(type_of(document, member)[0] for member in members)
        return SchemaSummary("union", sides, {}, values)
    if "properties" in node:
        fields = {
            wire: read_field(document, wire, item.schema, item.schema, required=item.required)
            for wire, item in document.component_properties(name).items()
        }
        return SchemaSummary("object", sides, fields)
    return SchemaSummary("alias", sides, {}, (type_of(document, node)[0],))


def _sent(document: Document) -> Iterator[JSON]:
    for raw in document.operations:
        yield [node for node, _ in document.parameters(raw)]
        yield mapping(raw.node, "requestBody")
        yield mapping(mapping(raw.node, "x-websocket"), "client")


def _received(document: Document) -> Iterator[JSON]:
    for raw in document.operations:
        yield mapping(raw.node, "responses")
        yield mapping(mapping(raw.node, "x-websocket"), "server")


def _reached(document: Document, roots: Iterator[JSON]) -> frozenset[str]:
    """Find the named schemas that are reachable from some nodes, not counting links."""
    found: set[str] = set()
    pending: list[JSON] = list(roots)
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            ref = text(node, "$ref")
            if ref.startswith("#/components/schemas/"):
                name = unescape(ref.rpartition("/")[2])
                pending += [] if name in found else [document.schemas[name]]
                found.add(name)
            elif ref:
                pending.append(document.resolve(node)[0])
            pending += [inner for key, inner in node.items() if key not in {"links", "examples"}]
        elif isinstance(node, list):
            pending += node
    return frozenset(found)
