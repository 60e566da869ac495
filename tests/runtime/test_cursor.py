"""The trail of cursors: a circle is noticed, a line never is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cartesia._runtime.cursor import Trail, next_cursor
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request


@given(st.integers(0, 20), st.integers(1, 40))
def test_every_circle_is_noticed(tail: int, circle: int) -> None:
    trail: Trail | None = Trail()
    steps = 0
    while trail is not None:
        steps += 1
        assert steps <= 3 * (tail + circle) + 3
        position = steps if steps <= tail else tail + (steps - tail) % circle
        trail = trail.step(f"cursor {position}")


def test_a_line_is_no_circle() -> None:
    trail: Trail | None = Trail()
    for position in range(10_000):
        assert trail is not None
        trail = trail.step(str(position))


def test_a_cursor_that_is_no_text_leads_nowhere() -> None:
    request = Request(Operation("x", "GET", "/x"))
    assert next_cursor(request, [Model.from_dict({"id": 5})], has_more=True, next_page=None) is None
    assert next_cursor(request, [], has_more=True, next_page="p") is None
