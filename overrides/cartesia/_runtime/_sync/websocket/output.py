# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/websocket/output.py
# Do not edit: change that file instead.
"""What leaves over the open port of a connection, one message after the other."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Callable, Generic, TypeVar
from uuid import uuid4

from cartesia._runtime._sync.websocket.primitives import Bell, Guard, Home, Lock, Worker
from cartesia._runtime.websocket.errors import PortClosed
from cartesia._runtime.websocket.session import Session

if TYPE_CHECKING:
    from cartesia._runtime._sync.websocket.port.interface import Port
    from cartesia._runtime.websocket.bounds import Bounds
    from cartesia._runtime.websocket.outbox import Payload
    from cartesia._runtime.websocket.reconnection import Reconnection
    from cartesia._runtime.websocket.vocabulary import Vocabulary

EventT = TypeVar("EventT")


class Output(Generic[EventT]):
    """The sending half of a line.

    Args:
        vocabulary: The vocabulary of the socket.
        settings: What is kept for another connection.
        bounds: What bounds the session in time and memory.

    Attributes:
        home: Where it may be used.
        session: What was sent and heard.
        guard: Held around each call into the session.
        raw_bell: Wakes the one who receives outside all contexts.
    """

    def __init__(
        self, vocabulary: Vocabulary[EventT], settings: Reconnection, bounds: Bounds
    ) -> None:
        self.home = Home()
        self.guard = Guard()
        self.raw_bell = Bell(self.guard)
        self.session: Session[EventT] = Session(
            vocabulary,
            raw_bell=self.raw_bell,
            new_id=lambda: str(uuid4()),
            clock=time.monotonic,
            max_queue_size=settings.max_queue_size,
            bounds=bounds,
            resends=settings.resend_unheard,
        )
        self._port: Port | None = None
        # Held while a message, or whatever must leave before it, is sent.
        self._sending = Lock()
        self._sending_since: float | None = None
        self._sweeper: Worker | None = None

    @property
    def is_open(self) -> bool:
        """Whether a port is open."""
        return self.session.is_open

    def sweep(self) -> None:
        """Tell the server of the contexts whose receivers were dropped, and of those we ended."""
        if not self.session.has_chores:
            return
        with self._sending:
            self._send_chores(self.session.drop_abandoned)

    def _sweep_soon(self) -> None:
        """Have another one sweep: a reader that waits to send may wait for one who waits for it."""
        if self._sweeper is None or not self._sweeper.is_alive:
            self._sweeper = Worker(self.sweep, "cartesia sweeper")

    # Each of these is called with the sending lock held.

    def _write(self, port: Port, data: Payload, *, text: bool) -> None:
        """Send one message, with the watch looking on.

        Raises:
            PortClosed: The connection is closed.
        """
        self._sending_since = time.monotonic()
        try:
            port.send(data, text=text)
        finally:
            self._sending_since = None

    def _send_if_open(self, text: bytes | None) -> None:
        """Send a message that nobody misses if the connection is closed."""
        if text is None or self._port is None or not self.session.is_open:
            return
        with suppress(PortClosed):  # of which the reader tells whoever is concerned
            self._write(self._port, text, text=True)

    def _send_chores(self, take: Callable[[], list[bytes]]) -> None:
        with self.guard:
            texts = take()
        for text in texts:
            self._send_if_open(text)
