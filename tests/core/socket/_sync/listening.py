# Derived by `make generate` (scripts/unasync.py) from
# tests/core/socket/_async/listening.py
# Do not edit: change that file instead.
"""A connection without contexts as the generated code makes it, in small."""

from __future__ import annotations

from cartesia._core._sync.socket.connection import Connection
from cartesia._core._sync.socket.manager import ConnectionManager
from cartesia._core.model import Model
from cartesia._core.request import Operation, Request
from cartesia._core.socket.options import ConnectionOptions
from cartesia._core.socket.reconnection import Reconnection
from cartesia._core.socket.vocabulary import Vocabulary
from tests.core.socket.server import Server
from tests.core.socket.wordbook import MANUAL

CONNECT = Operation("stt.manual_finalize.websocket", "GET", "/stt/websocket")


class Listening(Connection[Model]):
    def send(self, command: dict[str, object] | Model | str) -> None:
        self._send_message(command)


def listening(
    server: Server,
    vocabulary: Vocabulary[Model] = MANUAL,
    reconnection: Reconnection | None = None,
    options: ConnectionOptions | None = None,
    **query: str,
) -> ConnectionManager[Listening]:
    request = Request(CONNECT, extra_query=query)
    return ConnectionManager(server, Listening, vocabulary, request, options, reconnection)
