"""A cycle of cursors is detected, and nothing else is taken for one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

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


def test_a_cursor_that_is_no_text_leads_nowhere() -> None:
    request = Request(Operation("x", "GET", "/x"))
    for items, next_page in (([Model.from_dict({"id": 5})], None), ([], "p")):
        data = {"has_more": True, "next_page": next_page}
        page = AsyncCursorIDPage(request, data, items, fetch)
        assert page.next_page_info() is None
        assert not page.has_next_page()
