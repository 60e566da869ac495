# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_core/_async/socket/channel.py
# Do not edit: change that file instead.
"""What all contexts of one connection share: the session, the open port and its reader."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Callable, Generic, TypeVar
from uuid import uuid4

from cartesia._core._sync.socket.io import Bell, Guard, Lock, Worker
from cartesia._core.errors import CartesiaError
from cartesia._core.socket.errors import Close, PortClosed, ReceiveTimeoutError
from cartesia._core.socket.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cartesia._core._sync.socket.port import Port
    from cartesia._core.socket.contexts import ContextRecord
    from cartesia._core.socket.inbox import Inbox
    from cartesia._core.socket.session import Message
    from cartesia._core.socket.vocabulary import Vocabulary

EventT = TypeVar("EventT")
T = TypeVar("T")

# The reader of a port that is closed has little left to do; this only keeps a fault from hanging.
_READER_ENDS_WITHIN = 2.0


class Channel(Generic[EventT]):
    """Moves messages between one session and whatever port is open at the time.

    One reader owns the port. Whatever ends it, its last act is to tell the session, which wakes
    everybody. The next use opens another port, unless the caller closed the channel.

    Args:
        vocabulary: The vocabulary of the socket.
        open_port: Connects and shakes hands.

    Attributes:
        session: What was sent and heard.
        guard: Held around each call into the session.
        raw_bell: Wakes the one who receives outside all contexts.
    """

    def __init__(self, vocabulary: Vocabulary[EventT], open_port: Callable[[], Port]) -> None:
        self.guard = Guard()
        self.raw_bell = Bell(self.guard)
        self.session: Session[EventT] = Session(
            vocabulary,
            raw_bell=self.raw_bell,
            new_id=lambda: str(uuid4()),
            clock=time.monotonic,
        )
        self._open_port = open_port
        self._sending = Lock()
        self._port: Port | None = None
        self._reader: Worker | None = None
        self._sweeper: Worker | None = None
        self._is_closed = False

    def connect(self) -> None:
        """Open a port, if none is open.

        Raises:
            CartesiaError: It cannot be opened, or the caller closed the channel.
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
        if self._port is not None and self._reader is not None:
            self._port.close(code, reason)
            self._reader.join(_READER_ENDS_WITHIN)

    def send(
        self,
        record: ContextRecord[EventT],
        fields: Mapping[str, object],
        extra: Mapping[str, object] | None,
    ) -> None:
        """Send the next message of a context, over a new connection if the last one ended.

        Raises:
            ValueError: The context takes no more input, or a setting is missing.
            CartesiaError: The context, or the connection, is over.
        """
        self.sweep()
        with self._sending:
            for _ in range(2):
                port = self._ensure_port(record)
                with self.guard:
                    text = self.session.send(record, fields, extra)
                written = True
                try:
                    port.send(text, text=True)
                except PortClosed as closed:
                    written = closed.written
                else:
                    return
                finally:
                    with self.guard:
                        again = self.session.settle(record, written=written)
                self._reader_end()
                if not again:
                    break
        record.ensure_open()
        raise self.session.closed_error()

    def finish(self, record: ContextRecord[EventT]) -> None:
        """Say that a context gets no more input."""
        self.sweep()
        with self._sending:
            with self.guard:
                text = self.session.finish(record)
            self._send_if_open(text)

    def cancel(self, record: ContextRecord[EventT]) -> None:
        """End a context; its receiver is woken before the server is told."""
        with self.guard:
            text = self.session.cancel(record)
        with self._sending:
            self._send_if_open(text)

    def send_raw(self, data: bytes, *, text: bool, message: Mapping[str, object] | None) -> None:
        """Send what the caller made himself.

        Args:
            data: What travels.
            text: Whether it goes as a text frame.
            message: What it says, if it is a JSON object.

        Raises:
            CartesiaError: The connection is over, or was lost since the last message.
        """
        self.sweep()
        with self._sending:
            with self.guard:
                failure = self.session.raw_failure()
            if failure is not None:
                raise failure
            for _ in range(2):
                port = self._ensure_port()
                with self.guard:
                    if message is not None:
                        self.session.note_raw(message)
                try:
                    port.send(data, text=text)
                except PortClosed as closed:
                    written = closed.written
                else:
                    return
                self._reader_end()
                with self.guard:
                    failure = self.session.raw_failure()
                if written:
                    break
        raise failure or self.session.closed_error()

    def wait(
        self, inbox: Inbox[T], bell: Bell, timeout: float | None, context_id: str | None
    ) -> None:
        """Wait until an inbox has something to say.

        Raises:
            ReceiveTimeoutError: It has not, within `timeout` seconds.
        """
        with self.guard:
            if not bell.wait_for(inbox.is_ready, timeout):
                raise ReceiveTimeoutError(self.session.vocabulary.name, timeout or 0.0, context_id)

    def next_raw(self, timeout: float | None) -> Message[EventT] | None:
        """Give the next event outside all contexts.

        Args:
            timeout: Seconds to wait; None for no limit.

        Returns:
            The event with its message; None when the connection closed normally.

        Raises:
            WebSocketConnectionClosedError: It did not close normally.
            ReceiveTimeoutError: Nothing came in time.
        """
        inbox = self.session.raw
        while True:
            # Looked at first: what was put before the end is still taken.
            ended = inbox.ended
            try:
                return inbox.take()
            except IndexError:
                pass
            failure = self.session.raw_failure()
            if failure is not None:
                raise failure
            if ended:
                close = self.session.close
                if close is None:
                    continue  # another thread is reconnecting
                if close.normal:
                    return None
                raise self.session.closed_error()
            if inbox.claimed:
                raise CartesiaError(
                    "somebody receives from this connection already: receive in one place only, "
                    "or open a context for each"
                )
            inbox.claimed = True
            try:
                self.wait(inbox, self.raw_bell, timeout, None)
            finally:
                inbox.claimed = False

    def sweep(self) -> None:
        """Tell the server of the contexts whose receivers were dropped."""
        if not self.session.abandoned:
            return
        with self._sending:
            with self.guard:
                texts = self.session.drop_abandoned()
            for text in texts:
                self._send_if_open(text)

    def _ensure_port(self, record: ContextRecord[EventT] | None = None) -> Port:
        """Give the open port; connect if there is none. The caller holds the sending lock."""
        with self.guard:
            if record is not None:
                record.ensure_open()
            if self._port is not None and self.session.is_open:
                return self._port
            if self._is_closed:
                raise self.session.closed_error()
        self._reader_end()
        port = self._open_port()
        with self.guard:
            if not self._is_closed:
                self._port = port
                self.session.opened()
                name = f"cartesia {self.session.vocabulary.name} reader"
                self._reader = Worker(partial(self._read, port), name)
                return port
        port.close(1001, "")
        raise self.session.closed_error()

    def _read(self, port: Port) -> None:
        """Hand every message of a port to the session; at its end, tell the session why."""
        session = self.session
        close = Close(1006)
        try:
            while True:
                message = port.receive()
                with self.guard:
                    session.receive(message)
                if session.abandoned and (self._sweeper is None or not self._sweeper.is_alive):
                    # Not here: a reader that waits to send may wait for a server that waits for it.
                    self._sweeper = Worker(self.sweep, "cartesia sweeper")
        except PortClosed as closed:
            close = closed.close
        except BaseException as error:
            # A fault, or the end of the event loop. It is the cause of what every waiter gets.
            close = Close(1006, f"{type(error).__name__}: {error}", "client", error)
            port.abort()
            if not isinstance(error, Exception):
                raise
        finally:
            with self.guard:
                if not self._is_closed:
                    session.closed(close)

    def _reader_end(self) -> None:
        """Wait for the reader of a port that is closed, so that the session knows all it said."""
        if self._reader is not None:
            self._reader.join(_READER_ENDS_WITHIN)

    def _send_if_open(self, text: bytes | None) -> None:
        """Send a message that nobody misses if the connection is closed."""
        if text is None or self._port is None or not self.session.is_open:
            return
        with suppress(PortClosed):  # of which the reader tells whoever is concerned
            self._port.send(text, text=True)
