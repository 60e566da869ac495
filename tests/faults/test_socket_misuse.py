"""A socket in other processes and event loops than its own, and in many threads and tasks."""

from __future__ import annotations

import pytest

from tests.faults.page import Caller
from tests.faults.test_misuse import GROUP, run
from tests.runtime.websocket.server import serving

SYNC = """
import gc, os, sys
import cartesia
from tests.runtime.websocket._sync.speech import connecting, kinds
from tests.runtime.websocket.server import Server

server = Server()
server.url = sys.argv[1]
manager = connecting(server)
connection = manager.enter()

def speak(connection):
    context = connection.context()
    context.push("Hello", continue_=False)
    assert kinds(context) == ["chunk", "chunk", "done"]

def told(work):
    try:
        work()
    except cartesia.CartesiaError as error:
        print(error, flush=True)
    else:
        print("nothing was told", flush=True)
"""

FORK = """
speak(connection)
context = connection.context()
context.push("Hello")
events = context.receive()
next(events)
child = os.fork()
if not child:
    status = 1
    try:
        told(lambda: connection.context())
        told(lambda: context.push("more"))
        told(lambda: kinds(context))
        told(context.no_more_inputs)
        told(context.cancel)
        told(connection.prewarm)
        # What had come before the fork is there in both; then there is no one to bring more.
        told(lambda: list(events))
        connection.close()
        with manager as another:
            speak(another)
        del events, context, connection
        gc.collect()
        status = 0
    finally:
        os._exit(status)
assert os.waitpid(child, 0)[1] == 0
context.no_more_inputs()
assert len(list(events)) == 4
speak(connection)
connection.close()
"""

ASYNC = """
import asyncio, gc, os, sys, threading
import cartesia
from tests.runtime.websocket._async.speech import connecting, kinds
from tests.runtime.websocket.server import Server

server = Server()
server.url = sys.argv[1]

async def speak(connection):
    context = connection.context()
    await context.push("Hello", continue_=False)
    assert await kinds(context) == ["chunk", "chunk", "done"]

async def told(work):
    try:
        await work
    except cartesia.CartesiaError as error:
        print(error, flush=True)
    else:
        print("nothing was told", flush=True)
"""

LOOPS = """
ready, done = threading.Event(), threading.Event()
kept = []
async def main():
    connection = await connecting(server).enter()
    await speak(connection)
    context = connection.context()
    await context.push("Hello")
    kept.extend([connection, context])
    ready.set()
    while not done.is_set():
        await asyncio.sleep(0.01)
    await context.no_more_inputs()
    assert await kinds(context) == ["chunk"] * 4 + ["done"]
    await connection.close()
thread = threading.Thread(target=lambda: asyncio.run(main()))
thread.start()
ready.wait(10)
connection, context = kept
async def other():
    await told(context.push("more"))
    await told(kinds(context))
    await told(context.no_more_inputs())
    await told(context.cancel())
    await told(connection.prewarm())
    await told(connection.send_raw("{}"))
    await told(connection.close())
asyncio.run(other())
done.set()
thread.join(10)
"""

FORKED_LOOP = """
kept = []
async def main():
    kept.append(await connecting(server).enter())
    await speak(kept[0])
loop = asyncio.new_event_loop()
loop.run_until_complete(main())
child = os.fork()
if not child:
    async def other():
        await told(kept[0].prewarm())
        await kept[0].close()
        async with connecting(server) as another:
            await speak(another)
    try:
        asyncio.run(other())
    except BaseException as error:
        print(repr(error), flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
loop.run_until_complete(speak(kept[0]))
loop.run_until_complete(kept[0].close())
loop.close()
"""

GONE_LOOP = """
kept = []
async def main():
    kept.append(await connecting(server).enter())
    await speak(kept[0])
asyncio.run(main())
async def other():
    await told(kept[0].prewarm())
    await kept[0].close()
asyncio.run(other())
kept.clear()
gc.collect()
"""

NO_LOOP = """
kept = []
async def main():
    kept.append(await connecting(server).enter())
loop = asyncio.new_event_loop()
loop.run_until_complete(main())
try:
    kept[0].context()
except cartesia.CartesiaError as error:
    print(error)
loop.run_until_complete(speak(kept[0]))
loop.run_until_complete(kept[0].close())
loop.close()
"""

FORKED = "this connection belongs to the process that forked: open another"
LOOPED = "this connection belongs to another event loop: use it there, or open another here"


@pytest.mark.parametrize(
    ("script", "said", "times"),
    [
        pytest.param(
            SYNC + FORK,
            FORKED,
            7,
            marks=pytest.mark.fault(
                GROUP, "The process is forked with a socket open", world="sync"
            ),
        ),
        pytest.param(
            ASYNC + FORKED_LOOP,
            LOOPED,
            1,
            marks=pytest.mark.fault(
                GROUP, "The process is forked with a socket open", world="async"
            ),
        ),
        pytest.param(
            ASYNC + LOOPS,
            LOOPED,
            7,
            marks=pytest.mark.fault(GROUP, "Two event loops use one socket", world="async"),
        ),
        pytest.param(
            ASYNC + GONE_LOOP,
            LOOPED,
            1,
            marks=pytest.mark.fault(
                GROUP, "The event loop of a socket ended, and another uses it", world="async"
            ),
        ),
    ],
)
def test_what_is_refused(script: str, said: str, times: int, caller: Caller) -> None:
    with serving() as server:
        assert run(script, server.url).splitlines() == [said] * times
    caller.sees(f"`CartesiaError`: {said}; closing it there does nothing to the other side")


@pytest.mark.fault(GROUP, "A socket of an event loop is used where none runs", world="async")
def test_where_no_event_loop_runs(caller: Caller) -> None:
    with serving() as server:
        assert run(ASYNC + NO_LOOP, server.url).splitlines() == [LOOPED]
    caller.sees(f"`CartesiaError`: {LOOPED}; there it goes on working")
