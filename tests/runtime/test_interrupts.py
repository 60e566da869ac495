"""Sync calls that are interrupted at any point: the next call of the same client never hangs."""

from __future__ import annotations

import gc
import random
import sys
import threading
from collections.abc import Callable
from types import FrameType

import httpx
import pytest

from tests.runtime._sync.tiny import Tiny, tiny
from tests.runtime.server import Received, Wire, answer, chunked, serve

pytestmark = [
    pytest.mark.timeout(300),
    # Of sockets that the interrupt left before they were anybody's.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

THING = b'{"id": "t"}'
EVENTS = b'data: {"n": 1}\n\n', b'data: {"type": "done"}\n\n'


def respond(wire: Wire, request: Received) -> None:
    step = answer(THING)
    if request.target == "/watch":
        step = chunked(*EVENTS, media_type="text/event-stream")
    elif request.target == "/speak":
        step = chunked(b"abc", b"def", media_type="audio/x-raw")
    step(wire, request)


class Interrupt:
    """Raises KeyboardInterrupt as a signal handler would: after a call of C code, or at a function.

    Args:
        point: Which of these points it is, counted from 0.
    """

    def __init__(self, point: int) -> None:
        self.left = point

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if event not in ("call", "c_return") or frame.f_code.co_filename == __file__:
            return
        self.left -= 1
        if self.left < 0:
            sys.setprofile(None)
            raise KeyboardInterrupt


def get(client: Tiny) -> None:
    client.things.get("t")


def read(client: Tiny) -> None:
    assert client.things.speak().read() == b"abcdef"


def read_in_pieces(client: Tiny) -> None:
    with client.things.speak() as speech:
        for _ in speech.iter_bytes():
            pass


def drop(client: Tiny) -> None:
    for _ in client.things.speak().iter_bytes():
        break


def watch(client: Tiny) -> None:
    with client.things.watch() as stream:
        for _ in stream:
            pass


def count_points(call: Callable[[Tiny], None], client: Tiny) -> int:
    """Count the points at which a call can be interrupted."""
    counter = Interrupt(sys.maxsize)
    sys.setprofile(counter)
    try:
        call(client)
    finally:
        sys.setprofile(None)
    return sys.maxsize - counter.left


def call_interrupted(call: Callable[[Tiny], None], client: Tiny, point: int) -> bool:
    """Interrupt a call; say whether it was not over by then."""
    sys.setprofile(Interrupt(point))
    try:
        call(client)
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(None)
    return False


@pytest.mark.parametrize("fresh", [True, False], ids=["fresh", "warm"])
@pytest.mark.parametrize("call", [get, read, read_in_pieces, drop, watch])
def test_the_next_call_never_hangs(
    call: Callable[[Tiny], None], fresh: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a finalizer it is ignored; pytest would keep its traceback, and so what is to be closed.
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    # A pool that blocks for good as soon as it loses a single connection.
    one_at_a_time = httpx.Limits(max_connections=1)
    monkeypatch.setattr("cartesia._runtime.http_clients.DEFAULT_LIMITS", one_at_a_time)
    chance = random.Random(f"{call.__name__} {fresh}")  # noqa: S311  # repeatable
    interrupted = 0
    with serve(respond) as server:
        client = tiny(server.url)
        call(client)
        points = count_points(call, tiny(server.url) if fresh else client)
        for point in chance.sample(range(points), min(60, points)):
            if fresh:
                client = tiny(server.url)
            interrupted += call_interrupted(call, client, point)
            get(client)
            other = threading.Thread(target=call, args=(client,))
            other.start()
            other.join(20)
            assert not other.is_alive(), f"point {point}"
        client.close()
        del client
        gc.collect()
    assert interrupted > 30
