"""Check that the variants of unions can be distinguished."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.bundle import JSONMap, escape
from scripts.conventions.schema_walk import Violation
from scripts.view.document import Document, mapping, mappings, text
from scripts.view.shapes import SchemaKind


def check_unions(document: Document) -> Iterator[Violation]:
    """Check every named union of objects."""
    for name, node in document.schemas.items():
        if document.kind(name) is not SchemaKind.UNION:
            continue
        pointer = f"/components/schemas/{escape(name)}"
        variants = [
            member["$ref"]
            for member in (*mappings(node, "oneOf"), *mappings(node, "anyOf"))
            if isinstance(member.get("$ref"), str) and _is_object(document, member)
        ]
        refs = [ref for ref in variants if isinstance(ref, str)]
        if "discriminator" in node:
            yield from _tagged(document, node, pointer, refs)
        elif len(refs) > 1:
            yield from _untagged(document, pointer, refs)


def _is_object(document: Document, member: JSONMap) -> bool:
    return "properties" in document.resolve(member)[0]


def _tagged(
    document: Document, node: JSONMap, pointer: str, refs: list[str]
) -> Iterator[Violation]:
    discriminator = mapping(node, "discriminator")
    tag = text(discriminator, "propertyName")
    table = mapping(discriminator, "mapping")
    if set(table.values()) != set(refs):
        missing = sorted(_name(ref) for ref in set(refs) ^ {str(ref) for ref in table.values()})
        yield Violation(
            f"{pointer}/discriminator",
            f"`mapping` and variants differ in {', '.join(missing)}; give each variant its tag",
        )
    for value, ref in table.items():
        target, at = document.resolve({"$ref": ref})
        field = document.properties(target, at).get(tag)
        if field is None or not field.required or field.schema.get("const") != value:
            yield Violation(
                at,
                f"the variant {value!r} of {_name(pointer)} needs a required field {tag!r} "
                f"with `const: {value}`, else any object matches it",
            )


def _untagged(document: Document, pointer: str, refs: list[str]) -> Iterator[Violation]:
    known: dict[frozenset[str], str] = {}
    for ref in refs:
        target, at = document.resolve({"$ref": ref})
        required = [item for item in document.properties(target, at).values() if item.required]
        fixed = [item for item in required if "const" in item.schema]
        marks = frozenset(f"{item.wire}={item.schema.get('const')}" for item in (fixed or required))
        if marks in known:
            yield Violation(
                pointer,
                f"nothing distinguishes {_name(ref)} from {known[marks]}; "
                "add a discriminator with a mapping, or a required `const` field to one of the two",
            )
        known[marks] = _name(ref)


def _name(ref: str) -> str:
    return ref.rpartition("/")[2]
