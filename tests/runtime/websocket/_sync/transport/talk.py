# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/transport/talk.py
# Do not edit: change that file instead.
"""The transport of one WebSocket, and what tests do with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

import pytest

from cartesia._runtime._sync.websocket.connection import Channel
from cartesia._runtime._sync.websocket.primitives import Guard, Notifier
from cartesia._runtime._sync.websocket.websocket_transport import (
    WebSocketTransport,
    open_transport,
)
from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.explain import explain_handshake
from cartesia._runtime.request import Operation, Request
from cartesia._runtime.websocket.close import Close, TransportClosed
from cartesia._runtime.websocket.connection_options import Bounds, with_defaults
from cartesia._runtime.websocket.session import RawEvent, Session
from tests.runtime.websocket.server import Peer, Server
from tests.runtime.websocket.wordbook import MANUAL

MEGABYTE = 2**20


class Messages(Session[object]):
    """A session that takes every message as it is, text or not."""

    def receive(self, message: bytes, is_text: bool) -> None:
        del is_text
        self._put(self.raw, RawEvent(None, message), len(message))


class Talk:
    """A transport whose messages are received one by one, a megabyte ahead at most."""

    _transport: WebSocketTransport

    def __init__(self, **options: object) -> None:
        self.options = with_defaults(options)  # type: ignore[arg-type]
        self._guard = self.guard = Guard()
        self._notifier = Notifier(self._guard)
        self._messages = self.session = Messages(
            MANUAL,
            notifier=self._notifier,
            new_id=str,
            clock=time.monotonic,
            bounds=Bounds(high=MEGABYTE, low=MEGABYTE / 2, max_age=float("inf")),
        )

    def open(self, server: Server) -> None:
        request = Request(Operation("o", "GET", "/"))
        url, headers = server.socket_url(request), server.socket_headers(request)
        try:
            self._transport = open_transport(cast("Channel[object]", self), url, headers)
        except CartesiaError:
            raise
        except Exception as error:
            raise explain_handshake(url, error) from error

    def start(self) -> None:
        with self._guard:
            self._messages.opened()
            self._transport.start()

    def transport_ended(self, transport: object, close: Close) -> None:
        del transport
        if self._messages.is_open:  # as it is once it was started
            self._messages.closed(close)

    def receive(self) -> bytes:
        queue = self._messages.raw
        with self._guard:
            self._notifier.wait_for(queue.is_ready, None)
            if not queue.items:
                assert self._transport.ended is not None
                raise TransportClosed(self._transport.ended)
            message = queue.take().data
            self._messages.flow.resume_if_drained()
            self._transport.update()
            return message

    def send(self, data: bytes | bytearray | memoryview, *, text: bool) -> None:
        with self._guard:
            self._transport.write(data, text=text)
            self._transport.drain()
            if self._transport.ended is not None:
                raise TransportClosed(self._transport.ended)

    def close(self, code: int, reason: str) -> None:
        with self._guard:
            self._transport.begin_close(code, reason)
            self._transport.drain()

    def abort(self) -> None:
        with self._guard:
            self._transport.abort(Close(1006, "", "client"))


def connect(server: Server, **options: object) -> Talk:
    talk = Talk(**options)
    talk.open(server)
    talk.start()
    return talk


def close_of(use: Callable[[], bytes]) -> tuple[int, str, str]:
    with pytest.raises(TransportClosed) as caught:
        use()
    (close,) = caught.value.args
    assert isinstance(close, Close)
    return close.code, close.reason, close.by


def echo(peer: Peer) -> None:
    for message in peer.connection:
        peer.send(message)
