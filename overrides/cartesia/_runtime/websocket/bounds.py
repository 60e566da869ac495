"""What bounds a session in time and in memory, read from the options of its connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from cartesia._runtime.websocket.options import ConnectionOptions

_NEVER = float("inf")
_MEBIBYTE = 2**20
_QUARTER = 4


@define(frozen=True, kw_only=True)
class Bounds:
    """The bounds; what has none is infinite.

    Attributes:
        high: Bytes of untaken events at which reading pauses.
        low: Bytes at which it goes on.
        pause: Seconds that a pause may keep others waiting.
        send: Seconds until a message must have left.
        inactivity: Seconds that a context under way may hear nothing.
        age: Seconds after which a socket is replaced between two utterances.
    """

    high: float = 32 * _MEBIBYTE
    low: float = 8 * _MEBIBYTE
    pause: float = 2.0
    send: float = 5.0
    inactivity: float = 30.0
    age: float = 300.0

    @property
    def shortest(self) -> float:
        """The shortest time that needs to be watched."""
        return min(self.pause, self.send, self.inactivity, self.age)

    @classmethod
    def of(cls, options: ConnectionOptions) -> Bounds:
        """Read them from the options of a connection.

        Args:
            options: The options; the defaults hold for what is left out.

        Raises:
            TypeError: A bound is no number.
            ValueError: A bound is not positive, or the low mark is above the high one.
        """
        high, low = _marks(options.get("read_limit", int(cls().high)))
        default = cls()
        return cls(
            high=high,
            low=low,
            pause=_seconds("pause_timeout", options.get("pause_timeout", default.pause)),
            send=_seconds("send_timeout", options.get("send_timeout", default.send)),
            inactivity=_seconds(
                "inactivity_timeout", options.get("inactivity_timeout", default.inactivity)
            ),
            age=_seconds("max_age", options.get("max_age", default.age)),
        )


def _marks(limit: int | tuple[int, int | None] | None) -> tuple[float, float]:
    if limit is None:
        return _NEVER, _NEVER
    first, second = limit if isinstance(limit, tuple) else (limit, None)
    high = _positive("read_limit", first)
    low = high // _QUARTER if second is None else second
    if not 0 <= low <= high:
        raise ValueError(
            f"websocket_connection_options: the low mark of read_limit lies between 0 and the "
            f"high one, {high:g}, not at {low!r}"
        )
    return high, low


def _seconds(name: str, value: float | None) -> float:
    return _NEVER if value is None else _positive(name, value)


def _positive(name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):  # pyright: ignore[reportUnnecessaryIsInstance] # callers without a type checker
        raise TypeError(f"websocket_connection_options: {name} must be a number, not {value!r:.80}")
    if value <= 0:
        raise ValueError(
            f"websocket_connection_options: {name} must be more than 0, not {value!r}; "
            "None stands for no limit"
        )
    return value
