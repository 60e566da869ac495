# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_socket_drops.py
# Do not edit: change that file instead.
"""Sockets that drop or close: who is told, what goes on over another one, and what does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cartesia import (
    APIConnectionError,
    AuthenticationError,
    ContextLostError,
    InternalServerError,
    RateLimitError,
    WebSocketConnectionClosedError,
)
from cartesia._runtime.errors import APIStatusError
from cartesia._runtime.model import Model
from cartesia._runtime.websocket.reconnection import (
    ReconnectingEvent,
    ReconnectingOverrides,
    Reconnection,
)
from tests.faults.page import Caller
from tests.faults.sockets import TTS, reset, said
from tests.runtime.websocket._sync.primitives import Flag, together, until
from tests.runtime.websocket._sync.speech import (
    SpeechContext,
    collect,
    connecting,
    kinds,
    received,
)
from tests.runtime.websocket.server import Peer, polite, serving
from tests.runtime.websocket.wordbook import event

SOON = {"initial_delay": 0.001, "max_delay": 0.01}


class Witness:
    """What `on_reconnecting` was told, and what it answers."""

    def __init__(self, answer: ReconnectingOverrides | None = None) -> None:
        self.events: list[ReconnectingEvent] = []
        self.answer = answer

    def __call__(self, event: ReconnectingEvent) -> ReconnectingOverrides | None:
        self.events.append(event)
        return self.answer


def policy(
    witness: Witness | None = None, max_retries: int = 5, *, resend_unheard: bool = False
) -> Reconnection:
    return Reconnection(
        witness,
        max_retries,
        initial_delay=0.001,
        max_delay=0.01,
        resend_unheard=resend_unheard,
    )


def closing(code: int, reason: str) -> Callable[[Peer], None]:
    return lambda peer: peer.connection.close(code, reason)


def after_two(end: Callable[[Peer], None]) -> Callable[[Peer], None]:
    """Hear two contexts, speak to the first, and end."""

    def script(peer: Peer) -> None:
        first = peer.next()["context_id"]
        peer.next()
        peer.speak(first)
        end(peer)

    return script


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(end, marks=pytest.mark.fault(TTS, f"{what}, in the middle of two contexts"))
        for what, end in [
            ("The socket drops", Peer.cut),
            ("The socket is reset", reset),
            ("The server closes with 1000", closing(1000, "because")),
            ("The server closes with 1001", closing(1001, "because")),
            ("The server closes with 1011", closing(1011, "because")),
            ("The server closes with 1013", closing(1013, "because")),
        ]
    ],
)
def test_everybody_wakes(end: Callable[[Peer], None], caller: Caller) -> None:
    with serving(after_two(end), polite) as server:
        with connecting(server) as connection:
            one, two = connection.context("one"), connection.context("two", timeout=None)
            unsent = connection.context("unsent")
            heard: list[Model] = []

            def run(context: SpeechContext) -> None:
                with pytest.raises(ContextLostError) as caught:
                    collect(context.receive(), heard)
                error = caught.value
                assert error.sent == [{"transcript": "Hello", "continue": True}]
                # A reset may overtake what was said before it.
                assert error.heard == len(heard) if context is one else error.heard == 0
                if context is two:
                    caller.sees(said(error).replace(f" ({error.reason})", " (...)"))

            one.push("Hello")
            two.push("Hello")
            together(lambda: run(one), lambda: run(two))
            unsent.push("Hello", continue_=False)
            assert kinds(unsent) == ["chunk", "chunk", "done"]
            assert connection.stats.connections == 2


@pytest.mark.fault(TTS, "The server closes an idle socket (1000, `connection idle timeout`)")
def test_an_idle_close(caller: Caller) -> None:
    def idle(peer: Peer) -> None:
        peer.send(event("done", peer.next()["context_id"]))
        peer.connection.close(1000, "connection idle timeout")

    witness = Witness()
    slow = Reconnection(witness, initial_delay=3600, max_delay=3600)
    with serving(idle, polite) as server:
        with connecting(server, reconnection=slow) as connection:
            for heard in (["done"], ["chunk", "chunk", "done"]):
                context = connection.context()
                context.push("Hello", continue_=False)
                assert kinds(context) == heard
                if heard == ["done"]:
                    until(lambda: not connection._channel.session.is_open)
    assert [told.delay for told in witness.events] == [0.0]
    caller.sees("no error: the next use connects again, at once")


@pytest.mark.fault(TTS, "After a drop the server refuses, and then does not")
def test_backing_off(caller: Caller) -> None:
    witness = Witness({"extra_headers": {"x-token": "new"}})
    with serving(after_two(Peer.cut), polite) as server:
        with connecting(server, reconnection=policy(witness)) as connection:
            # They are held, since one that is dropped is cancelled, which is a message as well.
            contexts = [connection.context(name) for name in ("one", "two")]
            for context in contexts:
                context.push("Hello")
            until(lambda: not connection._channel.session.is_open)
            server.refusals += [(503, b"", {}), (429, b"", {})]
            context = connection.context("c")
            context.push("Hello", continue_=False)
            assert kinds(context) == ["chunk", "chunk", "done"]
        tokens = [handshake.headers.get("x-token") for handshake in server.handshakes]
    assert [told.attempt for told in witness.events] == [1, 2, 3]
    assert [told.close_code for told in witness.events] == [1006] * 3
    assert 0.003 <= witness.events[2].delay <= 0.004
    assert tokens == [None, "new", "new", "new"]
    caller.sees(
        "the next `push` connects again, after growing delays; `on_reconnecting` is told of each"
    )


@pytest.mark.parametrize(
    ("refusals", "attempts", "kind"),
    [
        pytest.param(
            [(503, b"", {})] * 2,
            2,
            InternalServerError,
            marks=pytest.mark.fault(TTS, "After a drop the server stays away (`max_retries=2`)"),
        ),
        pytest.param(
            [(401, b"", {})],
            1,
            AuthenticationError,
            marks=pytest.mark.fault(TTS, "After a drop the server refuses the key"),
        ),
        pytest.param(
            [(429, b"", {"retry-after": "60"})],
            1,
            RateLimitError,
            marks=pytest.mark.fault(TTS, "After a drop the server asks to wait for a minute"),
        ),
    ],
)
def test_giving_up(
    refusals: list[tuple[int, bytes, dict[str, str]]],
    attempts: int,
    kind: type[APIStatusError],
    caller: Caller,
) -> None:
    witness = Witness()
    with serving(after_two(Peer.cut), polite) as server:
        with connecting(server, reconnection=policy(witness, 2)) as connection:
            # They are held, since one that is dropped is cancelled, which is a message as well.
            contexts = [connection.context(name) for name in ("one", "two")]
            for context in contexts:
                context.push("Hello")
            until(lambda: not connection._channel.session.is_open)
            server.refusals += refusals
            with caller.raises(kind):
                connection.context().push("Hello")
            assert len(witness.events) == attempts
            # The next use tries again, and this time somebody is there.
            context = connection.context("c")
            context.push("Hello", continue_=False)
            assert kinds(context) == ["chunk", "chunk", "done"]


@pytest.mark.fault(TTS, "After a drop the host is gone, or `on_reconnecting` says no, or fails")
def test_giving_up_for_other_reasons(caller: Caller) -> None:
    with serving(after_two(Peer.cut)) as server:
        witness = Witness()
        with connecting(server, reconnection=policy(witness, 1)) as connection:
            # They are held, since one that is dropped is cancelled, which is a message as well.
            contexts = [connection.context(name) for name in ("one", "two")]
            for context in contexts:
                context.push("Hello")
            until(lambda: not connection._channel.session.is_open)
            server.url = "ws://127.0.0.1:1"
            with pytest.raises(APIConnectionError):
                connection.context().push("Hello")
            witness.answer = {"abort": True}
            with pytest.raises(WebSocketConnectionClosedError):
                connection.context().push("Hello")

            def fail(event: ReconnectingEvent) -> None:
                raise LookupError(event)

            connection._channel._attempts.settings.on_reconnecting = fail
            with pytest.raises(LookupError):
                connection.context().push("Hello")
    caller.sees("`APIConnectionError`; `WebSocketConnectionClosedError`; what it raised")


@pytest.mark.fault(TTS, "The socket drops before anything was heard, and `resend_unheard` is set")
def test_sending_again(caller: Caller) -> None:
    with serving(after_two(Peer.cut), after_two(Peer.cut), polite) as server:
        resending = policy(resend_unheard=True)
        with connecting(server, reconnection=resending) as connection:
            one, two = connection.context("one"), connection.context("two")

            def hear(context: SpeechContext, heard: list[object]) -> None:
                heard.extend(kinds(context))

            spoken: list[object] = []
            # Sent one after the other, so that the first is the one that is spoken to.
            one.push("Hello")
            two.push("Hi, ")
            with pytest.raises(ContextLostError):
                kinds(one)
            two.push("there", continue_=False)
            # The script of the second connection hears both texts, and breaks off once more.
            with pytest.raises(ContextLostError):
                hear(two, spoken)
            assert [message["context_id"] for message in received(server, 4)] == [
                "one",
                "two",
                "two",
                "two",
            ]
            assert connection.stats.resent == 1
            assert connection.stats.connections == 2
    caller.sees("its text is sent again, once; what was heard in part is a `ContextLostError`")


@pytest.mark.fault(TTS, "It drops again and again before anything was heard")
def test_sending_again_has_a_limit(caller: Caller) -> None:
    def drop(peer: Peer) -> None:
        peer.next()
        peer.cut()

    with serving(drop) as server:
        resending = Reconnection(None, 3, initial_delay=0.001, max_delay=60, resend_unheard=True)
        with connecting(server, reconnection=resending) as connection:
            context = connection.context("c")
            context.push("Hello", continue_=False)
            with pytest.raises(ContextLostError) as caught:
                kinds(context)
            assert connection.stats.connections == 4
            assert connection.stats.resent == 3
            caller.sees(said(caught.value))


@pytest.mark.fault(
    TTS, "It drops before anything was heard, and the context is cancelled meanwhile"
)
def test_sending_nothing_again(caller: Caller) -> None:
    reached, go_on = Flag(), Flag()

    def wait(_: ReconnectingEvent) -> None:
        reached.raise_()
        go_on.wait()

    def drop(peer: Peer) -> None:
        peer.next()
        peer.cut()

    with serving(drop, polite) as server:
        resending = Reconnection(wait, initial_delay=0, resend_unheard=True)
        with connecting(server, reconnection=resending) as connection:
            context = connection.context("c")
            context.push("Hello", continue_=False)
            reached.wait()
            context.cancel()
            assert kinds(context) == []
            go_on.raise_()
            until(lambda: connection.stats.connections == 2)
            other = connection.context("other")
            other.push("Hi", continue_=False)
            assert kinds(other) == ["chunk", "chunk", "done"]
            assert connection.stats.resent == 0
            assert [said["context_id"] for said in received(server, 2)] == ["c", "other"]
    caller.sees("its receiver is done at once; nothing is sent again")
