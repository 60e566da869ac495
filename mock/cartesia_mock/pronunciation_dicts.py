"""The handlers of pronunciation dictionaries, and how a request for speech reads one."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from cartesia_mock import instants
from cartesia_mock.call import Call, Handler, Mock
from cartesia_mock.jsontypes import Fields, JSONObject, JSONValue, as_list, as_object
from cartesia_mock.paging import page
from cartesia_mock.speech import Respelling
from cartesia_mock.state import OWNER, make_id


def read_respelling(dictionary_id: str, mock: Mock) -> Respelling | None:
    """Read the dictionary that a request for speech names.

    Args:
        dictionary_id: Its identifier, or nothing.
        mock: The server's parts.

    Returns:
        Its words, or None when no dictionary is named.

    Raises:
        APIError: There is none (404).
    """
    if not dictionary_id or mock.settings.examples:
        return None
    items = as_list(mock.state.dictionaries.get(dictionary_id)["items"])
    fields = [Fields(as_object(item)) for item in items]
    return Respelling([(item.text("text"), item.text("alias")) for item in fields])


async def list_dictionaries(call: Call) -> Response:
    """Answer with a page of the dictionaries."""
    found = call.mock.state.dictionaries.list()
    return JSONResponse(page(found, call.query, call.mock.settings.page_size))


async def create(call: Call) -> Response:
    """Make a dictionary."""
    dictionary: JSONObject = {
        "id": make_id("pdict"),
        "name": call.body.text("name"),
        "owner_id": OWNER,
        "pinned": False,
        "items": _items(call),
        "created_at": instants.write(call.mock.clock.now()),
    }
    call.mock.state.dictionaries.add(Fields(dictionary).text("id"), dictionary)
    return JSONResponse(dictionary)


async def retrieve(call: Call) -> Response:
    """Answer with one dictionary."""
    return JSONResponse(call.mock.state.dictionaries.get(call.path.text("id")))


async def update(call: Call) -> Response:
    """Give a dictionary another name or other words; null changes nothing."""
    changes: JSONObject = {}
    if call.body.has("name"):
        changes["name"] = call.body.text("name")
    if call.body.has("items"):
        changes["items"] = _items(call)
    return JSONResponse(call.mock.state.dictionaries.change(call.path.text("id"), changes))


async def delete(call: Call) -> Response:
    """Delete a dictionary."""
    call.mock.state.dictionaries.remove(call.path.text("id"))
    return Response(status_code=204)


def _items(call: Call) -> list[JSONValue]:
    """Give the words of a request, each under both of the names for what is said for it."""
    items: list[JSONValue] = []
    for item in as_list(call.body.data.get("items")):
        fields = Fields(as_object(item))
        spoken = fields.text("alias" if fields.has("alias") else "pronunciation")
        items.append({"text": fields.text("text"), "alias": spoken, "pronunciation": spoken})
    return items


HANDLERS: dict[str, Handler] = {
    "pronunciation_dicts.list": list_dictionaries,
    "pronunciation_dicts.create": create,
    "pronunciation_dicts.retrieve": retrieve,
    "pronunciation_dicts.update": update,
    "pronunciation_dicts.delete": delete,
}
"""What answers each operation, by operationId."""
