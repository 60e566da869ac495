"""A connection without contexts as the generated code makes it, in small."""

from __future__ import annotations

from typing import cast

from cartesia._runtime._async.requester import AsyncRequester
from cartesia._runtime._async.websocket.connection import AsyncConnection, AsyncConnectionManager
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.connection_options import ConnectionOptions
from cartesia._runtime.websocket.messages import SocketSpec
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket.server import Server
from tests.runtime.websocket.wordbook import MANUAL

CONNECT = Operation("stt.manual_finalize.websocket", "GET", "/stt/websocket")


class AsyncListening(AsyncConnection[Model]):
    async def send(self, command: dict[str, object] | Model | str) -> None:
        await self._send_message(command)


def listening(
    server: Server,
    spec: SocketSpec[Model] = MANUAL,
    reconnection: Reconnection | None = None,
    options: ConnectionOptions | None = None,
    **query: str,
) -> AsyncConnectionManager[AsyncListening]:
    request = Request(CONNECT, extra_query=query)
    return AsyncConnectionManager(
        cast(AsyncRequester, server), AsyncListening, spec, request, options, reconnection
    )
