"""What the runtime asks of a call before it sends it: the fields that must be there."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.bundle import JSON, JSONMap
from scripts.view.document import Document, RawOperation, mappings

ANY = "any"
_KINDS = {"string", "object", "array", "number", "integer", "boolean"}


@dataclass(frozen=True)
class Need:
    """One field that must be there."""

    wire: str
    kind: str
    """Its JSON type, ``file``, or ``any`` where it may have several."""
    least: int
    """The fewest characters of a string."""


def needs(document: Document, raw: RawOperation) -> list[Need]:
    """Give the fields that the body of an operation must have.

    Args:
        document: The document.
        raw: The operation.

    Returns:
        Them, in the order of the document; not those that may be null, or are always the same.
    """
    found: list[Need] = []
    for field in document.body_properties(raw).values():
        kinds = _kinds(document, field.schema)
        if not field.required or "null" in kinds or "const" in field.schema:
            continue
        kind = kinds.pop() if len(kinds) == 1 else ANY
        least = document.resolve(field.schema)[0].get("minLength", 0)
        found.append(Need(field.wire, kind, least if isinstance(least, int) else 0))
    return found


def _kinds(document: Document, schema: JSONMap) -> set[str]:
    """Give the JSON types that a value of a schema may have."""
    schema, _ = document.resolve(schema)
    members = [*mappings(schema, "anyOf"), *mappings(schema, "oneOf"), *mappings(schema, "allOf")]
    if members:
        return {kind for member in members for kind in _kinds(document, member)}
    if schema.get("format") == "binary":
        return {"file"}
    named: JSON = schema.get("type")
    listed = named if isinstance(named, list) else [named]
    return {kind if kind in {*_KINDS, "null"} else ANY for kind in map(str, listed)}
