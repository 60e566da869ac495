# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/listening.py
# Do not edit: change that file instead.
"""A connection without contexts as the generated code makes it, in small."""

from __future__ import annotations

from typing import cast

from cartesia._runtime._sync.requester import Requester
from cartesia._runtime._sync.websocket.connection import Connection, ConnectionManager
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.connection_options import ConnectionOptions
from cartesia._runtime.websocket.messages import SocketSpec
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket.server import Server
from tests.runtime.websocket.wordbook import MANUAL

CONNECT = Operation("stt.manual_finalize.websocket", "GET", "/stt/websocket")


class Listening(Connection[Model]):
    def send(self, command: dict[str, object] | Model | str) -> None:
        self._send_message(command)


def listening(
    server: Server,
    spec: SocketSpec[Model] = MANUAL,
    reconnection: Reconnection | None = None,
    options: ConnectionOptions | None = None,
    **query: str,
) -> ConnectionManager[Listening]:
    request = Request(CONNECT, extra_query=query)
    return ConnectionManager(
        cast(Requester, server), Listening, spec, request, options, reconnection
    )
