"""How sure one can be, from loudness alone, that somebody is speaking."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields

from .session import QUIET

_RISE, _FALL = 0.06, 0.5


class Activity:
    """The belief, 0 to 1, that somebody speaks: it rises fast with sound and fades in silence."""

    def __init__(self) -> None:
        self.belief = 0.0
        self.silence = 0.0
        """Seconds since there was sound."""

    def update(self, seconds: float, volume: float) -> None:
        """Take a frame.

        Args:
            seconds: Its length.
            volume: Its loudness (root mean square, 0 to 1).
        """
        if volume >= QUIET:
            self.belief = 1 - (1 - self.belief) * math.exp(-seconds / _RISE)
            self.silence = 0.0
        else:
            self.belief *= math.exp(-seconds / _FALL)
            self.silence += seconds


@dataclass(frozen=True)
class Thresholds:
    """When a turn begins and ends; what is None is the server's own choice.

    Attributes:
        start: Belief from which on a turn has begun, 0.5 to 0.9.
        eager_end: Belief at which it has probably ended, 0.3 to 0.8.
        end: Belief at which it has ended, 0.05 to 0.5.
        end_timeout: Seconds of silence after which it has ended in any case.
    """

    start: float | None = None
    eager_end: float | None = None
    end: float | None = None
    end_timeout: float | None = None

    def changed(self, fields: Fields, prefix: str = "") -> Thresholds:
        """Take what a query or a `config` message says, valid by its schema.

        Args:
            fields: The fields: `start_threshold`, `eager_end_threshold`, `end_threshold`,
                `end_timeout_ms`.
            prefix: What the names begin with.

        Returns:
            The thresholds; a field that is not named stays as it is.

        Raises:
            APIError: They do not go down from start over eager end to end (400).
        """
        timeout = fields.number(f"{prefix}end_timeout_ms")
        named = {
            "start": fields.number(f"{prefix}start_threshold"),
            "eager_end": fields.number(f"{prefix}eager_end_threshold"),
            "end": fields.number(f"{prefix}end_threshold"),
            "end_timeout": None if timeout is None else timeout / 1000,
        }
        changed = replace(self, **{name: each for name, each in named.items() if each is not None})
        order = (changed.start, changed.eager_end, changed.end)
        given = [each for each in order if each is not None]
        if given != sorted(set(given), reverse=True):
            raise APIError(
                400,
                "Invalid thresholds",
                f"{prefix}start_threshold > {prefix}eager_end_threshold > {prefix}end_threshold "
                f"must hold: they are {', '.join(map(str, given))}",
            )
        return changed

    def settled(self) -> Settled:
        """Give each threshold a value: the server's own choices keep the order of those given."""
        eager_end = self.eager_end
        about = 0.6 if eager_end is None else eager_end
        start = max(0.8, (1 + about) / 2) if self.start is None else self.start
        end = min(0.3, about / 2) if self.end is None else self.end
        if eager_end is None:
            eager_end = about if end < about < start else (start + end) / 2
        return Settled(start, eager_end, end, 5.6 if self.end_timeout is None else self.end_timeout)


@dataclass(frozen=True)
class Settled:
    """The thresholds, each with a value."""

    start: float
    eager_end: float
    end: float
    end_timeout: float
