"""The contexts of a session, from their opening to the end that each of them comes to."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Callable, Generic, TypeVar, cast

from attrs import define

from cartesia._runtime.codec import encode_json
from cartesia._runtime.websocket.bounds import Bounds
from cartesia._runtime.websocket.contexts import ContextRecord, State
from cartesia._runtime.websocket.conversation import Conversation
from cartesia._runtime.websocket.errors import context_lost, slow_receiver
from cartesia._runtime.websocket.inbox import Inbox
from cartesia._runtime.websocket.reconnection import RECOVERABLE
from cartesia._runtime.websocket.reservoir import Reservoir
from cartesia._runtime.websocket.stats import Stats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cartesia._runtime.errors import CartesiaError
    from cartesia._runtime.websocket.errors import Close
    from cartesia._runtime.websocket.inbox import Bell
    from cartesia._runtime.websocket.vocabulary import Vocabulary

EventT = TypeVar("EventT")

# Late events come within seconds of the end; ids are some hundred bytes each.
_REMEMBERED_IDS = 10_000

_DEFAULT_BOUNDS = Bounds()

# The server closes an idle connection in order, perhaps just as a text is on its way.
_MAY_GO_AGAIN = RECOVERABLE | {1000}


@define
class Message(Generic[EventT]):
    """An event outside all contexts, with the message it came in."""

    event: EventT
    data: bytes


class Ledger(Generic[EventT]):
    """The contexts of one socket, and how each of them may end.

    Args:
        vocabulary: What tells this socket from others.
        raw_bell: Wakes the one who receives outside all contexts.
        new_id: Makes the id of a context that the caller did not name.
        clock: Gives seconds; only differences count.
        max_queue_size: Bytes of messages that may wait for a connection.
        bounds: The marks for what nobody has taken yet.
        resends: Whether contexts of which nothing was heard go on over another connection.

    Attributes:
        raw: Events outside all contexts.
        stats: What was counted.
        close: How the last connection ended; None while one is open and before the first.
        is_open: Whether a connection is open.
        is_reconnecting: Whether another is being opened after one that broke off.
        conversation: What happened outside all contexts.
        reservoir: How much nobody has taken yet.
        abandoned: Contexts whose receiver was dropped. Finalizers add to it, which takes no lock.
        owed: Messages that the server is to get at the next occasion.
        kept: Contexts that go on over another connection.
        raw_active: When the last message outside all contexts went or came.
    """

    def __init__(
        self,
        vocabulary: Vocabulary[EventT],
        *,
        raw_bell: Bell,
        new_id: Callable[[], str],
        clock: Callable[[], float],
        max_queue_size: int = 0,
        bounds: Bounds = _DEFAULT_BOUNDS,
        resends: bool = False,
    ) -> None:
        self.vocabulary = vocabulary
        self.raw: Inbox[Message[EventT]] = Inbox(raw_bell)
        self.stats = Stats()
        self.close: Close | None = None
        self.is_open = False
        self.is_reconnecting = False
        self.conversation: Conversation[EventT] = Conversation(vocabulary, max_queue_size)
        self.reservoir = Reservoir(bounds, clock)
        self.bounds = bounds
        self.resends = resends
        self.abandoned: deque[ContextRecord[EventT]] = deque()
        self.owed: deque[bytes] = deque()
        self.kept: list[ContextRecord[EventT]] = []
        self.raw_active = clock()
        self._new_id = new_id
        self._clock = clock
        self._contexts: dict[str, ContextRecord[EventT]] = {}
        self._ended: dict[str, None] = {}
        self._has_contexts = False
        # Ids of raw messages that were not answered to the end yet; the values mean nothing.
        self._raw_ids: dict[str | None, None] = {}

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
        self.reservoir.add(cast("Inbox[object]", record.inbox))
        return record

    def cancel(self, record: ContextRecord[EventT]) -> bytes | None:
        """End a context at the caller's wish; the message to send for it, if there is one."""
        if record.state.is_end:
            return None
        record.inbox.clear()
        self._end(record, State.CANCELLED)
        return self._cancelling(record)

    def break_off(
        self, record: ContextRecord[EventT], failure: Callable[[], CartesiaError]
    ) -> None:
        """End a context with an error of our own; what waits in it is still received before."""
        record.inbox.failure = failure
        self._end(record, State.ERROR)
        message = self._cancelling(record)
        if message is not None:
            self.owed.append(message)

    def overflow(self) -> None:
        """Throw away what waits for the slowest receiver, and end his context with an error."""
        inbox = self.reservoir.fullest()
        if inbox is not None:
            failure = partial(
                slow_receiver,
                self._name,
                inbox.name,
                self.bounds.high,
                taken_bytes=inbox.taken,
                lost=inbox.count,
                lost_bytes=inbox.waiting,
            )
            self.stats.dropped += inbox.count
            inbox.clear()
            record = self._contexts.get(inbox.name) if inbox.name is not None else None
            if record is not None:
                self.break_off(record, failure)
            else:
                inbox.has_gap = True
                inbox.fail(failure)
        self.reservoir.resume(self.reservoir.weigh())

    @property
    def has_chores(self) -> bool:
        """Whether `drop_abandoned` has anything to do."""
        return bool(self.abandoned or self.owed)

    def drop_abandoned(self) -> list[bytes]:
        """Cancel the contexts whose receiver was dropped; the messages owed to the server."""
        messages = [self.owed.popleft() for _ in range(len(self.owed))]
        while self.abandoned:
            message = self.cancel(self.abandoned.popleft())
            if message is not None:
                messages.append(message)
        return messages

    def under_way(self) -> list[ContextRecord[EventT]]:
        """Give the contexts of which the server knows."""
        return [record for record in self._contexts.values() if record.sent]

    @property
    def _name(self) -> str:
        return self.vocabulary.name

    def _keep(self, record: ContextRecord[EventT], text: bytes) -> None:
        if self.resends and not record.heard:
            record.texts.append(text)

    def _goes_again(self, record: ContextRecord[EventT], close: Close) -> bool:
        """Tell whether a context may go on over another connection."""
        is_unheard = self.resends and bool(record.sent) and not record.heard
        return is_unheard and not close.own and close.code in _MAY_GO_AGAIN

    def _cancelling(self, record: ContextRecord[EventT]) -> bytes | None:
        """Make the message that tells the server of the end of a context, if it knows of it."""
        if not record.sent or not self.is_open or self.vocabulary.key is None:
            return None
        return encode_json({self.vocabulary.key: record.id, **self.vocabulary.cancel})

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
