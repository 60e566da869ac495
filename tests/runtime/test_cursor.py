"""A cycle of cursors is detected, and nothing else is taken for one."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cartesia
from cartesia._runtime._async.pages import AsyncCursorIDPage, CycleDetector, PageInfo
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request


@given(st.integers(0, 20), st.integers(1, 40))
def test_every_cycle_is_detected(tail: int, cycle: int) -> None:
    cursors: CycleDetector | None = CycleDetector()
    steps = 0
    while cursors is not None:
        steps += 1
        assert steps <= 3 * (tail + cycle) + 3
        position = steps if steps <= tail else tail + (steps - tail) % cycle
        cursors = cursors.advance(f"cursor {position}")


def test_a_list_without_a_cycle() -> None:
    cursors: CycleDetector | None = CycleDetector()
    for position in range(10_000):
        assert cursors is not None
        cursors = cursors.advance(str(position))


async def fetch(info: PageInfo) -> AsyncCursorIDPage[Model]:
    raise AssertionError(info)


def a_page(items: list[Model], **data: object) -> AsyncCursorIDPage[Model]:
    request = Request(Operation("x", "GET", "/x"))
    response = httpx.Response(200, request=httpx.Request("GET", "http://a"))
    return AsyncCursorIDPage(request, data, items, fetch, response)


def test_a_cursor_that_is_no_text_leads_nowhere() -> None:
    nameless = Model.from_dict({"id": 5})
    for page in (a_page([], has_more=True, next_page="p"), a_page([nameless]), a_page([Model()])):
        assert page.next_page_info() is None
        assert not page.has_next_page()


def test_a_page_that_says_more_follows_after_an_item_without_an_id_is_an_error() -> None:
    for item in (Model(), Model.from_dict({"id": 5}), Model.from_dict({"id": ""})):
        page = a_page([item], has_more=True)
        with pytest.raises(cartesia.APIResponseValidationError, match="gave the last one no id"):
            page.next_page_info()
        with pytest.raises(cartesia.APIResponseValidationError, match="more items follow"):
            page.has_next_page()
        assert a_page([item], has_more=True, next_page="p").has_next_page()
