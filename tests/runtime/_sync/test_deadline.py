# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/test_deadline.py
# Do not edit: change that file instead.
"""A deadline ends a whole call, however the server drags it out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import cartesia
from tests.faults.page import Caller
from tests.faults.server import forever
from tests.runtime._sync.tiny import Tiny, tiny
from tests.runtime.server import Received, Step, Wire, answer, chunked, say_nothing, serve

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

GROUP = "Deadlines"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: 100000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ntransfer-encoding: chunked\r\n\r\n"
UNTIL_CLOSED = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\nconnection: close\r\n\r\n"
LATE = r"took longer than 0.4 s; see `deadline`"


def get(client: Tiny) -> None:
    client.things.get("t")


def read(client: Tiny) -> None:
    (client.things.speak()).read()


def read_in_pieces(client: Tiny) -> None:
    for _ in (client.things.speak()).iter_bytes():
        pass


def watch(client: Tiny) -> None:
    for _ in client.things.watch():
        pass


def slow(name: str, step: Step, call: Callable[[Tiny], None]) -> object:
    return pytest.param(step, call, id=name, marks=pytest.mark.fault(GROUP, name))


def trickle(head: bytes, media_type: bytes, piece: bytes) -> Step:
    return forever(head % media_type, piece, seconds=0.05)


@pytest.mark.parametrize(
    ("step", "call"),
    [
        slow("No answer comes", say_nothing, get),
        slow("The head trickles", forever(b"HTTP/1.1 200 OK\r\nx: ", b"x", seconds=0.05), get),
        slow("A JSON body trickles", trickle(HEAD, b"application/json", b" "), get),
        slow("A body without an end trickles", trickle(UNTIL_CLOSED, b"application/json", b" "), get),
        slow("Audio trickles", trickle(HEAD, b"audio/x-raw", b"x"), read),
        slow("Audio trickles in pieces", trickle(HEAD, b"audio/x-raw", b"x"), read_in_pieces),
        slow(
            "A stream of events trickles",
            trickle(CHUNKED, b"text/event-stream", b'd\r\ndata: {"n":1}\r\n2\r\n\n\n\r\n'),
            watch,
        ),
    ],
)  # fmt: skip
def test_a_call_is_over_at_its_deadline(
    step: Step, call: Callable[[Tiny], None], caller: Caller
) -> None:
    with serve(step) as server:
        with tiny(server.url, max_retries=2).with_options(deadline=0.4) as client:
            with caller.raises(cartesia.APITimeoutError, match=LATE):
                call(client)
    assert len(server.requests) == 1


@pytest.mark.fault(GROUP, "The next attempt would begin after the deadline")
def test_no_retry_is_awaited_that_comes_too_late(caller: Caller) -> None:
    step = answer(b"{}", status=503, headers={"retry-after": "20"})
    with serve(step) as server:
        with tiny(server.url, max_retries=2) as client:
            with pytest.raises(cartesia.InternalServerError):
                client.things.get("t", deadline=5)
    assert len(server.requests) == 1
    caller.sees("the error of the last attempt, at once")


def test_retries_end_at_the_deadline() -> None:
    # The wait that the server asks for leaves no chance: the third attempt would begin at 2 s.
    step = answer(b"{}", status=503, headers={"retry-after-ms": "1000"})
    with serve(step) as server:
        with tiny(server.url, max_retries=50) as client:
            with pytest.raises(cartesia.InternalServerError):
                client.things.get("t", deadline=1.9)
    assert len(server.requests) == 2


def test_a_call_within_its_deadline_succeeds_over_one_connection() -> None:
    with serve(answer(b'{"id": "t"}')) as server:
        with tiny(server.url).with_options(deadline=10) as client:
            for _ in range(3):
                assert (client.things.get("t")).to_dict() == {"id": "t"}
    assert server.connections == 1


def respond(wire: Wire, request: Received) -> None:
    step = chunked(b"abc", b"def", media_type="audio/x-raw")
    if request.target == "/watch":
        step = chunked(b'data: {"type": "done"}\n\n', media_type="text/event-stream")
    step(wire, request)


def test_streams_within_their_deadline_succeed_over_one_connection() -> None:
    with serve(respond) as server:
        with tiny(server.url).with_options(deadline=10) as client:
            for _ in range(3):
                assert (client.things.speak()).read() == b"abcdef"
                assert len([event for event in client.things.watch()]) == 1
    assert server.connections == 1


def test_the_deadline_of_a_call_wins_over_that_of_the_client() -> None:
    with serve(say_nothing) as server:
        with tiny(server.url).with_options(deadline=100) as client:
            with pytest.raises(cartesia.APITimeoutError, match=LATE):
                client.things.get("t", deadline=0.4)
            short = client.with_options(deadline=0.1, timeout=0.3)
            assert (client.deadline, short.deadline) == (100, 0.1)
            with pytest.raises(cartesia.APITimeoutError, match="see `timeout`"):
                short.things.get("t", deadline=None)
            with pytest.raises(cartesia.APITimeoutError, match="see `timeout`"):
                short.with_options(deadline=None).things.get("t")
            options = cartesia.RequestOptions(deadline=0.4)
            with pytest.raises(cartesia.APITimeoutError, match=LATE):
                client.get("/x", cast_to=object, options=options)


@pytest.mark.parametrize(
    ("deadline", "kind"),
    [(0, ValueError), (-1, ValueError), (float("nan"), ValueError), ("5", TypeError), (True, TypeError)],
)  # fmt: skip
def test_deadlines_that_cannot_work(deadline: float, kind: type[Exception]) -> None:
    client = tiny("http://localhost")
    with pytest.raises(kind, match="`deadline`"):
        client.with_options(deadline=deadline)
    with pytest.raises(kind, match="`deadline`"):
        Tiny(api_key="k", deadline=deadline)
    with pytest.raises(kind, match="`deadline`"):
        client.things.get("t", deadline=deadline)


def test_a_deadline_that_is_over_when_the_call_is_sent_ends_it() -> None:
    with serve(*[answer(b"{}")] * 3) as server:
        with tiny(server.url) as client:
            client.things.get("t")
            for _ in range(2):
                with pytest.raises(cartesia.APITimeoutError, match="`deadline`"):
                    client.things.get("t", deadline=1e-9)
