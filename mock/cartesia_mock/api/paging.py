"""Cursor pagination, the same for every list of the API."""

from __future__ import annotations

from collections.abc import Sequence

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue


def page(items: Sequence[JSONObject], query: JSONFields, size: int) -> JSONObject:
    """Return one page of a list.

    Args:
        items: The whole list, filtered and sorted; every item has an `id`.
        query: The request's `limit`, `starting_after` and `ending_before`.
        size: Number of items on a page without a `limit`.

    Returns:
        The envelope: `data`, `has_more` and `next_page`.

    Raises:
        HTTPError: Both cursors were given (400), or a cursor is not an item of the list (404).
    """
    limit = query.integer("limit") or size
    after, before = query.text("starting_after"), query.text("ending_before")
    start = _position(items, after, "starting_after") + 1 if after else 0
    end = _position(items, before, "ending_before") if before else len(items)
    if after and before:
        raise HTTPError(
            400, "Invalid request", "give either starting_after or ending_before, not both"
        )
    if before:
        start = max(end - limit, 0)
        has_more = start > 0
        cursor = start
    else:
        end = min(start + limit, len(items))
        has_more = end < len(items)
        cursor = end - 1
    data: list[JSONValue] = [*items[start:end]]
    return {
        "data": data,
        "has_more": has_more,
        "next_page": items[cursor]["id"] if has_more else None,
    }


def _position(items: Sequence[JSONObject], cursor: str, name: str) -> int:
    for position, item in enumerate(items):
        if item["id"] == cursor:
            return position
    raise HTTPError(404, "Item not found", f"{name}: {cursor!r} is not an item of this list")
