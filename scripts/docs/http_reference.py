"""The HTTP reference, from the OpenAPI document: a page for each resource, and one for schemas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from scripts.bundle import JSONMap
from scripts.view.document import Document, RawOperation, mapping, mappings, sequence, strings, text

_SCHEMAS_PAGE = "schemas.md"


def pages(document: Document) -> dict[str, str]:
    """Make the pages.

    Args:
        document: The document.

    Returns:
        The text of each page by its file name.
    """
    found = {_SCHEMAS_PAGE: "\n".join(_schemas_page(document))}
    for tag, node in document.tags.items():
        operations = [one for one in document.operations if one.tag == tag]
        if operations:
            lines = [f"# {tag}", "", text(node, "description"), ""]
            for operation in operations:
                lines += _operation(document, operation)
            found[f"{tag}.md"] = "\n".join(lines)
    return found


def _operation(document: Document, operation: RawOperation) -> Iterator[str]:
    node = operation.node
    yield f"## {text(node, 'summary')}"
    yield from ("", f"`{operation.method.upper()} {operation.path}`", "")
    yield from (text(node, "description"), "", f"In Python: `client.{operation.id}(...)`.")
    if official := text(mapping(node, "externalDocs"), "url"):
        yield f"Cartesia's own page: <{official}>."
    yield ""
    parameters = [parameter for parameter, _ in document.parameters(operation)]
    if parameters:
        yield from ("### Parameters", "", "| Name | In | Type | Required | Description |")
        yield "|---|---|---|---|---|"
        for parameter in parameters:
            schema = mapping(parameter, "schema")
            described = text(parameter, "description") or text(schema, "description")
            yield _row(
                f"`{text(parameter, 'name')}`",
                text(parameter, "in"),
                _type(schema),
                "yes" if parameter.get("required") is True else "",
                described,
            )
        yield ""
    yield from _request(document, node)
    yield from _socket(node)
    yield from _responses(document, node)


def _request(document: Document, node: JSONMap) -> Iterator[str]:
    for media_type, content in mapping(mapping(node, "requestBody"), "content").items():
        yield from (f"### Request: `{media_type}`", "")
        schema, _ = document.resolve(mapping(content, "schema"))
        yield from _fields(document, schema)
        for example in mapping(content, "examples").values():
            yield from (f"{text(example, 'summary')}:", "")
            yield from _json_block(mapping(example, "value"))


def _socket(node: JSONMap) -> Iterator[str]:
    socket = mapping(node, "x-websocket")
    for side, title in (("client", "Messages to the server"), ("server", "Messages from it")):
        if side in socket:
            yield from (f"### {title}", "", _type(mapping(socket, side)), "")


def _responses(document: Document, node: JSONMap) -> Iterator[str]:
    yield from ("### Responses", "", "| Status | Content | Description |", "|---|---|---|")
    for status, said in mapping(node, "responses").items():
        response, _ = document.resolve(said if isinstance(said, dict) else {})
        contents = [
            f"`{media_type}`: {_type(mapping(content, 'schema'))}"
            for media_type, content in mapping(response, "content").items()
        ]
        yield _row(status, "; ".join(contents), text(response, "description"))
    yield ""


def _schemas_page(document: Document) -> Iterator[str]:
    yield from ("# Schemas", "", "The objects of requests and responses, by name.", "")
    for name, schema in sorted(document.schemas.items()):
        yield from (f"## {name}", "", text(schema, "description"), "")
        yield from _fields(document, schema)


def _fields(document: Document, schema: JSONMap) -> Iterator[str]:
    """Print the fields of an object, or what another schema allows."""
    required = strings(schema, "required")
    properties = mapping(schema, "properties")
    if not properties:
        yield from (_type(schema), "")
        return
    yield from ("| Field | Type | Required | Description |", "|---|---|---|---|")
    for name in properties:
        field = mapping(properties, name)
        described = text(field, "description") or text(document.resolve(field)[0], "description")
        yield _row(f"`{name}`", _type(field), "yes" if name in required else "", described)
    yield ""


def _type(schema: JSONMap) -> str:
    """Describe what a schema allows; named schemas are links."""
    if reference := text(schema, "$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}]({_SCHEMAS_PAGE}#{name.lower()})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if values := sequence(schema, "enum"):
        return " ".join(f"`{json.dumps(value)}`" for value in values)
    if choices := mappings(schema, "oneOf") or mappings(schema, "anyOf"):
        return _or(_type(choice) for choice in choices)
    if schema.get("type") == "array":
        return f"list of {_type(mapping(schema, 'items'))}"
    form = text(schema, "format")
    names = strings(schema, "type") or [text(schema, "type") or "any"]
    return _or(f"{name} ({form})" if form and name != "null" else name for name in names)


def _or(choices: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(choices))


def _row(*cells: str) -> str:
    """Print a row of a table; cells hold neither line ends nor bars."""
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"


def _json_block(value: JSONMap) -> Iterator[str]:
    yield from ("```json", json.dumps(value, indent=2, ensure_ascii=False), "```", "")
