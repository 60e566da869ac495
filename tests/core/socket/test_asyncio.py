"""What only tasks can do: be cancelled while they wait, and be left behind by their loop."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from cartesia._core.model import Model
from tests.core.socket._async.io import until
from tests.core.socket._async.listening import listening
from tests.core.socket._async.speech import connecting, kinds
from tests.core.socket.ears import Ears
from tests.core.socket.server import serving

pytestmark = pytest.mark.anyio


async def test_a_receiver_whose_wait_was_cancelled_goes_on() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            context = connection.context()
            events = context.receive()
            waiting = asyncio.ensure_future(events.__anext__())
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await context.push("Hello", continue_=False)
            heard = [event.to_dict()["type"] async for event in events]
            assert heard == ["chunk", "chunk", "done"]


async def test_a_cancelled_task_cancels_its_context_and_no_other() -> None:
    with serving() as server:
        async with connecting(server) as connection:
            context, other = connection.context(), connection.context()

            async def converse() -> None:
                async with context:
                    await context.push("Hello")
                    await kinds(context)

            task = asyncio.create_task(converse())
            await until(lambda: context._record.heard > 0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert context.state == "cancelled"
            await other.push("Hello", continue_=False)
            assert await kinds(other) == ["chunk", "chunk", "done"]


async def test_coroutine_functions_are_handlers() -> None:
    ears = Ears()
    heard: list[object] = []
    with serving(ears.listen()) as server:
        async with listening(server) as connection:

            @connection.on("done")
            async def done(piece: Model) -> None:
                await asyncio.sleep(0)
                heard.append(piece.to_dict()["type"])

            await connection.send("close")
            await connection.dispatch_events()
    assert heard == ["done"]


def test_a_loop_that_ends_with_a_connection_open_makes_no_noise() -> None:
    code = """
import asyncio
from tests.core.socket._async.speech import connecting
from tests.core.socket.ears import Ears
from tests.core.socket.server import serving

async def main():
    connection = await connecting(server).enter()
    context = connection.context()
    await context.push("Hello")
    await context.receive().__anext__()

with serving() as server:
    asyncio.run(main())
"""
    done = subprocess.run(  # noqa: S603 # the interpreter of these tests
        [sys.executable, "-X", "dev", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("", "")
