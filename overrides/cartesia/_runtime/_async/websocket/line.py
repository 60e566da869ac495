"""The open port of a connection and the reader that owns it, whatever is said over them."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Callable, TypeVar

from attrs import evolve

from cartesia._runtime._async.websocket.output import AsyncOutput
from cartesia._runtime._async.websocket.primitives import Bell, Worker
from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.websocket.bounds import Bounds
from cartesia._runtime.websocket.errors import Close, PortClosed
from cartesia._runtime.websocket.reconnection import Reconnection
from cartesia._runtime.websocket.supervision import Supervisor

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from cartesia._runtime._async.websocket.opening import AsyncOpening
    from cartesia._runtime._async.websocket.port.interface import AsyncPort
    from cartesia._runtime.websocket.contexts import ContextRecord
    from cartesia._runtime.websocket.outbox import Outgoing
    from cartesia._runtime.websocket.vocabulary import Vocabulary

EventT = TypeVar("EventT")

# The reader of a port that is closed has little left to do; this only keeps a fault from hanging.
_WORKER_ENDS_WITHIN = 2.0


class AsyncLine(AsyncOutput[EventT]):
    """Keeps one session connected.

    One reader owns the port. Whatever ends it, its last act is to tell the session, which wakes
    everybody. With contexts, the next use opens another port, by the policy of its opening. A
    conversation is over with its connection, unless that policy has it reconnected at once.

    While receivers are too slow, the reader asks the port for nothing; then messages wait in the
    network, and the server stops sending. A watch sees to the bounds, and to pauses that last.

    Args:
        vocabulary: The vocabulary of the socket.
        open_port: Connects and shakes hands.
        opening: Opens another port after one that broke off; None where nobody wants it.
        bounds: What bounds it in time and memory.
    """

    def __init__(
        self,
        vocabulary: Vocabulary[EventT],
        open_port: Callable[[], Awaitable[AsyncPort]],
        opening: AsyncOpening | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        settings = (
            opening.attempts.settings if opening is not None else Reconnection(max_queue_size=0)
        )
        super().__init__(vocabulary, settings, bounds or Bounds())
        self._open_port = open_port
        self._opening = opening
        self._closing_bell = Bell(self.guard)
        # Rung when a pause of the reader ends, and for the watch when it is to end.
        self._room_bell = Bell(self.guard)
        self._watch_bell = Bell(self.guard)
        self._watcher: Worker | None = None
        # How the connection ended where that was our own decision.
        self._verdict: Close | None = None
        self._is_port_over = False
        self._opened_at = 0.0
        self._events_before = 0
        self._reader: Worker | None = None
        self._reopener: Worker | None = None
        self._is_closed = False

    async def connect(self) -> None:
        """Open a port, if none is open.

        Raises:
            CartesiaError: It cannot be opened, or the caller closed the connection.
        """
        self.home.check()
        async with self._sending:
            await self._ensure_port()

    async def close(self, code: int, reason: str) -> None:
        """Close for good; whoever waits is woken before anything else happens.

        Args:
            code: The close code.
            reason: The close reason.
        """
        if self._is_closed or not self.home.may_close():
            return
        self._is_closed = True
        with self.guard:
            self.session.closed(Close(code, reason, "caller"), final=True)
            for bell in (self._closing_bell, self._room_bell, self._watch_bell):
                bell.ring()
        if self._port is not None:
            await self._port.close(code, reason)
        for worker in (self._reader, self._reopener, self._watcher):
            if worker is not None:
                await worker.join(_WORKER_ENDS_WITHIN)

    # Each of these is called with the sending lock held.

    async def _ensure_port(self, record: ContextRecord[EventT] | None = None) -> AsyncPort:
        """Give the open port; connect if there is none and there may be one."""
        with self.guard:
            if record is not None:
                record.ensure_open()
            if self._port is not None and self.session.is_open and not self._is_stale():
                return self._port
            is_over = self._reader is not None and self.session.vocabulary.key is None
            if self._is_closed or is_over:
                raise self.session.closed_error()
        await self._retire()
        await self._reader_end()
        close = self.session.close
        port = await (self._open_port() if close is None else self._open_again(close))
        if not await self._adopt(port):
            raise self.session.closed_error()
        await self._send_chores(self.session.take_kept)
        return port

    def _is_stale(self) -> bool:
        """Tell whether the port is too old, and may be replaced."""
        age = time.monotonic() - self._opened_at
        return age >= self.session.bounds.age and self.session.is_idle

    async def _retire(self) -> None:
        """Close a port that is still open, to make room for another."""
        with self.guard:
            if self._port is None or not self.session.is_open:
                return
            port, self._port = self._port, None
            self.session.renewing(Close(1000, "older than max_age", "client"))
            self._watch_bell.ring()
        await port.close(1000, "")

    async def _open_again(self, close: Close) -> AsyncPort:
        """Open a port after one that ended, as late and as often as the policy says."""
        opening = self._opening
        if opening is None:
            return await self._open_port()
        try:
            opened = await opening.reopen(close, None, self._pause, somebody_waits=True)
        except BaseException as error:
            # The caller's own function failed, or whoever asked was cancelled.
            self._give_up(evolve(close, cause=error))
            raise
        if not isinstance(opened, Close):
            return opened
        opening.attempts.begin_anew()
        self._give_up(opened)
        failure = opened.cause
        if opened.attempts and isinstance(failure, CartesiaError):
            raise failure
        raise self.session.closed_error()

    async def _adopt(self, port: AsyncPort) -> bool:
        """Make a port the one to use, unless the caller closed the connection meanwhile."""
        with self.guard:
            if not self._is_closed:
                self._port = port
                self._verdict = None
                self._is_port_over = False
                self._opened_at = time.monotonic()
                self._events_before = self.session.stats.events
                self.session.opened()
                if self._opening is not None:
                    self._opening.attempts.opened()
                name = f"cartesia {self.session.vocabulary.name} reader"
                self._reader = Worker(partial(self._read, port), name)
                name = f"cartesia {self.session.vocabulary.name} watch"
                self._watcher = Worker(partial(self._watch, port), name)
                return True
        await port.close(1001, "")
        return False

    async def _reader_end(self) -> None:
        """Wait for the reader of a port that is closed, so that the session knows all it said."""
        if self._reader is not None:
            with self.guard:
                # It may be pausing; what still waits in the port is the last that comes.
                self._is_port_over = True
                self._room_bell.ring()
            await self._reader.join(_WORKER_ENDS_WITHIN)

    async def _send_own(self, port: AsyncPort, outgoing: Outgoing) -> None:
        """Send a message of the caller's own.

        Raises:
            PortClosed: The connection is closed; the session knows by now.
        """
        with self.guard:
            self.session.note_raw(outgoing.message)
        try:
            await self._write(port, outgoing.data, text=outgoing.text)
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
        session, reservoir = self.session, self.session.reservoir
        close = Close(1006)
        is_fault = True
        try:
            while True:
                messages = await port.receive()
                with self.guard:
                    for message in messages:
                        session.receive(message)
                if session.abandoned:
                    self._sweep_soon()
                if reservoir.is_full:
                    await self._wait_for_room()
        except PortClosed as closed:
            close = closed.close
            if self._verdict is not None:
                close = evolve(self._verdict, cause=close.cause)
            is_fault = False
        except BaseException as error:
            # A fault, or the end of the event loop. It is the cause of what every waiter gets.
            close = Close(1006, f"{type(error).__name__}: {error}", "client", error)
            port.abort()
            if not isinstance(error, Exception):
                raise
        finally:
            with self.guard:
                if port is self._port:
                    self._end_port(close, is_fault=is_fault)

    def _end_port(self, close: Close, *, is_fault: bool) -> None:
        """Tell the session that the connection ended; see to what goes on over another."""
        session, opening = self.session, self._opening
        self._watch_bell.ring()
        if opening is not None:
            heard = session.stats.events > self._events_before
            opening.attempts.broke_off(heard=heard)
        opening = None if is_fault else self._opening_after(close)
        if opening is not None:
            session.interrupted(close)
            work = partial(self._reopen, opening, close)
            self._reopener = Worker(work, "cartesia reconnecting")
        elif not self._is_closed:
            session.closed(close, final=is_fault)
            if session.kept:
                self._reopener = Worker(self._revive, "cartesia reconnecting")

    async def _wait_for_room(self) -> None:
        """Leave what comes in the network, until enough was received of what is here."""
        reservoir = self.session.reservoir

        def may_read() -> bool:
            # Asked again with the pause in sight: whoever took something before could not see it.
            reservoir.relieve()
            is_over = self._is_port_over or self._is_closed or self._verdict is not None
            return is_over or not reservoir.is_full

        with self.guard:
            await self._room_bell.wait_for(may_read, None)

    async def _watch(self, port: AsyncPort) -> None:
        """Look after the session as long as a port is open."""
        session = self.session
        supervisor = Supervisor(session, time.monotonic)

        def is_over() -> bool:
            return self._port is not port or not session.is_open

        while True:
            with self.guard:
                if await self._watch_bell.wait_for(is_over, supervisor.period):
                    return
                verdict = supervisor.look(self._sending_since)
                if verdict is not None:
                    self._verdict = verdict
                    port.abort()
                self._room_bell.ring()
                is_stale = self._is_stale() and session.stats.events > self._events_before
            if session.has_chores:
                self._sweep_soon()
            if is_stale and (self._reopener is None or not self._reopener.is_alive):
                self._reopener = Worker(self._revive, "cartesia reconnecting")

    async def _revive(self) -> None:
        """Open another port, for contexts that go on over it, or because the last one is old."""
        with suppress(CartesiaError):  # of which everybody concerned is told
            async with self._sending:
                await self._ensure_port()

    def _opening_after(self, close: Close) -> AsyncOpening | None:
        """Give what opens another port for the conversation, if it is to go on."""
        conversation = self.session.conversation
        opening = self._opening
        if opening is None or self._is_closed or not conversation.can_go_on:
            return None
        return opening if opening.attempts.may_go_on(close) else None

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
                self.session.closed(close, final=True)

    async def _pause(self, seconds: float) -> bool:
        """Wait; tell whether the connection was closed meanwhile."""
        with self.guard:
            return await self._closing_bell.wait_for(lambda: self._is_closed, seconds)
