"""Pages of a list by cursor, as every list of the API is given out."""

from __future__ import annotations

from collections.abc import Sequence

from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject, JSONValue


def page(items: Sequence[JSONObject], query: Fields, size: int) -> JSONObject:
    """Cut one page out of a list.

    Args:
        items: The whole list, filtered and in order; every item has an `id`.
        query: The request's `limit`, `starting_after` and `ending_before`.
        size: How many items are on a page when there is no `limit`.

    Returns:
        The envelope: `data`, `has_more` and `next_page`.

    Raises:
        APIError: Both cursors were given (400), or one is no item of the list (404).
    """
    limit = query.integer("limit") or size
    after, before = query.text("starting_after"), query.text("ending_before")
    start = _position(items, after, "starting_after") + 1 if after else 0
    end = _position(items, before, "ending_before") if before else len(items)
    if after and before:
        raise APIError(
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
    raise APIError(404, "Item not found", f"{name}: {cursor!r} is no item of this list")
