"""The cursor of the next page, and what is none."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest

import cartesia
from cartesia._runtime._async.pages import AsyncCursorIDPage, PageInfo
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request


async def fetch(info: PageInfo) -> AsyncCursorIDPage[Model]:
    raise AssertionError(info)


def a_page(items: list[Model], **data: object) -> AsyncCursorIDPage[Model]:
    request = Request(Operation("x", "GET", "/x"))
    response = httpx.Response(200, request=httpx.Request("GET", "http://a"))
    return AsyncCursorIDPage(request, data, items, fetch, response)


def test_a_cursor_that_is_no_text_leads_nowhere() -> None:
    nameless = Model.from_dict({"id": 5})
    for page in (a_page([], next_page="p"), a_page([nameless]), a_page([Model()])):
        assert page.next_page_info() is None
        assert not page.has_next_page()


def test_a_page_without_items_that_names_the_next_one_is_not_the_last() -> None:
    info = a_page([], has_more=True, next_page="p").next_page_info()
    assert info is not None
    assert info.params == {"starting_after": "p"}
    assert a_page([], has_more=True).next_page_info() is None


@pytest.mark.parametrize("before", [UUID(int=1), Model.from_dict({"id": "b"}), "b"])
def test_a_list_that_was_asked_for_backward_goes_on_backward(before: object) -> None:
    request = Request(Operation("x", "GET", "/x"), query={"ending_before": before})
    response = httpx.Response(200, request=httpx.Request("GET", "http://a"))
    items = [Model.from_dict({"id": "c"}), Model.from_dict({"id": "d"})]
    info = AsyncCursorIDPage(request, {"has_more": True}, items, fetch, response).next_page_info()
    assert info is not None
    assert info.params == {"ending_before": "c"}


def test_a_page_that_says_more_follows_after_an_item_without_an_id_is_an_error() -> None:
    for item in (Model(), Model.from_dict({"id": 5}), Model.from_dict({"id": ""})):
        page = a_page([item], has_more=True)
        with pytest.raises(cartesia.APIResponseValidationError, match="gave the last one no id"):
            page.next_page_info()
        with pytest.raises(cartesia.APIResponseValidationError, match="more items follow"):
            page.has_next_page()
        assert a_page([item], has_more=True, next_page="p").has_next_page()
