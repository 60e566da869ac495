"""Requests as they arrived, read back into the values of the document's schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from scripts.bundle import JSON, JSONMap
from scripts.view.document import mapping, mappings, sequence
from tests.contract.instances import document, faults
from tests.contract.operations import Argument, Called
from tests.contract.recorder import Arrived, File
from tests.contract.said import Call


def read(operation: Called, arrived: Arrived) -> Call:
    """Read a request.

    Args:
        operation: What it asks for.
        arrived: The request.

    Returns:
        What it says, by place; texts have become the values that their schemas describe.
    """
    call = Call()
    arguments = list(operation.arguments())
    template = operation.raw.path.split("/")
    for part, segment in zip(template, arrived.segments, strict=True):
        if part.startswith("{"):
            call.path[part.strip("{}")] = segment
        else:
            assert part == segment
    call.query = _texts([a for a in arguments if a.place == "query"], arrived.query)
    if operation.media == "application/json":
        call.body = dict(json.loads(arrived.body))
    else:
        fields = [(name, part) for name, part in arrived.form if isinstance(part, str)]
        call.body = _texts([a for a in arguments if a.place == "form"], fields)
        files = [(name, part) for name, part in arrived.form if isinstance(part, File)]
        call.files = dict(files)
        assert len(call.files) == len(files), "a file arrived twice"
    return call


def problems(operation: Called, call: Call) -> list[str]:
    """Say what in a request is not as the document has it."""
    found: list[str] = []
    for argument in operation.arguments():
        if argument.place in {"path", "query"}:
            said = call.place(argument.place)
            if argument.wire in said:
                found += faults(argument.pointer, said[argument.wire])
            elif argument.required:
                found.append(f"{argument.wire} is missing")
    if operation.media:
        files = dict.fromkeys(call.files, "the content of a file")
        found += faults(operation.body_pointer, {**call.body, **files})
    return found


def _texts(arguments: Sequence[Argument], pairs: Sequence[tuple[str, str]]) -> dict[str, JSON]:
    """Read what travels as pairs of texts: a query string, or the plain fields of a form."""
    found: dict[str, JSON] = {}
    left = list(pairs)
    for argument in arguments:
        node, _ = document().resolve(argument.schema)
        mine = [pair for pair in left if _is_of(pair[0], argument.wire, node)]
        if not mine:
            continue
        left = [pair for pair in left if pair not in mine]
        if node.get("type") == "array":
            found[argument.wire] = [value(mapping(node, "items"), text) for _, text in mine]
        elif _is_object(node):
            inner = {name[len(argument.wire) + 1 : -1]: text for name, text in mine}
            found[argument.wire] = _object(node, inner)
        else:
            (pair,) = mine
            found[argument.wire] = value(node, pair[1])
    assert len(dict(left)) == len(left), f"said twice: {left}"
    return {**found, **dict(left)}


def _is_of(name: str, wire: str, node: JSONMap) -> bool:
    return name == wire or (_is_object(node) and name.startswith(f"{wire}["))


def _is_object(node: JSONMap) -> bool:
    members = mappings(node, "oneOf") or mappings(node, "anyOf")
    first = document().resolve(members[0])[0] if members else node
    return "properties" in first


def _object(node: JSONMap, texts: Mapping[str, str]) -> JSON:
    for member in mappings(node, "oneOf") or [node]:
        variant, pointer = document().resolve(member)
        fields = mapping(variant, "properties")
        read = {
            name: value(mapping(fields, name), text) if name in fields else text
            for name, text in texts.items()
        }
        if not faults(pointer, read):
            return read
    return dict(texts)


def value(schema: JSONMap, text: str) -> JSON:
    """Read a text as the value that a schema describes; the text itself where it is none."""
    node, _ = document().resolve(schema)
    if members := mappings(node, "anyOf"):
        return value(members[0], text)
    if "const" in node:
        return node["const"] if str(node["const"]) == text else text
    if "enum" in node:
        return next((each for each in sequence(node, "enum") if str(each) == text), text)
    try:
        if node.get("type") == "integer":
            return int(text)
        if node.get("type") == "number":
            return float(text)
    except ValueError:
        return text
    if node.get("type") == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text
