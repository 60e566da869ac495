"""One context of a connection: its state, its settings, and the messages made of them."""

from __future__ import annotations

from enum import Enum
from itertools import dropwhile
from typing import TYPE_CHECKING, Generic, TypeVar
from unicodedata import category

from attrs import define

from cartesia._runtime.errors import ContextAccount, ContextEndedError
from cartesia._runtime.request import check_exclusive
from cartesia._runtime.types import Omit
from cartesia._runtime.websocket.flow import EventQueue, Notifier

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        sent: What differed from message to message in those that were sent, in order.
        heard: How many events came.
        texts: Its messages as sent, where they may have to be sent again.
        renews: Whether it goes on as another context of the server when it expires.
        last_done: The event that the last one of those ended with.
        heard_before: How many events came before it was renewed the last time.
        has_expired: Whether the server ended it before its last input.
    """

    id: str
    _spec: SocketSpec[EventT]
    _settings: Mapping[str, object]
    _notifier: Notifier
    state: ContextState = ContextState.OPEN
    heard: int = 0
    renews: bool = False
    last_done: tuple[EventT, int] | None = None
    heard_before: int = 0
    has_expired: bool = False
    _unheard_from: int = 0
    _heard_at_send: int = 0

    def __attrs_post_init__(self) -> None:
        self.queue: EventQueue[EventT] = EventQueue(self._notifier, self.id)
        self.sent: list[Mapping[str, object]] = []
        self.texts: list[bytes] = []
        # Settings named here are those the caller gave; the defaults lie beneath them.
        given = {k: v for k, v in self._checked(self._settings).items() if v is not None}
        self._settings = {**self._spec.defaults, **given}
        self._last_message: Mapping[str, object] = {}
        check_exclusive(self._spec.exclusive, self._settings)

    def compose(
        self, fields: Mapping[str, object], extra: Mapping[str, object] | None
    ) -> dict[str, object]:
        """Make the next message: the settings of the context, and over them what this call named.

        Args:
            fields: The fields of the call under their wire names; an ``omit`` means the context's
                own value, None means that the field is not sent.
            extra: Further fields; they win.

        Returns:
            The message, not yet counted as sent.

        Raises:
            TypeError: A field is of a type that cannot be right.
            ValueError: The context takes no more input, a setting is missing, or settings exclude
                each other.
            CartesiaError: The server or a broken connection ended the context.
        """
        self.ensure_open()
        message = self.with_settings({**self._checked(fields), **(extra or {})})
        if self._spec.exclusive:
            check_exclusive(self._spec.exclusive, message)
        if not self._spec.required <= message.keys():
            name = min(self._spec.required - message.keys())
            raise ValueError(f"context {self.id} lacks {name!r}: give it to context() or send()")
        return message

    def _checked(self, fields: Mapping[str, object]) -> dict[str, object]:
        """Leave out what was not given, and check the rest."""
        checks = self._spec.checks
        return {
            name: checks[name].checked(value) if name in checks else value
            for name, value in fields.items()
            if not isinstance(value, Omit)
        }

    def with_settings(self, fields: Mapping[str, object]) -> dict[str, object]:
        """Complete a message by the settings of the context, and by its id."""
        message = {**self._settings, **fields}
        message = {name: value for name, value in message.items() if value is not None}
        if self._spec.key is not None:
            message[self._spec.key] = self.id
        return message

    def note_sent(self, message: Mapping[str, object], now: float) -> None:
        """Count a message as sent and remember its settings.

        The settings of the first message are those of the whole context; what a later one names
        holds for that message, and for the closing one if it was the last.
        """
        per_message = self._spec.per_message
        self._last_message = message
        if not self.sent:
            self._settings = self._last_settings()
        if self.heard != self._heard_at_send:
            self._unheard_from, self._heard_at_send = len(self.sent), self.heard
        self.sent.append({name: value for name, value in message.items() if name in per_message})
        self.queue.last_active = now
        if self._spec.is_last(message):
            self.state = ContextState.FINISHING

    def unheard(self) -> list[Mapping[str, object]]:
        """Return what was sent since the last event, from the first text with words on."""
        sent = self.sent[self._unheard_from :] if self.heard == self._heard_at_send else []
        return list(dropwhile(lambda fields: not any(map(is_speakable, fields.values())), sent))

    def renew(self, context_id: str, done: tuple[EventT, int]) -> None:
        """Begin anew under another id, with the same settings and for the same receiver.

        Args:
            context_id: The id.
            done: The event that the old context ended with, and its size.
        """
        self.id = self.queue.name = context_id
        self.last_done = done
        self.sent.clear()
        self._unheard_from = 0
        self.heard_before = self.heard

    def closing(self) -> dict[str, object]:
        """Make the message that says "no more input", with the settings that were last sent."""
        return {**self._last_settings(), **self._spec.close}

    def _last_settings(self) -> dict[str, object]:
        return {n: v for n, v in self._last_message.items() if n not in self._spec.per_message}

    def account(self) -> ContextAccount:
        """Say what was sent and heard, for an error."""
        return ContextAccount(self.id, list(self.sent), self.heard, self.queue.received)

    def ensure_open(self) -> None:
        """Refuse further input where it cannot reach the server any more.

        Raises:
            ContextEndedError: It takes no more input.
            CartesiaError: An error of the server, or a broken connection, ended it.
        """
        if self.state is ContextState.OPEN:
            return
        if self.queue.failure is not None:
            raise self.queue.failure()
        if self.state is ContextState.FINISHING:
            raise ContextEndedError(
                f"context {self.id} takes no more input after no_more_inputs() or a last message; "
                "open another context for the next utterance"
            )
        if self.has_expired:
            raise self.expired()
        raise ContextEndedError(f"context {self.id} is {self.state.value}; open another context")

    def expired(self) -> ContextEndedError:
        """Make the error for a context that the server ended before its last input."""
        return ContextEndedError(
            f"context {self.id} has expired: the server ended it, since no text came for a while "
            "after its last audio; open another context"
        )


def is_speakable(text: object) -> bool:
    """Return whether a field of a message is a text of more than punctuation."""
    return isinstance(text, str) and any(category(sign)[0] not in _SILENT for sign in text)
