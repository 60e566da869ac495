"""A cancellation strikes where something is waited for, and is never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from cartesia._runtime.undisturbed import Undisturbed

pytestmark = pytest.mark.anyio

Steps = list[str]


async def checkpoint() -> None:
    await asyncio.sleep(0)


async def give_way_and_wait(done: Steps) -> str:
    for _ in range(3):
        await checkpoint()
        done.append("step")
    await asyncio.get_running_loop().create_future()
    return "never"


async def give_way(done: Steps) -> str:
    for _ in range(3):
        await checkpoint()
        done.append("step")
    return "end"


async def give_way_and_fail(done: Steps) -> str:
    await give_way(done)
    raise ZeroDivisionError


async def run(undisturbed: Undisturbed[str]) -> str:
    result = await undisturbed
    undisturbed.strike()
    return result


@pytest.mark.parametrize("work", [give_way_and_wait, give_way, give_way_and_fail])
async def test_it_strikes_after_the_steps(work: Callable[[Steps], Awaitable[str]]) -> None:
    done: Steps = []
    task = asyncio.create_task(run(Undisturbed(work(done))))
    await checkpoint()
    assert done == []
    task.cancel("enough")
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert done == ["step"] * 3
    assert task.cancelled()
    assert "enough" in str(caught.value)
    assert task.cancelling() == 1, "one cancellation is counted once"


async def test_without_one_nothing_changes() -> None:
    done: Steps = []
    undisturbed = Undisturbed(give_way(done))
    assert await undisturbed == "end"
    assert not undisturbed.is_cancelled
    undisturbed.strike()
    with pytest.raises(ZeroDivisionError):
        await Undisturbed(give_way_and_fail(done))


@pytest.mark.parametrize("work", [give_way_and_wait, give_way])
async def test_a_time_limit_stays_a_time_limit(work: Callable[[Steps], Awaitable[str]]) -> None:
    """`asyncio.timeout` counts cancellations to know its own."""
    done: Steps = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await run(Undisturbed(work(done)))
    assert done == ["step"] * 3
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await checkpoint()
