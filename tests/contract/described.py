"""The document in ``openapi/``, read as the same facts as the table in ``table/``."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.bundle import JSONMap
from scripts.field_summary import read_field, type_of
from scripts.view.document import Document, RawOperation, mapping, mappings, strings, text
from tests.contract.facts import THERE, YES, Aspect, Facts, facts_of

_ALWAYS = frozenset({"x-request-id"})
"""Headers that every answer has: no fact of one operation."""


def facts(document: Document) -> Facts:
    """Read the whole document.

    Args:
        document: The bundled document.

    Returns:
        Its facts, comparable to those of the table.
    """
    found: dict[Aspect, str] = {}
    for raw in document.operations:
        found |= dict(_operation(document, raw))
    only_bodies = document.bodies - document.referred
    for name in sorted(document.schemas.keys() - only_bodies):
        found |= dict(_schema(document, name))
    return found


def _operation(document: Document, raw: RawOperation) -> Iterator[tuple[Aspect, str]]:
    place = f"{raw.method.upper()} {raw.path}"
    socket = mapping(raw.node, "x-websocket")
    older = [text(node, "name") for node in mappings(raw.node, "x-aliases")]
    older += [legacy] if (legacy := text(socket, "legacy")) else []
    yield Aspect(place, THERE), YES
    yield Aspect(place, "python"), raw.id
    yield Aspect(place, "older"), ", ".join(older)
    if raw.deprecation:
        yield Aspect(place, "deprecated"), YES
    yield Aspect(place, "credentials"), _credentials(document, raw)
    yield Aspect(place, "body"), _body(document, raw)
    received = type_of(document, mapping(socket, "server"))[0] if socket else ""
    yield Aspect(place, "sends"), _sends(document, socket) if socket else ""
    yield Aspect(place, "receives"), received
    for node, _ in document.parameters(raw):
        name, required = text(node, "name"), node.get("required") is True
        told = read_field(document, name, mapping(node, "schema"), node, required=required)
        yield from facts_of(told, f"{place} {text(node, 'in')} {name}").items()
    for wire, item in document.body_properties(raw).items():
        told = read_field(document, wire, item.schema, item.schema, required=item.required)
        yield from facts_of(told, f"{place} body {wire}").items()
    yield from _answer(document, raw, place)


def _answer(document: Document, raw: RawOperation, place: str) -> Iterator[tuple[Aspect, str]]:
    for status, node in mapping(raw.node, "responses").items():
        if status >= "4" or not isinstance(node, dict):
            continue
        response, _ = document.resolve(node)
        said = status
        for media, entry in mapping(response, "content").items():
            schema = mapping(entry, "schema")
            shown = type_of(document, schema)[0]
            if media == "text/event-stream":
                shown = f"events of {shown}"
            elif shown in {"file", "string"}:
                shown = media
            elif raw.node.get("x-pagination"):
                shown = f"page of {shown}"
            said = f"{status} {shown}"
            break
        yield Aspect(place, "answer"), f"{said} socket" if "x-websocket" in raw.node else said
        for header in mapping(response, "headers").keys() - _ALWAYS:
            yield Aspect(f"{place} header {header}", THERE), YES


def _body(document: Document, raw: RawOperation) -> str:
    body, _ = document.resolve(mapping(raw.node, "requestBody"))
    kinds = {"application/json": "json", "multipart/form-data": "form"}
    return ", ".join(kinds.get(media, media) for media in mapping(body, "content"))


def _sends(document: Document, socket: JSONMap) -> str:
    said = [type_of(document, mapping(socket, "client"))[0]]
    said += ["bare words"] if socket.get("text") == "word" else []
    return ", ".join([*said, f"binary {binary}"] if (binary := text(socket, "binary")) else said)


def _credentials(document: Document, raw: RawOperation) -> str:
    listed = raw.node if "security" in raw.node else document.root
    schemes = {name for entry in mappings(listed, "security") for name in entry}
    words = {
        "token": "accessToken",
        "key": "apiKey",
        "header": "apiKeyHeader",
        "query": "accessTokenQuery",
    }
    said = " or ".join(word for word, scheme in words.items() if scheme in schemes)
    return f"{said} or nothing" if {} in mappings(listed, "security") else said


def _schema(document: Document, name: str) -> Iterator[tuple[Aspect, str]]:
    schema = document.schemas[name]
    yield Aspect(name, THERE), YES
    listed = document.open_values(schema) or schema
    if "enum" in listed:
        yield Aspect(name, "kind"), "enum" if listed is schema else "open enum"
        for value in listed["enum"] if isinstance(listed["enum"], list) else []:
            yield Aspect(f"{name} = {value}", THERE), YES
    elif members := mappings(schema, "anyOf") or mappings(schema, "oneOf"):
        tagged = mapping(schema, "discriminator")
        tags = {str(ref): tag for tag, ref in mapping(tagged, "mapping").items()}
        by = f" by {text(tagged, 'propertyName')}" if tagged else ""
        yield Aspect(name, "kind"), f"union{by}"
        for member in members:
            place = f"{name} | {type_of(document, member)[0]}"
            yield Aspect(place, THERE), YES
            if tagged:
                yield Aspect(place, "tag"), tags[text(member, "$ref")]
    elif "properties" in schema:
        yield Aspect(name, "kind"), "object"
        required = strings(schema, "required")
        for wire, item in document.component_properties(name).items():
            told = read_field(document, wire, item.schema, item.schema, required=wire in required)
            yield from facts_of(told, f"{name} {wire}").items()
    else:
        yield Aspect(name, "kind"), type_of(document, schema)[0]
