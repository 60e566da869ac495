"""What a schema may say, so that nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.bundle import JSON, JSONMap
from scripts.conventions.schema_walk import Role, Violation, Visit, schemas
from scripts.view.document import SCALARS, Document, mapping, mappings

_WORDS = (
    "$ref type format enum const default description deprecated example examples properties "
    "required items additionalProperties allOf anyOf oneOf discriminator minimum maximum "
    "exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern minItems "
    "maxItems uniqueItems minProperties maxProperties contentEncoding contentMediaType"
)
CARRIED = frozenset(_WORDS.split())
"""The words that generator, view and mock know between them."""

BESIDE_REFERENCE = frozenset({"$ref", "description", "default", "deprecated"})

WAYS_OUT = {
    "nullable": 'is OpenAPI 3.0; write `type: [..., "null"]` or an `anyOf` with `{type: "null"}`',
    "$defs": "is not read; put each schema under schemas/ and refer to it",
    "definitions": "is not read; put each schema under schemas/ and refer to it",
    "title": "would rename the class; the name of the schema is its name",
    "readOnly": "is lost; make one schema for what is sent and one for what is answered",
    "writeOnly": "is lost; make one schema for what is sent and one for what is answered",
    "itemSchema": "is OpenAPI 3.2 and lost; put the union of the events into `schema`",
}

FORMATS = frozenset({"date-time", "binary", "double", "float", "int32", "int64", "uri", "uuid"})


def check_schemas(document: Document) -> Iterator[Violation]:
    """Check every schema by itself."""
    for visit in schemas(document):
        for text in _faults(document, visit):
            yield Violation(visit.pointer, text)


def _faults(document: Document, visit: Visit) -> Iterator[str]:
    if "$ref" in visit.node:
        yield from _beside_reference(visit.node)
        return
    yield from _words(visit.node)
    yield from _combination(visit.node)
    yield from _values(visit.node)
    yield from _types(visit)
    yield from _is_named(document, visit)
    yield from _is_described(document, visit)


def _beside_reference(node: JSONMap) -> Iterator[str]:
    for word in node:
        if word not in BESIDE_REFERENCE and not word.startswith("x-"):
            yield f"{word!r} beside a $ref is lost; say it in the schema referred to"


def _words(node: JSONMap) -> Iterator[str]:
    for word in node:
        if word not in CARRIED and not word.startswith("x-"):
            way_out = WAYS_OUT.get(word, "is lost by the generator; say it in the description")
            yield f"{word!r} {way_out}"


def _combination(node: JSONMap) -> Iterator[str]:
    unions = [word for word in ("anyOf", "oneOf") if word in node]
    if "allOf" in node and "properties" in node:
        yield (
            "the `properties` beside `allOf` are lost, without a warning; "
            "make them a second member of `allOf`"
        )
    elif "allOf" in node and len(mappings(node, "allOf")) == 1:
        yield "`allOf` with one member is not needed; write the $ref itself"
    for word in unions:
        mixed = [other for other in ("properties", "allOf", "type", "enum") if other in node]
        if mixed or len(unions) > 1:
            others = " and ".join(f"`{other}`" for other in (mixed or ["anyOf", "oneOf"]))
            yield f"`{word}` together with {others} loses one of them; make a schema of each"
            return
        for member in mappings(node, word):
            if set(member) <= {"required", "description"}:
                yield (
                    f"`{word}` of bare `required` makes the whole schema vanish; "
                    "leave the fields optional and say the rule in the description"
                )
                return


def _values(node: JSONMap) -> Iterator[str]:
    values = node.get("enum")
    if isinstance(values, list):
        kinds = {type(value) for value in values}
        if kinds not in ({str}, {int}):
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            yield (
                f"the values of an enum are all text or all integers, these are {names}; "
                'quote what is text, and say null by an `anyOf` with `{type: "null"}`'
            )
        if len({str(value) for value in values}) < len(values):
            yield "a value of the enum is given twice; leave one"
    if "const" in node and not isinstance(node["const"], str | bool | int):
        yield "`const` is text, a boolean or an integer; say anything else in the description"


def _types(visit: Visit) -> Iterator[str]:
    node = visit.node
    kinds: JSON = node.get("type")
    if isinstance(kinds, list):
        others = [kind for kind in kinds if kind != "null"]
        if len(kinds) != len(others) + 1 or len(others) != 1:
            yield (
                'a list of types is one type and "null"; '
                "write one type plainly, and several as an `anyOf` with a name"
            )
            return
        kinds = others[0]
    if kinds is not None and kinds not in {*SCALARS, "array", "object"}:
        yield f"there is no type {kinds!r} in OpenAPI; use {', '.join(SCALARS)}, array or object"
    if kinds == "array" and not mapping(node, "items"):
        yield "an array without `items` loses the type of what is in it; add `items`"
    if node.get("additionalProperties") is False:
        yield (
            "`additionalProperties: false` makes clients drop what a newer server adds; "
            "leave it out, objects are open"
        )
    if mapping(node, "additionalProperties") and "properties" in node:
        yield "`additionalProperties` beside `properties` is lost; an object has either"
    if "format" in node and node["format"] not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        yield f"the format {node['format']!r} means nothing to the client; use {known}, or none"
    if node.get("format") == "binary" and visit.role not in {Role.PROPERTY, Role.ANSWER}:
        yield "a file is a field of a form, or the whole answer; move it there"


def _is_named(document: Document, visit: Visit) -> Iterator[str]:
    if visit.role is Role.COMPONENT:
        return
    node = visit.node
    if "properties" in node or "allOf" in node:
        if not (visit.role is Role.MEMBER and "allOf" in (visit.above or {})):
            yield "an object inside of another is named by its place; name it under schemas/"
    elif "enum" in node:
        if visit.above is None or document.open_values(visit.above) is not node:
            yield "an enum without a name makes a class named by its place; name it under schemas/"
    else:
        members = [*mappings(node, "anyOf"), *mappings(node, "oneOf")]
        if sum(member.get("type") != "null" for member in members) > 1:
            yield "the name of a union is lost, unless it stands under schemas/; name it there"


def _is_described(document: Document, visit: Visit) -> Iterator[str]:
    if visit.role in {Role.COMPONENT, Role.PROPERTY} and not document.describe(visit.node):
        yield "no description, so there is nothing to say in the docstring; add one"
