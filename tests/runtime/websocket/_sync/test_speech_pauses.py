# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/test_speech_pauses.py
# Do not edit: change that file instead.
"""A text that pauses until its context expires: all of it is spoken, once, and said to be so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cartesia._runtime.errors import ContextEndedError
from cartesia._runtime.model import Model
from tests.faults.page import Caller
from tests.faults.sockets import TTS
from tests.runtime.websocket._sync.primitives import Flag, until
from tests.runtime.websocket._sync.speech import collect, connecting, received
from tests.runtime.websocket._sync.writing import speak, types
from tests.runtime.websocket.server import Peer, polite, serving
from tests.runtime.websocket.wordbook import event

SPOKEN = ["chunk"] * 2


class Pausing:
    """A text with a pause, which ends when the test says so.

    Attributes:
        go_on: Raised by the test to end the pause.
    """

    def __init__(self, *after: str) -> None:
        self.go_on = Flag()
        self._after = after

    def write(self) -> Iterator[str]:
        yield "One moment. "
        self.go_on.wait()
        for piece in self._after:
            yield piece


def expiring(peer: Peer) -> None:
    """Let the first context expire after its first text; be polite to the next."""
    context_id = peer.next()["context_id"]
    peer.speak(context_id)
    peer.send(event("done", context_id))
    polite(peer)


@pytest.mark.fault(TTS, "The text of `tts.stream` pauses until its context expires")
def test_what_comes_after_a_pause_is_spoken_in_a_fresh_context(caller: Caller) -> None:
    text = Pausing("It is ", "sunny.")
    with serving(expiring) as server:
        with connecting(server) as connection:
            heard: list[Model] = []
            stream = speak(connection, text.write())
            for piece in stream:
                heard.append(piece)
                if len(heard) == 2:
                    until(lambda: connection.stats.renewed == 1)
                    text.go_on.raise_()
            assert [piece.to_dict()["type"] for piece in heard] == SPOKEN * 4 + ["done"]
            assert stream.stats is connection.stats
            messages = received(server, 4)
    first, *others = (message.pop("context_id") for message in messages)
    assert first == "c"
    assert len(set(others)) == 1
    assert heard[-1].to_dict()["context_id"] == others[0] == stream.context_id != first
    settings = {name: messages[0][name] for name in ("voice", "model_id")}
    said = ("One moment. ", "It is ", "sunny.", "")
    assert messages == [
        {**settings, "transcript": piece, "continue": bool(piece)} for piece in said
    ]
    caller.sees("all of it, once, in a fresh context of the same settings; `stats.renewed` counts")


def test_a_text_that_ends_with_a_pause_is_done_once() -> None:
    text = Pausing()
    with serving(expiring) as server:
        with connecting(server) as connection:
            heard: list[Model] = []
            for piece in speak(connection, text.write()):
                heard.append(piece)
                if len(heard) == 2:
                    until(lambda: connection.stats.renewed == 1)
                    text.go_on.raise_()
            assert [piece.to_dict()["type"] for piece in heard] == [*SPOKEN, "done"]
            assert len(received(server, 1)) == 1


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (("\n", " ", "...", "Sunny"), ["\n ...Sunny", ""]),
        (("\n", "."), []),
        ((None, "", "Sunny"), ["Sunny", ""]),
    ],
)
def test_a_fresh_context_begins_with_something_to_say(
    after: tuple[str, ...], said: list[str]
) -> None:
    text = Pausing(*after)
    with serving(expiring) as server:
        with connecting(server) as connection:
            stream = speak(connection, text.write())
            heard = [stream.__next__(), stream.__next__()]
            until(lambda: connection.stats.renewed == 1)
            text.go_on.raise_()
            collect(stream, heard)
            kinds = [piece.to_dict()["type"] for piece in heard]
            assert kinds == [*SPOKEN, *SPOKEN * len(said), "done"]
            messages = received(server, 1 + len(said))
            assert [message["transcript"] for message in messages[1:]] == said


@pytest.mark.parametrize(("after", "count"), [(["It is sunny."], 2), (["It is ", "sunny."], 3)])
def test_what_crosses_the_expiry_is_sent_again(after: list[str], count: int) -> None:
    """The server ends the context while the rest of the text is on its way to it."""

    def crossing(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.speak(context_id)
        for _ in range(count):
            assert peer.next()["context_id"] == context_id
        peer.send(event("done", context_id))
        peer.send(event("error", context_id, title="Context closed", status_code=400))
        polite(peer)

    text = Pausing(*after)
    with serving(crossing) as server:
        with connecting(server) as connection:
            stream = speak(connection, text.write())
            heard = [stream.__next__(), stream.__next__()]
            text.go_on.raise_()
            collect(stream, heard)
            kinds = [piece.to_dict()["type"] for piece in heard]
            assert kinds == [*SPOKEN, *SPOKEN * count, "done"]
            messages = received(server, 1 + 2 * count)
            late, again = messages[1 : 1 + count], messages[1 + count :]
            assert [sent["transcript"] for sent in again] == [*after, ""]
            assert {sent.pop("context_id") for sent in late} == {"c"}
            assert len({sent.pop("context_id") for sent in again} - {"c"}) == 1
            assert again == late
            assert (connection.stats.renewed, connection.stats.late) == (1, 1)


def test_a_text_that_was_spoken_is_not_sent_again() -> None:
    """What makes no sound has no event of its own before the end."""

    def speaking(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.speak(context_id)
        while peer.next().get("continue"):
            pass
        peer.send(event("done", context_id))
        peer.next()

    text = Pausing(" ", "...", "\n")
    with serving(speaking) as server:
        with connecting(server) as connection:
            stream = speak(connection, text.write())
            heard = [stream.__next__(), stream.__next__()]
            text.go_on.raise_()
            collect(stream, heard)
            assert [piece.to_dict()["type"] for piece in heard] == [*SPOKEN, "done"]
            assert connection.stats.renewed == 0
            assert len(received(server, 5)) == 5


def test_a_server_that_ends_every_context_unheard_is_believed() -> None:
    def ending(peer: Peer) -> None:
        peer.speak(context_id := peer.next()["context_id"])
        peer.send(event("done", context_id))
        while True:
            peer.send(event("done", peer.next()["context_id"]))

    text = Pausing("It is sunny.")
    with serving(ending) as server:
        with connecting(server) as connection:
            stream = speak(connection, text.write())
            heard = [stream.__next__(), stream.__next__()]
            until(lambda: connection.stats.renewed == 1)
            text.go_on.raise_()
            collect(stream, heard)
            assert [piece.to_dict()["type"] for piece in heard] == [*SPOKEN, "done"]
            assert connection.stats.renewed == 1


def cut(peer: Peer) -> None:
    peer.cut()


def idle(peer: Peer) -> None:
    peer.connection.close(1000, "connection idle timeout")


@pytest.mark.parametrize("end", [cut, idle])
def test_a_pause_outlives_its_connection(end: Callable[[Peer], None]) -> None:
    def leaving(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.speak(context_id)
        peer.send(event("done", context_id))
        end(peer)

    text = Pausing("It is sunny.")
    with serving(leaving, polite) as server:
        with connecting(server) as connection:
            stream = speak(connection, text.write())
            heard = [stream.__next__(), stream.__next__()]
            until(lambda: not connection._channel.session.is_open)
            text.go_on.raise_()
            assert types(stream) == [*SPOKEN * 2, "done"]
            assert len(heard) == 2
            assert connection.stats.connections == 2


def test_a_context_that_ends_before_anything_was_heard_is_an_error() -> None:
    def give_up(peer: Peer) -> None:
        peer.send(event("done", peer.next()["context_id"]))
        peer.connection.recv()

    text = Pausing("It is sunny.")
    with serving(give_up) as server:
        with connecting(server) as connection:
            stream = speak(connection, text.write())
            assert (stream.__next__()).to_dict()["type"] == "done"
            with pytest.raises(ContextEndedError, match="has expired"):
                stream.__next__()
            text.go_on.raise_()
