"""Adds to the JSON of responses what the document requires and handlers do not know of."""

from __future__ import annotations

from functools import wraps

from starlette.responses import JSONResponse, Response

from cartesia_mock.api.jsontypes import JSONFields, JSONValue, as_list, as_object, parse_json
from cartesia_mock.document.openapi_document import APIDocument
from cartesia_mock.http.api_request import APIRequest, Handler


def with_required_fields(handler: Handler, example: JSONValue) -> Handler:
    """Return a handler whose responses have every field that the document requires.

    Args:
        handler: A handler that was written before a field became required.
        example: The example of the operation's response.

    Returns:
        The handler. A required field that its response lacks has the value of the example.
    """

    @wraps(handler)
    async def complete(request: APIRequest) -> Response:
        response = await handler(request)
        if not isinstance(response, JSONResponse) or response.media_type != "application/json":
            return response
        value = parse_json(bytes(response.body))
        if _fill(request.mock.document, request.response_schema, value, example):
            response.body = response.render(value)
            response.headers["content-length"] = str(len(response.body))
        return response

    return complete


def _fill(document: APIDocument, pointer: str, value: JSONValue, example: JSONValue) -> bool:
    """Add the required fields that a value lacks; return whether there are any."""
    variants = document.variants(pointer)
    if len(variants) != 1:
        return False
    place, schema = variants[0], JSONFields(as_object(document.at(variants[0])))
    if isinstance(value, list):
        first = next(iter(as_list(example)), None)
        filled = [_fill(document, f"{place}/items", item, first) for item in value]
        return any(filled)
    if not isinstance(value, dict):
        return False
    known = as_object(example)
    lacking = [name for name in schema.texts("required") if name not in value and name in known]
    value |= {name: known[name] for name in lacking}
    filled = [
        _fill(document, f"{place}/properties/{name}", value[name], known.get(name))
        for name in schema.object("properties").data
        if isinstance(value.get(name), (dict, list))
    ]
    return bool(lacking) or any(filled)
