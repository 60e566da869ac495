"""The queue between the one reader of a connection and whoever receives a context's events."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Callable, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from cartesia._runtime.errors import CartesiaError

T = TypeVar("T")

# What an event costs beyond its text: the objects that hold it.
EVENT_BYTES = 512


class Bell(Protocol):
    """Wakes whoever waits at an inbox; each I/O world brings its own."""

    def ring(self) -> None:
        """Wake the waiter, if there is one. Never blocks."""
        ...


class Inbox(Generic[T]):
    """Events in order, then at most one failure, then the end.

    ``put``, ``fail`` and ``end`` are the reader's, ``take`` is the receiver's. The two may be
    different threads: each counter has one writer, and ``take`` needs no lock as long as the
    taker looks at ``failure`` and ``ended`` *before* it finds the queue empty.

    Args:
        bell: Wakes the receiver.
        name: The context; None for what is outside all contexts.

    Attributes:
        name: The same.
        has_gap: Whether the failure comes before what is queued: something is missing there.
        failure: Makes the error that the receiver is owed once the queue is empty.
        ended: Whether nothing more will come.
        claimed: Whether somebody is receiving.
        received: Bytes of all events ever put here.
        taken: Bytes of those that were taken out again.
    """

    __slots__ = (
        "__weakref__",
        "_bell",
        "_items",
        "claimed",
        "ended",
        "failure",
        "has_gap",
        "name",
        "received",
        "taken",
    )

    def __init__(self, bell: Bell, name: str | None = None) -> None:
        self._bell = bell
        self.name = name
        self._items: deque[tuple[T, int]] = deque()
        self.failure: Callable[[], CartesiaError] | None = None
        self.ended = False
        self.has_gap = False
        self.claimed = False
        self.received = 0
        self.taken = 0

    @property
    def count(self) -> int:
        """How many events nobody has taken yet."""
        return len(self._items)

    @property
    def waiting(self) -> int:
        """Bytes of the events that nobody has taken yet."""
        return self.received - self.taken if self._items else 0

    @property
    def held(self) -> int:
        """Bytes of memory, by estimate, of the events that nobody has taken yet."""
        return self.waiting + EVENT_BYTES * len(self._items)

    @property
    def is_starving(self) -> bool:
        """Whether somebody receives and there is nothing for him."""
        return self.claimed and not self.is_ready()

    def is_ready(self) -> bool:
        """Tell whether a receiver need not wait."""
        return bool(self._items) or self.ended or self.failure is not None

    def put(self, item: T, size: int) -> None:
        """Add an event and wake the receiver.

        Args:
            item: The event.
            size: The bytes of the message it came in.
        """
        self.received += size
        self._items.append((item, size))
        self._bell.ring()

    def fail(self, failure: Callable[[], CartesiaError]) -> None:
        """Owe the receiver an error, to be raised once the queue is empty."""
        self.failure = failure
        self._bell.ring()

    def end(self) -> None:
        """Say that nothing more will come."""
        self.ended = True
        self._bell.ring()

    def clear(self) -> None:
        """Throw away what nobody has taken."""
        self._items.clear()
        self.taken = self.received

    def take(self) -> T:
        """Take the oldest event.

        Raises:
            IndexError: There is none now.
        """
        item, size = self._items.popleft()
        self.taken += size
        return item
