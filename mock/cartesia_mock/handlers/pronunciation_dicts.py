"""Handlers of pronunciation dictionaries."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue, as_list, as_object
from cartesia_mock.clock import format_timestamp
from cartesia_mock.http.api_request import APIRequest, Handler
from cartesia_mock.storage import OWNER, make_id

_MAX_TEXT = 200
_MAX_ALIAS = 1000


async def list_dictionaries(request: APIRequest) -> Response:
    """Respond with a page of the dictionaries."""
    return JSONResponse(request.page(request.mock.storage.dictionaries.list()))


async def create(request: APIRequest) -> Response:
    """Create a dictionary."""
    dictionary: JSONObject = {
        "id": make_id("pdict"),
        "name": request.body.text("name"),
        "owner_id": OWNER,
        "pinned": False,
        "items": _items(request),
        "created_at": format_timestamp(request.mock.clock.now()),
    }
    request.mock.storage.dictionaries.add(JSONFields(dictionary).text("id"), dictionary)
    return JSONResponse(dictionary)


async def retrieve(request: APIRequest) -> Response:
    """Respond with one dictionary."""
    return JSONResponse(request.mock.storage.dictionaries.get(request.path.text("id")))


async def update(request: APIRequest) -> Response:
    """Change the name or the items of a dictionary; null changes nothing."""
    changes: JSONObject = {}
    if request.body.has("name"):
        changes["name"] = request.body.text("name")
    if request.body.has("items"):
        changes["items"] = _items(request)
    return JSONResponse(request.mock.storage.dictionaries.change(request.path.text("id"), changes))


async def delete(request: APIRequest) -> Response:
    """Delete a dictionary."""
    request.mock.storage.dictionaries.remove(request.path.text("id"))
    return Response(status_code=204)


def _items(request: APIRequest) -> list[JSONValue]:
    """Return the items of a request with the replacement under both of its names.

    Raises:
        HTTPError: A text or its replacement is too long (400).
    """
    items: list[JSONValue] = []
    for item in as_list(request.body.data.get("items")):
        fields = JSONFields(as_object(item))
        spoken = fields.text("alias" if fields.has("alias") else "pronunciation")
        for name, text, limit in (
            ("text", fields.text("text"), _MAX_TEXT),
            ("alias", spoken, _MAX_ALIAS),
        ):
            if len(text) > limit:
                message = f"items[{len(items)}].{name}: is longer than {limit} characters"
                raise HTTPError(400, "Invalid request", message)
        read: JSONObject = {"text": fields.text("text"), "alias": spoken, "pronunciation": spoken}
        if fields.has("case_sensitive"):
            read["case_sensitive"] = fields.flag("case_sensitive")
        items.append(read)
    return items


HANDLERS: dict[str, Handler] = {
    "pronunciation_dicts.list": list_dictionaries,
    "pronunciation_dicts.create": create,
    "pronunciation_dicts.retrieve": retrieve,
    "pronunciation_dicts.update": update,
    "pronunciation_dicts.delete": delete,
}
"""Handlers by operationId."""
