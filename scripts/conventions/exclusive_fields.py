"""Check what objects say of fields that exclude each other, and of objects given for their id."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.bundle import JSONMap, escape
from scripts.conventions.schema_walk import Violation
from scripts.view.document import Document, mapping, strings
from scripts.view.shapes import SchemaKind

_ONLY = (
    "`not` says which fields exclude each other, and nothing else: "
    "`not: {required: [a, b]}`, with `properties` where null does not count"
)


def check_exclusive_fields(document: Document) -> Iterator[Violation]:
    """Check ``not`` and ``x-id-of`` of every named schema."""
    for name, node in document.schemas.items():
        at = f"/components/schemas/{escape(name)}"
        if "not" in node and not _is_exclusion(document, name, mapping(node, "not")):
            yield Violation(f"{at}/not", _ONLY)
        for target in strings(node, "x-id-of"):
            known = document.schemas.get(target)
            if known is None or "id" not in strings(known, "required"):
                yield Violation(
                    f"{at}/x-id-of",
                    f"{target!r} is not an object of the document with a required id",
                )


def _is_exclusion(document: Document, name: str, node: JSONMap) -> bool:
    fields = strings(node, "required")
    return (
        document.kind(name) is SchemaKind.MODEL
        and len(fields) > 1
        and set(fields) <= document.component_properties(name).keys()
        and node.keys() <= {"required", "properties"}
    )
