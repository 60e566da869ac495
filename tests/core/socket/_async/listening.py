"""A connection without contexts as the generated code makes it, in small."""

from __future__ import annotations

from cartesia._core._async.socket.connection import AsyncConnection
from cartesia._core._async.socket.manager import AsyncConnectionManager
from cartesia._core.model import Model
from cartesia._core.request import Operation, Request
from cartesia._core.socket.options import ConnectionOptions
from cartesia._core.socket.reconnection import Reconnection
from cartesia._core.socket.vocabulary import Vocabulary
from tests.core.socket.server import Server
from tests.core.socket.wordbook import MANUAL

CONNECT = Operation("stt.manual_finalize.websocket", "GET", "/stt/websocket")


class AsyncListening(AsyncConnection[Model]):
    async def send(self, command: dict[str, object] | Model | str) -> None:
        await self._send_message(command)


def listening(
    server: Server,
    vocabulary: Vocabulary[Model] = MANUAL,
    reconnection: Reconnection | None = None,
    options: ConnectionOptions | None = None,
    **query: str,
) -> AsyncConnectionManager[AsyncListening]:
    request = Request(CONNECT, extra_query=query)
    return AsyncConnectionManager(
        server, AsyncListening, vocabulary, request, options, reconnection
    )
