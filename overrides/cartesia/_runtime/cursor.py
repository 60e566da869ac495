"""The way through a list that is sent in pages: which cursor comes next, and that it leads on."""

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


class Trail(NamedTuple):
    """The cursors that were followed, as far as is needed to notice a circle.

    This is Brent's algorithm: one cursor is remembered, and another after 1, 2, 4, 8, ... steps.
    Any circle is noticed within three rounds of it, whatever the length of the list, in the memory
    of one cursor.

    Attributes:
        mark: The cursor that is remembered.
        steps: The steps taken since.
        lap: The steps after which the next is remembered.
    """

    mark: str | None = None
    steps: int = 0
    lap: int = 1

    def step(self, cursor: str) -> Trail | None:
        """Follow a cursor.

        Args:
            cursor: Where to.

        Returns:
            The trail behind it, None when it has been there before.
        """
        if cursor == self.mark:
            return None
        if self.steps + 1 >= self.lap:
            return Trail(cursor, 0, self.lap * 2)
        return Trail(self.mark, self.steps + 1, self.lap)


def next_cursor(
    request: Request, items: Sequence[object], has_more: bool | None, next_page: str | None
) -> PageInfo | None:
    """Find the cursor that asks for the page after one.

    Args:
        request: The call that gave the page.
        items: The items of the page.
        has_more: Whether the server says that there are more, None where it says nothing.
        next_page: The cursor that the server names, where it does.

    Returns:
        What asks for the next page, None after the last. Where the server does not say which is the
        last, it is the first one without items.
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
