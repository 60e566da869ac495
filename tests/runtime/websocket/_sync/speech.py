# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/speech.py
# Do not edit: change that file instead.
"""A connection and a context as the generated code makes them, in small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from cartesia._runtime._sync.requester import Requester
from cartesia._runtime._sync.websocket.connection import Connection, ConnectionManager
from cartesia._runtime._sync.websocket.context import Context
from cartesia._runtime.model import Model
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.connection_options import ConnectionOptions
from cartesia._runtime.websocket.messages import SocketSpec
from cartesia._runtime.websocket.reconnection import Reconnection
from tests.runtime.websocket._sync.primitives import until
from tests.runtime.websocket.server import Server
from tests.runtime.websocket.wordbook import TTS, VOICE

CONNECT = Operation("tts.websocket_connect", "GET", "/tts/websocket")


class SpeechContext(Context[Model]):
    def push(self, transcript: str, *, continue_: bool | None = True, **settings: object) -> None:
        self._send({"transcript": transcript, "continue": continue_, **settings})


class Speech(Connection[Model]):
    def context(
        self, context_id: str | None = None, *, timeout: float | None = 10, **settings: object
    ) -> SpeechContext:
        settings = {"voice": VOICE, **settings}
        return self._context(SpeechContext, context_id, timeout, settings)

    def send(self, message: dict[str, object] | Model | str) -> None:
        self._send_message(message)


def connecting(
    server: Server,
    spec: SocketSpec[Model] = TTS,
    options: ConnectionOptions | None = None,
    reconnection: Reconnection | None = None,
) -> ConnectionManager[Speech]:
    request = Request(CONNECT)
    reconnection = reconnection or Reconnection(initial_delay=0.001, max_delay=0.01)
    return ConnectionManager(cast(Requester, server), Speech, spec, request, options, reconnection)


def kinds(context: Context[Model], timeout: float | None = None) -> list[object]:
    """Receive to the end; give the types of the events."""
    return [event.to_dict().get("type") for event in context.receive(timeout)]


def collect(source: Iterator[Model], heard: list[Model]) -> None:
    """Receive to the end or an error; `heard` keeps what came before it."""
    for piece in source:
        heard.extend([piece])  # a comprehension around the loop would lose it


def received(server: Server, count: int) -> list[dict[str, object]]:
    """Wait until the server has read so many messages; give them."""
    until(lambda: server.received.qsize() >= count)
    return [server.received.get_nowait() for _ in range(count)]
