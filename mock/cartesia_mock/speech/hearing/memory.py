"""The memory of what was spoken, which knows its own sound again in any encoding."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cartesia_mock.speech.utterance import Samples, Timed

from .fingerprint import BANDS, HOP, RATE, Fingerprint, Frames, first_sound, take_fingerprint
from .match import Match, match_waves

_PROBES = (50, 25)
_ALIKE = 0.6
_CANDIDATES = 8
_MOST_MISSES = 6
_GRAIN = RATE // 10
_MOST_UNKNOWN = 0.5
_STEP = RATE // 2
_SHORTEST = RATE // 5


@dataclass(frozen=True)
class Remembered:
    """One sound that was spoken.

    Attributes:
        transcript: What was said.
        words: When each word of it was said.
        fingerprint: The sound.
    """

    transcript: str
    words: tuple[Timed, ...]
    fingerprint: Fingerprint


@dataclass(frozen=True)
class Recalled:
    """A part of some audio that is known.

    Attributes:
        remembered: What it is a part of.
        at: Where in the audio it begins, in seconds.
        start: Where in the remembered sound that is, in seconds.
        seconds: How long the two are the same.
    """

    remembered: Remembered
    at: float
    start: float
    seconds: float


class Memory:
    """Remembers the latest sounds, up to a length in all; it may be used from several threads.

    Args:
        seconds: How much sound is kept; the oldest is forgotten first.
    """

    def __init__(self, *, seconds: float = 1200.0) -> None:
        self._most = seconds
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, Remembered] = OrderedDict()
        self._seconds = 0.0
        self._index: _Index | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def remember(
        self, samples: Samples, rate: int, transcript: str, words: Sequence[Timed] = ()
    ) -> None:
        """Keep a sound that was spoken.

        Args:
            samples: The sound.
            rate: Its sample rate (Hz).
            transcript: What was said.
            words: When each word was said, in order.
        """
        fingerprint = take_fingerprint(samples, rate)
        if first_sound(fingerprint.wave) is None:
            return
        key = hashlib.sha256(fingerprint.wave.tobytes() + transcript.encode()).hexdigest()
        with self._lock:
            known = self._entries.pop(key, None)
            if known is not None:
                self._entries[key] = known
                return
            self._entries[key] = Remembered(transcript, tuple(words), fingerprint)
            self._seconds += fingerprint.seconds
            while self._seconds > self._most and len(self._entries) > 1:
                _, oldest = self._entries.popitem(last=False)
                self._seconds -= oldest.fingerprint.seconds
            self._index = None

    def recall(self, samples: Samples, rate: int) -> list[Recalled]:
        """Find what of some audio was spoken here.

        Args:
            samples: The audio: a remembered sound, a piece of one, or several after each other.
            rate: Its sample rate (Hz).

        Returns:
            The known parts, in order; empty when less than two thirds of the sound is known.
        """
        with self._lock:
            if self._index is None and self._entries:
                self._index = _Index(list(self._entries.values()))
            index = self._index
        if index is None:
            return []
        return _recall(take_fingerprint(samples, rate), index)


class _Index:
    """All remembered frames in one table, so that one product compares with them all."""

    def __init__(self, entries: list[Remembered]) -> None:
        self.entries = entries
        # Silence before each, so that a probe may begin a little before the sound or outlast it.
        gap = np.zeros((max(_PROBES), BANDS), dtype=np.float32)
        pieces: list[Frames] = []
        lengths: list[int] = []
        for entry in entries:
            pieces += [gap, entry.fingerprint.frames]
            lengths.append(len(entry.fingerprint.frames) + len(gap))
        table: Frames = np.concatenate([*pieces, gap])
        self._frames: Frames = np.ascontiguousarray(table.T)
        self._starts = np.cumsum([0, *lengths[:-1]])
        energy = np.square(table).sum(axis=1, dtype=np.float64)
        self._energy = np.concatenate([[0.0], np.cumsum(energy)])

    def places(self, probe: Frames) -> Iterator[tuple[Remembered, int]]:
        """Give the places that sound most like the probe: the entry and the frame in it."""
        scores = self._scores(probe)
        for _ in range(_CANDIDATES * 8):
            best = int(scores.argmax())
            if scores[best] < _ALIKE:
                return
            number = int(np.searchsorted(self._starts, best, side="right")) - 1
            yield self.entries[number], best - int(self._starts[number]) - max(_PROBES)
            scores[max(best - 3, 0) : best + 4] = -1.0

    def _scores(self, probe: Frames) -> Frames:
        width = len(probe)
        products = probe @ self._frames
        count = self._frames.shape[1] - width + 1
        sums = np.zeros(count, dtype=np.float32)
        for offset in range(width):
            sums += products[offset, offset : offset + count]
        energy = self._energy[width:] - self._energy[:-width]
        scale = np.sqrt(np.maximum(energy, 1e-6) * max(float(np.square(probe).sum()), 1e-6))
        scores: Frames = (sums / scale).astype(np.float32)
        return scores


def _recall(heard: Fingerprint, index: _Index) -> list[Recalled]:
    parts: list[Recalled] = []
    known = unknown = misses = 0
    at = first_sound(heard.wave)
    while at is not None and len(heard.wave) - at >= _SHORTEST and misses < _MOST_MISSES:
        best = _best_match(heard, at, index)
        if best is None:
            misses += 1
            unknown += _STEP
            at = first_sound(heard.wave, at + _STEP)
            continue
        misses = 0
        entry, match = best
        known += match.length
        parts.append(Recalled(entry, match.at / RATE, match.start / RATE, match.length / RATE))
        at = first_sound(heard.wave, match.at + match.length)
    if at is not None:
        unknown += len(heard.wave) - at
    # Words that happen to be known do not tell what the rest says.
    return parts if unknown < known * _MOST_UNKNOWN else []


def _rank(entry: Remembered, match: Match) -> tuple[int, int]:
    """Prefer what is longer the same, and then that which is heard more wholly."""
    return int(match.length * match.likeness) // _GRAIN, match.length - len(entry.fingerprint.wave)


def _best_match(heard: Fingerprint, at: int, index: _Index) -> tuple[Remembered, Match] | None:
    best: tuple[Remembered, Match] | None = None
    frame = -(-at // HOP)
    for width in _PROBES:
        probe = heard.frames[frame : frame + width]
        if len(probe) < min(_PROBES) // 2:
            continue
        for entry, place in index.places(probe):
            start = place * HOP - (frame * HOP - at)
            match = match_waves(heard.wave, at, entry.fingerprint.wave, start)
            if match is not None and (best is None or _rank(entry, match) > _rank(*best)):
                best = entry, match
        if best is not None:
            return best
    return None
