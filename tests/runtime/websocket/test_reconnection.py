"""When a conversation is taken up again: the policy with a clock and a die of our own."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cartesia
from cartesia._runtime.errors import (
    APIConnectionError,
    APIStatusError,
    CartesiaError,
)
from cartesia._runtime.explain import explain_status
from cartesia._runtime.websocket.close import Close
from cartesia._runtime.websocket.reconnection import Attempts, ReconnectingOverrides, Reconnection

REQUEST = httpx.Request("GET", "ws://host")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def answer(_: object) -> ReconnectingOverrides:
    return {}


def attempts(*, random: float = 0.0, clock: Clock | None = None) -> Attempts:
    settings = Reconnection(answer)
    return Attempts(settings, clock=clock or Clock(), random=lambda: random)


def begin(under_test: Attempts, failure: CartesiaError | None = None) -> float | None:
    """Begin another attempt, if there may be one."""
    delay = under_test.next_delay(failure)
    if delay is not None:
        under_test.made += 1
    return delay


def refused(status: int, retry_after: float | None = None) -> APIStatusError:
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    response = httpx.Response(status, headers=headers, request=REQUEST)
    return explain_status(response, b"", credentials="")


@pytest.mark.parametrize(("random", "factor"), [(0.0, 1.0), (1.0, 0.75)])
def test_the_delays_double_up_to_a_limit_and_are_shortened_by_chance(
    random: float, factor: float
) -> None:
    under_test = attempts(random=random)
    failure = APIConnectionError(request=REQUEST)
    delays = [begin(under_test, failure) for _ in range(6)]
    assert delays == [0.5 * factor, 1 * factor, 2 * factor, 4 * factor, 8 * factor, None]
    assert under_test.made == 5


def test_no_delay_grows_beyond_the_limit() -> None:
    settings = Reconnection(answer, max_retries=2000, initial_delay=3, max_delay=8)
    under_test = Attempts(settings, clock=Clock(), random=lambda: 0.0)
    delays = [begin(under_test) for _ in range(2000)]
    assert delays == [3, 6, *[8] * 1998]


@pytest.mark.parametrize(
    ("code", "again"),
    [
        (1000, False),
        (1001, True),
        (1002, False),
        (1005, True),
        (1006, True),
        (1008, False),
        (1009, False),
        (1011, True),
        (1012, True),
        (1013, True),
        (1015, True),
        (4000, False),
    ],
)
def test_the_code_decides(code: int, again: bool) -> None:
    assert attempts().may_go_on(Close(code)) is again
    silent = Attempts(Reconnection(), clock=Clock(), random=lambda: 0.0)
    assert not silent.may_go_on(Close(code))


@pytest.mark.parametrize(
    ("failure", "delay"),
    [
        (refused(401), None),
        (refused(404), None),
        (refused(307), None),
        (refused(429), 0.5),
        (refused(429, 0.1), 0.5),
        (refused(429, 7.0), 7.0),
        (refused(429, 9.0), None),
        (refused(503, 9.0), None),
        (refused(500), 0.5),
        (APIConnectionError(request=REQUEST), 0.5),
        (CartesiaError("no credentials"), None),
    ],
)
def test_what_the_server_said_decides(failure: CartesiaError, delay: float | None) -> None:
    assert attempts().next_delay(failure) == delay


@pytest.mark.parametrize(
    ("heard", "lasted", "next_attempt"), [(True, 0.0, 1), (False, 8.1, 1), (False, 8.0, 2)]
)
def test_a_connection_that_was_good_begins_the_count_anew(
    heard: bool, lasted: float, next_attempt: int
) -> None:
    clock = Clock()
    under_test = attempts(clock=clock)
    begin(under_test)
    under_test.opened()
    clock.now += lasted
    under_test.broke_off(heard=heard)
    begin(under_test)
    assert under_test.made == next_attempt


@given(st.integers(0, 20), st.floats(0, 100), st.floats(0, 100), st.floats(0, 1))
def test_any_policy_ends(retries: int, initial: float, longest: float, chance: float) -> None:
    settings = Reconnection(answer, retries, initial, longest)
    under_test = Attempts(settings, clock=Clock(), random=lambda: chance)
    for _ in range(retries):
        delay = begin(under_test)
        assert delay is not None
        assert 0 <= delay <= longest
    assert under_test.next_delay(None) is None


@pytest.mark.parametrize("name", ["max_retries", "initial_delay", "max_delay", "max_queue_size"])
def test_wrong_settings_are_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must not be negative"):
        Reconnection(**{name: -1})  # type: ignore[arg-type]


def test_what_is_no_function_is_no_callback() -> None:
    with pytest.raises(TypeError, match="on_reconnecting must be a function"):
        Reconnection({"abort": True})  # type: ignore[arg-type]


def test_the_public_names_say_where_they_are_imported_from() -> None:
    assert cartesia.ReconnectingEvent.__module__ == "cartesia"
    assert cartesia.ReconnectingOverrides.__module__ == "cartesia"
