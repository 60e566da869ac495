# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/test_speech.py
# Do not edit: change that file instead.
"""One call from a text to its speech: what is sent, what is heard, and that nothing is left behind."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest

from cartesia._runtime.model import Model
from tests.runtime.websocket._sync.primitives import WORKERS, until, workers
from tests.runtime.websocket._sync.speech import (
    connecting,
    kinds,
    received,
)
from tests.runtime.websocket._sync.writing import Text, speak, types, waiting
from tests.runtime.websocket.server import Peer, Server, attentive, serving
from tests.runtime.websocket.wordbook import VOICE

# What is sent, and when.


def test_a_text_is_one_message_over_a_connection_of_its_own() -> None:
    with serving() as server:
        stream = speak(connecting(server), "Hello")
        assert stream.context_id is None
        assert types(stream) == ["chunk", "chunk", "done"]
        assert stream.context_id == "c"
        until(lambda: workers() == [])
        assert types(stream) == []
        assert received(server, 1) == [
            {
                "model_id": "sonic-latest",
                "voice": VOICE,
                "context_id": "c",
                "transcript": "Hello",
                "continue": False,
            }
        ]
        assert server.received.empty()


def test_audio_comes_while_the_text_is_being_written() -> None:
    text = waiting("Hello, ", "world")
    with serving() as server:
        heard: list[Model] = []
        for piece in speak(connecting(server), text.write()):
            heard.append(piece)
            if len(heard) == 4:
                # Both pieces are heard to the end before the writer goes on.
                assert not text.closed.is_raised()
                text.go_on.raise_()
        assert [piece.to_dict()["type"] for piece in heard] == ["chunk"] * 8 + ["done"]
        said = [(sent["transcript"], sent["continue"]) for sent in received(server, 4)]
        assert said == [("Hello, ", True), ("world", True), ("more", True), ("", False)]
        assert text.closed.is_raised()


@pytest.mark.parametrize(
    ("pieces", "sent"),
    [
        (["", " ", '"', "Hello", "", ".", " "], [' "Hello', ".", " ", ""]),
        (["$", "5"], ["$", "5", ""]),
        ([None, "Hello", None, "", "there"], ["Hello", "there", ""]),
        ([".", ".", "."], ["...", ""]),
        ([" ", "\n"], []),
        ([], []),
    ],
)
def test_what_cannot_be_said_alone_goes_with_what_follows(
    pieces: list[str | None], sent: list[str]
) -> None:
    with serving() as server:
        heard = types(speak(connecting(server), pieces))
        assert heard == (["chunk"] * 2 * len(sent) + ["done"] if sent else [])
        said = [message["transcript"] for message in received(server, len(sent))]
        assert said == sent
        until(lambda: workers() == [])


@pytest.mark.parametrize("make", [list, tuple, iter, lambda pieces: (piece for piece in pieces)])
def test_any_iterator_is_a_text(make: Callable[[list[str]], object]) -> None:
    with serving() as server:
        assert len(types(speak(connecting(server), make(["a", "b"])))) == 7


@pytest.mark.parametrize(
    ("transcript", "error"),
    [
        ("", ValueError),
        (" \n", ValueError),
        (b"Hello", TypeError),
        (5, TypeError),
        (None, TypeError),
    ],
)
def test_what_is_no_text_is_refused_at_once(transcript: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="transcript"):
        speak(connecting(Server()), transcript)


def test_a_piece_that_is_no_text_stops_it() -> None:
    with serving() as server:
        with connecting(server) as connection:
            with pytest.raises(TypeError, match="transcript must give str, not 5"):
                types(speak(connection, iter(["Hello", 5])))
            assert (received(server, 2))[1] == {"context_id": "c", "cancel": True}


# A connection that was given.


def test_a_connection_that_was_given_stays_open() -> None:
    with serving() as server:
        with connecting(server) as connection:
            for context_id in "ab":
                stream = speak(connection, ["Hello"], context_id)
                assert types(stream) == ["chunk"] * 4 + ["done"]
            assert connection.stats.connections == 1
            assert len(workers()) == WORKERS


# Leaving early.


def test_leaving_the_block_stops_speech_and_text() -> None:
    text = waiting("Hello")
    with serving() as server:
        with connecting(server) as connection:
            with speak(connection, text.write()) as stream:
                for _ in stream:
                    break
            # It ends when its writer lets it: nobody can interrupt a thread.
            text.go_on.raise_()
            text.closed.wait()
            messages = received(server, 2)
            assert [message.get("cancel") for message in messages] == [None, True]
            until(lambda: len(workers()) == WORKERS)
            assert [piece for piece in stream] == []
            other = connection.context()
            other.push("Hi", continue_=False)
            assert kinds(other) == ["chunk", "chunk", "done"]
        assert server.received.qsize() == 1


def test_a_block_that_asks_for_nothing_says_what_it_is_given() -> None:
    text = waiting("Hello")
    with serving() as server:
        with speak(connecting(server), text.write()) as stream:
            assert stream.context_id == "c"
            received(server, 1)
        text.go_on.raise_()
        text.closed.wait()
        until(lambda: workers() == [])


def test_closing_stops_speech_and_text_and_the_connection_of_its_own() -> None:
    text = waiting("Hello")
    with serving(attentive) as server:
        stream = speak(connecting(server), text.write())
        stream.__next__()
        stream.close()
        stream.close()
        text.go_on.raise_()
        text.closed.wait()
        until(lambda: workers() == [])
        assert len(received(server, 2)) == 2


def test_closing_what_never_began_does_nothing() -> None:
    text = Text("Hello")
    with serving() as server:
        stream = speak(connecting(server), text.write())
        stream.close()
        assert types(stream) == []
        assert server.handshakes == []
        assert text.given == 0


@pytest.mark.parametrize("given", [True, False])
def test_breaking_out_leaves_nothing_behind(given: bool) -> None:
    text = waiting("Hello")
    with serving(attentive) as server:
        with connecting(server) as connection:
            source = connection if given else connecting(server)
            for _ in speak(source, text.write()):
                break
            text.go_on.raise_()
            text.closed.wait()
            messages = received(server, 2)
            assert [message.get("cancel") for message in messages] == [None, True]
            until(lambda: len(workers()) == WORKERS)
            assert connection._channel.session.is_open


def test_breaking_out_after_the_text_leaves_nothing_behind() -> None:
    def chatter(peer: Peer) -> None:
        context_id = peer.next()["context_id"]
        peer.speak(context_id, 1)  # a second one might find the connection closed
        peer.next()

    with serving(chatter) as server:
        for _ in speak(connecting(server), "Hello"):
            break
        assert (received(server, 2))[1] == {"context_id": "c", "cancel": True}
        until(lambda: workers() == [])


def test_there_is_no_cycle_that_keeps_a_stream() -> None:
    gc.collect()
    gc.disable()
    try:
        with serving() as server:
            with connecting(server) as connection:
                text = waiting("Hello")
                for _ in speak(connection, text.write()):
                    break
                text.go_on.raise_()
                assert (received(server, 2))[1].get("cancel")
                until(lambda: len(workers()) == WORKERS)
    finally:
        gc.enable()
