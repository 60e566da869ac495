"""The session of one socket without I/O: messages in, events routed to contexts, messages out.

The rules it keeps, whoever moves the bytes:

- whatever ends the connection ends every context that is under way, so nobody waits for nothing;
- the id of a context that ended is remembered: what still comes for it is counted, never delivered;
- a context in which nothing was sent yet outlives a close, because the next use reconnects.

A session outlives its connections. Threads that share it hold one lock around each call.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Callable, TypeVar, cast

from cartesia._runtime.codec import decode_json, encode_json
from cartesia._runtime.websocket.contexts import State
from cartesia._runtime.websocket.errors import connection_closed, raw_lost
from cartesia._runtime.websocket.inbox import EVENT_BYTES, Inbox
from cartesia._runtime.websocket.ledger import Ledger, Message

if TYPE_CHECKING:
    from cartesia._runtime.errors import CartesiaError
    from cartesia._runtime.types import JSONObject
    from cartesia._runtime.websocket.contexts import ContextRecord
    from cartesia._runtime.websocket.errors import Close

EventT = TypeVar("EventT")

_log = logging.getLogger("cartesia.socket")


class Session(Ledger[EventT]):
    """Routes the events of one socket; made as a `Ledger` is."""

    # What the caller does.

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
        self._keep(record, text)
        return text

    def settle(self, record: ContextRecord[EventT], *, written: bool) -> bool:
        """Say what became of the message that `send` made. Until then a first one is in transit.

        Args:
            record: The context.
            written: Whether the message may have reached the server.

        Returns:
            Whether the same message may go over another connection: it was the first of its
            context, and nothing of it was written, or it may be written twice.
        """
        was_first, record.in_transit = record.in_transit, False
        missed, record.missed = record.missed, None
        goes_again = missed is not None and self._goes_again(record, missed)
        if was_first and not record.state.is_end and (goes_again or not written):
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
        text = encode_json(message)
        self._keep(record, text)
        return text

    def note_raw(self, message: Mapping[str, object] | str | None) -> None:
        """Note a message that the caller made himself, before it is sent.

        Args:
            message: The JSON object, or the word; None for audio.
        """
        self.raw_active = self._clock()
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
        self.close = None
        self.raw.ended = False
        self.reservoir.add(cast("Inbox[object]", self.raw))
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

    def closed(self, close: Close, *, final: bool = False) -> None:
        """Note that the connection ended, and end whatever was under way and cannot go on.

        Args:
            close: How it ended.
            final: Whether there will be no other one for what was under way.
        """
        self.is_open = False
        self.is_reconnecting = False
        self.close = close
        self.owed.clear()
        self.kept = []
        for record in list(self._contexts.values()):
            if record.in_transit and not close.own:
                # Whether it was under way is known when its sender comes back.
                record.missed = close
            elif not final and self._goes_again(record, close):
                self.kept.append(record)
            elif record.sent or record.inbox.claimed or close.own:
                self._lose(record, close)
        if self._raw_ids:
            lost = [str(context_id) for context_id in self._raw_ids]
            self._raw_ids.clear()
            if not close.own:
                self.raw.fail(partial(raw_lost, self._name, close, lost))
        self.raw.end()

    def renewing(self, close: Close) -> None:
        """Note that the connection was closed to be replaced, while nothing was under way."""
        self.is_open = False
        self.close = close

    def take_kept(self) -> list[bytes]:
        """Give the messages to send again, of the contexts that go on over this connection."""
        records, self.kept = self.kept, []
        alive = [record for record in records if not record.state.is_end]
        for record in alive:
            record.last_active = self._clock()
        self.stats.resent += len(alive)
        return [text for record in alive for text in record.texts]

    @property
    def is_idle(self) -> bool:
        """Whether the connection could be replaced by another without anybody noticing."""
        is_used = self.raw.claimed or self._raw_ids or self.vocabulary.key is None
        return not (is_used or self.kept or self.under_way())

    @property
    def awaits_raw(self) -> bool:
        """Whether the server owes an answer outside all contexts, and somebody waits for it."""
        is_owed = bool(self._raw_ids) or self.conversation.awaits_end
        return is_owed and self.raw.is_starving

    def fail_raw(self, failure: Callable[[], CartesiaError]) -> None:
        """Give up the answers that the server owes outside all contexts."""
        self._raw_ids.clear()
        self.conversation.awaits_end = False
        self.raw.fail(failure)

    def interrupted(self, close: Close) -> None:
        """Note that the connection ended, and that another is being opened for the conversation."""
        self.is_open = False
        self.is_reconnecting = True
        self.close = close

    def raw_failure(self) -> CartesiaError | None:
        """Hand over the error that is owed to the raw user, once."""
        failure, self.raw.failure = self.raw.failure, None
        self.raw.has_gap = False
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

    def _deliver(self, record: ContextRecord[EventT], data: JSONObject, size: int) -> None:
        record.heard += 1
        record.last_active = self._clock()
        self.stats.events += 1
        record.inbox.put(self.vocabulary.read(data), size)
        self.reservoir.credit -= size + EVENT_BYTES
        if self.reservoir.credit < 0:
            self._weigh()
        kind = data.get("type")
        if self.vocabulary.is_end(kind):
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
        elif self.vocabulary.is_end(data.get("type")):
            self._raw_ids.pop(context_id, None)
        self.raw_active = self._clock()
        self.raw.put(Message(event, message), len(message))
        self.reservoir.credit -= len(message) + EVENT_BYTES
        if self.reservoir.credit < 0:
            self._weigh()

    def _weigh(self) -> None:
        if self.reservoir.check():
            self.stats.pauses += 1
            _log.info("%s: receivers are slow; reading pauses", self._name)

    def _struck_by_nameless_error(self) -> list[ContextRecord[EventT]]:
        """Tell which contexts an error without a context id ends.

        It is the answer to some request. That is most likely one of those which nothing was heard
        of yet, and to end one too many is better than to let one wait for ever. With raw messages
        unanswered it is theirs; else it concerns all that is under way.
        """
        under_way = self.under_way()
        unheard = [record for record in under_way if not record.heard]
        if unheard or self._raw_ids:
            return unheard
        return under_way
