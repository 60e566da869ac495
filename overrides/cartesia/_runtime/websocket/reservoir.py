"""How much a connection holds for its receivers: the marks at which reading pauses and goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from typing import Callable

    from cartesia._runtime.websocket.bounds import Bounds
    from cartesia._runtime.websocket.inbox import Inbox

# A pause begins below the mark, since a port hands over a quarter of a megabyte at once, and the
# whole is weighed only now and then.
_SLACK_BYTES = 5 * 2**16
_LOOKS = 8


class Reservoir:
    """The events that nobody has taken yet, over all inboxes of a connection.

    Those of contexts that ended count too, as long as anybody can still take them. The reader
    counts down `credit` with whatever it puts, and asks `check` when that is used up; so the
    receivers, which may be other threads, need to count nothing in common.

    Args:
        bounds: The marks.
        clock: Gives seconds; only differences count.

    Attributes:
        credit: Bytes that may come before all is weighed again.
        is_full: Whether reading is to pause.
        full_since: When the pause began, or the last one.
        resumed_at: When the last one ended.
    """

    __slots__ = (
        "_bounds",
        "_clock",
        "_inboxes",
        "_slack",
        "credit",
        "full_since",
        "is_full",
        "resumed_at",
    )

    def __init__(self, bounds: Bounds, clock: Callable[[], float]) -> None:
        self._bounds = bounds
        self._clock = clock
        self._inboxes: WeakSet[Inbox[object]] = WeakSet()
        self._slack = min(_SLACK_BYTES, bounds.high / 2)
        self.credit = bounds.high - self._slack
        self.is_full = False
        self.full_since = self.resumed_at = clock()

    def add(self, inbox: Inbox[object]) -> None:
        """Count what an inbox holds, from now on."""
        self._inboxes.add(inbox)

    def weigh(self) -> int:
        """Give the bytes that all inboxes hold together; forget those that will hold no more."""
        held = 0
        drained: list[Inbox[object]] = []
        for inbox in self._inboxes:
            if inbox.count:
                held += inbox.held
            elif inbox.ended:
                drained.append(inbox)
        self._inboxes.difference_update(drained)
        return held

    def check(self) -> bool:
        """Weigh all; tell whether a pause begins now."""
        left = self._count_down(self.weigh())
        if self.is_full or left > 0:
            return False
        self.is_full = True
        self.full_since = self._clock()
        return True

    def relieve(self) -> bool:
        """Weigh all after something was taken or dropped; tell whether a pause ends now."""
        if not self.is_full:
            return False
        held = self.weigh()
        if held > self._bounds.low:
            return False
        self.resume(held)
        return True

    def resume(self, held: int) -> None:
        """End the pause, whatever is held."""
        self.is_full = False
        self.resumed_at = self._clock()
        self._count_down(held)

    def _count_down(self, held: int) -> float:
        """Begin to count down; give the bytes that may come before the next pause."""
        left = self._bounds.high - self._slack - held
        self.credit = max(left, self._slack / _LOOKS)
        return left

    def fullest(self) -> Inbox[object] | None:
        """Give the inbox that holds the most; None where nothing is held."""
        fullest = max(self._inboxes, key=_held, default=None)
        return fullest if fullest is not None and fullest.count else None


def _held(inbox: Inbox[object]) -> int:
    return inbox.held
