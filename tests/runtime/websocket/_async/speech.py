"""A connection and a context as the generated code makes them, in small."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from cartesia._runtime._async.requester import AsyncRequester
from cartesia._runtime._async.websocket.connection import AsyncConnection, AsyncConnectionManager
from cartesia._runtime._async.websocket.context import AsyncContext
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.connection_options import ConnectionOptions
from cartesia._runtime.websocket.messages import SocketSpec
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket._async.primitives import until
from tests.runtime.websocket.server import Server
from tests.runtime.websocket.wordbook import TTS, VOICE

CONNECT = Operation("tts.websocket_connect", "GET", "/tts/websocket")


class AsyncSpeechContext(AsyncContext[Model]):
    async def push(
        self, transcript: str, *, continue_: bool | None = True, **settings: object
    ) -> None:
        await self._send({"transcript": transcript, "continue": continue_, **settings})


class AsyncSpeech(AsyncConnection[Model]):
    def context(
        self, context_id: str | None = None, *, timeout: float | None = 10, **settings: object
    ) -> AsyncSpeechContext:
        settings = {"voice": VOICE, **settings}
        return self._context(AsyncSpeechContext, context_id, timeout, settings)

    async def send(self, message: dict[str, object] | Model | str) -> None:
        await self._send_message(message)


def connecting(
    server: Server,
    spec: SocketSpec[Model] = TTS,
    options: ConnectionOptions | None = None,
    reconnection: Reconnection | None = None,
) -> AsyncConnectionManager[AsyncSpeech]:
    request = Request(CONNECT)
    reconnection = reconnection or Reconnection(initial_delay=0.001, max_delay=0.01)
    return AsyncConnectionManager(
        cast(AsyncRequester, server), AsyncSpeech, spec, request, options, reconnection
    )


async def kinds(context: AsyncContext[Model], timeout: float | None = None) -> list[object]:
    """Receive to the end; give the types of the events."""
    return [event.to_dict().get("type") async for event in context.receive(timeout)]


async def collect(source: AsyncIterator[Model], heard: list[Model]) -> None:
    """Receive to the end or an error; `heard` keeps what came before it."""
    async for piece in source:
        heard.extend([piece])  # a comprehension around the loop would lose it


async def received(server: Server, count: int) -> list[dict[str, object]]:
    """Wait until the server has read so many messages; give them."""
    await until(lambda: server.received.qsize() >= count)
    return [server.received.get_nowait() for _ in range(count)]
