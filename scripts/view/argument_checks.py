"""The argument checks of an operation: which fields are required, and of which type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scripts.bundle import JSON, JSONMap
from scripts.view.document import Document, RawOperation, mapping, mappings, text
from scripts.view.shapes import shorthand_of

ANY = "any"
_KINDS = {"string", "object", "array", "number", "integer", "boolean"}


@dataclass(frozen=True)
class ArgumentCheckView:
    """The check of one field or query parameter."""

    wire: str
    argument: str
    """Name of the argument, for error messages."""
    kind: str
    """Its JSON type; ``shorthand`` for an object that an id stands for, ``file``, or ``any``."""
    least: int
    """The fewest characters of a string."""
    is_optional: bool
    """Whether it may be missing, or null."""


def argument_checks(
    document: Document, raw: RawOperation, arguments: Mapping[str, str]
) -> list[ArgumentCheckView]:
    """Return the checks of the body and the query parameters of an operation.

    Args:
        document: The document.
        raw: The operation.
        arguments: The arguments of its method, by their names on the wire.

    Returns:
        The checks, in the order of the document; none for constants, and none for what is optional
        and of any type.
    """
    asked = [
        (field.wire, field.schema, field.required)
        for field in document.body_properties(raw).values()
    ] + [
        (text(node, "name"), mapping(node, "schema"), node.get("required") is True)
        for node, _ in document.parameters(raw)
        if text(node, "in") == "query"
    ]
    return list(field_checks(document, asked, arguments))


def field_checks(
    document: Document,
    fields: Iterable[tuple[str, JSONMap, bool]],
    arguments: Mapping[str, str],
) -> Iterator[ArgumentCheckView]:
    """Return the checks of some fields.

    Args:
        document: The document.
        fields: Their names on the wire, their schemas, and whether they are required.
        arguments: The arguments for them, by their names on the wire.

    Yields:
        The checks, in order; none for constants, and none for what is optional and of any type.
    """
    for wire, schema, required in fields:
        kinds = _kinds(document, schema)
        is_optional = not required or "null" in kinds
        kinds.discard("null")
        kind = kinds.pop() if len(kinds) == 1 else ANY
        if wire not in arguments or "const" in schema or (is_optional and kind in {ANY, "file"}):
            continue
        if kind == "object" and shorthand_of(document.shape(schema)):
            kind = "shorthand"
        least = document.resolve(schema)[0].get("minLength", 0)
        count = least if isinstance(least, int) and not is_optional else 0
        yield ArgumentCheckView(wire, arguments[wire], kind, count, is_optional)


def nullable_fields(document: Document, raw: RawOperation) -> list[str]:
    """Return the fields of a body that may be null.

    Args:
        document: The document.
        raw: The operation.

    Returns:
        Their paths, such as ``grants.tts``; ``x.*`` where anything may be inside of ``x``.
    """
    fields = document.body_properties(raw).values()
    found = (_nullable(document, field.schema, field.wire, frozenset()) for field in fields)
    return sorted({path for paths in found for path in paths})


def _nullable(
    document: Document, schema: JSONMap, path: str, above: frozenset[str]
) -> Iterator[str]:
    schema, pointer = document.resolve(schema)
    if pointer in above:
        return
    if pointer:
        above |= {pointer}
    if "null" in _kinds(document, schema):
        yield path
    for member in (*mappings(schema, "anyOf"), *mappings(schema, "oneOf")):
        yield from _nullable(document, member, path, above)
    fields = mapping(schema, "properties")
    for name in fields:
        yield from _nullable(document, mapping(fields, name), f"{path}.{name}", above)
    if "items" in schema:
        yield from _nullable(document, mapping(schema, "items"), path, above)
    is_open = schema.get("type") == "object" and not fields
    if is_open or schema.get("additionalProperties"):
        yield f"{path}.*"


def _kinds(document: Document, schema: JSONMap) -> set[str]:
    """Return the JSON types that a value of a schema may have."""
    schema, _ = document.resolve(schema)
    members = [*mappings(schema, "anyOf"), *mappings(schema, "oneOf")]
    if members:
        return {kind for member in members for kind in _kinds(document, member)}
    if schema.get("format") == "binary":
        return {"file"}
    if schema.get("format") in ("date", "date-time"):  # datetime objects are accepted
        return {ANY}
    named: JSON = schema.get("type")
    listed = named if isinstance(named, list) else [named]
    return {kind if kind in {*_KINDS, "null"} else ANY for kind in map(str, listed)}
