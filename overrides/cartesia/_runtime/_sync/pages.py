# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/pages.py
# Do not edit: change that file instead.
"""Cursor pagination: a page of a list, and iteration over all pages and items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Generic, NamedTuple, NoReturn, TypeVar

from cartesia._runtime.errors import APIResponseValidationError
from cartesia._runtime.types import Omit

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from cartesia._runtime.request import Request
    from cartesia._runtime.types import JSONObject

T = TypeVar("T")


class PageInfo(NamedTuple):
    """What asks for a page.

    Attributes:
        params: The query parameters to set.
    """

    params: dict[str, str]


class SyncCursorIDPage(Generic[T]):
    """One page of a list. Iterating over it gives its items and those of all pages that follow.

    Args:
        request: The request for the page.
        data: The JSON object of the response.
        items: The items in it.
        fetch: Gets the page that follows.
        response: The response that it was read from.
    """

    def __init__(
        self,
        request: Request,
        data: JSONObject,
        items: list[T],
        fetch: Callable[[PageInfo], SyncCursorIDPage[T]],
        response: httpx.Response,
    ) -> None:
        self.data = items
        """The items of this page."""
        self.has_more: bool | None = data.get("has_more")
        """Whether the server says that there are more; None where it says nothing."""
        self.next_page: str | None = data.get("next_page")
        """The cursor that the server names for the next page, where it does."""
        self._request = request
        self._fetch = fetch
        self._response = response

    def has_next_page(self) -> bool:
        """Return whether there is a next page.

        Returns:
            Whether `get_next_page` has something to get.

        Raises:
            APIResponseValidationError: The server says so, but the last item has no id.
        """
        return self.next_page_info() is not None

    def next_page_info(self) -> PageInfo | None:
        """Return what asks for the next page.

        Returns:
            Its query parameters, None after the last page. Where the server does not say which page
            is the last, it is the first one without items.

        Raises:
            APIResponseValidationError: The server says that there is one, but the last item, which
                the next page begins after, has no id.
        """
        if self.has_more is False or not (self.data or (self.has_more and self.next_page)):
            return None
        query = {**(self._request.query or {}), **(self._request.extra_query or {})}
        backward = not isinstance(query.get("ending_before"), (Omit, type(None)))
        last = self.data[0 if backward else -1] if self.data else None
        cursor: object = getattr(last, "id", None)
        if not isinstance(cursor, str) or not cursor:
            cursor = self.next_page
        if not isinstance(cursor, str):
            if not self.has_more:
                return None
            text = "the server says that more items follow, but gave the last one no id"
            raise APIResponseValidationError(self._response, None, message=text)
        return PageInfo({"ending_before" if backward else "starting_after": cursor})

    def get_next_page(self) -> SyncCursorIDPage[T]:
        """Get the next page.

        Returns:
            The page.

        Raises:
            RuntimeError: This is the last page.
            APIResponseValidationError: The server repeats a cursor, or gave the last item no id.
            APIError: The call failed.
        """
        info = self.next_page_info()
        if info is None:
            raise RuntimeError("this is the last page: ask `has_next_page()` first")
        return self._fetch(info)

    def iter_pages(self) -> Iterator[SyncCursorIDPage[T]]:
        """Iterate over the pages.

        Yields:
            This page and all that follow.
        """
        page = self
        yield page
        while page.has_next_page():
            page = page.get_next_page()
            yield page

    def __iter__(self) -> Iterator[T]:
        for page in self.iter_pages():
            for item in page.data:
                yield item

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a page cannot be pickled, since it gets those that follow from its client; "
            "pickle its `data`, the list of its items"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(data={self.data!r}, has_more={self.has_more!r})"


Paginator = SyncCursorIDPage
"""The result of a method that lists: in sync, the first page itself."""
