# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_core/_async/socket/line.py
# Do not edit: change that file instead.
"""The open port of a connection and the reader that owns it, whatever is said over them."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Callable, Generic, TypeVar
from uuid import uuid4

from attrs import evolve

from cartesia._core._sync.socket.io import Bell, Guard, Lock, Worker
from cartesia._core.socket.errors import Close, PortClosed
from cartesia._core.socket.session import Session

if TYPE_CHECKING:
    from cartesia._core._sync.socket.opening import Opening
    from cartesia._core._sync.socket.port.interface import Port
    from cartesia._core.socket.contexts import ContextRecord
    from cartesia._core.socket.outbox import Outgoing
    from cartesia._core.socket.vocabulary import Vocabulary

EventT = TypeVar("EventT")

# The reader of a port that is closed has little left to do; this only keeps a fault from hanging.
_WORKER_ENDS_WITHIN = 2.0


class Line(Generic[EventT]):
    """Keeps one session connected.

    One reader owns the port. Whatever ends it, its last act is to tell the session, which wakes
    everybody. With contexts, the next use opens another port. A conversation is over with its
    connection, unless the policy of its opening has it reconnected at once.

    Args:
        vocabulary: The vocabulary of the socket.
        open_port: Connects and shakes hands.
        opening: Opens another port for a conversation that broke off; None where nobody wants it.

    Attributes:
        session: What was sent and heard.
        guard: Held around each call into the session.
        raw_bell: Wakes the one who receives outside all contexts.
    """

    def __init__(
        self,
        vocabulary: Vocabulary[EventT],
        open_port: Callable[[], Port],
        opening: Opening | None = None,
    ) -> None:
        self.guard = Guard()
        self.raw_bell = Bell(self.guard)
        self.session: Session[EventT] = Session(
            vocabulary,
            raw_bell=self.raw_bell,
            new_id=lambda: str(uuid4()),
            clock=time.monotonic,
            max_queue_size=opening.attempts.settings.max_queue_size if opening is not None else 0,
        )
        self._open_port = open_port
        self._opening = opening
        self._sending = Lock()
        self._closing_bell = Bell(self.guard)
        self._port: Port | None = None
        self._reader: Worker | None = None
        self._reopener: Worker | None = None
        self._sweeper: Worker | None = None
        self._is_closed = False

    def connect(self) -> None:
        """Open a port, if none is open.

        Raises:
            CartesiaError: It cannot be opened, or the caller closed the connection.
        """
        with self._sending:
            self._ensure_port()

    def close(self, code: int, reason: str) -> None:
        """Close for good; whoever waits is woken before anything else happens.

        Args:
            code: The close code.
            reason: The close reason.
        """
        if self._is_closed:
            return
        self._is_closed = True
        with self.guard:
            self.session.closed(Close(code, reason, "caller"))
            self._closing_bell.ring()
        if self._port is not None:
            self._port.close(code, reason)
        for worker in (self._reader, self._reopener):
            if worker is not None:
                worker.join(_WORKER_ENDS_WITHIN)

    def sweep(self) -> None:
        """Tell the server of the contexts whose receivers were dropped."""
        if not self.session.abandoned:
            return
        with self._sending:
            with self.guard:
                texts = self.session.drop_abandoned()
            for text in texts:
                self._send_if_open(text)

    # Each of these is called with the sending lock held.

    def _ensure_port(self, record: ContextRecord[EventT] | None = None) -> Port:
        """Give the open port; connect if there is none and there may be one."""
        with self.guard:
            if record is not None:
                record.ensure_open()
            if self._port is not None and self.session.is_open:
                return self._port
            is_over = self._reader is not None and self.session.vocabulary.key is None
            if self._is_closed or is_over:
                raise self.session.closed_error()
        self._reader_end()
        port = self._open_port()
        if not self._adopt(port):
            raise self.session.closed_error()
        return port

    def _adopt(self, port: Port) -> bool:
        """Make a port the one to use, unless the caller closed the connection meanwhile."""
        with self.guard:
            if not self._is_closed:
                self._port = port
                self.session.opened()
                if self._opening is not None:
                    self._opening.attempts.opened()
                name = f"cartesia {self.session.vocabulary.name} reader"
                self._reader = Worker(partial(self._read, port), name)
                return True
        port.close(1001, "")
        return False

    def _reader_end(self) -> None:
        """Wait for the reader of a port that is closed, so that the session knows all it said."""
        if self._reader is not None:
            self._reader.join(_WORKER_ENDS_WITHIN)

    def _send_if_open(self, text: bytes | None) -> None:
        """Send a message that nobody misses if the connection is closed."""
        if text is None or self._port is None or not self.session.is_open:
            return
        with suppress(PortClosed):  # of which the reader tells whoever is concerned
            self._port.send(text, text=True)

    def _send_own(self, port: Port, outgoing: Outgoing) -> None:
        """Send a message of the caller's own.

        Raises:
            PortClosed: The connection is closed; the session knows by now.
        """
        with self.guard:
            self.session.note_raw(outgoing.message)
        try:
            port.send(outgoing.data, text=outgoing.text)
        except PortClosed:
            self._reader_end()
            raise

    def _send_kept(self, port: Port) -> None:
        """Send what waited for a connection; what is left then waits for the next one."""
        outbox = self.session.conversation.outbox
        while outbox:
            try:
                self._send_own(port, outbox.first())
            except PortClosed as closed:
                if not closed.written:
                    return
            outbox.drop_first()

    # These are the workers' own.

    def _read(self, port: Port) -> None:
        """Hand every message of a port to the session; at its end, tell the session why."""
        session = self.session
        close = Close(1006)
        is_fault = True
        try:
            while True:
                messages = port.receive()
                with self.guard:
                    for message in messages:
                        session.receive(message)
                if session.abandoned and (self._sweeper is None or not self._sweeper.is_alive):
                    # Not here: a reader that waits to send may wait for a server that waits for it.
                    self._sweeper = Worker(self.sweep, "cartesia sweeper")
        except PortClosed as closed:
            close = closed.close
            is_fault = False
        except BaseException as error:
            # A fault, or the end of the event loop. It is the cause of what every waiter gets.
            close = Close(1006, f"{type(error).__name__}: {error}", "client", error)
            port.abort()
            if not isinstance(error, Exception):
                raise
        finally:
            with self.guard:
                opening = None if is_fault else self._opening_after(close)
                if opening is not None:
                    session.interrupted(close)
                    work = partial(self._reopen, opening, close)
                    self._reopener = Worker(work, "cartesia reconnecting")
                elif not self._is_closed:
                    session.closed(close)

    def _opening_after(self, close: Close) -> Opening | None:
        """Give what opens another port for the conversation, if it is to go on."""
        conversation = self.session.conversation
        opening = self._opening
        if opening is None or self._is_closed or not conversation.can_go_on:
            return None
        return opening if opening.attempts.broke_off(close, heard=conversation.heard) else None

    def _reopen(self, opening: Opening, close: Close) -> None:
        """Connect the conversation again, and send over the new port what was kept meanwhile."""
        last_event = self.session.conversation.last_event
        try:
            opened = opening.reopen(close, last_event, self._pause)
        except BaseException as error:
            # The caller's own function failed, or the event loop ends.
            self._give_up(evolve(close, cause=error))
            if not isinstance(error, Exception):
                raise
            return
        if isinstance(opened, Close):
            self._give_up(opened)
            return
        with self._sending:
            if self._adopt(opened):
                self._send_kept(opened)

    def _give_up(self, close: Close) -> None:
        with self.guard:
            if not self._is_closed:
                self.session.closed(close)

    def _pause(self, seconds: float) -> bool:
        """Wait; tell whether the connection was closed meanwhile."""
        with self.guard:
            return self._closing_bell.wait_for(lambda: self._is_closed, seconds)
