"""Check that there are the examples which the mock and the tests need, and that each is valid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scripts.bundle import JSON, JSONMap, escape
from scripts.conventions.schema_walk import Violation, messages, schemas
from scripts.conventions.validation import ExampleValidator
from scripts.view.document import Document, RawOperation, mapping, sequence
from scripts.view.media_types import MediaKind, media_kind


def check_examples(document: Document) -> Iterator[Violation]:
    """Check every example and default of the document."""
    validator = ExampleValidator(document)
    for operation in document.operations:
        for node, pointer in document.parameters(operation):
            if "example" in node:
                yield from _valid(validator, f"{pointer}/schema", node["example"], pointer)
        for content, pointer in _contents(document, operation):
            yield from _media(document, validator, content, pointer)
        yield from _messages(document, operation)
    for visit in schemas(document):
        if "$ref" in visit.node:
            continue
        values = [*sequence(visit.node, "examples")]
        values += [visit.node[word] for word in ("default", "example") if word in visit.node]
        for value in values:
            yield from _valid(validator, visit.pointer, value, visit.pointer)


def _contents(document: Document, operation: RawOperation) -> Iterator[tuple[JSONMap, str]]:
    """Yield the content of the request and of each response, with its pointer."""
    above = f"{operation.pointer}/requestBody"
    body, at = document.resolve(mapping(operation.node, "requestBody"), above)
    yield mapping(body, "content"), f"{at}/content"
    for node, pointer in document.responses(operation):
        yield mapping(node, "content"), f"{pointer}/content"


def _media(
    document: Document, validator: ExampleValidator, content: JSONMap, above: str
) -> Iterator[Violation]:
    for media, entry in content.items():
        pointer = f"{above}/{escape(media)}"
        schema = document.resolve(mapping(entry, "schema"))[0]
        examples = mapping(entry, "examples")
        is_binary = schema.get("format") == "binary" or media_kind(media) is MediaKind.BYTES
        if not examples and not (is_binary and media != "multipart/form-data"):
            yield Violation(
                pointer,
                f"no example of {media}; add `examples: {{name: {{summary: ..., value: ...}}}}`, "
                "which the mock answers with and the tests use",
            )
        for name, example in examples.items():
            if not isinstance(example, Mapping) or "value" not in example:
                at = f"{pointer}/examples/{escape(name)}"
                yield Violation(at, "an example needs a `value`; move it there")
                continue
            at = f"{pointer}/examples/{escape(name)}/value"
            yield from _valid(validator, f"{pointer}/schema", example["value"], at)


def _messages(document: Document, operation: RawOperation) -> Iterator[Violation]:
    """Check that each message of a socket has an example."""
    for side in ("client", "server"):
        for node, pointer in messages(document, operation, side):
            if not sequence(node, "examples"):
                yield Violation(
                    pointer,
                    f"no example of this message; add `examples: [...]` to the schema, which the "
                    f"mock and the tests of {operation.id} use",
                )


def _valid(
    validator: ExampleValidator, schema: str, value: JSON, pointer: str
) -> Iterator[Violation]:
    for fault in validator.faults(schema, value):
        yield Violation(
            pointer, f"the example is not as its schema says: {fault}; correct one of the two"
        )
