# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/websocket/connection.py
# Do not edit: change that file instead.
"""A connection as its user holds it, what its contexts share, and the manager that opens it.

`Channel` keeps one session connected: it opens transports, sends over the one that is open,
and opens another after one that ended. `Connection` is what users hold. Frames and pings are
in `websocket/protocol.py`, deadlines in `websocket/session.py`.
"""

from __future__ import annotations

import random
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Callable, Generic, TypeVar, cast
from uuid import uuid4

from attrs import define, evolve

from cartesia._runtime._sync.websocket import primitives
from cartesia._runtime.codec import decode_json
from cartesia._runtime.errors import CartesiaError, ReceiveTimeoutError, missing_extra
from cartesia._runtime.model import ErrorEvent, Model
from cartesia._runtime.options import Secret, check_wait
from cartesia._runtime.websocket.close import Close, TransportClosed, check_close
from cartesia._runtime.websocket.connection_options import NEVER, Bounds, proxy_for, with_defaults
from cartesia._runtime.websocket.handlers import HandlesEvents
from cartesia._runtime.websocket.messages import OutgoingQueue, Unfinalized, write_message
from cartesia._runtime.websocket.reconnection import Attempts, ReconnectingEvent, Reconnection
from cartesia._runtime.websocket.session import RawEvent, Session, Stats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from cartesia._runtime._sync.requester import Requester
    from cartesia._runtime._sync.websocket.websocket_transport import WebSocketTransport
    from cartesia._runtime.request import Request
    from cartesia._runtime.types import JSONObject
    from cartesia._runtime.websocket.connection_options import ConnectionOptions
    from cartesia._runtime.websocket.context_state import ContextRecord
    from cartesia._runtime.websocket.flow import EventQueue
    from cartesia._runtime.websocket.handlers import Handlers
    from cartesia._runtime.websocket.messages import OutgoingMessage, Payload, SocketSpec
    from cartesia._runtime.websocket.reconnection import ReconnectingOverrides

T = TypeVar("T")
EventT = TypeVar("EventT")
EventT_co = TypeVar("EventT_co", covariant=True)
ContextT = TypeVar("ContextT")
ConnectionT_co = TypeVar("ConnectionT_co", covariant=True)


@define(eq=False, repr=False, slots=False)
class Channel(Generic[EventT_co]):
    """Keeps one session connected, and moves the messages of its contexts.

    The transport that is open routes what comes into the session. Whatever ends it, its last act is
    to call `transport_ended`, which tells the session, which wakes the receivers of all that was
    under way. With contexts, the next message opens another transport, by the policy of `Attempts`.
    A conversation ends with its connection, unless that policy has it reconnected at once.

    Args:
        requester: Knows address, headers and credentials; asked anew for each transport.
        spec: The kind of socket.
        request: The operation and its query.
        options: How to connect; every option that has a default is there.
        reconnection: Whether and how it goes on over another transport.
        outgoing: Messages that wait for a connection.

    Attributes:
        options: How to connect.
        session: What was sent and heard.
        guard: Held around each call into the session.
        affinity: Where it may be used.
        is_closed: Whether its user closed it.
    """

    _requester: Requester
    _spec: SocketSpec[EventT_co]
    _request: Request
    options: ConnectionOptions
    _reconnection: Reconnection
    _outgoing: OutgoingQueue

    def __attrs_post_init__(self) -> None:
        settings = self._reconnection
        is_retried = settings.on_reconnecting is not None and settings.resend_unfinalized
        is_kept = is_retried and self._spec.final is not None
        self.affinity = primitives.LoopAffinity()
        self.guard = primitives.Guard()
        self._closing = primitives.Notifier(self.guard)
        self.session: Session[EventT_co] = Session(
            self._spec,
            notifier=primitives.Notifier(self.guard),
            new_id=lambda: str(uuid4()),
            clock=time.monotonic,
            outgoing=self._outgoing,
            bounds=Bounds.of(self.options),
            resends=settings.resend_unheard,
            unfinalized=Unfinalized(self._spec, settings.max_queue_size) if is_kept else None,
        )
        self._attempts = Attempts(self._reconnection, time.monotonic, random.random)
        # Held while a message, or whatever must leave before it, is sent.
        self._sending = primitives.Lock()
        self._transport: WebSocketTransport | None = None
        self._reopener: primitives.BackgroundTask | None = None
        self.is_closed = False

    # Opening and closing.

    def connect(self) -> None:
        """Open a transport, if none is open, and send what waited for it.

        Raises:
            CartesiaError: It cannot be opened, or the caller closed the connection.
        """
        self.affinity.check()
        with self._sending:
            self._send_outgoing(self._ensure_open())

    def close(self, code: int, reason: str) -> None:
        """Close for good; every receiver is woken before anything else happens.

        Args:
            code: The close code.
            reason: The close reason.
        """
        if not self.affinity.may_close():
            return
        check_close(code, reason)
        with self.guard:
            if not self.is_closed:
                self.session.closed(Close(code, reason, "caller"), final=True)
                self._closing.notify()
                self.is_closed = True  # only now: a call that was interrupted is made again
            if self._transport is not None and self._transport.ended is None:
                self._transport.begin_close(code, reason)
                self._transport.drain()
        if self._reopener is not None:
            # A task ends at once; a thread that is connecting cannot be interrupted.
            self._reopener.join(2.0, stop=True)

    # Sending.

    def send(
        self,
        record: ContextRecord[EventT_co],
        fields: Mapping[str, object],
        extra: Mapping[str, object] | None,
    ) -> None:
        """Send the next message of a context, over a new transport if the last one ended.

        Raises:
            ValueError: The context takes no more input, or a setting is missing.
            CartesiaError: The context, or the connection, is over.
        """
        self.affinity.check()
        session = self.session
        with self._sending:
            try:
                for _ in range(2):
                    record.ensure_open()
                    transport = self._ensure_open()
                    with self.guard:
                        if transport.is_open:
                            text = session.send(record, fields, extra)
                            self._write(transport, text, text=True)
                            return
                        transport.drain()  # until it has closed
                with self.guard:  # not over a second connection either
                    session.kept = [each for each in session.kept if each is not record]
            except TransportClosed:
                if record in session.kept:
                    return  # it goes again, with all that went before it
            finally:
                with self.guard:
                    is_over = record.state.is_end or record in session.kept
                    # A receiver would wait in vain: there is no connection to send over.
                    is_missed = record.sent or (record.queue.claimed and not record.renews)
                    if (close := session.close) is not None and is_missed and not is_over:
                        session.lose(record, close)
        record.ensure_open()
        raise session.closed_error()

    def finish(self, record: ContextRecord[EventT_co]) -> None:
        """Say that a context gets no more input."""
        self.affinity.check()
        with self._sending:
            with self.guard:
                text = self.session.finish(record)
                if text is not None:
                    self._write_if_open(text)

    def cancel(self, record: ContextRecord[EventT_co]) -> None:
        """End a context; its receiver is woken before the server is told."""
        self.affinity.check()
        with self.guard:
            self.session.cancel(record)
            self.update()

    def send_raw(self, message: OutgoingMessage) -> None:
        """Send a message of the caller's own; keep it while a conversation is being reconnected.

        Args:
            message: The message.

        Raises:
            CartesiaError: The connection is over, or was lost since the last message.
            WebSocketQueueFullError: There is no connection for now, and no room to keep it.
        """
        self.affinity.check()
        session = self.session
        if self._keep(message):
            return
        with self._sending:
            with self.guard:
                session.check_raw()
            for _ in range(2):
                if self._keep(message):
                    return
                try:
                    if self._write_raw(self._ensure_open(), message):
                        return
                except TransportClosed:
                    if session.is_reconnecting:
                        return  # as all that was on its way when the connection broke off
                    break
            with self.guard:
                session.check_raw()
        raise session.closed_error()

    def _keep(self, message: OutgoingMessage) -> bool:
        """Keep a message if a conversation is being reconnected, for which it must not wait."""
        with self.guard:
            if self.session.is_reconnecting:
                self.session.outgoing.put(message)
                return True
        return False

    # Receiving.

    def next_event(
        self,
        queue: EventQueue[T],
        timeout: float | None,
        record: ContextRecord[EventT_co] | None = None,
    ) -> T:
        """Return the next event of a context, or of those outside all contexts.

        Args:
            queue: Where the events are put.
            timeout: Seconds to wait; None for no limit.
            record: The context; None for events outside all of them.

        Raises:
            StopIteration: There will be none, and nothing failed.
            CartesiaError: The context, or the connection, ended with an error; nothing came in
                time; or another receiver is waiting.
        """
        session = self.session
        while True:
            # Looked at first: what was put before the end is still taken.
            ended, failure = queue.ended, queue.failure
            if queue.items and not queue.has_gap:
                try:
                    event = queue.take()
                except IndexError:
                    continue  # another thread cancelled
                if session.flow.is_full:
                    self.note_taken()
                return event
            if failure is not None:
                raise failure()
            if ended and (record is not None or session.is_over()):
                raise StopIteration
            self.affinity.check()
            # The session only notifies with what it was given for it.
            notifier = cast("primitives.Notifier", queue.notifier)
            with self.guard:
                is_due_sooner = session.await_event(queue)
                try:
                    if is_due_sooner:
                        self.update()
                    has_come = notifier.wait_for(queue.is_ready, timeout)
                finally:
                    queue.claimed = False
            if not has_come:
                raise ReceiveTimeoutError(session.spec.name, timeout or 0.0, queue.name)

    def note_taken(self) -> None:
        """Read on, if enough was taken while reading pauses."""
        with self.guard:
            if self.session.flow.resume_if_drained():
                self.session.deadline = 0.0  # time-outs were suspended meanwhile
            self.update()

    def update(self) -> None:
        """Have the transport do what the session has for it to do. Called with the guard held."""
        if self._transport is not None:
            self._transport.update()

    def abandon(self, record: ContextRecord[EventT_co]) -> None:
        """Have a context cancelled; for finalizers, which may run anywhere and take no lock."""
        self.session.abandoned.append(record)
        if self._transport is not None:
            self._transport.wake()

    # Each of these is called with the sending lock held.

    def _ensure_open(self) -> WebSocketTransport:
        """Return the transport that is open; open one if there is none and there may be one.

        Raises:
            CartesiaError: It cannot be opened, or there may be none any more.
        """
        session = self.session
        with self.guard:
            used, close = self._transport, session.close
            has_contexts, goes_on = session.spec.key is not None, session.is_reconnecting
            if used is not None and session.is_open and not session.is_stale:
                return used
            if self.is_closed or not (has_contexts or goes_on or not session.stats.connections):
                raise session.closed_error()
        # A connection that is too old did not break off. And where one closed normally while it was
        # idle, another is opened even with `max_retries=0`.
        is_idle = close is not None and close.normal and not goes_on
        try:
            if close is None or (is_idle and not self._reconnection.max_retries):
                transport = self._dial()
            else:
                transport = self._redial(close)
        except CartesiaError:
            if used is not None and session.is_open:
                session.stale_at = NEVER
                return used  # it is older than `max_age`, and works
            raise
        with self.guard:
            if used is not None and used.ended is None:
                used.begin_close(1000, "")
            if not self.is_closed:
                self._transport = transport
                session.opened()
                self._attempts.opened()
            transport.start()
            if self.is_closed:
                transport.begin_close(1001, "")
                transport.drain()
                raise session.closed_error()
            for message in session.take_kept():
                transport.write(message.data, text=message.text)  # which never waits
        self._send_outgoing(transport)
        return transport

    def _write(self, transport: WebSocketTransport, data: Payload, *, text: bool) -> None:
        """Send one message. Called with the guard held, which is given back while it waits.

        Raises:
            TransportClosed: The connection is over; the session knows by now.
        """
        transport.update()
        if transport.write(data, text=text):
            return
        self.session.note_blocked()
        transport.update()
        try:
            transport.drain()
        finally:
            self.session.sending_since = NEVER
        if transport.ended is not None:
            raise TransportClosed

    def _write_if_open(self, data: Payload, *, text: bool = True) -> None:
        """Send a message that is not missed if the connection is over."""
        if self._transport is not None and self.session.is_open:
            with suppress(TransportClosed):  # of which the session tells its contexts
                self._write(self._transport, data, text=text)

    def _write_raw(self, transport: WebSocketTransport, message: OutgoingMessage) -> bool:
        """Send a message of the caller's own; tell whether the connection was open for it."""
        with self.guard:
            if transport.is_open:
                self.session.note_raw(message)
                self._write(transport, message.data, text=message.text)
                return True
            transport.drain()  # until it has closed
        return False

    def _send_outgoing(self, transport: WebSocketTransport) -> None:
        """Send what waited for a connection; what is left then waits for the next one."""
        outgoing = self.session.outgoing
        while outgoing.items:
            with suppress(TransportClosed):  # as all that was on its way
                if not self._write_raw(transport, outgoing.items[0]):
                    return
            outgoing.drop_first()

    # What transports call, with the guard held.

    def transport_ended(self, transport: WebSocketTransport, close: Close) -> None:
        """Tell the session that its transport ended; see to what goes on over another."""
        session = self.session
        if transport is not self._transport or self.is_closed:
            return
        self._attempts.broke_off(heard=session.is_heard)
        can_go_on = session.spec.key is None and not (session.has_finished or close.is_fault)
        if can_go_on and self._attempts.may_go_on(close):
            session.interrupted(close, is_reconnecting=True)
        else:
            session.closed(close, final=close.is_fault)
        if session.is_reconnecting or session.kept:
            try:
                self.renew()
            except RuntimeError as error:  # the system allows no more threads
                session.closed(Close.of_fault(error), final=True)

    def renew(self) -> None:
        """Open another transport in the background: the last one ended, or is too old."""

        def reopen(_: primitives.BackgroundTask) -> None:
            with suppress(Exception):  # the session has told the receivers
                self.connect()

        self._reopener = primitives.BackgroundTask(reopen, "cartesia reconnecting")

    # Opening again.

    def _give_up(self, close: Close) -> None:
        with self.guard:
            if not self.is_closed:
                self.session.closed(close, final=True)

    def _redial(self, close: Close) -> WebSocketTransport:
        """Open a transport after one that ended, as late and as often as the policy says.

        Args:
            close: How that ended.

        Raises:
            CartesiaError: It cannot be had, of which the session knows.
        """
        attempts = self._attempts
        # Else a caller is about to use it, perhaps long after that end.
        goes_on = self.session.is_reconnecting
        failure: CartesiaError | None = None
        try:
            while (delay := attempts.next_delay(failure)) is not None:
                if not goes_on and failure is None:
                    delay = attempts.first_delay(delay, close)
                if self._is_unwanted(close, delay):
                    break
                with self.guard:
                    if self._closing.wait_for(lambda: self.is_closed, delay):
                        failure = None
                        break
                attempts.made += 1
                try:
                    return self._dial()
                except CartesiaError as error:
                    failure = error
        except BaseException as error:
            if not (goes_on or isinstance(error, Exception)):
                attempts.made = 0  # the caller was cancelled, and others may still connect
            else:
                # The caller's own function failed, or the event loop ends.
                self._give_up(evolve(close, cause=error))
            raise
        self._give_up(evolve(close, cause=failure or close.cause, attempts=attempts.made))
        attempts.made = 0  # the next caller may try again
        raise failure or self.session.closed_error()

    def _is_unwanted(self, close: Close, delay: float) -> bool:
        """Tell the caller of the next attempt; obey the answer; say whether none is wanted."""
        attempts, request = self._attempts, self._request
        handler = attempts.settings.on_reconnecting
        if handler is None:
            return False
        answer = handler(
            ReconnectingEvent(
                attempt=attempts.made + 1,
                max_attempts=attempts.settings.max_retries,
                delay=delay,
                close_code=close.code,
                extra_query=request.extra_query or {},
                extra_headers=request.extra_headers or {},
                last_event=self.session.last_event,
            )
        )
        # Sync and async functions have one type here, since `Reconnection` is made for both.
        overrides = cast("ReconnectingOverrides | None", primitives.finish_call(answer))
        if not overrides:
            return False
        self._request = request._replace(
            extra_query=overrides.get("extra_query", request.extra_query),
            extra_headers=overrides.get("extra_headers", request.extra_headers),
        )
        return overrides.get("abort", False)

    def _dial(self) -> WebSocketTransport:
        """Connect and shake hands.

        Raises:
            CartesiaError: It could not be done.
        """
        try:
            from cartesia._runtime._sync.websocket.websocket_transport import open_transport
        except ImportError as error:
            raise missing_extra("a WebSocket", "websockets") from error
        url = Secret(self._requester.socket_url(self._request))
        headers = self._requester.socket_headers(self._request)
        try:
            return open_transport(self, url, headers)
        except CartesiaError:
            raise
        except Exception as error:
            from cartesia._runtime.explain import explain_handshake

            proxy = proxy_for(url, self.options)
            credentials = self._requester.options.credentials_of(dict(headers))
            raise explain_handshake(url, error, credentials, proxy) from error


class Connection(HandlesEvents, Generic[EventT_co]):
    """One WebSocket, and the contexts over it.

    Events of contexts go to their own receivers. Iterating the connection, and `recv`, give all
    others: those of raw messages, and errors that name no context. A connection of contexts that
    the server closes between two uses is opened again by the next use; a conversation without
    contexts ends with its connection, unless `Reconnection` has an ``on_reconnecting``.

    Args:
        channel: What its contexts share.
        handlers: Functions for its events.
    """

    def __init__(self, channel: Channel[EventT_co], handlers: Handlers) -> None:
        self._channel = channel
        self._handlers = handlers
        self._next_raw = partial(channel.next_event, channel.session.raw)

    @property
    def stats(self) -> Stats:
        """What was counted: connections, events, and what was dropped of late or unknown ones."""
        return self._channel.session.stats

    def prewarm(self) -> None:
        """Open the socket, if it is not open, ahead of the next utterance.

        With contexts, it opens another one where the server closed the last, or where that is older
        than ``max_age`` and nothing is under way.

        Raises:
            APIStatusError: The server refused: `AuthenticationError`, `RateLimitError` and so on.
            APIConnectionError: It could not be reached, or did not answer in time.
            WebSocketConnectionClosedError: The connection is over.
        """
        self._channel.connect()

    def recv(self, timeout: float | None = None) -> EventT_co:
        """Return the next event outside all contexts.

        Args:
            timeout: Seconds to wait; None for no limit.

        Returns:
            The event.

        Raises:
            WebSocketConnectionClosedError: The connection is closed.
            TimeoutError: Nothing came in time.
            SlowReceiverError: Events waited too long to be received, and were dropped.
            UnfinalizedAudioLostError: Audio without a final transcript was lost as it reconnected.
            CartesiaError: Another receiver is waiting already.
        """
        return (self._next(timeout)).event

    def recv_bytes(self, timeout: float | None = None) -> bytes:
        """Return the next message outside all contexts, as it travelled; `parse_event` reads it.

        Args:
            timeout: Seconds to wait; None for no limit.

        Returns:
            The JSON text.

        Raises:
            WebSocketConnectionClosedError: The connection is closed.
            TimeoutError: Nothing came in time.
            SlowReceiverError: Events waited too long to be received, and were dropped.
            UnfinalizedAudioLostError: Audio without a final transcript was lost as it reconnected.
            CartesiaError: Another receiver is waiting already.
        """
        return (self._next(timeout)).data

    def parse_event(self, data: str | bytes) -> EventT_co:
        """Read a message of the server.

        Args:
            data: The JSON text.

        Returns:
            The event; one of an unknown type, or with wrong fields, is a plain object.

        Raises:
            ValueError: It is no JSON object.
        """
        read = decode_json(data)
        if not isinstance(read, dict):
            raise ValueError("a message of the server is a JSON object")  # noqa: TRY004 # as for no JSON
        return self._channel.session.spec.read(cast("JSONObject", read))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> EventT_co:
        return (self._next_raw(None)).event

    def send_raw(self, data: Payload | str) -> None:
        """Send audio, or text of your own making.

        Args:
            data: The bytes of the audio, which leave as one binary frame; some 100 ms at a time
                are best. A str leaves as text, as it is.

        Raises:
            TypeError: The socket takes no such message.
            WebSocketConnectionClosedError: The connection is closed.
            WebSocketQueueFullError: It is being opened again, and more waits than may.
        """
        self._channel.send_raw(write_message(self._channel.session.spec, data, raw=True))

    def dispatch_events(self) -> None:
        """Call the handlers of each event, until the connection closes.

        Handlers are those of `on` and `once`, for the type of the event, then for ``event``. They
        are called one after the other, in the order in which they were added.

        Raises:
            CartesiaError: An ``error`` event came, and there is no handler of that type. Those of
                ``event`` have been called.
            WebSocketConnectionClosedError: The connection did not close normally.
        """
        for event in self:
            kind = getattr(event, "type", None)
            handlers = self._take_handlers(kind) if isinstance(kind, str) else []
            for handler in (*handlers, *self._take_handlers("event")):
                primitives.finish_call(handler(event))
            if kind == "error" and not handlers:
                said = event.error if isinstance(event, ErrorEvent) else repr(event)
                name = self._channel.session.spec.name
                raise CartesiaError(f"the {name} socket reports an error: {said}")

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection for good; calling it again does nothing.

        Receivers of contexts that were still under way get a `WebSocketConnectionClosedError`. It
        waits for the answer of the server, ``close_timeout`` seconds at most; and two at most for
        an attempt to reconnect, which it stops.

        Args:
            code: The close code.
            reason: The close reason.

        Raises:
            ValueError: `code` or `reason` may not be sent.
        """
        self._channel.close(code, reason)

    def _context(
        self,
        factory: Callable[..., ContextT],
        context_id: str | None,
        timeout: float | None,
        settings: Mapping[str, object],
    ) -> ContextT:
        """Open a context; nothing is sent yet.

        Args:
            factory: The class of the context.
            context_id: Its id; None makes one.
            timeout: Seconds that its receiver waits for each event.
            settings: What goes with each of its messages; None and ``omit`` are left out.
        """
        check_wait(timeout)
        channel = self._channel
        channel.affinity.check()
        with channel.guard:
            notifier = primitives.Notifier(channel.guard)
            record = channel.session.open_context(context_id, settings, notifier)
        return factory(channel, record, timeout)

    def _send_message(self, command: Mapping[str, object] | Model | str) -> None:
        """Send a command.

        Args:
            command: A JSON object, as a mapping or a model; or a word, where the socket has words.
        """
        self._channel.send_raw(write_message(self._channel.session.spec, command))

    def _next(self, timeout: float | None) -> RawEvent[EventT_co]:
        check_wait(timeout)
        with suppress(StopIteration):
            return self._next_raw(timeout)
        raise self._channel.session.closed_error()

    def __repr__(self) -> str:
        session = self._channel.session
        state = "open" if session.is_open else str(session.close or "not opened yet")
        return f"<{type(self).__name__} {state}>"


class ConnectionManager(HandlesEvents, Generic[ConnectionT_co]):
    """A connection about to be opened: enter it, or call `enter` and close the connection yourself.

    Handlers registered here are those of the connection; messages sent here leave when it is open.

    Args:
        requester: Knows address, headers and credentials.
        connection: The class of the connection.
        spec: The kind of socket.
        request: The operation and its query.
        options: How to connect.
        reconnection: Whether and how it goes on over another connection after one that broke off.
    """

    def __init__(  # noqa: PLR0917 # generated code alone calls it
        self,
        requester: Requester,
        connection: Callable[[Channel[EventT], Handlers], ConnectionT_co],
        spec: SocketSpec[EventT],
        request: Request,
        options: ConnectionOptions | None = None,
        reconnection: Reconnection | None = None,
    ) -> None:
        options = with_defaults(options, requester.socket_defaults())
        Bounds.of(options)  # refuses wrong ones now, not at the first use
        reconnection = reconnection or Reconnection()
        self._handlers: Handlers = {}
        self._outgoing = OutgoingQueue(reconnection.max_queue_size)
        self._write = partial(write_message, spec)
        self._guard = primitives.Guard()
        self._entered: Channel[object] | None = None
        self._warm: tuple[Channel[object], ConnectionT_co] | None = None

        def make() -> tuple[Channel[object], ConnectionT_co]:
            channel = Channel(requester, spec, request, options, reconnection, self._outgoing)
            return channel, connection(channel, self._handlers)

        self._make = make

    def send(self, command: Mapping[str, object] | Model | str) -> None:
        """Keep a command until the connection is open; it is the first to leave then.

        Args:
            command: The command: a JSON object as a dict or a model, or the word, as the socket
                has it.

        Raises:
            TypeError: The socket takes no such command.
            WebSocketQueueFullError: More wait than `max_queue_size` allows.
            CartesiaError: The manager is entered, so the connection is what sends.
        """
        self._keep(self._write(command))

    def send_raw(self, data: Payload | str) -> None:
        """Keep audio or text until the connection is open.

        Args:
            data: Bytes for a binary frame; a str goes as text, as it is.

        Raises:
            TypeError: The socket takes no such message.
            WebSocketQueueFullError: More wait than `max_queue_size` allows.
            CartesiaError: The manager is entered, so the connection is what sends.
        """
        self._keep(self._write(data, raw=True))

    def _keep(self, message: OutgoingMessage) -> None:
        if self._is_entered:
            raise CartesiaError("this manager is entered: send over the connection that it gave")
        self._outgoing.put(message)

    @property
    def _is_entered(self) -> bool:
        """Whether the last connection is in use; all would send what is kept here."""
        entered = self._entered
        return entered is not None and not entered.is_closed and entered.affinity.may_close()

    def prewarm(self) -> None:
        """Connect ahead of entering, which then costs no time.

        A manager that is never entered after it must be closed.

        Raises:
            APIStatusError: The server refused: `AuthenticationError`, `RateLimitError` and so on.
            APIConnectionError: It could not be reached, or did not answer in time.
            CartesiaError: The extra ``websockets`` is not installed.
        """
        self._take(stays_warm=True)[0].connect()

    def close(self) -> None:
        """Close what `prewarm` opened, unless it was entered; calling it again does nothing."""
        warm, self._warm = self._warm, None
        if warm is not None:
            warm[0].close(1000, "")

    def enter(self) -> ConnectionT_co:
        """Connect.

        Returns:
            The open connection; close it when you no longer need it.

        Raises:
            APIStatusError: The server refused: `AuthenticationError`, `RateLimitError` and so on.
            APIConnectionError: It could not be reached, or did not answer in time.
            CartesiaError: The extra ``websockets`` is not installed.
        """
        if self._is_entered:
            raise CartesiaError("this manager is entered: make another one for another connection")
        self._entered, _ = made = self._take()
        return self._connect(made)

    def _take(self, *, stays_warm: bool = False) -> tuple[Channel[object], ConnectionT_co]:
        """Return what `prewarm` opened, or is opening; else another connection, not yet open."""
        with self._guard:
            made = self._warm or self._make()
            session = made[0].session
            has_ended = session.close is not None and not session.is_reconnecting
            if has_ended or not made[0].affinity.may_close():  # by the server; copied by a fork
                made = self._make()
            self._warm = made if stays_warm else None
            return made

    def _connect(self, made: tuple[Channel[object], ConnectionT_co]) -> ConnectionT_co:
        channel, connection = made
        try:
            channel.connect()
        except BaseException:
            if channel is self._entered:
                self._entered = None
            channel.close(1000, "")  # which `prewarm` may still be opening
            raise
        return connection

    if not TYPE_CHECKING:
        # Hidden from type checkers, so that they still report a misspelt attribute.
        def __getattr__(self, name: str) -> object:
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}: it opens the "
                "connection that has, by `with ... as connection`, or by its method enter()"
            )

    def __enter__(self) -> ConnectionT_co:
        return self.enter()

    def __exit__(self, *exc: object) -> None:
        entered, self._entered = self._entered, None
        if entered is not None:
            entered.close(1000, "")
        self.close()
