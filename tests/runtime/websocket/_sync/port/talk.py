# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/port/talk.py
# Do not edit: change that file instead.
"""A port of one WebSocket, and what tests do with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cartesia._runtime._sync.websocket.opening import Opening
from cartesia._runtime._sync.websocket.port.interface import Port
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.errors import PortClosed
from cartesia._runtime.websocket.options import ConnectionOptions, with_defaults
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket.server import Peer, Server

MEGABYTE = 2**20
OPTIONS: ConnectionOptions = {}
"""What each port is opened with; the fixture `transport` says over which library."""


class Talk:
    """A port whose messages come one by one."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._messages: list[bytes] = []
        self.send = port.send
        self.close = port.close
        self.abort = port.abort

    def receive(self) -> bytes:
        if not self._messages:
            self._messages = self._port.receive()
            assert self._messages
        return self._messages.pop(0)


def connect(server: Server, **options: object) -> Talk:
    wanted: ConnectionOptions = {**OPTIONS, **options}  # type: ignore[typeddict-item]
    request = Request(Operation("o", "GET", "/"))
    opening = Opening(server, request, with_defaults(wanted), Reconnection())
    return Talk(opening.open())


def close_of(use: Callable[[], bytes]) -> tuple[int, str, str]:
    with pytest.raises(PortClosed) as caught:
        use()
    return caught.value.close.code, caught.value.close.reason, caught.value.close.by


def echo(peer: Peer) -> None:
    for message in peer.connection:
        peer.send(message)
