"""What threads cannot do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.runtime.websocket._sync.listening import listening
from tests.runtime.websocket._sync.primitives import until, workers
from tests.runtime.websocket._sync.speech import connecting
from tests.runtime.websocket._sync.writing import speak, waiting
from tests.runtime.websocket.ears import Ears
from tests.runtime.websocket.server import serving

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
