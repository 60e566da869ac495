# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_slow_receivers.py
# Do not edit: change that file instead.
"""Contexts that nobody reads, or not fast enough: memory is bounded, and the others go on."""

from __future__ import annotations

import gc
import threading
import tracemalloc

import pytest

from cartesia import SlowReceiverError
from cartesia._runtime._sync.websocket.context import Context
from cartesia._runtime.model import Model
from cartesia._runtime.websocket.connection_options import ConnectionOptions
from tests.faults.page import Caller
from tests.faults.sockets import SLOW, pour, read_on, said
from tests.runtime.websocket._sync.listening import listening
from tests.runtime.websocket._sync.primitives import Flag, pause, together, until
from tests.runtime.websocket._sync.speech import connecting
from tests.runtime.websocket.server import Peer, polite, serving
from tests.runtime.websocket.wordbook import event

MARK = 2**20
OPTIONS: ConnectionOptions = {"read_limit": MARK, "pause_timeout": 0.1}
PATIENT: ConnectionOptions = {"read_limit": MARK, "pause_timeout": 3600}


def numbers(context: Context[Model], heard: list[object]) -> None:
    """Receive to the end or an error; `heard` keeps the numbers of the chunks."""
    for piece in context.receive():
        if piece.to_dict()["type"] == "chunk":
            heard.extend([piece.to_dict()["number"]])


@pytest.mark.fault(SLOW, "One context, received more slowly than the server speaks")
def test_reading_pauses(caller: Caller) -> None:
    """20 MB wait in the network and at the server, not here; pings are no matter meanwhile."""
    count = 5000

    def chatter(peer: Peer) -> None:
        pour(peer, peer.next()["context_id"], count)
        read_on(peer)

    options: ConnectionOptions = {**PATIENT, "ping_interval": 0.05, "ping_timeout": 0.05}
    with serving(chatter) as server:
        with connecting(server, options=options) as connection:
            context = connection.context("c")
            context.push("Hello", continue_=False)
            channel = connection._channel
            until(lambda: channel.session.flow.is_full)
            quiet = Flag()

            def wait() -> None:
                # Several pings are due, and none of them can be answered.
                pause(0.4)
                quiet.raise_()

            together(wait)
            assert channel.session.flow.held() <= MARK
            heard: list[object] = []
            numbers(context, heard)
            assert heard == list(range(count))
            assert connection.stats.pauses >= 1
            assert connection.stats.dropped == 0
    caller.sees("all events; reading pauses, and the server waits; `stats.pauses` counts")


@pytest.mark.timeout(300)
@pytest.mark.fault(SLOW, "100 contexts, and one of them is not received")
@pytest.mark.untraced
def test_one_of_many(caller: Caller) -> None:
    """The server says 16 MB to one context that nobody reads, and then something to 99 others."""
    others = [f"c{number}" for number in range(99)]

    def favour(peer: Peer) -> None:
        for _ in range(100):
            peer.next()
        pour(peer, "slow", 4000)
        for context_id in others:
            pour(peer, context_id, 10)
        read_on(peer)

    with serving(favour) as server:
        with connecting(server, options=OPTIONS) as connection:
            slow = connection.context("slow")
            contexts = [connection.context(context_id) for context_id in others]
            heard: dict[str, list[object]] = {context_id: [] for context_id in others}
            gc.collect()
            tracemalloc.start()
            for context in (slow, *contexts):
                context.push("Hello", continue_=False)
            together(*(lambda c=context: numbers(c, heard[c.context_id]) for context in contexts))
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert all(said == list(range(10)) for said in heard.values())
            lost: list[object] = []
            with pytest.raises(SlowReceiverError) as caught:
                numbers(slow, lost)
            assert lost == []
            error = caught.value
            assert (error.context_id, error.taken_bytes) == ("slow", 0)
            assert 0 < error.lost_bytes < MARK
            assert connection.stats.dropped == error.lost
            assert connection.stats.late > 0
            assert slow.state == "error"
    # Beyond the mark: 100 contexts, their tasks or threads, and what a port holds while it pauses.
    assert peak < MARK + 3 * 2**20
    caller.sees(f"99 get all of theirs, and the slow one {said(error)}; memory stays at the mark")


@pytest.mark.fault(SLOW, "The events that a task waits for lie behind those it will read later")
def test_the_slow_one_is_the_one_who_waits(caller: Caller) -> None:
    def favour(peer: Peer) -> None:
        peer.next()
        peer.next()
        pour(peer, "later", 2000)
        pour(peer, "now", 10)
        read_on(peer)

    with serving(favour) as server:
        with connecting(server, options=OPTIONS) as connection:
            later, now = connection.context("later"), connection.context("now")
            later.push("Hello", continue_=False)
            now.push("Hello", continue_=False)
            heard: list[object] = []
            numbers(now, heard)
            assert heard == list(range(10))
            with pytest.raises(SlowReceiverError) as caught:
                numbers(later, [])
            caller.sees(f"what it waits for, and then {said(caught.value)}")


@pytest.mark.fault(SLOW, "A context is done, was not received, and keeps the others from theirs")
def test_a_context_that_is_done_counts_too(caller: Caller) -> None:
    def favour(peer: Peer) -> None:
        peer.next()
        pour(peer, "done", 140)
        peer.next()
        peer.next()
        pour(peer, "slow", 200)
        pour(peer, "now", 10)
        read_on(peer)

    with serving(favour) as server:
        with connecting(server, options=OPTIONS) as connection:
            done, slow, now = (connection.context(name) for name in ("done", "slow", "now"))
            done.push("Hello", continue_=False)
            until(lambda: done.state == "done")
            slow.push("Hello", continue_=False)
            now.push("Hello", continue_=False)
            heard: list[object] = []
            numbers(now, heard)
            assert heard == list(range(10))
            with pytest.raises(SlowReceiverError) as caught:
                numbers(done, [])
            assert (caught.value.context_id, caught.value.lost) == ("done", 141)
            caller.sees(said(caught.value))


@pytest.mark.fault(SLOW, "Receivers are slow, and the server takes nothing until it is heard")
def test_a_sender_waits(caller: Caller) -> None:
    """The server writes, and so does not read; the only one who could take is sending."""
    go_on = threading.Event()

    def stubborn(peer: Peer) -> None:
        peer.next()
        pour(peer, "slow", 12_000)  # more than the network holds
        while True:
            peer.next()
            go_on.set()

    with serving(stubborn) as server:
        options: ConnectionOptions = {"read_limit": MARK, "pause_timeout": 0.2}
        with connecting(server, options=options) as connection:
            slow = connection.context("slow")
            slow.push("Hello")
            until(lambda: connection._channel.session.flow.is_full)
            other = connection.context("other")
            # More than the network holds, so that sending waits for the server.
            for _ in range(80):
                other.push("x" * 900_000)
            until(go_on.is_set)
            with pytest.raises(SlowReceiverError):
                numbers(slow, [])
    caller.sees("sending ends, and the slow context with a `SlowReceiverError`")


@pytest.mark.parametrize("end", ["cancel", "drop", "close"])
@pytest.mark.fault(SLOW, "What waits is cancelled, dropped, or closed with the connection")
def test_room_is_made(end: str, caller: Caller) -> None:
    def chatter(peer: Peer) -> None:
        pour(peer, peer.next()["context_id"], 600, done=False)
        polite(peer)

    with serving(chatter) as server:
        connection = connecting(server, options=OPTIONS).enter()
        context = connection.context("c")
        context.push("Hello")
        flow = connection._channel.session.flow
        until(lambda: flow.is_full)
        if end == "cancel":
            context.cancel()
        elif end == "drop":
            events = context.receive()
            events.__next__()
            del events
            gc.collect()
        if end != "close":
            other = connection.context()
            other.push("Hi", continue_=False)
            heard = [piece.to_dict()["type"] for piece in other.receive()]
            assert heard == ["chunk", "chunk", "done"]
        connection.close()
    caller.sees("reading goes on at once, or ends")


@pytest.mark.fault(SLOW, "Events outside all contexts are not received while a context waits")
def test_raw_messages_count_too(caller: Caller) -> None:
    def favour(peer: Peer) -> None:
        peer.next()
        pour(peer, "raw", 600)
        pour(peer, peer.next()["context_id"], 10)
        read_on(peer)

    with serving(favour) as server:
        with connecting(server, options=OPTIONS) as connection:
            connection.send({"context_id": "raw", "transcript": "Hello"})
            context = connection.context("c")
            context.push("Hello", continue_=False)
            heard: list[object] = []
            numbers(context, heard)
            assert heard == list(range(10))
            with pytest.raises(SlowReceiverError) as caught:
                connection.recv()
            assert caught.value.context_id is None
            caller.sees(said(caught.value))


@pytest.mark.fault(SLOW, "A conversation is not received while audio goes in")
def test_a_conversation_pauses_too(caller: Caller) -> None:
    def chatter(peer: Peer) -> None:
        peer.connection.recv(timeout=10)
        for number in range(2000):
            peer.send(event("transcript", text="x" * 4000, number=number, is_final=False))
        while peer.connection.recv(timeout=10) != "close":
            pass
        peer.send(event("done"))
        peer.connection.close()

    with serving(chatter) as server:
        with listening(server, options=PATIENT) as connection:
            connection.send_raw(b"audio")
            flow = connection._channel.session.flow
            until(lambda: flow.is_full)
            assert flow.held() <= MARK
            connection.send_raw(b"audio")
            connection.send("close")
            heard = [piece.to_dict().get("number") for piece in connection]
            assert heard == [*range(2000), None]
    caller.sees("all events; reading pauses, and the server waits")
