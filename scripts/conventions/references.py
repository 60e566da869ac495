"""Check that references lead to something, and that no schema consists of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scripts.bundle import JSON, JSONMap, escape, unescape
from scripts.conventions.schema_walk import Violation
from scripts.view.document import Document, mappings, text

_COMBINATIONS = ("anyOf", "oneOf", "allOf")


def check_references(document: Document) -> Iterator[Violation]:
    """Check what all other checks rely on.

    A reference of the files is checked when they are bundled; an overlay can leave one without its
    target.
    """
    for pointer, reference in _references(document.root, ""):
        if reference.startswith("#/") and not _leads_somewhere(document.root, reference):
            yield Violation(pointer, f"{reference!r} points to nothing; correct the name")
    for name, schema in document.schemas.items():
        reference = f"#/components/schemas/{escape(name)}"
        if reference in _consists_of(document, schema):
            yield Violation(
                reference[1:], "it consists of itself; refer to it in a field or a list"
            )


def _references(node: JSON, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every reference."""
    if isinstance(node, Mapping):
        if isinstance(reference := node.get("$ref"), str):
            yield pointer, reference
        for key, value in node.items():
            yield from _references(value, f"{pointer}/{escape(key)}")
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _references(item, f"{pointer}/{index}")


def _leads_somewhere(root: JSON, reference: str) -> bool:
    node = root
    for token in map(unescape, reference.split("/")[1:]):
        if isinstance(node, Mapping) and token in node:
            node = node[token]
        elif isinstance(node, list) and token.isdigit() and int(token) < len(node):
            node = node[int(token)]
        else:
            return False
    return True


def _consists_of(document: Document, schema: JSONMap) -> set[str]:
    """Return the references to all that a schema is, or is combined of."""
    found: set[str] = set()
    pending = [schema]
    while pending:
        node = pending.pop()
        pending += [member for word in _COMBINATIONS for member in mappings(node, word)]
        reference = text(node, "$ref")
        if reference and reference not in found:
            found.add(reference)
            named = document.schemas.get(unescape(reference.rpartition("/")[2]))
            pending += [named] if named is not None else []
    return found
