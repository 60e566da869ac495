"""Cursor pagination: which cursor asks for the next page, and whether cursors repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartesia._runtime.request import Request

_FORWARD = "starting_after"
_BACKWARD = "ending_before"


class PageInfo(NamedTuple):
    """What asks for a page.

    Attributes:
        params: The query parameters to set.
    """

    params: dict[str, str]


class CycleDetector(NamedTuple):
    """Brent's algorithm: remembers one cursor, and another one after 1, 2, 4, 8, ... steps.

    A cycle is detected within three rounds of it, however long the list, in the memory of one
    cursor.

    Attributes:
        remembered: The cursor that is remembered.
        steps: The steps taken since.
        limit: The steps after which the next cursor is remembered.
    """

    remembered: str | None = None
    steps: int = 0
    limit: int = 1

    def advance(self, cursor: str) -> CycleDetector | None:
        """Follow a cursor.

        Args:
            cursor: The next cursor.

        Returns:
            The detector after it; None if the cursor is known to repeat.
        """
        if cursor == self.remembered:
            return None
        if self.steps + 1 >= self.limit:
            return CycleDetector(cursor, 0, self.limit * 2)
        return CycleDetector(self.remembered, self.steps + 1, self.limit)


def next_cursor(
    request: Request, items: Sequence[object], has_more: bool | None, next_page: str | None
) -> PageInfo | None:
    """Find the cursor that asks for the page after one.

    Args:
        request: The request for the page.
        items: The items of the page.
        has_more: Whether the server says that there are more, None where it says nothing.
        next_page: The cursor that the server names, where it does.

    Returns:
        What asks for the next page, None after the last. Where the server does not say which page
        is the last, it is the first one without items.
    """
    if has_more is False or not items:
        return None
    backward = any(
        isinstance((layer or {}).get(_BACKWARD), str)
        for layer in (request.query, request.extra_query)
    )
    cursor: object = getattr(items[0 if backward else -1], "id", None) or next_page
    if not isinstance(cursor, str):
        return None
    return PageInfo({_BACKWARD if backward else _FORWARD: cursor})
