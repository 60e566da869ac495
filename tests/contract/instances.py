"""Values made by hypothesis from the schemas of the document, and the judge of values.

The schemas keep to a small part of JSON Schema (openapi/README.md), so that making values is a short
walk over them; a word that it does not know is an error, not a value that misses it. Every value
made is held to the schema by the validator of another hand, in ``faults``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta, timezone
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from jsonschema_rs import Draft202012Validator, Registry

from scripts.bundle import JSON, JSONMap
from scripts.view.document import Document, mapping, mappings, sequence, strings, text
from tests.contract.dates import version

LARGEST = 2**53 - 1
"""The largest integer that every reader of JSON keeps."""

_KNOWN = frozenset(
    {
        *("$ref", "const", "enum", "anyOf", "oneOf", "discriminator", "type", "format", "pattern"),
        *("not",),
        *("properties", "required", "additionalProperties", "items", "minItems", "maxItems"),
        *("minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("contentEncoding", "contentMediaType"),
        *("title", "description", "default", "deprecated", "examples"),
    }
)
_WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=8)
_TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_TIMES = st.datetimes(timezones=_ZONES).map(lambda time: time.isoformat()) | st.datetimes().map(
    lambda time: f"{time.isoformat()}Z"
)
_ANYTHING: SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | _TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=3,
)


@cache
def document() -> Document:
    """Read the document once."""
    return Document(version().bundle)


def instances(schema: JSONMap, *, further: bool = False) -> SearchStrategy[JSON]:
    """Make values that a schema allows.

    Args:
        schema: The schema, or a reference to it.
        further: Whether objects get fields that the document does not know.

    Returns:
        A strategy for JSON values.
    """
    node, _ = document().resolve(schema)
    unknown = {key for key in node if not key.startswith("x-")} - _KNOWN
    if unknown:
        raise NotImplementedError(f"{sorted(unknown)}: tests/contract/instances.py must learn it")
    if "const" in node:
        return st.just(node["const"])
    if "enum" in node:
        return st.sampled_from(sequence(node, "enum"))
    if members := mappings(node, "anyOf") or mappings(node, "oneOf"):
        return st.one_of(*(instances(member, further=further) for member in members))
    kinds = node.get("type")
    if isinstance(kinds, list):
        return st.one_of(*(_typed({**node, "type": kind}, further) for kind in kinds))
    return _typed(node, further) if kinds else _ANYTHING


def _typed(node: JSONMap, further: bool) -> SearchStrategy[JSON]:
    match node["type"]:
        case "object":
            return _object(node, further)
        case "array":
            items = instances(mapping(node, "items"), further=further)
            least = _whole(node, "minItems", 0)
            most = min(_whole(node, "maxItems", least + 3), least + 3)
            return st.lists(items, min_size=least, max_size=most)
        case "string":
            return _string(node)
        case "integer":
            above = _whole(node, "exclusiveMinimum", -LARGEST - 1)
            below = _whole(node, "exclusiveMaximum", LARGEST + 1)
            low, high = _whole(node, "minimum", -LARGEST), _whole(node, "maximum", LARGEST)
            return st.integers(max(low, above + 1), min(high, below - 1))
        case "number":
            return _number(node)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case other:
            raise NotImplementedError(f"{other!r} is not a type of JSON Schema")


def _object(node: JSONMap, further: bool) -> SearchStrategy[JSON]:
    fields = {
        name: instances(mapping(mapping(node, "properties"), name), further=further)
        for name in mapping(node, "properties")
    }
    if not fields:
        values = mapping(node, "additionalProperties")
        made = instances(values, further=further) if values else _ANYTHING
        return st.dictionaries(_TEXT, made, max_size=3)
    required = set(strings(node, "required"))
    known = st.fixed_dictionaries(
        {name: made for name, made in fields.items() if name in required},
        optional={name: made for name, made in fields.items() if name not in required},
    )
    if exclusive := document().exclusive_fields(node):
        known = known.filter(lambda made: not excludes_itself(exclusive, made))
    if not further:
        return known.map(dict)
    names = _WORDS.map("new_{}".format)
    return st.builds(
        lambda old, new: {**new, **old}, known, st.dictionaries(names, _ANYTHING, max_size=2)
    )


def excludes_itself(exclusive: Sequence[str], made: Mapping[str, object]) -> bool:
    """Whether an object has several of some fields that exclude each other; null is none."""
    return sum(made.get(name) is not None for name in exclusive) > 1


def _number(node: JSONMap) -> SearchStrategy[JSON]:
    above, below = _bound(node, "exclusiveMinimum"), _bound(node, "exclusiveMaximum")
    low = _bound(node, "minimum") if above is None else above
    high = _bound(node, "maximum") if below is None else below
    return st.floats(
        low,
        high,
        exclude_min=above is not None,
        exclude_max=below is not None,
        allow_nan=False,
        allow_infinity=False,
    )


def _string(node: JSONMap) -> SearchStrategy[JSON]:
    if node.get("contentEncoding") == "base64":
        return st.binary(max_size=24).map(lambda data: base64.b64encode(data).decode())
    if node.get("format") == "date-time":
        return _TIMES
    if node.get("format") == "date":
        return st.dates().map(date.isoformat)
    least = _whole(node, "minLength", 0)
    most = _whole(node, "maxLength", least + 12)
    if pattern := text(node, "pattern"):
        made = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
        is_bound = "minLength" in node or "maxLength" in node
        return made.filter(lambda said: least <= len(said) <= most) if is_bound else made
    return st.text(st.characters(codec="utf-8"), min_size=least, max_size=min(most, least + 12))


def _whole(node: JSONMap, key: str, otherwise: int) -> int:
    value = node.get(key)
    return value if isinstance(value, int) else otherwise


def _bound(node: JSONMap, key: str) -> float | None:
    value = node.get(key)
    return float(value) if isinstance(value, (int, float)) else None


@cache
def validator(pointer: str) -> Draft202012Validator:
    """Return what judges values by the schema at a pointer of the bundled document.

    Args:
        pointer: Such as ``/components/schemas/Voice``.
    """
    # One in Rust, since streams have thousands of events: it takes 1 us for one, not 190.
    return Draft202012Validator(
        {"$ref": f"urn:document#{pointer}"}, registry=registry(), validate_formats=True
    )


@cache
def registry() -> Registry:
    """Return the bundled document to the validators, which share it."""
    return Registry([("urn:document", dict(document().root))])


def faults(pointer: str, value: JSON) -> list[str]:
    """Say what is wrong with a value by the schema at a pointer; nothing where it is valid."""
    return [error.message for error in validator(pointer).iter_errors(value)]
