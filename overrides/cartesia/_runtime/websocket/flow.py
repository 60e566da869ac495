"""Queues of events for their receivers, and the pause when these are slow."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Callable, Generic, Protocol, TypeVar
from weakref import WeakSet

from attrs import define, field

from cartesia._runtime.websocket.connection_options import NEVER

if TYPE_CHECKING:
    from cartesia._runtime.errors import CartesiaError
    from cartesia._runtime.websocket.connection_options import Bounds

T = TypeVar("T")

ErrorFactory = Callable[[], "CartesiaError"]
"""Makes an error, anew each time that it is raised."""

EVENT_BYTES = 512
"""What an event costs beyond its text: the objects that hold it."""

# Reading pauses below the limit, since up to a quarter of a megabyte is read at once, and the sum
# over all queues is taken only now and then.
_SLACK_BYTES = 5 * 2**16

_CATCHING_UP_SECONDS = 0.05


class Notifier(Protocol):
    """Wakes the receiver of a queue; asyncio and threads each have their own."""

    def notify(self) -> None:
        """Wake the receiver, if one waits. Never blocks."""
        ...


@define(eq=False)
class EventQueue(Generic[T]):
    """Events in order, then at most one error, then the end.

    The reader of the connection puts events in and ends it, the receiver takes them out. The two
    may be different threads: each counter has one writer, but for ``clear``, and ``take`` needs no
    lock as long as its caller looks at ``failure`` and ``ended`` *before* it finds the queue empty.

    Args:
        notifier: Wakes the receiver.
        name: The context id; None for the queue of events outside all contexts.

    Attributes:
        name: The same.
        items: The events that wait to be taken, each with the bytes of its message.
        has_gap: Whether the error comes before what is queued, because events are missing there.
        failure: Makes the error that is raised once the queue is empty.
        ended: Whether nothing more will come.
        claimed: Whether a receiver is at work.
        last_active: When the last message went or came, by the session's clock without pauses.
        received: Bytes of all events ever put here.
        taken: Bytes of those that were taken out again.
    """

    notifier: Notifier
    name: str | None = None
    items: deque[tuple[T, int]] = field(factory=deque, init=False)  # pyright: ignore[reportUnknownVariableType] # of a bare factory
    failure: ErrorFactory | None = None
    ended: bool = False
    has_gap: bool = False
    claimed: bool = False
    last_active: float = NEVER
    received: int = 0
    taken: int = 0

    @property
    def waiting(self) -> int:
        """Bytes of the events that wait to be taken."""
        return self.received - self.taken if self.items else 0

    @property
    def held(self) -> int:
        """Bytes of memory, by estimate, of the events that wait to be taken."""
        return self.waiting + EVENT_BYTES * len(self.items)

    @property
    def is_starving(self) -> bool:
        """Whether a receiver waits and there is nothing for it."""
        return self.claimed and not self.is_ready()

    def is_ready(self) -> bool:
        """Return whether a receiver need not wait."""
        return bool(self.items) or self.ended or self.failure is not None

    def end(self) -> None:
        """Say that nothing more will come."""
        self.ended = True
        self.notifier.notify()

    def clear(self) -> None:
        """Throw away the events that wait to be taken."""
        self.items.clear()
        self.taken = self.received

    def take(self) -> T:
        """Take the oldest event.

        Raises:
            IndexError: There is none now.
        """
        item, size = self.items.popleft()
        self.taken += size
        return item


class FlowControl:
    """Pauses reading while the queues of a connection hold more than a limit.

    Queues of contexts that ended count too, as long as a receiver can still take from them. The
    reader counts down `budget` with each event, and calls `pause_if_full` when it is used up; so
    the receivers, which may be other threads, need to count nothing in common.

    Args:
        bounds: The limits.
        clock: Gives seconds; only differences count.

    Attributes:
        budget: Bytes that may come before all queues are summed again.
        is_full: Whether reading is to pause.
        full_since: When the pause began, or the last one.
        paused: Seconds of all pauses that have ended, and of reading what was said in them.
    """

    def __init__(self, bounds: Bounds, clock: Callable[[], float]) -> None:
        self._bounds = bounds
        self._clock = clock
        self._queues: WeakSet[EventQueue[object]] = WeakSet()
        self._slack = min(_SLACK_BYTES, bounds.high / 2)
        self.budget = bounds.high - self._slack
        self.is_full = False
        self.full_since = clock()
        self.paused = 0.0

    def add(self, queue: EventQueue[object]) -> None:
        """Count what a queue holds, from now on."""
        self._queues.add(queue)

    def held(self) -> int:
        """Return the bytes that all queues hold together; forget queues that will hold no more."""
        drained = [queue for queue in self._queues if queue.ended and not queue.items]
        self._queues.difference_update(drained)
        return sum(queue.held for queue in self._queues)

    def pause_if_full(self) -> bool:
        """Sum up all queues; tell whether a pause begins now."""
        left = self._set_budget()
        if self.is_full or left > 0:
            return False
        self.is_full = True
        self.full_since = self._clock()
        return True

    def resume_if_drained(self) -> bool:
        """Sum up all queues after something was taken; tell whether a pause ends now."""
        if not self.is_full or self.held() > self._bounds.low:
            return False
        self.resume()
        return True

    def resume(self) -> None:
        """End the pause, whatever is held."""
        self.is_full = False
        self.paused += self._clock() - self.full_since + _CATCHING_UP_SECONDS
        self._set_budget()

    def fullest(self) -> EventQueue[object] | None:
        """Return the queue that holds the most; None where all are empty."""
        fullest = max(self._queues, key=lambda queue: queue.held, default=None)
        return fullest if fullest is not None and fullest.items else None

    def _set_budget(self) -> float:
        """Begin to count down; give the bytes that may come before the next pause."""
        left = self._bounds.high - self._slack - self.held()
        self.budget = max(left, self._slack / 8)
        return left
