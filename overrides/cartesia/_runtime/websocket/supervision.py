"""What is due in a session without any message: bounds that were passed, pauses that may end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from cartesia._runtime.websocket.errors import Close, context_inactive, raw_inactive

if TYPE_CHECKING:
    from typing import Callable

    from cartesia._runtime.websocket.contexts import ContextRecord
    from cartesia._runtime.websocket.session import Session

EventT = TypeVar("EventT")

# How often is looked within the shortest bound: this is how exact the bounds are.
_LOOKS = 4


class Supervisor(Generic[EventT]):
    """Looks after a session now and then.

    Args:
        session: The session.
        clock: Its clock.
    """

    __slots__ = ("_clock", "_session")

    def __init__(self, session: Session[EventT], clock: Callable[[], float]) -> None:
        self._session = session
        self._clock = clock

    @property
    def period(self) -> float:
        """Seconds between two looks."""
        return self._session.bounds.shortest / _LOOKS

    def look(self, sending_since: float | None) -> Close | None:
        """Do what is due.

        Args:
            sending_since: Since when a message is being sent; None where none is.

        Returns:
            How the connection ends, where the server takes nothing any more; else None.
        """
        session, now = self._session, self._clock()
        reservoir, bounds = session.reservoir, session.bounds
        reservoir.relieve()
        if reservoir.is_full:
            since = reservoir.full_since
            if now - since >= bounds.pause and self._somebody_waits(now, sending_since):
                session.overflow()
            return None
        if not session.is_open:
            return None
        self._end_inactive(now)
        if sending_since is None or now - max(sending_since, reservoir.resumed_at) < bounds.send:
            return None
        return Close(
            1006, f"the server took nothing for {bounds.send:g} s (send_timeout)", "client"
        )

    def _somebody_waits(self, now: float, sending_since: float | None) -> bool:
        """Tell whether a pause keeps anybody from going on but those who are slow."""
        session = self._session
        if sending_since is not None and now - sending_since >= session.bounds.pause:
            return True
        return session.awaits_raw or any(record.inbox.is_starving for record in session.under_way())

    def _end_inactive(self, now: float) -> None:
        """End what the server says nothing of any more, where somebody waits for it."""
        session = self._session
        bound = session.bounds.inactivity
        resumed_at = session.reservoir.resumed_at
        name = session.vocabulary.name
        for record in session.under_way():
            if now - max(record.last_active, resumed_at) >= bound and record.inbox.is_starving:
                shown = cast("ContextRecord[object]", record)
                session.break_off(record, partial(context_inactive, name, bound, shown))
        if session.awaits_raw and now - max(session.raw_active, resumed_at) >= bound:
            session.fail_raw(partial(raw_inactive, name, bound))
