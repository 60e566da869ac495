"""Hearing a stream: what the mock said is known again while it comes in, at little cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cartesia_mock.speech.audio import Resampler
from cartesia_mock.speech.utterance import Samples

from .fingerprint import RATE, first_sound
from .hearing import Heard, Hearing, write_down
from .match import match_waves
from .memory import Recalled

_ENOUGH = 2 * RATE // 5
_MOST_MISSES = 8
_SLACK = 0.1


class Listener:
    """Hears a stream: the words grow as the audio comes in.

    A sound that was found in the memory is followed from there on, which costs next to nothing;
    the memory is only searched again where it ends or becomes another.

    Args:
        hearing: The ears.
        rate: Sample rate of what is fed (Hz).
        language: Language code.
    """

    def __init__(self, hearing: Hearing, rate: int, language: str = "en") -> None:
        self._hearing = hearing
        self._rate = rate
        self._language = language
        self._wave: Samples = np.zeros(0, dtype=np.float32)
        self._pieces: list[Samples] = []
        self._parts: list[Recalled] = []
        self.clear()

    @property
    def seconds(self) -> float:
        """How much was fed since the last end."""
        return self._fed / self._rate

    def feed(self, samples: Samples) -> None:
        """Take the next samples."""
        self._fed += len(samples)
        self._pieces.append(samples)
        self._wave = np.concatenate([self._wave, self._resampler.feed(samples)])

    def interim(self) -> Heard:
        """Write down what is known so far; audio of others has no words before the end."""
        if self._is_open:
            self._follow()
        if not self._is_open:
            self._search()
        return write_down(self._parts, self.seconds, self._language)

    def finish(self) -> Heard:
        """Write down everything since the last end, and begin anew."""
        samples = np.concatenate(self._pieces) if self._pieces else np.zeros(0, dtype=np.float32)
        self.clear()
        return self._hearing.transcribe(samples, self._rate, self._language)

    def clear(self) -> None:
        """Forget what was fed, and begin anew."""
        self._fed = 0
        self._resampler = Resampler(self._rate, RATE)
        self._wave = self._wave[:0]
        self._pieces = []
        self._parts = []
        self._is_open = False  # Whether the last of them is still going on.
        self._searched = 0
        self._misses = 0

    def _follow(self) -> None:
        """See how much longer the last part is now."""
        part = self._parts[-1]
        known = part.remembered.fingerprint
        match = match_waves(self._wave, _frames(part.at), known.wave, _frames(part.start))
        if match is not None:
            part = replace(part, seconds=(match.at + match.length) / RATE - part.at)
            self._parts[-1] = part
        self._is_open = self._is_at_end(part)
        if not self._is_open and part.start + part.seconds < known.seconds - _SLACK:
            # It became another before its end: with more of it heard, another may fit better.
            self._parts.pop()
            self._recall(_frames(part.at), [part])

    def _search(self) -> None:
        """Look for the next part, now and then."""
        behind = self._parts[-1].at + self._parts[-1].seconds if self._parts else 0.0
        begin = first_sound(self._wave, _frames(behind))
        heard = len(self._wave)
        if begin is None or heard - max(begin, self._searched) < _ENOUGH:
            return
        if self._misses < _MOST_MISSES:
            self._misses = 0 if self._recall(begin, []) else self._misses + 1

    def _recall(self, begin: int, otherwise: list[Recalled]) -> bool:
        self._searched = len(self._wave)
        found = self._hearing.memory.recall(self._wave[begin:], RATE)
        parts = [replace(part, at=part.at + begin / RATE) for part in found] or otherwise
        self._parts += parts
        self._is_open = bool(parts) and self._is_at_end(parts[-1])
        return bool(parts)

    def _is_at_end(self, part: Recalled) -> bool:
        return len(self._wave) / RATE - part.at - part.seconds < _SLACK


def _frames(seconds: float) -> int:
    return round(seconds * RATE)
