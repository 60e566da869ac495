"""The one conversation that a socket without contexts carries: whether it is over, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from cartesia._runtime.websocket.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cartesia._runtime.websocket.errors import Close
    from cartesia._runtime.websocket.vocabulary import Vocabulary

EventT = TypeVar("EventT")


class Conversation(Generic[EventT]):
    """What was said and heard outside all contexts, as far as it matters for the end.

    Args:
        vocabulary: The vocabulary of the socket.
        max_queue_size: Bytes of messages that may wait for a connection.

    Attributes:
        outbox: What waits for a connection.
        last_event: The last event, where there are no contexts.
        awaits_end: Whether the caller said that it ends, and the server did not yet.
    """

    __slots__ = (
        "_has_begun",
        "_has_finished",
        "_vocabulary",
        "awaits_end",
        "last_event",
        "outbox",
    )

    def __init__(self, vocabulary: Vocabulary[EventT], max_queue_size: int) -> None:
        self.outbox = Outbox(max_queue_size)
        self.last_event: EventT | None = None
        self.awaits_end = False
        self._vocabulary = vocabulary
        self._has_begun = False
        self._has_finished = False

    def note_sent(self, message: Mapping[str, object] | str | None) -> None:
        """Note a message; None stands for audio."""
        self._has_begun = True
        if message is not None and self._vocabulary.is_finish(message):
            self._has_finished = self.awaits_end = True

    def note_heard(self, event: EventT, kind: object) -> None:
        """Note an event of a type."""
        self.last_event = event
        if self._vocabulary.is_end(kind):
            self._has_finished = True
            self.awaits_end = False

    @property
    def can_go_on(self) -> bool:
        """Whether it makes sense over another connection."""
        return self._vocabulary.key is None and not self._has_finished

    def ended_well(self, close: Close) -> bool:
        """Tell whether nothing was under way when the connection closed, and it closed in order."""
        if close.own or self._vocabulary.finish is None:
            return close.normal
        return close.normal and (self._has_finished or not self._has_begun)
