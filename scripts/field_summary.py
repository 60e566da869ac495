"""A short summary of one field or parameter, for comparing documents and for reports."""

from __future__ import annotations

import json
from dataclasses import dataclass

from scripts.bundle import JSON, JSONMap, unescape
from scripts.view.document import Document, mapping, mappings, strings, text
from scripts.view.python_names import attribute


@dataclass(frozen=True)
class FieldSummary:
    """The summary of one field.

    Attributes:
        type: The type: ``string``, ``Voice``, ``string[]``, ``map<string>``, ``"chunk"``, ``any``.
        required: Whether it is required.
        nullable: Whether it may be null.
        range: The bounds, ``1..100``, if any.
        default: The server's default, if documented.
        python: The name in Python; empty if it is the wire name.
        also: Aliases in Python.
    """

    type: str
    required: bool
    nullable: bool = False
    range: str = ""
    default: str = ""
    python: str = ""
    also: str = ""


def type_of(document: Document, schema: JSONMap) -> tuple[str, bool]:
    """Return the type of a schema, and whether it is nullable."""
    if ref := text(schema, "$ref"):
        return unescape(ref.rpartition("/")[2]), False
    if members := mappings(schema, "anyOf") or mappings(schema, "oneOf"):
        named = [type_of(document, member)[0] for member in members if member != {"type": "null"}]
        return " or ".join(named), {"type": "null"} in members
    if "const" in schema:
        return json.dumps(schema["const"]), False
    kinds = schema.get("type")
    if isinstance(kinds, list):
        plain = [kind for kind in kinds if kind != "null"]
        return type_of(document, {**schema, "type": plain[0]})[0], "null" in kinds
    if kinds is None:
        return "any", True
    if kinds == "array":
        return f"{type_of(document, mapping(schema, 'items'))[0]}[]", False
    if kinds == "object":
        inner = mapping(schema, "additionalProperties")
        return f"map<{type_of(document, inner)[0] if inner else 'any'}>", False
    formats = {"date-time": "datetime", "date": "date", "binary": "file"}
    special = formats.get(text(schema, "format"))
    return special or text(schema, "contentEncoding") or str(kinds), False


def read_field(
    document: Document, name: str, schema: JSONMap, node: JSONMap, *, required: bool
) -> FieldSummary:
    """Summarize one field or parameter.

    Args:
        document: The document.
        name: Its name on the wire.
        schema: Its schema.
        node: The node with its extensions: the schema, or the parameter.
        required: Whether it is required.

    Returns:
        What is said of it.
    """
    shown, nullable = type_of(document, schema)
    resolved, _ = document.resolve(schema)
    low, high = resolved.get("minimum"), resolved.get("maximum")
    bounded = low is not None or high is not None
    python = text(node, "x-python-name") or attribute(name)
    return FieldSummary(
        type=shown,
        required=required,
        nullable=nullable,
        range=f"{_number(low)}..{_number(high)}" if bounded else "",
        default=_plain(resolved.get("default")),
        python="" if python == name else python,
        also=", ".join(strings(node, "x-aliases")),
    )


def _plain(value: JSON) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _number(value: JSON) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else ""
