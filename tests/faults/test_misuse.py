"""A client in other processes and event loops than the one it began in."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.faults.page import Caller
from tests.faults.server import AUDIO, PIECES
from tests.runtime.server import answer, chunked, serve

GROUP = "Processes and event loops"

FOUND = answer(b'{"id": "v"}')
SPEECH = chunked(*PIECES, media_type=AUDIO)

SYNC = """
import gc, os, sys
import cartesia, httpx
from tests.faults._sync.calls import connect, speak

url = sys.argv[1]

def get(client):
    assert client.voices.get("v").id == "v"

def in_a_child(work):
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
        return
    status = 1
    try:
        work()
        gc.collect()
        print("child", flush=True)
        status = 0
    finally:
        os._exit(status)
"""

FORK = """
client = connect(url)
get(client)
def work():
    get(client)
    get(client)
    client.close()
in_a_child(work)
get(client)
client.close()
"""

FORK_UNUSED = """
client = connect(url, http_client=httpx.Client())
def work():
    get(client)
    client.close()
in_a_child(work)
get(client)
client.close()
"""

FORK_OWN = """
client = connect(url, http_client=httpx.Client())
get(client)
def work():
    try:
        get(client)
    except cartesia.CartesiaError as error:
        print(error)
    client.close()
in_a_child(work)
get(client)
client.close()
"""

FORK_UNREAD = """
client = connect(url)
get(client)
response = client.voices.with_streaming_response.get("v").__enter__()
def work():
    global response
    del response
    gc.collect()
    get(client)
    get(client)
    client.close()
in_a_child(work)
assert response.read() == b'{"id": "v"}'
get(client)
client.close()
"""

FORK_READS = """
client = connect(url)
response = client.voices.with_streaming_response.get("v").__enter__()
pieces = response.iter_bytes(4)
def work():
    for read in (response.read, pieces.__next__):
        try:
            read()
        except cartesia.CartesiaError as error:
            print(error, flush=True)
    response.close()
    pieces.close()
in_a_child(work)
assert b"".join(pieces) == b'{"id": "v"}'
get(client)
client.close()
"""

ASYNC = """
import asyncio, gc, os, sys, threading
import cartesia, httpx
from tests.faults._async.calls import connect, speak

url = sys.argv[1]

async def get(client):
    assert (await client.voices.get("v")).id == "v"
"""

ASYNC_FORK = """
client = connect(url)
async def twice():
    await get(client)
    await get(client)
asyncio.run(twice())
child = os.fork()
if child:
    assert os.waitpid(child, 0)[1] == 0
asyncio.run(twice())
print("child", flush=True) if not child else None
gc.collect()
"""

AGAIN = """
client = connect(url)
asyncio.run(get(client))
asyncio.run(get(client))
asyncio.run(client.close())
"""

NEVER_CLOSED = """
async def main():
    client = connect(url)
    await get(client)
    await get(client)
    await asyncio.gather(*(get(client) for _ in range(5)))
    kept.append(client)
kept = []
asyncio.run(main())
asyncio.run(main())
kept.clear()
gc.collect()
"""

TWO_LOOPS = """
client = connect(url)
ready, done = threading.Event(), threading.Event()
async def main():
    await get(client)
    ready.set()
    while not done.is_set():
        await asyncio.sleep(0.01)
    await client.close()
thread = threading.Thread(target=lambda: asyncio.run(main()))
thread.start()
ready.wait(10)
asyncio.run(get(client))
done.set()
thread.join(10)
"""

OWN_IN_ANOTHER_LOOP = """
http = httpx.AsyncClient()
client = connect(url, http_client=http)
first = asyncio.new_event_loop()
first.run_until_complete(get(client))
async def other():
    try:
        await get(client)
    except cartesia.CartesiaError as error:
        print(str(error).partition(": ")[0])
asyncio.run(other())
first.run_until_complete(client.close())
first.close()
"""


def run(script: str, url: str) -> str:
    """Run a script in a process where each warning is an error; give what it printed."""
    done = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-W", "error", "-c", script, url],
        capture_output=True,
        text=True,
        check=False,
        timeout=25,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("script", "printed", "connections"),
    [
        pytest.param(
            SYNC + FORK,
            "child",
            2,
            marks=pytest.mark.fault(
                GROUP, "The process is forked, and both use the client", world="sync"
            ),
        ),
        pytest.param(
            SYNC + FORK_UNREAD,
            "child",
            2,
            marks=pytest.mark.fault(
                GROUP, "The process is forked with a response half read", world="sync"
            ),
        ),
        pytest.param(
            SYNC + FORK_UNUSED,
            "child",
            2,
            marks=pytest.mark.fault(
                GROUP,
                "The process is forked with an HTTP client that nobody used yet",
                world="sync",
            ),
        ),
        pytest.param(
            ASYNC + ASYNC_FORK,
            "child",
            3,
            marks=pytest.mark.fault(
                GROUP, "The process is forked, and both use the client", world="async"
            ),
        ),
        pytest.param(
            ASYNC + AGAIN,
            "",
            2,
            marks=pytest.mark.fault(GROUP, "A second `asyncio.run` uses the client", world="async"),
        ),
        pytest.param(
            ASYNC + TWO_LOOPS,
            "",
            2,
            marks=pytest.mark.fault(
                GROUP, "Two event loops use one client at a time", world="async"
            ),
        ),
        pytest.param(
            ASYNC + NEVER_CLOSED,
            "",
            None,
            marks=pytest.mark.fault(
                GROUP, "The event loop ends, and the client was never closed", world="async"
            ),
        ),
    ],
)
def test_what_works(script: str, printed: str, connections: int | None, caller: Caller) -> None:
    with serve(FOUND) as server:
        assert run(script, server.url) == printed
    assert connections in (None, server.connections)
    caller.sees("every call works, over connections of its own; no warning")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(
            SYNC + FORK_OWN,
            "the `http_client` was in use before this process was forked; make it, and the client, in the new process",
            marks=pytest.mark.fault(
                GROUP,
                "The process is forked with the caller's own HTTP client in use",
                world="sync",
            ),
        ),
        pytest.param(
            SYNC + FORK_READS,
            "the response belongs to the process that this one was forked from: make the call in the new process",
            marks=pytest.mark.fault(
                GROUP, "A forked process reads a response of its parent", world="sync"
            ),
        ),
        pytest.param(
            ASYNC + OWN_IN_ANOTHER_LOOP,
            "the `http_client` has connections of another event loop; make it, and the client, inside of the event loop that uses them",
            marks=pytest.mark.fault(
                GROUP, "The caller's own HTTP client is used in another event loop", world="async"
            ),
        ),
    ],
)
def test_what_is_refused(script: str, said: str, caller: Caller) -> None:
    with serve(FOUND) as server:
        printed = run(script, server.url)
    assert printed.splitlines()[0] == said
    caller.sees(f"`CartesiaError`: {said}")
