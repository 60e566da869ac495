"""The open port of a connection and the reader that owns it, whatever is said over them."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Callable, Generic, TypeVar
from uuid import uuid4

from attrs import evolve

from cartesia._core._async.socket.io import Bell, Guard, Lock, Worker
from cartesia._core.socket.errors import Close, PortClosed
from cartesia._core.socket.session import Session

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from cartesia._core._async.socket.opening import AsyncOpening
    from cartesia._core._async.socket.port.interface import AsyncPort
    from cartesia._core.socket.contexts import ContextRecord
    from cartesia._core.socket.outbox import Outgoing
    from cartesia._core.socket.vocabulary import Vocabulary

EventT = TypeVar("EventT")

# The reader of a port that is closed has little left to do; this only keeps a fault from hanging.
_WORKER_ENDS_WITHIN = 2.0


class AsyncLine(Generic[EventT]):
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
        open_port: Callable[[], Awaitable[AsyncPort]],
        opening: AsyncOpening | None = None,
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
        self._port: AsyncPort | None = None
        self._reader: Worker | None = None
        self._reopener: Worker | None = None
        self._sweeper: Worker | None = None
        self._is_closed = False

    async def connect(self) -> None:
        """Open a port, if none is open.

        Raises:
            CartesiaError: It cannot be opened, or the caller closed the connection.
        """
        async with self._sending:
            await self._ensure_port()

    async def close(self, code: int, reason: str) -> None:
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
            await self._port.close(code, reason)
        for worker in (self._reader, self._reopener):
            if worker is not None:
                await worker.join(_WORKER_ENDS_WITHIN)

    async def sweep(self) -> None:
        """Tell the server of the contexts whose receivers were dropped."""
        if not self.session.abandoned:
            return
        async with self._sending:
            with self.guard:
                texts = self.session.drop_abandoned()
            for text in texts:
                await self._send_if_open(text)

    # Each of these is called with the sending lock held.

    async def _ensure_port(self, record: ContextRecord[EventT] | None = None) -> AsyncPort:
        """Give the open port; connect if there is none and there may be one."""
        with self.guard:
            if record is not None:
                record.ensure_open()
            if self._port is not None and self.session.is_open:
                return self._port
            is_over = self._reader is not None and self.session.vocabulary.key is None
            if self._is_closed or is_over:
                raise self.session.closed_error()
        await self._reader_end()
        port = await self._open_port()
        if not await self._adopt(port):
            raise self.session.closed_error()
        return port

    async def _adopt(self, port: AsyncPort) -> bool:
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
        await port.close(1001, "")
        return False

    async def _reader_end(self) -> None:
        """Wait for the reader of a port that is closed, so that the session knows all it said."""
        if self._reader is not None:
            await self._reader.join(_WORKER_ENDS_WITHIN)

    async def _send_if_open(self, text: bytes | None) -> None:
        """Send a message that nobody misses if the connection is closed."""
        if text is None or self._port is None or not self.session.is_open:
            return
        with suppress(PortClosed):  # of which the reader tells whoever is concerned
            await self._port.send(text, text=True)

    async def _send_own(self, port: AsyncPort, outgoing: Outgoing) -> None:
        """Send a message of the caller's own.

        Raises:
            PortClosed: The connection is closed; the session knows by now.
        """
        with self.guard:
            self.session.note_raw(outgoing.message)
        try:
            await port.send(outgoing.data, text=outgoing.text)
        except PortClosed:
            await self._reader_end()
            raise

    async def _send_kept(self, port: AsyncPort) -> None:
        """Send what waited for a connection; what is left then waits for the next one."""
        outbox = self.session.conversation.outbox
        while outbox:
            try:
                await self._send_own(port, outbox.first())
            except PortClosed as closed:
                if not closed.written:
                    return
            outbox.drop_first()

    # These are the workers' own.

    async def _read(self, port: AsyncPort) -> None:
        """Hand every message of a port to the session; at its end, tell the session why."""
        session = self.session
        close = Close(1006)
        is_fault = True
        try:
            while True:
                messages = await port.receive()
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

    def _opening_after(self, close: Close) -> AsyncOpening | None:
        """Give what opens another port for the conversation, if it is to go on."""
        conversation = self.session.conversation
        opening = self._opening
        if opening is None or self._is_closed or not conversation.can_go_on:
            return None
        return opening if opening.attempts.broke_off(close, heard=conversation.heard) else None

    async def _reopen(self, opening: AsyncOpening, close: Close) -> None:
        """Connect the conversation again, and send over the new port what was kept meanwhile."""
        last_event = self.session.conversation.last_event
        try:
            opened = await opening.reopen(close, last_event, self._pause)
        except BaseException as error:
            # The caller's own function failed, or the event loop ends.
            self._give_up(evolve(close, cause=error))
            if not isinstance(error, Exception):
                raise
            return
        if isinstance(opened, Close):
            self._give_up(opened)
            return
        async with self._sending:
            if await self._adopt(opened):
                await self._send_kept(opened)

    def _give_up(self, close: Close) -> None:
        with self.guard:
            if not self._is_closed:
                self.session.closed(close)

    async def _pause(self, seconds: float) -> bool:
        """Wait; tell whether the connection was closed meanwhile."""
        with self.guard:
            return await self._closing_bell.wait_for(lambda: self._is_closed, seconds)
