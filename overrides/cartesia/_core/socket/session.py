"""The session of one socket without I/O: messages in, events routed to contexts, messages out.

The rules it keeps, whoever moves the bytes:

- whatever ends the connection ends every context that is under way, so nobody waits for nothing;
- the id of a context that ended is remembered: what still comes for it is counted, never delivered;
- a context in which nothing was sent yet outlives a close, because the next use reconnects.

A session outlives its connections. Threads that share it hold one lock around each call.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Callable, Generic, TypeVar, cast

from attrs import define

from cartesia._core.codec import decode_json, encode_json
from cartesia._core.socket.contexts import ContextRecord, State
from cartesia._core.socket.conversation import Conversation
from cartesia._core.socket.errors import connection_closed, context_lost, raw_lost
from cartesia._core.socket.inbox import Inbox

if TYPE_CHECKING:
    from cartesia._core.errors import CartesiaError
    from cartesia._core.socket.errors import Close
    from cartesia._core.socket.inbox import Bell
    from cartesia._core.socket.vocabulary import Vocabulary
    from cartesia._core.types import JSONObject

EventT = TypeVar("EventT")

_log = logging.getLogger("cartesia.socket")

# Late events come within seconds of the end; ids are some hundred bytes each.
_REMEMBERED_IDS = 10_000


@define
class Stats:
    """What a connection has counted since it was made.

    Attributes:
        connections: How often the socket was opened; more than one means that it reconnected.
        events: Events that were delivered.
        late: Events for contexts that had ended; dropped.
        unknown: Events for contexts that were never opened here; dropped.
        malformed: Messages that are no JSON object; dropped.
    """

    connections: int = 0
    events: int = 0
    late: int = 0
    unknown: int = 0
    malformed: int = 0


@define
class Message(Generic[EventT]):
    """An event outside all contexts, with the message it came in."""

    event: EventT
    data: bytes


class Session(Generic[EventT]):
    """Routes the events of one socket.

    Args:
        vocabulary: What tells this socket from others.
        raw_bell: Wakes the one who receives outside all contexts.
        new_id: Makes the id of a context that the caller did not name.
        clock: Gives seconds; only differences count.
        max_queue_size: Bytes of messages that may wait for a connection.

    Attributes:
        raw: Events outside all contexts.
        stats: What was counted.
        close: How the last connection ended; None while one is open and before the first.
        is_open: Whether a connection is open.
        is_reconnecting: Whether another is being opened after one that broke off.
        conversation: What happened outside all contexts.
        abandoned: Contexts whose receiver was dropped. Finalizers add to it, which takes no lock.
    """

    def __init__(
        self,
        vocabulary: Vocabulary[EventT],
        *,
        raw_bell: Bell,
        new_id: Callable[[], str],
        clock: Callable[[], float],
        max_queue_size: int = 0,
    ) -> None:
        self.vocabulary = vocabulary
        self.raw: Inbox[Message[EventT]] = Inbox(raw_bell)
        self.stats = Stats()
        self.close: Close | None = None
        self.is_open = False
        self.is_reconnecting = False
        self.conversation: Conversation[EventT] = Conversation(vocabulary, max_queue_size)
        self.abandoned: deque[ContextRecord[EventT]] = deque()
        self._new_id = new_id
        self._clock = clock
        self._contexts: dict[str, ContextRecord[EventT]] = {}
        self._ended: dict[str, None] = {}
        self._has_contexts = False
        # Ids of raw messages that were not answered to the end yet; the values mean nothing.
        self._raw_ids: dict[str | None, None] = {}

    # What the caller does.

    def open_context(
        self, context_id: str | None, settings: Mapping[str, object], bell: Bell
    ) -> ContextRecord[EventT]:
        """Open a context; nothing is sent yet.

        Args:
            context_id: Its id; None makes one.
            settings: What goes with every message of it.
            bell: Wakes its receiver.

        Raises:
            ValueError: The id is empty, in use, or was in use before.
        """
        if context_id is None:
            context_id = self._new_id()
        if not context_id or not isinstance(context_id, str):  # pyright: ignore[reportUnnecessaryIsInstance] # callers without a type checker
            raise ValueError(
                f"context_id must be a text that is not empty, or left out: {context_id!r}"
            )
        if context_id in self._contexts or context_id in self._raw_ids:
            raise ValueError(
                f"context {context_id} is open already; leave context_id out for a new one"
            )
        if context_id in self._ended:
            raise ValueError(
                f"context {context_id} has ended and its id cannot be used again; "
                "leave context_id out for a new one"
            )
        record = ContextRecord(context_id, self.vocabulary, settings, bell)
        self._contexts[context_id] = record
        self._has_contexts = True
        return record

    def send(
        self,
        record: ContextRecord[EventT],
        fields: Mapping[str, object],
        extra: Mapping[str, object] | None,
    ) -> bytes:
        """Make the next message of a context and count it as sent.

        Raises:
            TypeError: A value has no JSON form.
            ValueError: The context takes no more input, or a setting is missing.
            CartesiaError: The context was ended by the server or a broken connection.
        """
        message = record.compose(fields, extra)
        text = encode_json(message)
        record.in_transit = not record.sent
        record.note_sent(message, self._clock())
        return text

    def settle(self, record: ContextRecord[EventT], *, written: bool) -> bool:
        """Say what became of the message that `send` made. Until then a first one is in transit.

        Args:
            record: The context.
            written: Whether the message may have reached the server.

        Returns:
            Whether the same message may go over another connection: it was the first of its
            context, and nothing of it was written.
        """
        was_first, record.in_transit = record.in_transit, False
        missed, record.missed = record.missed, None
        if was_first and not written and not record.state.is_end:
            record.take_back()
            return True
        if missed is not None and not record.state.is_end:
            self._lose(record, missed)
        return False

    def finish(self, record: ContextRecord[EventT]) -> bytes | None:
        """Say that a context gets no more input; the message to send for it, if there is one.

        A context that never sent anything ends here: the server does not know it.
        """
        if record.state is not State.OPEN:
            return None
        if not record.sent:
            self._end(record, State.DONE)
            return None
        message = record.closing()
        record.note_sent(message, self._clock())
        return encode_json(message)

    def cancel(self, record: ContextRecord[EventT]) -> bytes | None:
        """End a context at the caller's wish; the message to send for it, if there is one."""
        if record.state.is_end:
            return None
        record.inbox.clear()
        self._end(record, State.CANCELLED)
        if not record.sent or not self.is_open or self.vocabulary.key is None:
            return None
        return encode_json({self.vocabulary.key: record.id, **self.vocabulary.cancel})

    def drop_abandoned(self) -> list[bytes]:
        """Cancel the contexts whose receiver was dropped; the messages to send for them."""
        messages: list[bytes] = []
        while self.abandoned:
            message = self.cancel(self.abandoned.popleft())
            if message is not None:
                messages.append(message)
        return messages

    def note_raw(self, message: Mapping[str, object] | str | None) -> None:
        """Note a message that the caller made himself, before it is sent.

        Args:
            message: The JSON object, or the word; None for audio.
        """
        if self.vocabulary.key is None:
            self.conversation.note_sent(message)
            return
        if not isinstance(message, Mapping):
            return
        context_id = cast("str | None", message.get(self.vocabulary.key))
        record = self._contexts.get(context_id) if context_id is not None else None
        if self.vocabulary.is_cancel(message):
            self._raw_ids.pop(context_id, None)
            if record is not None:
                record.inbox.clear()
                self._end(record, State.CANCELLED)
        elif record is None:
            self._raw_ids[context_id] = None

    # What the connection does.

    def opened(self) -> None:
        """Note that a connection is open."""
        self.is_open = True
        self.is_reconnecting = False
        self.conversation.heard = False
        self.close = None
        self.raw.ended = False
        self.stats.connections += 1

    def receive(self, message: bytes) -> None:
        """Route one message of the server.

        Args:
            message: The whole message, as UTF-8. What cannot be read is counted and dropped.
        """
        try:
            read = decode_json(message)
        except (ValueError, RecursionError):
            read = None
        if not isinstance(read, dict):
            self.stats.malformed += 1
            _log.warning(
                "%s: dropped a message of %d bytes: no JSON object", self._name, len(message)
            )
            return
        data = cast("JSONObject", read)
        key = self.vocabulary.key
        context_id = data.get(key) if key is not None else None
        if not (context_id is None or isinstance(context_id, str)):
            context_id = str(context_id)  # nothing we opened, and perhaps not even hashable
        record = self._contexts.get(context_id) if context_id is not None else None
        if record is None:
            self._receive_outside(data, context_id, message)
        else:
            self._deliver(record, data, len(message))

    def closed(self, close: Close) -> None:
        """Note that the connection ended, and end whatever was under way.

        Args:
            close: How it ended.
        """
        self.is_open = False
        self.is_reconnecting = False
        self.close = close
        for record in list(self._contexts.values()):
            if record.in_transit and not close.own:
                # Whether it was under way is known when its sender comes back.
                record.missed = close
            elif record.sent or record.inbox.claimed or close.own:
                self._lose(record, close)
        if self._raw_ids:
            lost = [str(context_id) for context_id in self._raw_ids]
            self._raw_ids.clear()
            if not close.own:
                self.raw.fail(partial(raw_lost, self._name, close, lost))
        self.raw.end()

    def interrupted(self, close: Close) -> None:
        """Note that the connection ended, and that another is being opened for the conversation."""
        self.is_open = False
        self.is_reconnecting = True
        self.close = close

    def raw_failure(self) -> CartesiaError | None:
        """Hand over the error that is owed to the raw user, once."""
        failure, self.raw.failure = self.raw.failure, None
        return failure() if failure is not None else None

    def closed_error(self) -> CartesiaError:
        """Make the error for using the connection after its end."""
        if self.close is None:
            raise AssertionError("the connection is open")
        conversation = self.conversation
        return connection_closed(
            self._name,
            self.close,
            unsent=conversation.outbox.unsent(),
            last_event=conversation.last_event,
        )

    @property
    def _name(self) -> str:
        return self.vocabulary.name

    def _deliver(self, record: ContextRecord[EventT], data: JSONObject, size: int) -> None:
        record.heard += 1
        record.last_active = self._clock()
        self.stats.events += 1
        record.inbox.put(self.vocabulary.read(data), size)
        kind = data.get("type")
        if kind in self.vocabulary.ends:
            self._end(record, State.ERROR if kind == "error" else State.DONE)

    def _receive_outside(self, data: JSONObject, context_id: str | None, message: bytes) -> None:
        """Route an event that names no open context."""
        is_error = data.get("type") == "error"
        if context_id is None:
            struck = self._struck_by_nameless_error() if is_error else []
            for record in struck:
                self._deliver(record, data, len(message))
            if struck:
                return
        elif context_id in self._ended:
            self.stats.late += 1
            return
        elif self._has_contexts and context_id not in self._raw_ids:
            self.stats.unknown += 1
            _log.warning("%s: dropped an event of an unknown context", self._name)
            return
        self.stats.events += 1
        event = self.vocabulary.read(data)
        if self.vocabulary.key is None:
            self.conversation.note_heard(event, data.get("type"))
        elif data.get("type") in self.vocabulary.ends:
            self._raw_ids.pop(context_id, None)
        self.raw.put(Message(event, message), len(message))

    def _struck_by_nameless_error(self) -> list[ContextRecord[EventT]]:
        """Tell which contexts an error without a context id ends.

        It is the answer to some request. That is most likely one of those which nothing was heard
        of yet, and to end one too many is better than to let one wait for ever. With raw messages
        unanswered it is theirs; else it concerns all that is under way.
        """
        under_way = [record for record in self._contexts.values() if record.sent]
        unheard = [record for record in under_way if not record.heard]
        if unheard or self._raw_ids:
            return unheard
        return under_way

    def _lose(self, record: ContextRecord[EventT], close: Close) -> None:
        """End a context for which no connection is left."""
        since = self._clock() - record.last_active if record.sent else 0.0
        shown = cast("ContextRecord[object]", record)
        record.inbox.failure = partial(context_lost, self._name, close, shown, since)
        self._end(record, State.ERROR)

    def _end(self, record: ContextRecord[EventT], state: State) -> None:
        record.state = state
        self._contexts.pop(record.id, None)
        self._ended[record.id] = None
        if len(self._ended) > _REMEMBERED_IDS:
            del self._ended[next(iter(self._ended))]
        record.inbox.end()
