"""A cancellation is raised at the next await that blocks, and is never lost."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

import pytest

from cartesia._runtime.cancellation import DeferredCancellation

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


async def run(deferred: DeferredCancellation[str]) -> str:
    return await deferred


@pytest.mark.parametrize("work", [give_way_and_wait, give_way, give_way_and_fail])
async def test_it_is_raised_at_the_next_wait(work: Callable[[Steps], Awaitable[str]]) -> None:
    done: Steps = []
    task = asyncio.create_task(run(DeferredCancellation(work(done))))
    await checkpoint()
    assert done == []
    task.cancel("enough")
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert done == ["step"] * 3
    assert task.cancelled()
    if sys.version_info >= (3, 11):  # before, an await drops the message and nothing is counted
        assert "enough" in str(caught.value)
        assert task.cancelling() == 1, "one cancellation is counted once"


async def test_a_wait_that_has_ended_is_not_interrupted() -> None:
    done: Steps = []
    event = asyncio.Event()

    async def wait_and_step() -> str:
        await event.wait()
        return await give_way_and_wait(done)

    task = asyncio.create_task(run(DeferredCancellation(wait_and_step())))
    await checkpoint()
    event.set()
    task.cancel("enough")
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert done == ["step"] * 3
    if sys.version_info >= (3, 11):
        assert "enough" in str(caught.value)
        assert task.cancelling() == 1


async def test_a_wait_that_has_failed_does_not_hide_the_cancellation() -> None:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[str] = loop.create_future()

    async def wait() -> str:
        return await future

    task = asyncio.create_task(run(DeferredCancellation(wait())))
    await checkpoint()
    future.set_exception(OSError())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_wait_that_goes_on_is_interrupted() -> None:
    task = asyncio.create_task(run(DeferredCancellation(asyncio.sleep(60, "never"))))
    await checkpoint()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


async def test_a_second_one_is_raised_at_once() -> None:
    """A checkpoint of anyio goes on until a cancellation arrives."""

    async def give_way_for_ever() -> str:
        while True:
            await checkpoint()

    task = asyncio.create_task(run(DeferredCancellation(give_way_for_ever())))
    await checkpoint()
    task.cancel()
    await checkpoint()
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_without_one_nothing_changes() -> None:
    done: Steps = []
    deferred = DeferredCancellation(give_way(done))
    assert await deferred == "end"
    assert deferred.pending is None
    deferred.raise_pending()
    with pytest.raises(ZeroDivisionError):
        await DeferredCancellation(give_way_and_fail(done))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="there is no asyncio.timeout before")
@pytest.mark.parametrize("work", [give_way_and_wait, give_way])
async def test_a_time_limit_stays_a_time_limit(work: Callable[[Steps], Awaitable[str]]) -> None:
    """`asyncio.timeout` counts cancellations to know its own."""
    done: Steps = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await run(DeferredCancellation(work(done)))
    assert done == ["step"] * 3
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await checkpoint()
