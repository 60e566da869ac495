"""One context of a connection: its state, its settings, and the messages made of them."""

from __future__ import annotations

import unicodedata
from enum import Enum
from itertools import dropwhile
from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import define

from cartesia._runtime.errors import CartesiaError, ContextAccount
from cartesia._runtime.request import check_exclusive
from cartesia._runtime.types import omit
from cartesia._runtime.websocket.flow import EventQueue, Notifier

if TYPE_CHECKING:
    from cartesia._runtime.types import Body
    from cartesia._runtime.websocket.messages import SocketSpec

EventT = TypeVar("EventT")

# Categories of Unicode that are not spoken: punctuation, separators, control characters.
_SILENT = frozenset("PZC")


class ContextState(Enum):
    """Where a context stands. The last three are ends; nothing leads out of them.

    ::

        OPEN ──last input──> FINISHING ──> DONE, CANCELLED, ERROR
          └───────────────────────────────> DONE, CANCELLED, ERROR
    """

    OPEN = "open"
    FINISHING = "finishing"
    DONE = "done"
    CANCELLED = "cancelled"
    ERROR = "error"

    @property
    def is_end(self) -> bool:
        """Whether nothing more is sent or delivered."""
        return self not in (ContextState.OPEN, ContextState.FINISHING)


@define(eq=False, repr=False, slots=False)
class ContextRecord(Generic[EventT]):
    """What a session knows of one context.

    Args:
        id: Its id.
        spec: The kind of socket.
        settings: What the caller gave for all messages.
        notifier: Wakes its receiver.

    Attributes:
        id: Its id.
        state: Where it stands.
        queue: The events that came.
        sent: The messages that were sent, in order, each with how many events had come before it.
        heard: How many events came.
        in_transit: Whether its sender is about to use another connection.
        last_active: When the last message went or came, by the session's clock.
        renews: Whether it goes on as another context of the server when it expires.
        last_done: The event that the last one of those ended with.
        heard_before: How many events came before it was renewed the last time.
        has_expired: Whether the server ended it before its last input.
    """

    id: str
    _spec: SocketSpec[EventT]
    _settings: Body
    _notifier: Notifier
    state: ContextState = ContextState.OPEN
    heard: int = 0
    last_active: float = 0.0
    in_transit: bool = False
    renews: bool = False
    last_done: tuple[EventT, int] | None = None
    heard_before: int = 0
    has_expired: bool = False

    def __attrs_post_init__(self) -> None:
        self.queue: EventQueue[EventT] = EventQueue(self._notifier, self.id)
        self.sent: list[tuple[Body, int]] = []
        # Settings named here are those the caller gave; the defaults lie beneath them.
        settings = self._settings.items()
        given = {name: value for name, value in settings if value is not omit and value is not None}
        self._settings = {**self._spec.defaults, **given}
        check_exclusive(self._spec.exclusive, self._settings)

    def compose(self, fields: Body, extra: Body | None) -> dict[str, object]:
        """Make the next message: the settings of the context, and over them what this call named.

        Args:
            fields: The fields of the call under their wire names; an ``omit`` means the context's
                own value, None means that the field is not sent.
            extra: Further fields; they win.

        Returns:
            The message, not yet counted as sent.

        Raises:
            ValueError: The context takes no more input, a setting is missing, or settings exclude
                each other.
            CartesiaError: The server or a broken connection ended the context.
        """
        self.ensure_open()
        named = {name: value for name, value in fields.items() if value is not omit}
        message = {**self._settings, **named, **(extra or {})}
        message = {name: value for name, value in message.items() if value is not None}
        if self._spec.key is not None:
            message[self._spec.key] = self.id
        if self._spec.exclusive:
            check_exclusive(self._spec.exclusive, message)
        if not self._spec.required <= message.keys():
            name = min(self._spec.required - message.keys())
            raise ValueError(
                f"context {self.id} has no {name!r}: give {name}=... to context() or send()"
            )
        return message

    def note_sent(self, message: Body, now: float) -> None:
        """Count a message as sent and remember its settings.

        The settings of the first message are those of the whole context; what a later one names
        holds for that message, and for the closing one if it was the last.
        """
        if not self.sent:
            self._settings = self._settings_of(message)
        self.sent.append((message, self.heard))
        self.last_active = now
        if self._spec.is_last(message):
            self.state = ContextState.FINISHING

    def take_back(self) -> None:
        """Uncount the last message: nothing of it was written."""
        self.in_transit = True
        self.sent.pop()
        if self.state is ContextState.FINISHING:
            self.state = ContextState.OPEN

    def unheard(self) -> list[Body]:
        """Give what was sent since the last event, from the first text with words on."""
        sent = [message for message, heard in self.sent if heard == self.heard]
        return list(dropwhile(lambda message: not self._has_words(message), sent))

    def renew(self, context_id: str, done: tuple[EventT, int]) -> None:
        """Begin anew under another id, with the same settings and for the same receiver.

        Args:
            context_id: The id.
            done: The event that the old context ended with, and its size.
        """
        self.id = self.queue.name = context_id
        self.last_done = done
        self.sent.clear()
        self.heard_before = self.heard

    def closing(self) -> dict[str, object]:
        """Make the message that says "no more input", with the settings that were last sent."""
        return {**self._settings_of(self.sent[-1][0]), **self._spec.close}

    def account(self) -> ContextAccount:
        """Say what was sent and heard, for an error."""
        sent = [self._input_of(message) for message, _ in self.sent]
        return ContextAccount(self.id, sent, self.heard, self.queue.received)

    def ensure_open(self) -> None:
        """Refuse further input where it cannot reach the server any more.

        Raises:
            ValueError: The caller finished or cancelled the context.
            CartesiaError: The server or a broken connection ended it.
        """
        if self.state is ContextState.OPEN:
            return
        if self.queue.failure is not None:
            raise self.queue.failure()
        if self.state is ContextState.FINISHING:
            raise ValueError(
                f"context {self.id} takes no more input after no_more_inputs() or a last message; "
                "open another context for the next utterance"
            )
        if self.has_expired:
            raise CartesiaError(
                f"context {self.id} has expired: the server ended it, since no text came for a "
                "while after its last audio; open another context"
            )
        raise ValueError(f"context {self.id} is {self.state.value}; open another context")

    def _settings_of(self, message: Body) -> dict[str, object]:
        per_message = self._spec.per_message
        return {name: value for name, value in message.items() if name not in per_message}

    def _input_of(self, message: Body) -> dict[str, object]:
        """Give what differs from message to message."""
        return {name: message[name] for name in self._spec.per_message if name in message}

    def _has_words(self, message: Body) -> bool:
        texts = (value for value in self._input_of(message).values() if isinstance(value, str))
        return is_speakable("".join(texts))


def is_speakable(text: str) -> bool:
    """Tell whether a text holds more than punctuation, which the API refuses as a first piece."""
    return any(unicodedata.category(character)[0] not in _SILENT for character in text)
