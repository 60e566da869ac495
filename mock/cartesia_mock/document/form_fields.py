"""Nested objects in form fields: `output_format[container]=wav` becomes a typed object."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cartesia_mock.api.jsontypes import (
    JSONFields,
    JSONObject,
    JSONValue,
    as_object,
    parse_json,
)
from cartesia_mock.document.schema_validation import SchemaValidator

_NAME = re.compile(r"([^\[\]]+)\[([^\[\]]+)\]")


def nest(fields: JSONObject, properties: Mapping[str, str], schemas: SchemaValidator) -> JSONObject:
    """Build nested objects from flat form fields.

    Args:
        fields: The fields of the form, by their names on the wire.
        properties: JSON pointers to the schemas of the fields, by name.
        schemas: The document's schemas.

    Returns:
        The fields, with the parts of each object collected in one object. An object that was sent
        as JSON text is parsed.
    """
    nested: JSONObject = {}
    for name, value in fields.items():
        match = _NAME.fullmatch(name)
        owner, part = (match[1], match[2]) if match and name not in properties else ("", "")
        if owner in properties and isinstance(value, str):
            whole = as_object(nested.setdefault(owner, {}))
            whole[part] = _typed(properties[owner], part, value, schemas)
        elif name in properties and _parts(properties[name], schemas):
            nested[name] = _parsed(value)
        else:
            nested[name] = value
    return nested


def _parsed(value: JSONValue) -> JSONValue:
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value)
    except ValueError:
        return value


def _typed(schema: str, name: str, text: str, schemas: SchemaValidator) -> JSONValue:
    for pointer in _parts(schema, schemas).get(name, []):
        value = schemas.coerce(pointer, text)
        if not isinstance(value, str):
            return value
    return text


def _parts(schema: str, schemas: SchemaValidator) -> dict[str, list[str]]:
    """Return the pointers to the schemas of an object's fields, in all branches of a union."""
    place, node = schemas.document.find(schema)
    found: dict[str, list[str]] = {}
    for name in JSONFields(as_object(node)).object("properties").data:
        found.setdefault(name, []).append(f"{place}/properties/{name}")
    for branch in schemas.document.branches(place):
        for name, pointers in _parts(branch, schemas).items():
            found.setdefault(name, []).extend(pointers)
    return found
