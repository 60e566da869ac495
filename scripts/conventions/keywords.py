"""Check that objects of the document have only the keys that OpenAPI knows: others are typos."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from scripts.bundle import JSON, JSONMap, escape
from scripts.conventions.schema_walk import Violation
from scripts.view.document import METHODS, Document, mapping
from scripts.view.prose import with_article

_PARAMETER = (
    "name in description required deprecated allowEmptyValue style explode allowReserved schema "
    "example examples content"
)
_KEYS: Mapping[str, str] = {
    "document": (
        "openapi info jsonSchemaDialect servers paths webhooks components security tags "
        "externalDocs"
    ),
    "tag": "name description externalDocs",
    "path": f"$ref summary description servers parameters {' '.join(METHODS)}",
    "operation": (
        "tags summary description externalDocs operationId parameters requestBody responses "
        "callbacks deprecated security servers"
    ),
    "parameter": _PARAMETER,
    "header": _PARAMETER,
    "request body": "description content required",
    "response": "description headers content links",
    "media type": "schema example examples encoding",
    "example": "summary description value externalValue",
    "link": "operationRef operationId parameters requestBody description server",
}
KEYS = {kind: frozenset(keys.split()) for kind, keys in _KEYS.items()}
"""Kind of object -> the keys that it may have."""


def check_keywords(document: Document) -> Iterator[Violation]:
    """Check the keys of every object but schemas."""
    yield from _check("document", document.root, "")
    for index, tag in enumerate(document.tags.values()):
        yield from _check("tag", tag, f"/tags/{index}")
    for path, item in mapping(document.root, "paths").items():
        yield from _check("path", item, f"/paths/{escape(path)}")
    for operation in document.operations:
        yield from _check("operation", operation.node, operation.pointer)
        for node, pointer in document.parameters(operation):
            yield from _check("parameter", node, pointer)
        if "requestBody" in operation.node:
            above = f"{operation.pointer}/requestBody"
            body, pointer = document.resolve(mapping(operation.node, "requestBody"), above)
            yield from _check("request body", body, pointer)
            yield from _content(body, pointer)
        for node, pointer in document.responses(operation):
            yield from _check("response", node, pointer)
            yield from _content(node, pointer)
            for section, kind in (("headers", "header"), ("links", "link")):
                for name in mapping(node, section):
                    part = mapping(mapping(node, section), name)
                    found, at = document.resolve(part, f"{pointer}/{section}/{escape(name)}")
                    yield from _check(kind, found, at)


def _content(node: JSONMap, pointer: str) -> Iterator[Violation]:
    for media, entry in mapping(node, "content").items():
        at = f"{pointer}/content/{escape(media)}"
        yield from _check("media type", entry, at)
        for name, example in mapping(entry, "examples").items():
            yield from _check("example", example, f"{at}/examples/{escape(name)}")


def _check(kind: str, node: JSON, pointer: str) -> Iterator[Violation]:
    if not isinstance(node, Mapping):
        yield Violation(
            pointer, f"this is not {with_article(kind)}; write a mapping of {_listed(kind)}"
        )
        return
    for key in node:
        if key not in KEYS[kind] and not key.startswith("x-"):
            yield Violation(f"{pointer}/{escape(key)}", not_a_key(key, kind, KEYS[kind]))


def _listed(kind: str) -> str:
    return ", ".join(sorted(KEYS[kind]))


def not_a_key(key: str, kind: str, known: frozenset[str]) -> str:
    """Say that a key is unknown, and which one may have been meant."""
    meant = get_close_matches(key, known, 1)
    fix = f"write {meant[0]!r}" if meant else f"remove it, or use {', '.join(sorted(known))}"
    return f"{with_article(kind)} has no {key!r}; {fix}"
