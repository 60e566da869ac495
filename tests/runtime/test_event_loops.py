"""One async client in several event loops, as scripts with several calls of `asyncio.run` have it."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.runtime.server import answer, chunked, serve

THING = answer(b'{"id": "t"}')
AUDIO = chunked(b"a", b"b", media_type="audio/wav")

# A process of its own: asyncio says, as a ResourceWarning, that the first loop's sockets were left.
SCRIPT = """
import asyncio, gc, sys
from tests.runtime._async.tiny import tiny

async def use(client):
    assert (await client.things.get("t")).to_dict() == {"id": "t"}
    await client.things.speak()  # dropped unread

client = tiny(sys.argv[1])
asyncio.run(use(client))
asyncio.run(use(client))
asyncio.run(client.close())
assert client.is_closed()

import anyio

async def wait():
    from cartesia._runtime._async.primitives import current_loop, sleep
    await sleep(0.001)
    assert not current_loop().is_closed()

anyio.run(wait)
del client
gc.collect()
print("done")
"""


# As Django's async_to_sync and Celery's workers do it.
THREADS = """
import asyncio, sys, threading
from tests.runtime._async.tiny import tiny

async def use(client):
    await asyncio.gather(*(client.things.get("t") for _ in range(3)))
    await (await client.things.speak()).read()

def work(client):
    barrier.wait()
    for _ in range(5):
        asyncio.run(use(client))

client = tiny(sys.argv[1])
barrier = threading.Barrier(4)
threads = [threading.Thread(target=work, args=(client,)) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
asyncio.run(client.close())
print("done")
"""

# One event loop runs all the time, as that of a web server, beside short ones in threads.
BESIDE = """
import asyncio, sys
from tests.runtime._async.tiny import tiny

async def serve_for_ever(client):
    for _ in range(5):
        await client.things.get("t")
        await asyncio.to_thread(asyncio.run, use(client))
    await client.close()

async def use(client):
    await client.things.get("t")

asyncio.run(serve_for_ever(tiny(sys.argv[1])))
print("done")
"""


def run(script: str, url: str) -> tuple[str, str]:
    done = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", script, url],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return done.stdout, done.stderr


def test_a_second_event_loop_finds_a_working_client() -> None:
    with serve(THING, AUDIO, THING, AUDIO) as server:
        assert run(SCRIPT, server.url) == ("done\n", "")
    assert len(server.requests) == 4


def test_threads_with_event_loops_of_their_own_share_a_client() -> None:
    with serve(answer(b'{"id": "t"}', headers={"content-type": "audio/x-raw"})) as server:
        assert run(THREADS, server.url) == ("done\n", "")
    assert len(server.requests) == 80


def test_a_long_event_loop_and_short_ones_share_a_client() -> None:
    with serve(THING) as server:
        assert run(BESIDE, server.url) == ("done\n", "")
    assert len(server.requests) == 10
    assert server.connections == 6, "the long event loop keeps its connection"
