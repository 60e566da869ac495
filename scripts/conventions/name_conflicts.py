"""Check that generated names are valid Python identifiers and do not conflict."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scripts.bundle import escape
from scripts.conventions.schema_walk import Violation
from scripts.view import common_arguments
from scripts.view.document import Document, RawOperation, mapping, mappings, strings, text
from scripts.view.python_names import attribute, identifier, snake_case
from scripts.view.shapes import SchemaKind

FIX = "give it another by x-python-name"
OF_MODELS = frozenset(
    {"to_dict", "to_json", "from_dict", "model_extra", "model_fields_set", "cls", "get"}
    | {"str", "int", "float", "bool", "list", "dict", "object", "datetime", "bytes", "property"}
    | {"classmethod"}
)
"""Names that every model uses: its methods, and the types of its annotations."""

OF_CONTEXTS = frozenset(
    {"self", "timeout", "connection", "extra_body", "extra_headers", "extra_query"}
    | {"websocket_connection_options"}
)
"""The arguments that methods of contexts, and those that run one, have beside its fields."""

IN_METHODS = frozenset({"Request", "begin", "id_of", "omit", "opened", "write_out"})
"""What the bodies of methods use, and an argument of the same name would hide."""

OF_RESOURCES = frozenset({"with_raw_response", "with_streaming_response"})


@dataclass
class _Names:
    """The names of one scope, each with its owner."""

    what: str
    taken: dict[str, str] = field(default_factory=dict[str, str])

    def take(self, name: str, owner: str, pointer: str) -> Iterator[Violation]:
        if not name.isidentifier() or keyword.iskeyword(name):
            yield Violation(pointer, f"{name!r} is not a valid Python name for {self.what}; {FIX}")
        if name in self.taken:
            yield Violation(
                pointer,
                f"the {self.what} {name!r} is already used by {self.taken[name]}; {FIX}",
            )
        self.taken[name] = owner


def check_names(document: Document) -> Iterator[Violation]:
    """Check all names of the generated code."""
    modules = _Names("module")
    for name in document.schemas:
        pointer = f"/components/schemas/{escape(name)}"
        if not (name.isidentifier() and name[0].isupper()):
            yield Violation(
                pointer, f"the schema {name!r} names a class; write it like VoiceMetadata"
            )
        yield from modules.take(snake_case(name), f"schema {name!r}", pointer)
        if document.kind(name) is SchemaKind.MODEL:
            yield from _attributes(document, name)
    for operation in document.operations:
        yield from _arguments(document, operation)
        yield from _settings(document, operation)
    yield from _methods(document)


def _attributes(document: Document, name: str) -> Iterator[Violation]:
    names = _Names("attribute", dict.fromkeys(OF_MODELS, "every model"))
    properties = document.component_properties(name).values()
    renamed = {item.wire for item in properties if text(item.schema, "x-python-name")}
    for item in properties:
        own = text(item.schema, "x-python-name") or attribute(item.wire)
        yield from names.take(own, f"field {item.wire!r}", item.pointer)
        for alias in strings(item.schema, "x-aliases"):
            if alias not in renamed:  # a field too, which has an attribute of another name
                yield from names.take(alias, f"field {item.wire!r}", f"{item.pointer}/x-aliases")
        if item.schema.get("contentEncoding") == "base64":
            yield from names.take("audio", f"the decoded {item.wire!r}", item.pointer)
    if "x-python-base" in document.schemas[name] and "error" in names.taken:
        yield Violation(
            f"/components/schemas/{escape(name)}",
            f"the attribute 'error' hides that of ErrorEvent; {FIX}, such as legacy_error",
        )


def _arguments(document: Document, operation: RawOperation) -> Iterator[Violation]:
    taken = ("self", *common_arguments.NAMES, *IN_METHODS)
    names = _Names("argument", dict.fromkeys(taken, "every call"))
    for node, pointer in document.parameters(operation):
        wire, schema = text(node, "name"), mapping(node, "schema")
        own = text(node, "x-python-name") or text(schema, "x-python-name") or identifier(wire)
        yield from names.take(own, f"parameter {wire!r}", pointer)
    for item in document.body_properties(operation).values():
        if "const" not in item.schema:
            own = text(item.schema, "x-python-name") or identifier(item.wire)
            yield from names.take(own, f"field {item.wire!r}", item.pointer)


def _settings(document: Document, operation: RawOperation) -> Iterator[Violation]:
    """Check the arguments of the contexts of a socket."""
    context = mapping(mapping(operation.node, "x-websocket"), "context")
    names = _Names("argument", dict.fromkeys(OF_CONTEXTS | IN_METHODS, "every context"))
    target, pointer = document.resolve(mapping(context, "request"))
    for item in document.properties(target, pointer).values():
        own = text(item.schema, "x-python-name") or identifier(item.wire)
        yield from names.take(own, f"field {item.wire!r}", item.pointer)


def _methods(document: Document) -> Iterator[Violation]:
    tags: dict[str, _Names] = {}

    def of(tag: str) -> _Names:
        start: Mapping[str, str] = dict.fromkeys(OF_RESOURCES, "every resource")
        return tags.setdefault(tag, _Names("method", dict(start)))

    for index, tag in enumerate(document.tags):
        above, _, last = tag.rpartition(".")
        yield from of(above or "client").take(last, f"the tag {tag!r}", f"/tags/{index}")
    for operation in document.operations:
        at = operation.pointer
        yield from of(operation.tag).take(operation.name, operation.id, at)
        for node in mappings(operation.node, "x-aliases"):
            yield from of(operation.tag).take(text(node, "name"), operation.id, f"{at}/x-aliases")
        socket = mapping(operation.node, "x-websocket")
        if legacy := text(socket, "legacy"):
            yield from of(operation.tag).take(legacy, operation.id, f"{at}/x-websocket/legacy")
        if stream := text(mapping(socket, "context"), "stream"):
            pointer = f"{at}/x-websocket/context/stream"
            yield from of(operation.tag).take(stream, operation.id, pointer)
