"""When an attempt is repeated, and after how long: with a clock and a die of our own."""

from __future__ import annotations

import pytest

from cartesia._runtime.retry import Failure, RetryPolicy

NOW = 1_700_000_000.0


def policy(max_retries: int = 3, *, cautious: bool = False, random: float = 0.0) -> RetryPolicy:
    return RetryPolicy(max_retries, cautious, random=lambda: random, now=lambda: NOW)


def test_waits_grow_up_to_a_limit_and_are_spread() -> None:
    plain = policy(100)
    waits = [plain.wait_after_failure(n, Failure.UNANSWERED) for n in range(8)]
    assert waits == [0.5, 1, 2, 4, 8, 8, 8, 8]
    assert plain.wait_after_failure(99, Failure.LATE) == 8
    assert policy(random=1.0).wait_after_failure(0, Failure.LATE) == 0.375
    assert 0.375 <= (RetryPolicy(1, cautious=False).wait_after_failure(0, Failure.LATE) or 0) <= 0.5


def test_there_is_an_end() -> None:
    assert policy(2).wait_after_failure(2, Failure.UNANSWERED) is None
    assert policy(2).wait_after_answer(2, 503, {"x-should-retry": "true"}) is None
    assert policy(0).wait_after_failure(0, Failure.UNANSWERED) is None


@pytest.mark.parametrize(
    ("failure", "anyway", "cautious"),
    [
        (Failure.UNANSWERED, True, True),
        (Failure.LATE, True, False),
        (Failure.CUT, True, False),
        (Failure.FINAL, False, False),
    ],
)
def test_a_cautious_policy_repeats_what_cannot_have_begun(
    failure: Failure, anyway: bool, cautious: bool
) -> None:
    assert (policy().wait_after_failure(0, failure) is not None) is anyway
    assert (policy(cautious=True).wait_after_failure(0, failure) is not None) is cautious


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_refusals_worth_another_try(status: int) -> None:
    assert policy(cautious=True).wait_after_answer(0, status, {}) == 0.5
    assert policy().wait_after_answer(0, status, {"x-should-retry": "false"}) is None


@pytest.mark.parametrize("status", [304, 400, 401, 403, 404, 422])
def test_refusals_that_stay(status: int) -> None:
    assert policy().wait_after_answer(0, status, {}) is None
    assert policy().wait_after_answer(0, status, {"x-should-retry": "true"}) == 0.5


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:30 GMT"}, 10),
        ({"retry-after": "60"}, 60),
        ({"retry-after": "61"}, None),
        ({"retry-after": "Tue, 14 Nov 2023 23:13:30 GMT"}, None),
        ({"retry-after": "0"}, 0.5),
        ({"retry-after": "-3"}, 0.5),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:10 GMT"}, 0.5),
        ({"retry-after": "nan"}, 0.5),
        ({"retry-after": "inf"}, 0.5),
        ({"retry-after": "tomorrow"}, 0.5),
        ({"retry-after": ""}, 0.5),
    ],
)
def test_what_the_server_asks_for(headers: dict[str, str], wait: float | None) -> None:
    assert policy().wait_after_answer(0, 429, headers) == wait
