"""When to ask a server for a sign of life, and when to give it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Literal

if TYPE_CHECKING:
    from cartesia._runtime.websocket.options import ConnectionOptions

NEVER = float("inf")


class Keepalive:
    """Watches over one connection.

    A server counts as lost when, after a ping, it neither sends nor takes anything for so long
    that the answer is missed. A slow line and a slow reader are no reason to give it up.

    Args:
        options: How the connection is opened; every option that has a default is there.
        clock: Gives seconds; only differences count.

    Attributes:
        is_heard: Whether anything came since the last look.
    """

    __slots__ = (
        "_clock",
        "_gone",
        "_interval",
        "_is_held",
        "_ping_due",
        "_pong_due",
        "_timeout",
        "is_heard",
    )

    def __init__(self, options: ConnectionOptions, clock: Callable[[], float]) -> None:
        interval, timeout = options.get("ping_interval"), options.get("ping_timeout")
        self._interval = NEVER if interval is None else interval
        self._timeout = NEVER if timeout is None else timeout
        self._clock = clock
        self._ping_due = self._pong_due = NEVER
        self._gone = 0
        self._is_held = False
        self.is_heard = False

    @property
    def due(self) -> float:
        """When to look next, by the clock."""
        return min(self._ping_due, self._pong_due)

    def begin(self) -> None:
        """Count the time until the first ping, or until the next: the last was answered."""
        self._pong_due = NEVER
        self._ping_due = self._clock() + self._interval

    def hold(self) -> None:
        """Note that nobody reads from now on, so that silence says nothing of the server."""
        self._is_held = True

    def release(self) -> None:
        """Note that somebody reads again."""
        self._is_held = False
        self.is_heard = True  # in favour of the server: what it said may be on its way

    def look(self, gone: int) -> Literal["ping", "lost"] | None:
        """See whether a ping is due, or was missed.

        Args:
            gone: How many bytes have left so far.

        Returns:
            What to do, if anything: send a ping, or give the server up.
        """
        now = self._clock()
        if now >= self._pong_due:
            if not (self.is_heard or self._is_held or gone > self._gone):
                return "lost"
            self._look_again(now, gone)
        elif now >= self._ping_due:
            self._look_again(now, gone)
            self._ping_due = now + self._interval if self._pong_due == NEVER else NEVER
            return "ping"
        return None

    def _look_again(self, now: float, gone: int) -> None:
        self._pong_due = now + self._timeout
        self.is_heard = False
        self._gone = gone
