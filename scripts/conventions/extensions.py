"""Check extensions: only known ones, where they have a meaning, with a value of the right type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from scripts.bundle import JSON, JSONMap, escape
from scripts.conventions.schema_walk import Role, Violation, schemas
from scripts.view.document import Document, RawOperation, mapping, text
from scripts.view.prose import with_article

BASES = frozenset({"ErrorEvent"})
SOCKET = frozenset({"name", "client", "server", "context", "legacy"})
ALONE = frozenset({"text", "binary", "finish", "final", "speech_start", "ends"})
"""Keys of sockets that are a single conversation, without contexts."""

SOCKET_SAYS = (
    "a mapping of name, client, server, and context and legacy, "
    "or text (json or word), binary (audio), final, speech_start, finish and ends"
)
CONTEXT = frozenset(
    {
        "key",
        "request",
        "cancel",
        "close",
        "per_message",
        "may_change",
        "ends",
        "defaults",
        "stream",
    }
)


def _is_name(value: JSON) -> bool:
    return isinstance(value, str) and value.isidentifier()


def _are_names(value: JSON) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_name(item) for item in value)


def _are_methods(value: JSON) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, Mapping)
        and _is_name(item.get("name"))
        and set(item) <= {"name", "deprecated", "returns"}
        and item.get("returns", "iterator") == "iterator"
        for item in value
    )


def _is_socket(value: JSON) -> bool:
    return (
        isinstance(value, Mapping)
        and {"name", "client", "server"} <= set(value) <= SOCKET | ALONE
        and set(mapping(value, "context")) <= CONTEXT
        and _is_name(mapping(value, "context").get("stream", "stream"))
        and value.get("text", "json") in {"json", "word"}
        and value.get("binary", "audio") == "audio"
        and isinstance(value.get("finish", ""), str | Mapping)
        and all(isinstance(value.get(key, {}), Mapping) for key in ("final", "speech_start"))
    )


def _is_table(value: JSON) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(array, str) for array in value.values())
    )


_Test = tuple[Callable[[JSON], bool], str]

NAME: _Test = (_is_name, "a Python name")
KNOWN: Mapping[str, Mapping[str, _Test]] = {
    "tag": {"x-python-name": NAME},
    "parameter": {"x-python-name": NAME},
    "property": {
        "x-python-name": NAME,
        "x-aliases": (_are_names, "a list of Python names"),
    },
    "schema": {
        "x-shorthand": (lambda value: isinstance(value, str), "the name of a field"),
        "x-python-base": (lambda value: value in BASES, " or ".join(sorted(BASES))),
        "x-id-of": (_are_names, "a list of names of schemas"),
        "x-parallel-arrays": (_is_table, "a mapping of fields to array names"),
    },
    "operation": {
        "x-aliases": (_are_methods, "a list of {name, deprecated?, returns: iterator?}"),
        "x-response-name": NAME,
        "x-replaced-by": (lambda value: isinstance(value, str), "an operationId"),
        "x-billed": (lambda value: isinstance(value, bool), "true or false"),
        "x-pagination": (lambda value: value == "cursor", "cursor"),
        "x-websocket": (_is_socket, SOCKET_SAYS),
    },
}
"""Kind of object -> extension -> the check of its value."""


def check_extensions(document: Document) -> Iterator[Violation]:
    """Check every extension of the document."""
    yield from _at("root", document.root, "")
    for index, tag in enumerate(document.tags.values()):
        yield from _at("tag", tag, f"/tags/{index}")
    for operation in document.operations:
        yield from _at("path item", operation.shared, operation.pointer.rpartition("/")[0])
        yield from _at("operation", operation.node, operation.pointer)
        for node, pointer in document.parameters(operation):
            yield from _at("parameter", node, pointer)
        yield from _answers(document, operation)
        yield from _successor(document, operation)
    kinds = {Role.COMPONENT: "schema", Role.PROPERTY: "property"}
    for visit in schemas(document):
        yield from _at(kinds.get(visit.role, "inner schema"), visit.node, visit.pointer)
    for name, node in document.schemas.items():
        if key := text(node, "x-shorthand"):
            yield from _shorthand(document, name, key)
        if "x-parallel-arrays" in node:
            yield from _arrays(document, name)


def _at(kind: str, node: JSONMap, pointer: str) -> Iterator[Violation]:
    known = KNOWN.get(kind, {})
    for key, value in node.items():
        if not key.startswith("x-"):
            continue
        if key not in known:
            allowed = (
                f"only {', '.join(known)} are allowed there" if known else "none are allowed there"
            )
            place = with_article(kind)
            yield Violation(f"{pointer}/{key}", f"{key} is ignored on {place}; {allowed}")
        elif not known[key][0](value):
            yield Violation(f"{pointer}/{key}", f"{key} must be {known[key][1]}")


def _answers(document: Document, operation: RawOperation) -> Iterator[Violation]:
    for status in mapping(operation.node, "responses"):
        node, pointer = document.resolve(
            mapping(mapping(operation.node, "responses"), status),
            f"{operation.pointer}/responses/{status}",
        )
        yield from _at("response", node, pointer)
        for media in mapping(node, "content"):
            entry = mapping(mapping(node, "content"), media)
            yield from _at("media type", entry, f"{pointer}/content/{escape(media)}")


def _successor(document: Document, operation: RawOperation) -> Iterator[Violation]:
    """Check what is to be used in place of a deprecated operation."""
    successor = operation.node.get("x-replaced-by")
    if successor is None:
        return
    at = f"{operation.pointer}/x-replaced-by"
    if operation.node.get("deprecated") is not True:
        yield Violation(at, "only a deprecated operation is replaced; add `deprecated: true`")
    if successor not in {raw.id for raw in document.operations} - {operation.id}:
        yield Violation(at, f"there is no other operation {successor!r}; name its operationId")


def _shorthand(document: Document, name: str, key: str) -> Iterator[Violation]:
    fields = document.component_properties(name)
    needed = [
        wire for wire, field in fields.items() if field.required and "const" not in field.schema
    ]
    if needed != [key]:
        yield Violation(
            f"/components/schemas/{escape(name)}/x-shorthand",
            f"a string can only stand for {key!r} where that is the one required field without a "
            f"`const`; here that is {', '.join(needed) or 'none'}",
        )


def _arrays(document: Document, name: str) -> Iterator[Violation]:
    fields = document.component_properties(name)
    for wire in mapping(document.schemas[name], "x-parallel-arrays"):
        if wire not in fields:
            yield Violation(
                f"/components/schemas/{escape(name)}/x-parallel-arrays",
                f"the object has no field {wire!r}; name one of {', '.join(fields)}",
            )
