"""Walk over every schema of the document, with its location."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from scripts.bundle import JSONMap, escape
from scripts.view.document import Document, RawOperation, mapping, mappings


@dataclass(frozen=True)
class Violation:
    """A violation of a convention: its location, and the fix."""

    pointer: str
    text: str


class Role(Enum):
    """Where a schema occurs."""

    COMPONENT = "component"
    PROPERTY = "property"
    ITEM = "item"
    MEMBER = "member"
    PARAMETER = "parameter"
    BODY = "body"
    RESPONSE = "response"


@dataclass(frozen=True)
class Visit:
    """One schema, and where it occurs."""

    node: JSONMap
    pointer: str
    role: Role
    above: JSONMap | None = None
    """The schema around it."""


def schemas(document: Document) -> Iterator[Visit]:
    """Yield every schema: named ones, those of operations, and all nested ones."""
    for name, node in document.schemas.items():
        yield from _within(node, f"/components/schemas/{escape(name)}", Role.COMPONENT)
    for visit in _outside(document):
        yield from _within(visit.node, visit.pointer, visit.role)


def _outside(document: Document) -> Iterator[Visit]:
    """Yield the top-level schemas of parameters, bodies and responses."""
    for operation in document.operations:
        for node, pointer in document.parameters(operation):
            if "schema" in node:
                yield Visit(mapping(node, "schema"), f"{pointer}/schema", Role.PARAMETER)
        body, pointer = document.resolve(
            mapping(operation.node, "requestBody"), f"{operation.pointer}/requestBody"
        )
        yield from _media(body, pointer, Role.BODY)
        for status in mapping(operation.node, "responses"):
            node, pointer = document.resolve(
                mapping(mapping(operation.node, "responses"), status),
                f"{operation.pointer}/responses/{status}",
            )
            yield from _media(node, pointer, Role.RESPONSE)


def _media(node: JSONMap, pointer: str, role: Role) -> Iterator[Visit]:
    for media in mapping(node, "content"):
        schema = mapping(mapping(mapping(node, "content"), media), "schema")
        yield Visit(schema, f"{pointer}/content/{escape(media)}/schema", role)


def messages(
    document: Document, operation: RawOperation, side: str
) -> Iterator[tuple[JSONMap, str]]:
    """Yield the messages of one side of a socket, ``client`` or ``server``, with their pointers."""
    at = f"{operation.pointer}/x-websocket/{side}"
    pending = [document.resolve(mapping(mapping(operation.node, "x-websocket"), side), at)]
    while pending:
        node, pointer = pending.pop(0)
        members = [
            document.resolve(member, f"{pointer}/{word}/{index}")
            for word in ("oneOf", "anyOf")
            for index, member in enumerate(mappings(node, word))
        ]
        pending += members
        if node and not members:
            yield node, pointer


def _within(
    node: JSONMap, pointer: str, role: Role, above: JSONMap | None = None
) -> Iterator[Visit]:
    """Yield a schema and all schemas nested in it."""
    yield Visit(node, pointer, role, above)
    for wire in mapping(node, "properties"):
        inner = mapping(mapping(node, "properties"), wire)
        yield from _within(inner, f"{pointer}/properties/{escape(wire)}", Role.PROPERTY, node)
    for word in ("items", "additionalProperties"):
        if inner := mapping(node, word):
            yield from _within(inner, f"{pointer}/{word}", Role.ITEM, node)
    for word in ("anyOf", "oneOf"):
        for index, inner in enumerate(mappings(node, word)):
            yield from _within(inner, f"{pointer}/{word}/{index}", Role.MEMBER, node)
