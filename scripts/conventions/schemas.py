"""Check that schemas use only keywords that the generator supports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from scripts.bundle import JSON, JSONMap
from scripts.conventions.schema_walk import Role, Violation, Visit, schemas
from scripts.view.document import SCALARS, Document, mapping, mappings, strings

_WORDS = (
    "$ref type format enum const default description deprecated example examples properties "
    "required items additionalProperties anyOf oneOf discriminator minimum maximum "
    "exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern minItems "
    "maxItems uniqueItems minProperties maxProperties contentEncoding contentMediaType"
)
CARRIED = frozenset(_WORDS.split())
"""The keywords that the generator, the templates and the mock support."""

BESIDE_REFERENCE = frozenset({"$ref", "description", "default", "deprecated"})

FIXES = {
    "nullable": 'is OpenAPI 3.0; write `type: [..., "null"]` or an `anyOf` with `{type: "null"}`',
    "$defs": "is not read; put each schema under schemas/ and refer to it",
    "definitions": "is not read; put each schema under schemas/ and refer to it",
    "title": "would rename the class; the name of the schema is its name",
    "readOnly": "is ignored; make one schema for requests and one for responses",
    "writeOnly": "is ignored; make one schema for requests and one for responses",
    "allOf": "hides where a field comes from; write the fields of all of them in one object",
    "itemSchema": "is OpenAPI 3.2 and ignored; put the union of the events into `schema`",
}

FORMATS = frozenset(
    {"date", "date-time", "binary", "double", "float", "int32", "int64", "uri", "uuid"}
)


_CLOSE = 0.75
"""Likeness of two words from which one is taken for a typo of the other, between 0 and 1."""


def check_schemas(document: Document) -> Iterator[Violation]:
    """Check every schema on its own."""
    for visit in schemas(document):
        for text in _faults(document, visit):
            yield Violation(visit.pointer, text)


def _faults(document: Document, visit: Visit) -> Iterator[str]:
    if "$ref" in visit.node:
        yield from _beside_reference(visit.node)
        return
    yield from _words(visit)
    yield from _combination(visit.node)
    yield from _values(visit.node)
    yield from _required(document, visit)
    yield from _types(visit)
    yield from _formats(visit)
    yield from _is_named(document, visit)
    yield from _is_described(document, visit)


def _beside_reference(node: JSONMap) -> Iterator[str]:
    for word in node:
        if word not in BESIDE_REFERENCE and not word.startswith("x-"):
            yield f"{word!r} beside a $ref is dropped; move it to the referenced schema"


def _words(visit: Visit) -> Iterator[str]:
    # `exclusive_fields` checks `not` where it is read: in a named object.
    carried = CARRIED | {"not"} if visit.role is Role.COMPONENT else CARRIED
    for word in visit.node:
        if word in carried or word.startswith("x-"):
            continue
        if fix := FIXES.get(word):
            yield f"{word!r} {fix}"
        elif meant := get_close_matches(word, CARRIED, 1, _CLOSE):
            yield f"a schema has no {word!r}; write {meant[0]!r}"
        else:
            yield f"{word!r} is dropped by the generator; move it to the description"


def _combination(node: JSONMap) -> Iterator[str]:
    unions = [word for word in ("anyOf", "oneOf") if word in node]
    for word in unions:
        mixed = [other for other in ("properties", "type", "enum") if other in node]
        if mixed or len(unions) > 1:
            others = " and ".join(f"`{other}`" for other in (mixed or ["anyOf", "oneOf"]))
            yield f"`{word}` together with {others} drops one of them; make a schema of each"
            return
        for member in mappings(node, word):
            if set(member) <= {"required", "description"}:
                yield (
                    f"`{word}` of bare `required` drops the whole schema; "
                    "leave the fields optional and describe the rule"
                )
                return


def _required(document: Document, visit: Visit) -> Iterator[str]:
    """Check that the required fields are there."""
    if "properties" not in visit.node:
        if visit.node.get("type") == "object" and "required" in visit.node:
            yield "`required` without `properties` is dropped; describe the fields"
        return
    fields = document.properties(visit.node, visit.pointer)
    for wire in strings(visit.node, "required"):
        if wire not in fields:
            close = get_close_matches(wire, fields, 1)
            fix = f"write {close[0]!r}" if close else f"name one of {', '.join(fields)}"
            yield f"the required field {wire!r} is not among the `properties`; {fix}"


def _values(node: JSONMap) -> Iterator[str]:
    values = node.get("enum")
    if isinstance(values, list):
        kinds = {type(value) for value in values}
        if kinds not in ({str}, {int}):
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            yield (
                f"the values of an enum are all strings or all integers, these are {names}; "
                'quote strings, and write null as an `anyOf` with `{type: "null"}`'
            )
        if len({str(value) for value in values}) < len(values):
            yield "a value of the enum is given twice; remove one"
    pattern = node.get("pattern")
    if pattern is not None and not _is_pattern(pattern):
        yield f"the pattern {pattern!r} is not a regular expression; correct it"
    if "const" in node and not isinstance(node["const"], str | bool | int):
        yield "`const` is a string, a boolean or an integer; describe anything else"


def _is_pattern(pattern: JSON) -> bool:
    try:
        return isinstance(pattern, str) and bool(re.compile(pattern))
    except re.error:
        return False


def _types(visit: Visit) -> Iterator[str]:
    node = visit.node
    kinds: JSON = node.get("type")
    if isinstance(kinds, list):
        others = [kind for kind in kinds if kind != "null"]
        if len(kinds) != len(others) + 1 or len(others) != 1:
            yield (
                'a list of types is one type and "null"; '
                "write one type alone, and several as a named `anyOf`"
            )
            return
        kinds = others[0]
    if kinds is not None and kinds not in {*SCALARS, "array", "object"}:
        yield f"there is no type {kinds!r} in OpenAPI; use {', '.join(SCALARS)}, array or object"
    if kinds == "array" and not mapping(node, "items"):
        yield "an array without `items` has items of unknown type; add `items`"
    if node.get("additionalProperties") is False:
        yield (
            "`additionalProperties: false` makes clients drop fields that a newer server adds; "
            "leave it out, objects are open"
        )
    if mapping(node, "additionalProperties") and "properties" in node:
        yield "`additionalProperties` beside `properties` is dropped; an object has either"


def _formats(visit: Visit) -> Iterator[str]:
    node = visit.node
    if "format" in node and node["format"] not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        yield f"the format {node['format']!r} is unknown to the client; use {known}, or none"
    if node.get("format") in {"date", "date-time"} and visit.role is Role.MEMBER:
        others = [
            member
            for word in ("anyOf", "oneOf")
            for member in mappings(visit.above or {}, word)
            if member is not node and member.get("type") != "null"
        ]
        if others:
            yield "a date in a union is handed on as a string; make it a field of its own"
    if node.get("format") == "binary" and visit.role not in {Role.PROPERTY, Role.RESPONSE}:
        yield "a file is a field of a form, or the whole response; move it there"


def _is_named(document: Document, visit: Visit) -> Iterator[str]:
    if visit.role is Role.COMPONENT:
        return
    node = visit.node
    if "properties" in node:
        yield "a nested object gets a name from its location; name it under schemas/"
    elif "enum" in node:
        if visit.above is None or document.open_values(visit.above) is not node:
            yield "an unnamed enum gets a name from its location; name it under schemas/"
    else:
        members = [*mappings(node, "anyOf"), *mappings(node, "oneOf")]
        if sum(member.get("type") != "null" for member in members) > 1:
            yield "an unnamed union is dropped; name it under schemas/"


def _is_described(document: Document, visit: Visit) -> Iterator[str]:
    if visit.role in {Role.COMPONENT, Role.PROPERTY} and not document.describe(visit.node):
        yield "no description for the docstring; add one"
