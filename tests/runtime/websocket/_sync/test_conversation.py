# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/test_conversation.py
# Do not edit: change that file instead.
"""Sockets that carry one conversation: audio in, texts out, and how it ends."""

from __future__ import annotations

import array
from collections.abc import Callable

import pytest

from cartesia._runtime.errors import (
    CartesiaError,
    WebSocketConnectionClosedError,
    WebSocketQueueFullError,
)
from cartesia._runtime.model import ErrorEvent, Model
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.faults.page import Caller
from tests.faults.sockets import STT
from tests.runtime.websocket._sync.listening import listening
from tests.runtime.websocket._sync.primitives import until
from tests.runtime.websocket._sync.speech import collect, connecting
from tests.runtime.websocket.ears import Ears, closing
from tests.runtime.websocket.server import Peer, Server, serving
from tests.runtime.websocket.wordbook import AUTO, event


def kinds(heard: list[Model]) -> list[object]:
    return [piece.to_dict()["type"] for piece in heard]


# What is sent.


def test_words_and_audio_travel_as_they_are_and_done_ends_it() -> None:
    ears = Ears()
    with serving(ears.listen()) as server:
        with listening(server) as connection:
            connection.send_raw(b"\x00\xff")
            connection.send("finalize")
            connection.send_raw("close")
            heard = [piece for piece in connection]
            assert kinds(heard) == ["transcript", "transcript", "flush_done", "done"]
            assert ears.heard() == [b"\x00\xff", "finalize", "close"]


@pytest.mark.parametrize(
    "audio",
    [
        bytearray(b"\x01\x02\x03\x04"),
        memoryview(b"\x01\x02\x03\x04"),
        memoryview(array.array("h", [0x0201, 0x0403])),
        array.array("h", [0x0201, 0x0403]),
    ],
    ids=["bytearray", "memoryview", "samples", "array"],
)
def test_any_bytes_are_audio(audio: memoryview) -> None:
    ears = Ears()
    with serving(ears.listen()) as server:
        with listening(server) as connection:
            connection.send_raw(audio)
            assert (connection.recv()).to_dict()["text"] == "4 bytes"
        assert ears.heard() == [b"\x01\x02\x03\x04"]


def test_an_empty_piece_of_audio_is_an_empty_frame() -> None:
    ears = Ears()
    with serving(ears.listen()) as server:
        with listening(server) as connection:
            connection.send_raw(memoryview(b""))
            assert (connection.recv()).to_dict()["text"] == "0 bytes"


def test_json_commands_travel_as_json() -> None:
    ears = Ears()
    with serving(ears.listen(first=event("connected"))) as server:
        with listening(server, AUTO) as connection:
            connection.send({"type": "config", "turn": {"end_threshold": 0.3}})
            connection.send(Model.from_dict({"type": "close"}))
            heard = [piece for piece in connection]
            assert kinds(heard) == ["connected", "done"]
            assert ears.heard() == [
                '{"type":"config","turn":{"end_threshold":0.3}}',
                '{"type":"close"}',
            ]


def test_wrong_commands_are_refused_before_anything_is_sent() -> None:
    ears = Ears()
    with serving(ears.listen()) as server:
        with listening(server) as connection, listening(server, AUTO) as auto:
            with pytest.raises(TypeError, match="is one of the words finalize, close, done"):
                connection.send({"type": "close"})
            with pytest.raises(ValueError, match=r"one of the words .* not 'finish'; send_raw"):
                connection.send("finish")
            with pytest.raises(TypeError, match=r"is a JSON object such as {'type': 'close'}"):
                auto.send("close")
            with pytest.raises(TypeError, match="bytes or str"):
                connection.send_raw(5)  # type: ignore[arg-type]
        with connecting(server) as speech:
            with pytest.raises(TypeError, match="takes text only"):
                speech.send_raw(b"audio")
    assert ears.heard() == []


# How it ends.


@pytest.mark.parametrize(
    "text", ['{"type": "close"}', '{"type":"config"}', "no JSON", "[]"], ids=str
)
def test_a_text_of_ones_own_making_may_end_it(text: str) -> None:
    ears = Ears()
    with serving(ears.hear_then(1, closing(1000))) as server:
        with listening(server, AUTO) as connection:
            connection.send_raw(text)
            heard: list[Model] = []
            if "close" in text:
                collect(connection, heard)
            else:
                with pytest.raises(WebSocketConnectionClosedError):
                    collect(connection, heard)
            assert kinds(heard) == ["transcript"]


@pytest.mark.fault(STT, "A message that is no JSON")
def test_a_message_that_is_no_json_ends_the_conversation(caller: Caller) -> None:
    def babble(peer: Peer) -> None:
        Ears().hear(peer)
        peer.send(event("transcript", text="one", is_final=True), "{")
        peer.send(event("transcript", text="three", is_final=True))
        peer.next()

    with serving(babble) as server:
        with listening(server) as connection:
            connection.send_raw(b"audio")
            heard: list[Model] = []
            with pytest.raises(WebSocketConnectionClosedError, match="no JSON object") as caught:
                collect(connection, heard)
            assert [piece.to_dict()["text"] for piece in heard] == ["one"]
            assert caught.value.last_event is heard[0]
    caller.sees(f"the events before it; then `{type(caught.value).__name__}`: {caught.value}")


@pytest.mark.fault(STT, "The server says an error, and closes in order")
def test_an_error_is_not_forgotten_at_the_end(caller: Caller) -> None:
    def fail(peer: Peer) -> None:
        Ears().hear(peer)
        peer.send(event("error", title="Busy", message="try later", status_code=503))
        peer.connection.close(1000)

    with serving(fail) as server:
        with listening(server) as connection:
            connection.send("close")
            heard: list[Model] = []
            with pytest.raises(WebSocketConnectionClosedError, match="Busy: try later") as caught:
                collect(connection, heard)
            assert kinds(heard) == ["error"]
            assert caught.value.last_event is heard[0]
    caller.sees(f"the event; past it, `{type(caught.value).__name__}`: {caught.value}")


@pytest.mark.fault(STT, "The socket drops or closes in the middle, without `on_reconnecting`")
@pytest.mark.parametrize("code", [1000, 1001, 1011, None])
def test_a_close_before_the_finish_is_an_error_with_the_last_text(
    code: int | None, caller: Caller
) -> None:
    ears = Ears()
    end = Peer.cut if code is None else closing(code, "idle")
    with serving(ears.hear_then(2, end)) as server:
        with listening(server) as connection:
            connection.send_raw(b"one")
            connection.send_raw(b"two")
            heard: list[Model] = []
            with pytest.raises(WebSocketConnectionClosedError, match="ManualFinalize") as caught:
                collect(connection, heard)
            assert len(heard) == 2
            assert caught.value.last_event is heard[-1]
            assert caught.value.code == (code or 1006)
            assert caught.value.unsent_messages == []
            # It is over: more audio would be of no conversation that anybody follows.
            with pytest.raises(WebSocketConnectionClosedError) as caught:
                connection.send_raw(b"three")
            assert caught.value.last_event is heard[-1]
            assert connection.stats.connections == 1
            assert len(server.handshakes) == 1
    caller.sees(
        "`WebSocketConnectionClosedError`, whose `.last_event` is the last partial transcript"
    )


@pytest.mark.fault(STT, "The server closes an idle socket before anything was said")
def test_a_close_before_anything_was_said_is_no_error(caller: Caller) -> None:
    with serving(closing(1000, "connection idle timeout")) as server:
        with listening(server) as connection:
            assert [piece for piece in connection] == []
            with pytest.raises(WebSocketConnectionClosedError, match="idle timeout"):
                connection.recv()
    caller.sees("the end of the events")


def test_a_cut_after_the_finish_is_an_error() -> None:
    ears = Ears()
    with serving(ears.hear_then(1, Peer.cut)) as server:
        wanted = Reconnection(lambda _: None, initial_delay=0)
        with listening(server, reconnection=wanted) as connection:
            connection.send("close")
            with pytest.raises(WebSocketConnectionClosedError, match="without a close frame"):
                collect(connection, [])


def test_leaving_the_block_ends_it_without_an_error() -> None:
    ears = Ears()
    with serving(ears.listen()) as server:
        with listening(server) as connection:
            connection.send_raw(b"audio")
            until(lambda: connection.stats.events == 1)
        assert len([piece for piece in connection]) == 1
        with pytest.raises(WebSocketConnectionClosedError, match="open another"):
            connection.send("finalize")


# Handlers.


def test_events_go_to_their_handlers_in_order() -> None:
    ears = Ears()
    calls: list[tuple[str, object]] = []

    def noting(name: str) -> Callable[[Model], None]:
        return lambda piece: calls.append((name, piece.to_dict()["type"]))

    with serving(ears.listen(first='{"no": "type"}')) as server:
        manager = listening(server)
        manager.on("flush_done", noting("manager"))
        with manager as connection:
            dropped = noting("dropped")

            @connection.on("transcript")
            def text(piece: Model) -> None:
                calls.append(("text", piece.to_dict()["type"]))

            @connection.once("transcript")
            def once(piece: Model) -> None:
                calls.append(("once", piece.to_dict()["type"]))

            answer = connection.on("event", lambda piece: calls.append(("all", len(calls))))
            assert answer is connection
            connection.on("done", dropped).off("done", dropped).off("done", dropped)
            connection.off("never", dropped)
            connection.send_raw(b"audio")
            connection.send("finalize")
            connection.send("close")
            connection.dispatch_events()
    assert calls == [
        ("all", 0),
        ("text", "transcript"),
        ("once", "transcript"),
        ("all", 3),
        ("text", "transcript"),
        ("all", 5),
        ("manager", "flush_done"),
        ("all", 7),
        ("all", 8),
    ]


def test_an_error_without_a_handler_is_raised_with_its_text() -> None:
    def refuse(peer: Peer) -> None:
        for _ in range(2):
            peer.send(event("error", title="Bad audio", message="no such encoding"))
        peer.connection.recv()

    errors: list[object] = []
    with serving(refuse) as server:
        with listening(server) as connection:
            connection.on("event", lambda piece: errors.append(piece.type))

            @connection.once("error")
            def once(piece: Model) -> None:
                assert isinstance(piece, ErrorEvent)
                errors.append(piece.error)

            with pytest.raises(CartesiaError, match="Bad audio: no such encoding"):
                connection.dispatch_events()
    assert errors == ["Bad audio: no such encoding", "error", "error"]


def test_what_is_no_function_is_no_handler() -> None:
    with pytest.raises(TypeError, match="'done' must be a function"):
        listening(Server()).on("done", 5)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="name the type of the event first"):
        listening(Server()).on(lambda _: None)  # type: ignore[call-overload]


# Before the connection is open.


def test_messages_may_be_given_before_the_connection_is_open() -> None:
    ears = Ears()
    with serving(ears.listen()) as server:
        manager = listening(server)
        manager.send_raw(b"audio")
        manager.send("finalize")
        with manager as connection:
            # Nothing would send them now.
            with pytest.raises(CartesiaError, match="send over the connection"):
                manager.send("finalize")
            with pytest.raises(CartesiaError, match="send over the connection"):
                manager.send_raw(b"audio")
            connection.send("close")
            connection.dispatch_events()
        assert ears.heard() == [b"audio", "finalize", "close"]
        # They were of that connection, not of the next.
        with manager as connection:
            connection.send("close")
            connection.dispatch_events()
        assert ears.heard() == ["close"]


def test_messages_given_before_the_connection_is_open_are_bounded_and_kept() -> None:
    ears = Ears()
    with serving(ears.listen()) as server:
        manager = listening(server, reconnection=Reconnection(max_queue_size=4))
        audio = bytearray(b"1234")
        manager.send_raw(audio)
        audio[:] = b"5678"
        with pytest.raises(WebSocketQueueFullError, match="max_queue_size"):
            manager.send("finalize")
        server.refusals.append((503, b"", {}))
        with pytest.raises(CartesiaError):
            manager.enter()
        with manager as connection:
            connection.send("close")
            connection.dispatch_events()
        assert ears.heard() == [b"1234", "close"]
