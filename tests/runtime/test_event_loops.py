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
    from cartesia._runtime._async.primitives import current_loop, is_closed_loop, sleep
    await sleep(0.001)
    assert not is_closed_loop(current_loop())

anyio.run(wait)
del client
gc.collect()
print("done")
"""


def test_a_second_event_loop_finds_a_working_client() -> None:
    with serve(THING, AUDIO, THING, AUDIO) as server:
        done = subprocess.run(  # noqa: S603  # our own code
            [sys.executable, "-c", SCRIPT, server.url],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
    assert (done.stdout, done.stderr) == ("done\n", "")
    assert len(server.requests) == 4
