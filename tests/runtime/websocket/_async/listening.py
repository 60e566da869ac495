"""A connection without contexts as the generated code makes it, in small."""

from __future__ import annotations

from cartesia._runtime._async.websocket.connection import AsyncConnection
from cartesia._runtime._async.websocket.manager import AsyncConnectionManager
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.options import ConnectionOptions
from cartesia._runtime.websocket.reconnection import Reconnection
from cartesia._runtime.websocket.vocabulary import Vocabulary
from tests.runtime.websocket.server import Server
from tests.runtime.websocket.wordbook import MANUAL

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
