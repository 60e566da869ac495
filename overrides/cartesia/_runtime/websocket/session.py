"""The session of one socket without I/O: messages in, events routed to contexts, messages out.

The rules it keeps, with asyncio or threads:

- whatever ends the connection ends every context under way, so no receiver waits for nothing;
- the id of a context that ended is remembered: what comes for it is counted, never delivered;
- a context in which nothing was sent yet outlives a close, because the next use reconnects;
- `deadline` says when `tick` is to be called, and `tick` does what is due then.

A session outlives its connections. Threads that share it hold one lock around each call.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Callable, Generic, TypeVar, cast

from attrs import define, field

from cartesia._runtime import errors
from cartesia._runtime.codec import decode_json, encode_json
from cartesia._runtime.explain import explain_event
from cartesia._runtime.model import ErrorEvent, Model
from cartesia._runtime.websocket.close import Close
from cartesia._runtime.websocket.connection_options import NEVER, Bounds
from cartesia._runtime.websocket.context_state import ContextRecord, ContextState
from cartesia._runtime.websocket.flow import EVENT_BYTES, EventQueue, FlowControl
from cartesia._runtime.websocket.messages import OutgoingMessage, OutgoingQueue
from cartesia._runtime.websocket.reconnection import RECOVERABLE

if TYPE_CHECKING:
    from cartesia._runtime.types import JSONObject
    from cartesia._runtime.websocket.flow import ErrorFactory, Notifier
    from cartesia._runtime.websocket.messages import SocketSpec, Unfinalized

T = TypeVar("T")
EventT_co = TypeVar("EventT_co", covariant=True)

_log = logging.getLogger("cartesia.socket")

# Late events come within seconds of the end; ids are some hundred bytes each.
_REMEMBERED_IDS = 10_000

# The server closes an idle connection normally, perhaps just as a text is on its way.
_MAY_RESEND = RECOVERABLE | {1000}


@define
class Stats:
    """What a connection has counted since it was made.

    Attributes:
        connections: How often the socket was opened; more than one means that it reconnected.
        events: Events that were delivered.
        late: Events for contexts that had ended; dropped.
        unknown: Events for contexts that were never opened here; dropped.
        malformed: Messages that are no JSON object; each of them ended its connection.
        dropped: Events that waited too long for their receiver, which got an error.
        pauses: How often reading paused, because receivers were slower than the server.
        resent: Contexts whose text was sent again over another connection.
        renewed: Contexts that expired while their text paused, and went on as another one.
    """

    connections: int = 0
    events: int = 0
    late: int = 0
    unknown: int = 0
    malformed: int = 0
    dropped: int = 0
    pauses: int = 0
    resent: int = 0
    renewed: int = 0


@define
class RawEvent(Generic[EventT_co]):
    """An event outside all contexts, with the message it came in."""

    event: EventT_co
    data: bytes


@define(eq=False, repr=False, slots=False)
class Session(Generic[EventT_co]):
    """Routes the events of one socket to its contexts, and says how each of them ends.

    Args:
        spec: The kind of socket.
        notifier: Wakes the receiver of events outside all contexts.
        new_id: Makes the id of a context that the caller did not name.
        clock: Gives seconds; only differences count.
        outgoing: Messages of the caller's own that wait for a connection.
        bounds: What bounds it in time and memory.
        resends: Whether contexts of which nothing was heard go on over another connection.
        unfinalized: What another connection of a conversation begins with; None for nothing.

    Attributes:
        raw: Events outside all contexts.
        stats: What was counted.
        close: How the last connection ended; None while one is open and before the first.
        is_open: Whether a connection is open.
        is_reconnecting: Whether another is being opened after one that broke off.
        outgoing: Messages of the caller's own that wait for a connection.
        last_event: The last event, where there are no contexts.
        has_finished: Whether the conversation has ended, or was told to, where there are none.
        flow: How much waits for receivers.
        abandoned: Contexts that were dropped. Finalizers add to it, which takes no lock.
        owed: Messages that the server is to get as soon as one can be sent.
        kept: Contexts that go on over another connection.
        stale_at: When the connection is older than ``max_age``.
        sending_since: Since when the server takes no more of what is being sent; else `NEVER`.
        deadline: When `tick` is to be called at the latest, by the clock.
    """

    spec: SocketSpec[EventT_co]
    notifier: Notifier
    new_id: Callable[[], str]
    clock: Callable[[], float]
    outgoing: OutgoingQueue = field(factory=lambda: OutgoingQueue(0))
    bounds: Bounds = field(factory=Bounds)
    resends: bool = False
    unfinalized: Unfinalized | None = None

    def __attrs_post_init__(self) -> None:
        self.raw: EventQueue[RawEvent[EventT_co]] = EventQueue(self.notifier)
        self.stats = Stats()
        self.close: Close | None = None
        self.is_open = False
        self.is_reconnecting = False
        self.last_event: Model | None = None
        self.flow = FlowControl(self.bounds, self.clock)
        self.abandoned: deque[ContextRecord[EventT_co]] = deque()
        self.owed: list[bytes] = []
        self.kept: list[ContextRecord[EventT_co]] = []
        self.sending_since = NEVER
        self._paused_before = 0.0
        self.deadline = NEVER
        self.stale_at = NEVER
        self._events_before = 0
        self.raw.last_active = self._running()
        self._contexts: dict[str, ContextRecord[EventT_co]] = {}
        self._ended: dict[str, None] = {}
        # Ids of raw messages that were not answered to the end yet, or None for the message that
        # ends a conversation; the values mean nothing.
        self._raw_ids: dict[str | None, None] = {}
        # The one conversation of a socket without contexts.
        self._has_begun = self.has_finished = False

    # What the caller does with a context.

    def open_context(
        self, context_id: str | None, settings: Mapping[str, object], notifier: Notifier
    ) -> ContextRecord[EventT_co]:
        """Open a context; nothing is sent yet.

        Args:
            context_id: Its id; None makes one.
            settings: What goes with every message of it.
            notifier: Wakes its receiver.

        Raises:
            ValueError: The id is empty, in use, or was in use before.
        """
        if context_id is None:
            context_id = self.new_id()
        if not context_id or not isinstance(context_id, str):  # pyright: ignore[reportUnnecessaryIsInstance] # callers without a type checker
            raise ValueError(f"context_id must be a non-empty text, or left out: {context_id!r}")
        if context_id in self._contexts or context_id in self._raw_ids:
            raise ValueError(f"context {context_id} is open; leave context_id out for a new one")
        if context_id in self._ended:
            raise ValueError(
                f"context {context_id} has ended and its id cannot be used again; "
                "leave context_id out for a new one"
            )
        record = ContextRecord(context_id, self.spec, settings, notifier)
        self._contexts[context_id] = record
        self.flow.add(cast("EventQueue[object]", record.queue))
        return record

    def send(
        self,
        record: ContextRecord[EventT_co],
        fields: Mapping[str, object],
        extra: Mapping[str, object] | None,
    ) -> bytes:
        """Make the next message of a context and count it as sent.

        Raises:
            TypeError: A value has no JSON form.
            ValueError: The context takes no more input, or a setting is missing.
            CartesiaError: The context was ended by the server or a broken connection.
        """
        return self._encode(record, record.compose(fields, extra))

    def finish(self, record: ContextRecord[EventT_co]) -> bytes | None:
        """Say that a context gets no more input; the message to send for it, if there is one.

        A context that never sent anything ends here: the server does not know it.
        """
        if record.state is not ContextState.OPEN:
            return None
        if not record.sent:
            if record.last_done is not None:
                self._put(record.queue, *record.last_done)
            self._end(record, ContextState.DONE)
            return None
        return self._encode(record, record.closing())

    def cancel(self, record: ContextRecord[EventT_co]) -> None:
        """End a context at the caller's wish; the server is told, if it knows of it."""
        if not record.state.is_end:
            record.queue.clear()
            self._break_off(record)

    def await_event(self, queue: EventQueue[T]) -> bool:
        """Note that a receiver begins to wait; the caller resets ``claimed`` after the wait.

        Returns:
            Whether `deadline` is earlier now.

        Raises:
            CartesiaError: Another receiver waits.
        """
        if queue.claimed:
            name = "this connection" if queue.name is None else f"context {queue.name}"
            raise errors.CartesiaError(
                f"{name} is being received already: receive it in one place only, or open a "
                "context for each receiver"
            )
        queue.claimed = True
        due = queue.last_active + self.flow.paused
        if self.flow.is_full:
            due = max(due, self.flow.full_since) + self.bounds.pause_timeout
        else:  # as `_inactive_at`, without a call
            due += self.bounds.inactivity_timeout
        if due < self.deadline:
            self.deadline = due
            return True
        return False

    def take_owed(self) -> list[bytes]:
        """Return the messages that are owed to the server; cancel contexts that were dropped."""
        while self.abandoned:
            self.cancel(self.abandoned.popleft())
        owed, self.owed = self.owed, []
        return owed

    # What the caller does outside all contexts.

    def note_raw(self, outgoing: OutgoingMessage) -> None:
        """Note a message of the caller's own, before it is sent."""
        message = outgoing.message
        self.raw.last_active = self._running()
        self._expect(self._inactive_at(self.raw))
        if self.spec.key is None:
            self._has_begun = True
            if message is not None and self.spec.is_finish(message):
                self.has_finished = True
                self._raw_ids[None] = None
            if self.unfinalized is not None:
                self.unfinalized.put(outgoing)
            return
        if not isinstance(message, Mapping):
            return
        context_id = None if (given := message.get(self.spec.key)) is None else str(given)
        record = self._contexts.get(context_id) if context_id is not None else None
        if self.spec.is_cancel(message):
            self._raw_ids.pop(context_id, None)
            if record is not None:
                record.queue.clear()
                self._end(record, ContextState.CANCELLED)
        elif record is None:
            self._raw_ids[context_id] = None
        else:
            record.note_sent(message, self._running())

    def check_raw(self) -> None:
        """Tell the sender of raw messages, once, what their receiver was not told yet.

        Raises:
            CartesiaError: Answers were lost. Of a conversation, the receiver alone is told.
        """
        if self.raw.failure is not None and self.spec.key is not None:
            raise self.raw.failure()

    def is_over(self) -> bool:
        """Return whether no more events outside all contexts come, since the connection closed.

        Raises:
            CartesiaError: It did not close normally, or something was under way.
        """
        close = self.close
        if close is None:
            return False  # another thread is reconnecting
        is_complete = self.has_finished or not self._has_begun
        is_good = is_complete and not isinstance(self.last_event, ErrorEvent)
        if not (close.normal and (is_good or close.own or self.spec.finish is None)):
            raise self.closed_error()
        return True

    def closed_error(self) -> errors.CartesiaError:
        """Make the error for using the connection after its end."""
        close = self.close or Close(1000, "another use has opened it again")
        unsent = len(self.outgoing.unsent())
        attempts = f", and {close.attempts} attempts to reconnect failed" if close.attempts else ""
        waiting = f"; {unsent} messages were not sent" if unsent else ""
        way_out = "; open another connection" if close.own else ""
        return self._connection_closed(f"{attempts}{waiting}{way_out}", close)

    # What the connection does.

    def opened(self) -> None:
        """Note that a connection is open."""
        self.is_open = True
        self.is_reconnecting = False
        self.close = None
        self.raw.ended = False
        self.flow.add(cast("EventQueue[object]", self.raw))
        self.stats.connections += 1
        self.stale_at = self.clock() + self.bounds.max_age
        self._events_before = self.stats.events
        self._expect(self.stale_at)

    def receive(self, message: bytes, is_text: bool) -> None:  # one call a message
        """Route one message of the server.

        Args:
            message: The whole message.
            is_text: Whether it came as text, which is UTF-8.

        Raises:
            CartesiaError: It is no JSON object. Whose events are missing cannot be known, so the
                connection has to end, with all that is under way.
        """
        try:
            read = decode_json(message) if is_text else None
        except (ValueError, RecursionError):
            read = None
        if not isinstance(read, dict):
            self.stats.malformed += 1
            text = f"the server sent {len(message)} bytes that are no JSON object"
            raise errors.CartesiaError(text)
        data: JSONObject = read  # pyright: ignore[reportUnknownVariableType] # of JSON, str are keys
        key = self.spec.key
        context_id = data.get(key) if key is not None else None
        if not isinstance(context_id, str) and context_id is not None:
            context_id = str(context_id)  # perhaps not even hashable
        record = self._contexts.get(context_id or "")
        if record is None:
            self._receive_outside(data, context_id, message)
        else:
            self._deliver(record, data, len(message))

    def closed(self, close: Close, *, final: bool = False) -> None:
        """Note that the connection ended, and end whatever was under way and cannot go on.

        Args:
            close: How it ended.
            final: Whether there will be no other one for what was under way.
        """
        self.interrupted(close)
        self.owed.clear()
        self.kept.clear()
        may_resend = self.resends and not (final or close.own) and close.code in _MAY_RESEND
        for record in list(self._contexts.values()):
            if may_resend and record.sent and not record.heard:
                self.kept.append(record)
            elif record.sent or close.own:
                self.lose(record, close)
        if self._raw_ids and self.spec.key is not None and not close.own:
            lost = ", ".join(map(str, self._raw_ids))
            self._fail_raw(partial(self._connection_closed, f" before the end of {lost}", close))
        self._raw_ids.clear()
        self.raw.end()

    def lose(self, record: ContextRecord[EventT_co], close: Close) -> None:
        """End a context for which no connection is left."""
        idle = self._running() - record.queue.last_active if record.sent else 0.0
        failure = partial(errors.ContextLostError, self.spec.name, close, idle, record.account())
        self._break_off(record, failure)

    def interrupted(self, close: Close, *, is_reconnecting: bool = False) -> None:
        """Note that the connection ended, and that nothing ends with it.

        Args:
            close: How it ended.
            is_reconnecting: Whether another one is being opened for the conversation.
        """
        self.close = close
        self.is_reconnecting = is_reconnecting
        self.is_open = False

    def take_kept(self) -> list[OutgoingMessage]:
        """Return the messages that are to be sent again over the new connection.

        The receiver of a conversation is told what is missing.
        """
        if not self.is_open:
            return []  # it ended as it began; the next one is to have them
        records, self.kept = self.kept, []
        alive = [record for record in records if not record.state.is_end]
        for record in alive:
            record.queue.last_active = self._running()
            self._expect(self._inactive_at(record.queue))
        self.stats.resent += len(alive)
        if self.unfinalized is None:
            return [OutgoingMessage(text, True, None) for record in alive for text in record.texts]
        lost, messages = self.unfinalized.lost, self.unfinalized.resend()
        if lost:
            resent = sum(len(message.data) for message in messages if not message.text)
            self._fail_raw(partial(errors.UnfinalizedAudioLostError, self.spec.name, lost, resent))
        self.raw.last_active = self._running()
        return messages

    @property
    def is_heard(self) -> bool:
        """Whether the last connection brought an event."""
        return self.stats.events > self._events_before

    @property
    def is_stale(self) -> bool:
        """Whether the connection is too old, and could be replaced while nothing is under way."""
        if not self.is_open or self.clock() < self.stale_at:
            return False
        is_used = self.raw.claimed or self._raw_ids or self.spec.key is None
        return not (is_used or self.kept or self._under_way())

    # Time.

    def note_blocked(self) -> None:
        """Note that the server takes no more of what is being sent."""
        self.sending_since = now = self.clock()
        self._paused_before = self.flow.paused
        self._expect(now + min(self.bounds.send_timeout, self.bounds.pause_timeout))

    def tick(self) -> Close | None:
        """Do what is due, and set `deadline` to when to look again.

        Returns:
            How the connection ends, where the server takes nothing any more; else None.
        """
        now, flow, bounds = self.clock(), self.flow, self.bounds
        self.deadline = NEVER
        flow.resume_if_drained()
        if flow.is_full:
            due = self._blocked_since() + bounds.pause_timeout
            if now < due:
                self._expect(min(due, now + bounds.pause_timeout))
                return None
            self._overflow()
        if not self.is_open:
            return None
        self._end_inactive(now)
        if now < self.stale_at:
            self._expect(self.stale_at)
        due = self.sending_since + flow.paused - self._paused_before + bounds.send_timeout
        self._expect(due)
        if now < due:
            return None
        reason = f"the server took nothing for {bounds.send_timeout:g} s (send_timeout)"
        return Close(1006, reason, "client")

    def _running(self) -> float:
        """Return the time, less that of all pauses: in a pause, nothing can be heard."""
        return self.clock() - self.flow.paused

    def _inactive_at(self, queue: EventQueue[T]) -> float:
        """Return when an event is overdue, by the clock."""
        return queue.last_active + self.flow.paused + self.bounds.inactivity_timeout

    def _expect(self, due: float) -> None:
        """Have `tick` called at a time, or before it."""
        self.deadline = min(self.deadline, due)

    def _blocked_since(self) -> float:
        """Return since when a pause keeps receivers or senders from going on; else `NEVER`.

        For a receiver, that is the last message of its context, or the beginning of the pause.
        """
        active = [each.queue.last_active for each in self._under_way() if each.queue.is_starving]
        active += [self.raw.last_active] if self._awaits_raw else []
        starved_since = min(active, default=NEVER) + self.flow.paused
        return max(self.flow.full_since, min(starved_since, self.sending_since))

    def _end_inactive(self, now: float) -> None:
        """End each context that has a receiver waiting and has heard nothing for too long."""
        bound = self.bounds.inactivity_timeout
        inactive = partial(errors.ContextInactiveError, self.spec.name, bound)
        for record in self._under_way():
            if record.queue.is_starving and self._is_overdue(record.queue, now):
                self._break_off(record, partial(inactive, record.account()))
        if self._awaits_raw and self._is_overdue(self.raw, now):
            self._raw_ids.clear()
            self._fail_raw(partial(inactive, errors.ContextAccount()))

    def _is_overdue(self, queue: EventQueue[T], now: float) -> bool:
        """Return whether an event should have come by now; if not, look again when it should."""
        due = self._inactive_at(queue)
        if now < due:
            self._expect(due)
        return now >= due

    def _overflow(self) -> None:
        """Throw away what waits for the slowest receiver, and end its context with an error."""
        queue = self.flow.fullest()
        if queue is not None:
            failure = partial(
                errors.SlowReceiverError,
                self.spec.name,
                queue.name,
                self.bounds.high,
                taken_bytes=queue.taken,
                lost=len(queue.items),
                lost_bytes=queue.waiting,
            )
            self.stats.dropped += len(queue.items)
            queue.clear()
            record = self._contexts.get(queue.name or "")
            if queue is self.raw:
                self._fail_raw(failure, has_gap=True)
            elif record is not None:
                self._break_off(record, failure)
            else:
                queue.failure = failure  # the context has ended, and was not received to its end
        self.flow.resume()

    # Within.

    @property
    def _awaits_raw(self) -> bool:
        """Whether the server owes an answer outside all contexts, and a receiver waits for it."""
        return bool(self._raw_ids) and self.raw.is_starving

    def _under_way(self) -> list[ContextRecord[EventT_co]]:
        """Return the contexts of which the server knows."""
        return [record for record in self._contexts.values() if record.sent]

    def _encode(self, record: ContextRecord[EventT_co], message: Mapping[str, object]) -> bytes:
        """Write a message of a context as JSON and count it as sent."""
        text = encode_json(message)
        record.note_sent(message, self._running())
        self._expect(self._inactive_at(record.queue))
        if self.resends and not record.heard:
            record.texts.append(text)
        return text

    def _deliver(self, record: ContextRecord[EventT_co], data: JSONObject, size: int) -> None:
        is_end = data.get("type") in self.spec.ends
        is_error = is_end and data["type"] == "error"
        if is_end and record.renews and not is_error and self._renew(record, data, size):
            return
        record.heard += 1
        self._put(record.queue, self.spec.read(data), size)
        if is_error:
            record.queue.failure = partial(explain_event, data)
            self._end(record, ContextState.ERROR)
        elif is_end:
            record.has_expired = record.state is ContextState.OPEN
            if record.has_expired and record.renews:  # what its text goes on with is not said
                record.queue.failure = record.expired
            self._end(record, ContextState.DONE)

    def _renew(self, record: ContextRecord[EventT_co], data: JSONObject, size: int) -> bool:
        """Have a context go on as another one, if it expired before all its text was spoken.

        The server ends a context that gets no text for a while. What was sent just then came too
        late for it, and is sent again.

        Returns:
            Whether it goes on; if not, the event is the end of it.
        """
        unheard = record.unheard()
        is_said = record.state is ContextState.FINISHING and not unheard
        if is_said or record.heard == record.heard_before:
            return False
        self._retire(record)
        record.renew(self.new_id(), (self.spec.read(data), size))
        self._contexts[record.id] = record
        self.stats.renewed += 1
        self.owed += [self._encode(record, record.with_settings(fields)) for fields in unheard]
        return True

    def _receive_outside(self, data: JSONObject, context_id: str | None, message: bytes) -> None:
        """Route an event that names no open context."""
        if context_id is None:
            # An error is the answer to some request: most likely to one of those of which nothing
            # was heard yet, and to end one context too many is better than to let one wait for
            # ever. Else to a raw message that was not answered, or it concerns all there is.
            under_way = self._under_way() if data.get("type") == "error" else []
            unheard = [record for record in under_way if not record.heard]
            concerned = unheard if unheard or self._raw_ids else under_way
            for record in concerned:
                self._deliver(record, data, len(message))
            if concerned:
                return
        elif context_id in self._ended:
            self.stats.late += 1
            return
        elif (self._contexts or self._ended) and context_id not in self._raw_ids:
            self.stats.unknown += 1
            if self.stats.unknown == 1:
                _log.warning("%s: dropped an event of an unknown context", self.spec.name)
            return
        event = self.spec.read(data)
        if data.get("type") in self.spec.ends:
            self._raw_ids.pop(context_id, None)
            self.has_finished = True
        if self.spec.key is None:
            self.last_event = event if isinstance(event, Model) else None
        if self.unfinalized is not None:
            self.unfinalized.hear(data)
        self._put(self.raw, RawEvent(event, message), len(message))

    def _put(self, queue: EventQueue[T], event: T, size: int) -> None:
        """Hand an event to its receiver; begin a pause when too much waits for receivers."""
        flow = self.flow
        self.stats.events += 1
        queue.last_active = self.clock() - flow.paused  # as `_running`, without a call
        queue.received += size
        queue.items.append((event, size))
        queue.notifier.notify()
        flow.budget -= size + EVENT_BYTES
        if flow.budget < 0 and flow.pause_if_full():
            self.stats.pauses += 1
            self._expect(flow.full_since + self.bounds.pause_timeout)
            _log.info("%s: receivers are slow; reading pauses", self.spec.name)

    def _connection_closed(self, detail: str, close: Close) -> errors.CartesiaError:
        if isinstance(self.last_event, ErrorEvent):
            detail = f", after the error {self.last_event.error!r}{detail}"
        error = errors.WebSocketConnectionClosedError(
            f"the {self.spec.name} socket was {close}{detail}",
            unsent_messages=self.outgoing.unsent(),
            code=close.code,
            reason=close.reason,
            last_event=self.last_event,
        )
        error.__cause__ = close.cause
        return error

    def _fail_raw(self, failure: ErrorFactory, *, has_gap: bool = False) -> None:
        """Have an error raised, once, where raw events are received or raw messages sent."""

        def tell() -> errors.CartesiaError:
            if self.raw.failure is tell:
                self.raw.failure, self.raw.has_gap = None, False
            return failure()

        if has_gap or self.raw.failure is None:  # else the first one is told; a gap before all
            self.raw.failure, self.raw.has_gap = tell, has_gap
        self.raw.notifier.notify()

    def _break_off(
        self, record: ContextRecord[EventT_co], failure: ErrorFactory | None = None
    ) -> None:
        """End a context, perhaps with an error; what waits in it is still received before.

        The server is told, if it knows of it.
        """
        record.queue.failure = failure
        self._end(record, ContextState.CANCELLED if failure is None else ContextState.ERROR)
        if record.sent and self.is_open and self.spec.key is not None:
            self.owed.append(encode_json({self.spec.key: record.id, **self.spec.cancel}))

    def _end(self, record: ContextRecord[EventT_co], state: ContextState) -> None:
        record.state = state
        self._retire(record)
        record.queue.end()
        # A connection that is too old is replaced as soon as nothing is under way.
        self._expect(self.stale_at)

    def _retire(self, record: ContextRecord[EventT_co]) -> None:
        """Remember the id of a context, for what still comes for it."""
        self._contexts.pop(record.id, None)
        self._ended[record.id] = None
        if len(self._ended) > _REMEMBERED_IDS:
            del self._ended[next(iter(self._ended))]
