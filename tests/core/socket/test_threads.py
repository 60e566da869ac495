"""What threads cannot do."""

from __future__ import annotations

import pytest

from tests.core.socket._sync.listening import listening
from tests.core.socket.ears import Ears
from tests.core.socket.server import serving


def test_coroutine_functions_are_no_handlers() -> None:
    async def done(_: object) -> None:
        raise AssertionError

    ears = Ears()
    with serving(ears.listen()) as server, listening(server) as connection:
        connection.on("done", done)
        connection.send("close")
        with pytest.raises(TypeError, match="only the async client"):
            connection.dispatch_events()
