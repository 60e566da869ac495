"""What threads cannot do."""

from __future__ import annotations

import pytest

from tests.runtime.websocket._sync.listening import listening
from tests.runtime.websocket._sync.primitives import until, workers
from tests.runtime.websocket._sync.speech import connecting
from tests.runtime.websocket._sync.writing import speak, waiting
from tests.runtime.websocket.ears import Ears
from tests.runtime.websocket.server import serving


def test_coroutine_functions_are_no_handlers() -> None:
    async def done(_: object) -> None:
        raise AssertionError

    ears = Ears()
    with serving(ears.listen()) as server, listening(server) as connection:
        connection.on("done", done)
        connection.send("close")
        with pytest.raises(TypeError, match="only the async client"):
            connection.dispatch_events()


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
