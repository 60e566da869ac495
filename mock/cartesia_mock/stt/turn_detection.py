"""Voice activity detection from loudness, and the thresholds of turns."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields
from cartesia_mock.stt.pcm_reader import SILENCE_LEVEL

_RISE_SECONDS, _DECAY_SECONDS = 0.06, 0.5


class VoiceActivityDetector:
    """The probability of speech, 0 to 1: it rises fast with sound and decays in silence."""

    def __init__(self) -> None:
        self.probability = 0.0
        self.silence = 0.0
        """Seconds since the last sound."""

    def update(self, seconds: float, volume: float) -> None:
        """Process a window of audio.

        Args:
            seconds: Its length.
            volume: Its loudness (root mean square, 0 to 1).
        """
        if volume >= SILENCE_LEVEL:
            self.probability = 1 - (1 - self.probability) * math.exp(-seconds / _RISE_SECONDS)
            self.silence = 0.0
        else:
            self.probability *= math.exp(-seconds / _DECAY_SECONDS)
            self.silence += seconds


@dataclass(frozen=True)
class TurnThresholds:
    """When a turn begins and ends; None stands for the server's default.

    Attributes:
        start: Probability at which a turn begins, 0.5 to 0.9.
        eager_end: Probability at which it has probably ended, 0.3 to 0.8.
        end: Probability at which it has ended, 0.05 to 0.5.
        end_timeout: Seconds of silence after which it ends in any case.
    """

    start: float | None = None
    eager_end: float | None = None
    end: float | None = None
    end_timeout: float | None = None

    def updated(self, fields: JSONFields, prefix: str = "") -> TurnThresholds:
        """Apply the fields of a query or a `config` message, valid by its schema.

        Args:
            fields: The fields: `start_threshold`, `eager_end_threshold`, `end_threshold`,
                `end_timeout_ms`.
            prefix: Prefix of their names.

        Returns:
            The thresholds; absent fields keep their value.

        Raises:
            HTTPError: `start > eager_end > end` does not hold (400).
        """
        timeout = fields.number(f"{prefix}end_timeout_ms")
        named = {
            "start": fields.number(f"{prefix}start_threshold"),
            "eager_end": fields.number(f"{prefix}eager_end_threshold"),
            "end": fields.number(f"{prefix}end_threshold"),
            "end_timeout": None if timeout is None else timeout / 1000,
        }
        updated = replace(self, **{name: each for name, each in named.items() if each is not None})
        order = (updated.start, updated.eager_end, updated.end)
        given = [each for each in order if each is not None]
        if given != sorted(set(given), reverse=True):
            raise HTTPError(
                400,
                "Invalid thresholds",
                f"{prefix}start_threshold > {prefix}eager_end_threshold > {prefix}end_threshold "
                f"must hold: they are {', '.join(map(str, given))}",
            )
        return updated

    def resolved(self) -> ResolvedThresholds:
        """Fill in the defaults, which keep the order of the thresholds."""
        eager_end = self.eager_end
        default_eager_end = 0.6 if eager_end is None else eager_end
        start = max(0.8, (1 + default_eager_end) / 2) if self.start is None else self.start
        end = min(0.3, default_eager_end / 2) if self.end is None else self.end
        if eager_end is None:
            eager_end = default_eager_end if end < default_eager_end < start else (start + end) / 2
        return ResolvedThresholds(
            start, eager_end, end, 5.6 if self.end_timeout is None else self.end_timeout
        )


@dataclass(frozen=True)
class ResolvedThresholds:
    """The thresholds with defaults filled in."""

    start: float
    eager_end: float
    end: float
    end_timeout: float
