"""Check that operations use only what the generator and the templates support."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.bundle import JSONMap, escape
from scripts.conventions.schema_walk import Violation
from scripts.view.document import Document, RawOperation, mapping, strings, text
from scripts.view.media_types import media_kind
from scripts.view.shapes import AnyOf, MapOf, Named, SchemaKind, Shape

ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
STYLES = {"path": "simple", "query": "form"}


def check_operations(document: Document) -> Iterator[Violation]:
    """Check the root of the document and each operation."""
    version = text(document.root, "openapi")
    if not version.startswith("3.1."):
        yield Violation("/openapi", f"this is OpenAPI {version or '?'}; the generator reads 3.1")
    if "webhooks" in document.root:
        yield Violation(
            "/webhooks", "webhooks are dropped by the generator; describe them in prose"
        )
    seen: dict[str, str] = {}
    for operation in document.operations:
        for pointer, said in _operation(document, operation, seen):
            yield Violation(pointer, said)


def _operation(
    document: Document, operation: RawOperation, seen: dict[str, str]
) -> Iterator[tuple[str, str]]:
    at, node = operation.pointer, operation.node
    yield from _identity(document, operation, seen)
    if not (text(node, "summary") or text(node, "description")):
        yield at, "no summary, so the method would have no docstring; add one"
    for word in ("callbacks", "servers"):
        if word in node:
            yield f"{at}/{word}", f"`{word}` of an operation are dropped; leave them out"
    for parameter, pointer in document.parameters(operation):
        yield from _parameter(document, parameter, pointer)
    yield from _path(document, operation)
    if "requestBody" in node:
        yield from _body(document, operation)
    yield from _answers(document, operation)


def _identity(
    document: Document, operation: RawOperation, seen: dict[str, str]
) -> Iterator[tuple[str, str]]:
    at, name = operation.pointer, operation.id
    if not ID.fullmatch(name):
        yield (
            at,
            f"operationId {name!r} is not `<tag>.<method>` in lower case, such as voices.get",
        )
        return
    if strings(operation.node, "tags") != [operation.tag]:
        yield (
            f"{at}/tags",
            f"the tags must be just [{operation.tag}], as in the operationId {name!r}",
        )
    parts = operation.tag.split(".")
    for depth in range(1, len(parts) + 1):
        tag = ".".join(parts[:depth])
        if tag not in document.tags:
            yield (
                f"{at}/tags",
                f"the tag {tag!r} is not declared; add it to `tags` of the main file",
            )
    # The generator writes both in one file: the second silently replaces the first.
    flat = name.replace(".", "_")
    if flat in seen:
        other = seen[flat]
        problem = f"operationId {name!r} is the same as that of {other} to the generator"
        yield at, f"{problem}; rename one of the two"
    seen[flat] = document.place(at)


def _path(document: Document, operation: RawOperation) -> Iterator[tuple[str, str]]:
    """Check that the path and its parameters agree."""
    wanted = re.findall(r"\{(.+?)\}", operation.path)
    found = {
        text(node, "name"): pointer
        for node, pointer in document.parameters(operation)
        if node.get("in") == "path"
    }
    for name in wanted:
        if name not in found:
            parameter = f"{{name: {name}, in: path, required: true, schema: ...}}"
            problem = f"the path {operation.path} has {{{name}}}, and no parameter describes it"
            yield operation.pointer, f"{problem}; add `{parameter}` to `parameters`"
    for name, pointer in found.items():
        if name not in wanted:
            problem = f"the path {operation.path} has no {{{name}}}"
            yield pointer, f"{problem}; correct the name of the parameter, or that in the path"


def _parameter(document: Document, node: JSONMap, pointer: str) -> Iterator[tuple[str, str]]:
    where, name = text(node, "in"), text(node, "name")
    if "content" in node or "schema" not in node:
        yield (
            pointer,
            f"parameter {name!r} needs a `schema`; one with `content` is dropped without a warning",
        )
        return
    if where not in STYLES:
        yield pointer, f"a parameter in {where or 'nothing'} is never sent; only path and query are"
        return
    if not (text(node, "description") or document.describe(mapping(node, "schema"))):
        yield pointer, f"parameter {name!r} has no description; put one inside its `schema`"
    if node.get("style", STYLES[where]) != STYLES[where] or node.get("explode") is False:
        yield (
            pointer,
            f"the client writes {where} parameters in style {STYLES[where]}, exploded, alone",
        )
    if where == "path" and node.get("required") is not True:
        yield pointer, "a path parameter is required; say `required: true`"
    if _has_objects(document.shape(mapping(node, "schema"))):
        yield (
            pointer,
            f"parameter {name!r} is an object, which cannot be written in a URL; use plain fields",
        )


def _has_objects(shape: Shape) -> bool:
    members = shape.members if isinstance(shape, AnyOf) else (shape,)
    return any(
        isinstance(member, MapOf)
        or (isinstance(member, Named) and member.kind in {SchemaKind.MODEL, SchemaKind.UNION})
        for member in members
    )


def _body(document: Document, operation: RawOperation) -> Iterator[tuple[str, str]]:
    node, pointer = document.resolve(
        mapping(operation.node, "requestBody"), f"{operation.pointer}/requestBody"
    )
    content = mapping(node, "content")
    if node.get("required") is not True:
        yield pointer, "say `required: true`; a call always sends its body"
    if len(content) != 1 or not content.keys() & {"application/json", "multipart/form-data"}:
        yield (
            f"{pointer}/content",
            "a body is either application/json or multipart/form-data",
        )
        return
    media = next(iter(content))
    schema = mapping(content[media], "schema")
    target = document.resolve(schema)[0]
    if "$ref" not in schema or "properties" not in target:
        yield (
            f"{pointer}/content/{escape(media)}",
            "the schema of a body is a $ref to a named object, whose fields become the arguments",
        )


def _answers(document: Document, operation: RawOperation) -> Iterator[tuple[str, str]]:
    above = f"{operation.pointer}/responses"
    responses = mapping(operation.node, "responses")
    successes = [status for status in responses if status.startswith("2") or status == "101"]
    if len(successes) != 1:
        yield (
            above,
            f"{len(successes)} successful responses; an operation has exactly one of 101 and 2xx",
        )
        return
    for status in responses:
        node, pointer = document.resolve(mapping(responses, status), f"{above}/{status}")
        if not text(node, "description"):
            yield pointer, "no description of the response; add one, for the docstring"
        for media in mapping(node, "content"):
            if not mapping(mapping(mapping(node, "content"), media), "schema"):
                yield (
                    f"{pointer}/content/{escape(media)}",
                    "a media type without a `schema` is read as an empty response; add one",
                )
    node, pointer = document.resolve(mapping(responses, successes[0]), f"{above}/{successes[0]}")
    kinds = {media_kind(media).value for media in mapping(node, "content")}
    if len(kinds) > 1:
        several = " or ".join(sorted(kinds))
        yield f"{pointer}/content", f"of {several} one is dropped; make an operation of each"
