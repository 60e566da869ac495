"""Check that the document says all that docstrings, the mock and the tests need."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.bundle import JSONMap, escape
from scripts.conventions.schema_walk import Violation, schemas
from scripts.view.document import Document, RawOperation, mapping, mappings, text

STATUS = re.compile(r"[1-5][0-9][0-9]|[1-5]XX|default")


def check_completeness(document: Document) -> Iterator[Violation]:
    """Check the whole document."""
    for index, tag in enumerate(document.tags.values()):
        if not text(tag, "description"):
            yield Violation(f"/tags/{index}", "no description of the tag; add one")
    for name, header in mapping(mapping(document.root, "components"), "headers").items():
        if not text(header, "description"):
            pointer = f"/components/headers/{escape(name)}"
            yield Violation(pointer, "no description of the header; add one")
    for visit in schemas(document):
        for fault in _schema(visit.node):
            yield Violation(visit.pointer, fault)
    for operation in document.operations:
        yield from _described(operation)
        yield from _parameters(document, operation)
        yield from _answers(document, operation)
        yield from _security(document, operation.node, operation.pointer)
    yield from _security(document, document.root, "")


def _schema(node: JSONMap) -> Iterator[str]:
    if "$ref" in node:
        for word in ("description", "default"):
            if word in node:
                yield (
                    f"{word!r} beside a $ref is lost; move it to the referenced schema, or write "
                    "`anyOf: [$ref]` with the text beside it"
                )


def _described(operation: RawOperation) -> Iterator[Violation]:
    at, node = operation.pointer, operation.node
    for word in ("summary", "description"):
        if not text(node, word):
            yield Violation(at, f"no {word}; add one, it becomes the docstring")
    if not text(mapping(node, "externalDocs"), "url"):
        yield Violation(
            at, "no link to the vendor's page; add `externalDocs: {url: ...}`, for the docstring"
        )


def _parameters(document: Document, operation: RawOperation) -> Iterator[Violation]:
    for node, pointer in document.parameters(operation):
        name = text(node, "name")
        if "description" in node:
            yield Violation(
                pointer,
                f"the description of parameter {name!r} is lost beside its `schema`; "
                "move it inside the `schema`",
            )
        if node.get("required") is True and "example" not in node:
            yield Violation(
                pointer,
                f"the required parameter {name!r} has no `example` beside its `schema`; add one, "
                "the tests call the operation with it",
            )


def _answers(document: Document, operation: RawOperation) -> Iterator[Violation]:
    at = f"{operation.pointer}/responses"
    statuses = mapping(operation.node, "responses")
    if "default" not in statuses:
        yield Violation(
            at,
            "no `default` response, so that errors have no description; add "
            "`default: {$ref: ../responses/errors.yaml#/Error}`",
        )
    for status in statuses:
        if not STATUS.fullmatch(status):
            yield Violation(
                f"{at}/{escape(status)}", f"{status!r} is not a status; write 200, 4XX or default"
            )
    for node, pointer in document.responses(operation):
        for name, part in mapping(node, "links").items():
            if isinstance(part, dict):
                link, place = document.resolve(part, f"{pointer}/links/{escape(name)}")
                yield from _link(document, link, place)


def _link(document: Document, link: JSONMap, pointer: str) -> Iterator[Violation]:
    target = text(link, "operationId")
    found = next((raw for raw in document.operations if raw.id == target), None)
    if found is None:
        yield Violation(
            pointer, f"the link leads to {target!r}, which is not an operationId; name one"
        )
        return
    known = {text(node, "name") for node, _ in document.parameters(found)}
    for name in mapping(link, "parameters"):
        if name not in known:
            said = ", ".join(sorted(known)) or "none"
            yield Violation(pointer, f"{target} has no parameter {name!r}; use one of: {said}")
    if not mapping(link, "parameters") and "requestBody" not in link:
        yield Violation(pointer, "the link carries nothing over; give `parameters`")


def _security(document: Document, node: JSONMap, pointer: str) -> Iterator[Violation]:
    schemes = mapping(mapping(document.root, "components"), "securitySchemes")
    for entry in mappings(node, "security"):
        for name in entry:
            if name not in schemes:
                yield Violation(
                    f"{pointer}/security",
                    f"there is no security scheme {name!r}; use {', '.join(schemes) or 'none'}, "
                    "or describe it in `securitySchemes` of the main file",
                )
