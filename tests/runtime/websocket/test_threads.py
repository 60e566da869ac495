"""What threads cannot do."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
import threading

import pytest

from cartesia._runtime.errors import APIConnectionError, CartesiaError, ContextLostError
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket._sync.listening import listening
from tests.runtime.websocket._sync.primitives import until, workers
from tests.runtime.websocket._sync.speech import connecting, kinds
from tests.runtime.websocket._sync.writing import speak, waiting
from tests.runtime.websocket.ears import Ears
from tests.runtime.websocket.server import Peer, polite, serving

FORKING = """
import os
from tests.runtime.websocket._sync.speech import connecting, kinds
from tests.runtime.websocket.server import serving

def speak(connection):
    context = connection.context()
    context.push("Hello", continue_=False)
    assert kinds(context) == ["chunk", "chunk", "done"]

with serving() as server:
    manager, warm = connecting(server), connecting(server)
    warm.prewarm()
    with manager as connection:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                for each in (manager, warm):
                    with each as own:
                        speak(own)
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        speak(connection)
    with warm as connection:
        speak(connection)
    print(len(server.handshakes))
"""


def test_coroutine_functions_are_no_handlers() -> None:
    async def done(_: object) -> None:
        raise AssertionError

    ears = Ears()
    with serving(ears.listen()) as server, listening(server) as connection:
        connection.on("done", done)
        connection.send("close")
        with pytest.raises(TypeError, match="only the async client"):
            connection.dispatch_events()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_process_opens_connections_of_its_own() -> None:
    done = subprocess.run(  # noqa: S603 # the interpreter of these tests
        [sys.executable, "-c", FORKING], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "4"


def test_a_stream_does_not_wait_for_a_text_that_nobody_can_interrupt() -> None:
    text = waiting("Hello")
    with serving() as server:
        with speak(connecting(server), text.write()) as stream:
            next(stream)
            until(lambda: text.given == 1)
        assert not text.closed.is_raised()
        assert workers() == ["cartesia text pump"]
        text.go_on.raise_()
        until(lambda: workers() == [])
        assert text.closed.is_raised()


def refuse_threads(patch: pytest.MonkeyPatch) -> None:
    """Have no thread of this package started, as where there are too many."""
    start = threading.Thread.start

    def refuse(self: threading.Thread) -> None:
        if self.name.startswith("cartesia "):
            raise RuntimeError("can't start new thread")
        start(self)

    patch.setattr(threading.Thread, "start", refuse)


def test_of_two_receivers_at_the_same_moment_one_is_told() -> None:
    reached, go_on = threading.Event(), threading.Event()
    told: list[str] = []

    def silent(peer: Peer) -> None:
        while True:
            peer.next()

    with serving(silent) as server, connecting(server) as connection:
        context = connection.context(timeout=None)
        context.push("Hello")
        affinity = connection._channel.affinity

        def check() -> None:  # called just before a receiver waits
            if threading.current_thread() is late:
                reached.set()
                go_on.wait(10)

        def receive() -> None:
            try:
                next(context.receive())
            except CartesiaError as error:
                told.append(str(error))
            except StopIteration:
                told.append("cancelled")

        late, other = threading.Thread(target=receive), threading.Thread(target=receive)
        affinity.check = check  # type: ignore[method-assign]
        late.start()
        assert reached.wait(10)
        other.start()
        until(lambda: context._record.queue.claimed)
        go_on.set()
        late.join(10)
        context.cancel()
        other.join(10)
    assert "is being received already" in told[0]
    assert told[1:] == ["cancelled"]


def idle(peer: Peer) -> None:
    peer.connection.close(1000, "connection idle timeout")


def test_a_connection_without_a_thread_is_an_error_and_the_next_use_opens_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(idle, polite) as server, connecting(server) as connection:
        until(lambda: not connection._channel.session.is_open)
        context = connection.context()
        with monkeypatch.context() as patch:
            refuse_threads(patch)
            with pytest.raises(RuntimeError, match="start new thread"):
                context.push("Hello")
            with pytest.raises(RuntimeError, match="start new thread"):
                connecting(server).enter()
        assert "broken off by this client" in repr(connection)
        context.push("Hello", continue_=False)
        assert kinds(context) == ["chunk", "chunk", "done"]
    assert workers() == []


def test_a_text_that_no_thread_may_send_again_is_lost_and_its_receiver_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_cut = threading.Event()

    def drop(peer: Peer) -> None:
        peer.next()
        may_cut.wait(10)
        peer.cut()

    policy = Reconnection(resend_unheard=True)
    with serving(drop, polite) as server, connecting(server, reconnection=policy) as connection:
        context = connection.context()
        context.push("Hello")
        refuse_threads(monkeypatch)
        may_cut.set()
        with pytest.raises(ContextLostError, match="can't start new thread"):
            kinds(context)
        monkeypatch.undo()
        again = connection.context()
        again.push("Hello", continue_=False)
        assert kinds(again) == ["chunk", "chunk", "done"]


def test_too_many_open_files_are_a_failure_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    pair, client = socket.socketpair, threading.current_thread()

    def refuse() -> tuple[socket.socket, socket.socket]:
        if threading.current_thread() is client:
            raise OSError(errno.EMFILE, "Too many open files")
        return pair()

    with serving() as server:
        manager = connecting(server)
        with monkeypatch.context() as patch:
            patch.setattr(socket, "socketpair", refuse)
            with pytest.raises(APIConnectionError, match="Too many open files"):
                manager.enter()
        with manager as connection:
            context = connection.context()
            context.push("Hello", continue_=False)
            assert kinds(context) == ["chunk", "chunk", "done"]
