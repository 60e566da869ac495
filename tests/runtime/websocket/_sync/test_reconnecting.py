# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/test_reconnecting.py
# Do not edit: change that file instead.
"""A conversation that broke off and goes on over another connection."""

from __future__ import annotations

import pytest
from attrs import evolve

from cartesia._runtime.errors import (
    APIConnectionError,
    AuthenticationError,
    RateLimitError,
    UnfinalizedAudioLostError,
    WebSocketConnectionClosedError,
    WebSocketQueueFullError,
)
from cartesia._runtime.model import Model
from cartesia._runtime.websocket.connection_options import ConnectionOptions
from cartesia._runtime.websocket.reconnection import (
    ReconnectingEvent,
    ReconnectingOverrides,
    Reconnection,
)
from tests.faults.page import Caller
from tests.faults.sockets import STT, Deaf
from tests.runtime.websocket._sync.listening import listening
from tests.runtime.websocket._sync.primitives import Flag, pause, together, until, workers
from tests.runtime.websocket._sync.speech import collect, connecting, kinds
from tests.runtime.websocket.ears import Ears, closing
from tests.runtime.websocket.server import Peer, polite, serving
from tests.runtime.websocket.wordbook import AUTO, event


class Witness:
    """What `on_reconnecting` was told, and what it answers."""

    def __init__(self, answer: ReconnectingOverrides | None = None) -> None:
        self.events: list[ReconnectingEvent] = []
        self.answer = answer

    def __call__(self, event: ReconnectingEvent) -> ReconnectingOverrides | None:
        self.events.append(event)
        return self.answer


def soon(witness: Witness, max_retries: int = 5, max_queue_size: int = 1000) -> Reconnection:
    return Reconnection(
        witness, max_retries, initial_delay=0.001, max_delay=0.01, max_queue_size=max_queue_size
    )


@pytest.mark.fault(
    STT, "The server drops, or closes with 1001, 1011, 1012 or 1013, and `on_reconnecting` is given"
)
@pytest.mark.parametrize("code", [1001, 1011, 1012, 1013, None])
def test_a_conversation_goes_on_over_another_connection(code: int | None, caller: Caller) -> None:
    ears = Ears()
    witness = Witness()
    end = Peer.cut if code is None else closing(code)
    with serving(ears.hear_then(1, end), ears.listen()) as server:
        with listening(server, reconnection=soon(witness), language="en") as connection:
            connection.send_raw(b"one")
            assert (connection.recv()).to_dict()["text"] == "heard 0"
            until(lambda: connection.stats.connections == 2)
            connection.send_raw(b"three")
            connection.send("close")
            heard = [piece.to_dict().get("text") for piece in connection]
            assert heard == ["3 bytes", "5 bytes", None]
            assert ears.heard() == [b"one", b"one", b"three", "close"]
    told = witness.events[0]
    assert (told.attempt, told.max_attempts, told.close_code) == (1, 5, code or 1006)
    assert 0.00075 <= told.delay <= 0.001
    assert (told.extra_query, told.extra_headers) == ({"language": "en"}, {})
    assert told.last_event is not None
    assert told.last_event.to_dict()["text"] == "heard 0"
    assert len(witness.events) == 1
    caller.sees(
        "the events; audio without a final transcript is sent again; `on_reconnecting` gets the last "
        "partial transcript as `.last_event`"
    )


class Transcribing:
    """A server that makes a transcript final when it is told so, and breaks off when it is told so."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears

    def __call__(self, peer: Peer) -> None:
        while True:
            frame = self._ears.hear(peer)
            if frame == b"cut":
                peer.cut()
                return
            if frame == b"final":
                peer.send(event("transcript", text="all", is_final=True))
            elif frame == "finalize":
                peer.send(event("flush_done"))
            else:
                peer.send(event("transcript", text="part", is_final=False))


def test_what_a_final_transcript_covers_is_not_sent_again() -> None:
    ears = Ears()
    with serving(Transcribing(ears), ears.listen()) as server:
        with listening(server, reconnection=soon(Witness())) as connection:
            for audio in (b"one", b"final"):
                connection.send_raw(audio)
            heard = [(connection.recv(10)).to_dict()["text"] for _ in range(2)]
            assert heard == ["part", "all"]
            connection.send_raw(b"two")
            connection.send_raw(b"cut")
            until(lambda: connection.stats.connections == 2)
            connection.send("close")
            collect(connection, [])
    assert ears.heard() == [b"one", b"final", b"two", b"cut", b"two", b"cut", "close"]


def test_a_word_without_an_answer_is_sent_again_in_its_place() -> None:
    ears = Ears()
    with serving(ears.hear_then(3, Peer.cut), ears.listen()) as server:
        with listening(server, reconnection=soon(Witness())) as connection:
            connection.send_raw(b"one")
            connection.send("finalize")
            connection.send_raw(b"two")
            until(lambda: connection.stats.connections == 2)
            heard: list[Model] = []
            for piece in connection:
                heard.append(piece)
                if piece.to_dict()["type"] == "flush_done":
                    break
    assert ears.heard()[3:5] == [b"one", "finalize"]
    assert [piece.to_dict()["text"] for piece in heard[-3:-1]] == ["3 bytes", "all"]


@pytest.mark.fault(STT, "More audio without a final transcript than `max_queue_size` before a drop")
def test_the_receiver_is_told_what_was_not_kept_and_goes_on(caller: Caller) -> None:
    ears = Ears()
    with serving(ears.hear_then(3, Peer.cut), ears.listen()) as server:
        few = soon(Witness(), max_queue_size=8)
        with listening(server, reconnection=few) as connection:
            for audio in (b"1234", b"5678", b"9012"):
                connection.send_raw(audio)
            until(lambda: connection.stats.connections == 2)
            connection.send_raw(b"more")  # the sender is not told
            heard: list[Model] = []
            with pytest.raises(UnfinalizedAudioLostError) as caught:
                collect(connection, heard)
            assert (caught.value.lost_bytes, caught.value.resent_bytes) == (4, 8)
            connection.send("close")
            collect(connection, heard)
            texts = [piece.to_dict().get("text") for piece in heard]
            assert texts == ["heard 0", "heard 1", "heard 2", *["4 bytes"] * 3, None]
        assert ears.heard()[3:] == [b"5678", b"9012", b"more", "close"]
    caller.sees(f"`{type(caught.value).__name__}`: {caught.value}; the conversation goes on")


def test_settings_are_sent_again_and_silence_is_not_missed() -> None:
    ears = Ears()

    def turns(peer: Peer) -> None:
        ears.hear(peer)
        peer.send(event("turn.start"))
        for _ in range(2):
            ears.hear(peer)
        peer.send(event("turn.end", transcript="one"))
        for _ in range(4):
            ears.hear(peer)
        peer.cut()

    with serving(turns, ears.listen()) as server:
        few = soon(Witness(), max_queue_size=24)
        with listening(server, AUTO, reconnection=few) as connection:
            connection.send_raw(b"speech 1")
            connection.send({"type": "config"})
            connection.send_raw(b"speech 2")
            heard = [(connection.recv(10)).to_dict()["type"] for _ in range(2)]
            assert heard == ["turn.start", "turn.end"]
            for _ in range(4):
                connection.send_raw(b"silence.")
            until(lambda: connection.stats.connections == 2)
            connection.send({"type": "close"})
            collect(connection, [])
    silence = [b"silence."] * 3
    assert ears.heard()[7:] == ['{"type":"config"}', *silence, '{"type":"close"}']


def test_what_need_not_be_sent_again_is_not() -> None:
    ears = Ears()
    with serving(ears.hear_then(1, Peer.cut), ears.listen()) as server:
        policy = evolve(soon(Witness()), resend_unfinalized=False)
        with listening(server, reconnection=policy) as connection:
            connection.send_raw(b"one")
            until(lambda: connection.stats.connections == 2)
            connection.send("close")
            collect(connection, [])
    assert ears.heard() == [b"one", "close"]


def test_without_the_callback_nothing_is_taken_up_again() -> None:
    ears = Ears()
    with serving(ears.hear_then(1, Peer.cut), ears.listen()) as server:
        with listening(server, reconnection=Reconnection()) as connection:
            connection.send_raw(b"one")
            with pytest.raises(WebSocketConnectionClosedError):
                collect(connection, [])
        assert len(server.handshakes) == 1


@pytest.mark.fault(STT, "The server closes with 1000, 1002, 1007, 1008, 1009 or 4000 in the middle")
@pytest.mark.parametrize("code", [1000, 1002, 1007, 1008, 1009, 4000])
def test_a_code_that_says_no_is_obeyed(code: int, caller: Caller) -> None:
    ears = Ears()
    witness = Witness()
    with serving(ears.hear_then(1, closing(code)), ears.listen()) as server:
        with listening(server, reconnection=soon(witness)) as connection:
            connection.send_raw(b"one")
            with pytest.raises(WebSocketConnectionClosedError) as caught:
                collect(connection, [])
            assert caught.value.code == code
    assert witness.events == []
    caller.sees("`WebSocketConnectionClosedError`, and no attempt to reconnect")


@pytest.mark.fault(STT, "Audio and commands are sent during a reconnect (`max_queue_size`)")
def test_what_is_sent_meanwhile_is_kept_in_order_as_it_is(caller: Caller) -> None:
    ears = Ears()
    reached, go_on = Flag(), Flag()

    def wait(_: ReconnectingEvent) -> None:
        reached.raise_()
        go_on.wait()

    policy = Reconnection(wait, initial_delay=0, max_queue_size=16)
    with serving(ears.hear_then(1, closing(1012)), ears.listen()) as server:
        with listening(server, reconnection=policy) as connection:
            connection.send_raw(b"one")
            reached.wait()
            audio = bytearray(b"\xff\xfe")
            connection.send_raw(audio)
            audio[:] = b"no"
            connection.send("finalize")
            connection.send_raw(b"123456")
            with pytest.raises(WebSocketQueueFullError, match="16 bytes wait"):
                connection.send_raw(b"7")
            go_on.raise_()
            until(lambda: connection.stats.connections == 2)
            connection.send("close")
            collect(connection, [])
        kept = [b"\xff\xfe", "finalize", b"123456"]
        assert ears.heard() == [b"one", b"one", *kept, "close"]
    caller.sees(
        "they are sent afterwards, in order, bytes as bytes; beyond the bound `WebSocketQueueFullError`"
    )


def test_closing_while_it_reconnects_leaves_nothing_open() -> None:
    ears = Ears()
    with serving(ears.hear_then(1, Peer.cut), ears.listen()) as server:
        connection = listening(server, reconnection=soon(Witness())).enter()
        server.may_answer.clear()
        connection.send_raw(b"one")
        until(lambda: len(server.handshakes) == 2)
        connection.close()
        server.may_answer.set()
        until(lambda: workers() == [])
        assert connection.stats.connections == 1
        with pytest.raises(WebSocketConnectionClosedError, match="closed by the caller"):
            connection.send_raw(b"two")


def test_overrides_hold_from_now_on() -> None:
    ears = Ears()
    witness = Witness({"extra_query": {"model": "ink-2"}, "extra_headers": {"x-token": "new"}})
    cut = ears.hear_then(1, Peer.cut)
    with serving(cut, cut, ears.listen()) as server:
        with listening(server, reconnection=soon(witness)) as connection:
            connection.send_raw(b"one")
            until(lambda: connection.stats.connections == 2)
            connection.send_raw(b"two")
            until(lambda: connection.stats.connections == 3)
            connection.send("close")
            collect(connection, [])
        paths = [handshake.path for handshake in server.handshakes]
        tokens = [handshake.headers.get("x-token") for handshake in server.handshakes]
    assert paths == ["/stt/websocket", "/stt/websocket?model=ink-2", "/stt/websocket?model=ink-2"]
    assert tokens == [None, "new", "new"]
    assert [dict(told.extra_query) for told in witness.events] == [{}, {"model": "ink-2"}]
    # Each of the two connections had brought an event, so the count began anew.
    assert [told.attempt for told in witness.events] == [1, 1]


def test_the_caller_may_abort() -> None:
    ears = Ears()
    witness = Witness({"abort": True})
    with serving(ears.hear_then(1, Peer.cut)) as server:
        with listening(server, reconnection=soon(witness)) as connection:
            connection.send_raw(b"one")
            with pytest.raises(WebSocketConnectionClosedError) as caught:
                collect(connection, [])
            assert "attempts" not in str(caught.value)
        assert (len(server.handshakes), len(witness.events)) == (1, 1)


def test_a_callback_that_fails_is_the_cause() -> None:
    def fail(_: ReconnectingEvent) -> None:
        raise LookupError

    ears = Ears()
    with serving(ears.hear_then(1, Peer.cut)) as server:
        with listening(server, reconnection=Reconnection(fail)) as connection:
            connection.send_raw(b"one")
            with pytest.raises(WebSocketConnectionClosedError) as caught:
                collect(connection, [])
            assert isinstance(caught.value.__cause__, LookupError)


@pytest.mark.fault(STT, "The server drops, and stays away")
def test_a_server_that_stays_away_ends_it_and_what_was_kept_is_given_back(
    caller: Caller,
) -> None:
    ears = Ears()
    witness = Witness()
    reached, go_on = Flag(), Flag()

    def wait(event: ReconnectingEvent) -> None:
        witness(event)
        reached.raise_()
        go_on.wait()

    policy = Reconnection(wait, max_retries=3, initial_delay=0.001, max_delay=0.01)
    with serving(ears.hear_then(1, Peer.cut)) as server:
        with listening(server, reconnection=policy) as connection:
            connection.send_raw(b"one")
            reached.wait()
            server.refusals += [(503, b"", {})] * 3
            connection.send_raw(b"\xff")
            connection.send("finalize")
            go_on.raise_()
            heard: list[Model] = []
            with pytest.raises(WebSocketConnectionClosedError, match="3 attempts") as caught:
                collect(connection, heard)
            assert len(heard) == 1
            assert caught.value.last_event is heard[0]
            assert caught.value.unsent_messages == [b"\xff", "finalize"]
            assert "2 messages were not sent" in str(caught.value)
            assert getattr(caught.value.__cause__, "status_code", None) == 503
            with pytest.raises(WebSocketConnectionClosedError) as caught:
                connection.send("finalize")
            assert caught.value.unsent_messages == [b"\xff", "finalize"]
    assert [told.attempt for told in witness.events] == [1, 2, 3]
    assert [told.close_code for told in witness.events] == [1006] * 3
    caller.sees(
        "`WebSocketConnectionClosedError`: `.last_event` is the last partial transcript, `.unsent_messages` what was kept, the cause why"
    )


@pytest.mark.fault(
    STT, "The server drops, and refuses the next handshake with 401, or asks to wait for a minute"
)
@pytest.mark.parametrize(
    ("refusal", "cause"),
    [
        ((401, b"", {}), AuthenticationError),
        ((429, b"", {"retry-after": "60"}), RateLimitError),
    ],
)
def test_a_server_that_refuses_is_not_asked_again(
    refusal: tuple[int, bytes, dict[str, str]], cause: type[Exception], caller: Caller
) -> None:
    ears = Ears()
    witness = Witness()
    with serving(ears.hear_then(1, Peer.cut)) as server:
        with listening(server, reconnection=soon(witness)) as connection:
            server.refusals.append(refusal)
            connection.send_raw(b"one")
            with pytest.raises(WebSocketConnectionClosedError, match="1 attempts") as caught:
                collect(connection, [])
            assert isinstance(caught.value.__cause__, cause)
        assert len(witness.events) == 1
    caller.sees("`WebSocketConnectionClosedError` at once; the refusal is its cause")


def test_a_server_that_is_gone_is_told() -> None:
    ears = Ears()
    with serving(ears.hear_then(1, Peer.cut)) as server:
        connection = listening(server, reconnection=soon(Witness(), 1)).enter()
        server.url = "ws://127.0.0.1:1"
        connection.send_raw(b"one")
        with pytest.raises(WebSocketConnectionClosedError) as caught:
            collect(connection, [])
        assert isinstance(caught.value.__cause__, APIConnectionError)
        connection.close()


@pytest.mark.fault(STT, "The connection is closed during a reconnect")
def test_closing_ends_the_waiting_and_gives_back_what_was_kept(caller: Caller) -> None:
    ears = Ears()
    witness = Witness()
    patient = Reconnection(witness, initial_delay=3600, max_delay=3600)
    with serving(ears.hear_then(1, Peer.cut)) as server:
        with listening(server, reconnection=patient) as connection:
            connection.send_raw(b"one")
            until(lambda: bool(witness.events))
            connection.send_raw(b"two")
            assert (connection.recv()).to_dict()["text"] == "heard 0"

            def receive() -> None:
                with pytest.raises(WebSocketConnectionClosedError, match="by the caller") as caught:
                    connection.recv()
                assert caught.value.unsent_messages == [b"two"]

            def close() -> None:
                until(lambda: connection._channel.session.raw.claimed)
                connection.close()

            together(receive, close)
        assert len(server.handshakes) == 1
    caller.sees("`WebSocketConnectionClosedError` for who waits, with what was kept")


def test_the_callback_may_close_the_connection() -> None:
    ears = Ears()
    with serving(ears.hear_then(1, Peer.cut), ears.listen()) as server:

        def close(_: ReconnectingEvent) -> None:
            connection.close()

        policy = Reconnection(close, initial_delay=0)
        with listening(server, reconnection=policy) as connection:
            connection.send_raw(b"one")
            collect(connection, [])
        assert len(server.handshakes) == 1


@pytest.mark.fault(STT, "Each connection drops right after its handshake")
def test_connections_that_close_at_once_are_not_opened_for_ever(caller: Caller) -> None:
    ears = Ears()
    witness = Witness()
    with serving(ears.hear_then(1, Peer.cut), Peer.cut) as server:
        policy = Reconnection(witness, max_retries=3, initial_delay=0, max_delay=60)
        with listening(server, reconnection=policy) as connection:
            connection.send_raw(b"one")
            with pytest.raises(WebSocketConnectionClosedError, match="3 attempts"):
                collect(connection, [])
    assert [told.attempt for told in witness.events] == [1, 2, 3]
    caller.sees("`WebSocketConnectionClosedError` after `max_retries` attempts")


def test_prewarm_waits_for_a_reconnect() -> None:
    ears = Ears()
    policy = Reconnection(Witness(), initial_delay=0.2, max_delay=0.2)
    with serving(ears.hear_then(1, Peer.cut), ears.listen()) as server:
        with listening(server, reconnection=policy) as connection:
            connection.send_raw(b"one")
            until(lambda: connection._channel.session.is_reconnecting)
            connection.prewarm()
            assert connection._channel.session.is_open
            assert connection.stats.connections == 2


def test_without_retries_a_connection_that_idled_out_is_opened_again() -> None:
    def idle(peer: Peer) -> None:
        peer.connection.close(1000, "connection idle timeout")

    with serving(idle, polite) as server:
        policy = Reconnection(max_retries=0)
        with connecting(server, reconnection=policy) as connection:
            until(lambda: not connection._channel.session.is_open)
            context = connection.context()
            context.push("Hello", continue_=False)
            assert kinds(context) == ["chunk", "chunk", "done"]


def test_a_connection_is_renewed_before_the_old_one_has_closed() -> None:
    deaf = Deaf()

    def talk(peer: Peer) -> None:
        peer.send(event("done", peer.next()["context_id"]))
        deaf.leave(peer)

    options: ConnectionOptions = {"max_age": 0.1, "close_timeout": None}
    with serving(talk, polite) as server:
        with connecting(server, options=options) as connection:
            try:
                for _ in range(2):
                    context = connection.context()
                    context.push("Hello", continue_=False)
                    assert (kinds(context))[-1] == "done"
                    pause(0.2)
            finally:
                deaf.let_go()
            assert connection.stats.connections >= 2


def test_without_retries_there_is_no_attempt() -> None:
    with serving(Peer.cut) as server:
        policy = Reconnection(max_retries=0)
        with connecting(server, reconnection=policy) as connection:
            until(lambda: not connection._channel.session.is_open)
            with pytest.raises(WebSocketConnectionClosedError):
                connection.prewarm()
    assert len(server.handshakes) == 1
