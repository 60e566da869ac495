"""The index of all synthesized audio, which finds that audio again in any encoding."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cartesia_mock.speech.recognition.fingerprint import (
    BANDS,
    HOP,
    RATE,
    Fingerprint,
    Frames,
    first_sound,
    make_fingerprint,
)
from cartesia_mock.speech.recognition.waveform_matching import Match, match_waves
from cartesia_mock.speech.utterance import Samples, TimedText

_PROBES = (50, 25)
_MIN_SIMILARITY = 0.6
_CANDIDATES = 8
_MAX_MISSES = 6
_MIN_MATCH = RATE // 10
_MAX_UNKNOWN = 0.5
_STEP = RATE // 2
_MIN_AUDIO = RATE // 5


@dataclass(frozen=True)
class IndexedSpeech:
    """One synthesized sound.

    Attributes:
        transcript: Its text.
        words: Its words with their timestamps.
        fingerprint: Its fingerprint.
    """

    transcript: str
    words: tuple[TimedText, ...]
    fingerprint: Fingerprint


@dataclass(frozen=True)
class MatchedSegment:
    """A segment of some audio that matches an indexed sound.

    Attributes:
        source: The indexed sound.
        at: Start of the segment in the audio, in seconds.
        start: The same position in the indexed sound, in seconds.
        seconds: Length of the segment.
    """

    source: IndexedSpeech
    at: float
    start: float
    seconds: float


class FingerprintIndex:
    """Indexes the latest sounds, up to a total length; may be used from several threads.

    Args:
        seconds: The total length; the oldest sounds are removed first.
    """

    def __init__(self, *, seconds: float = 1200.0) -> None:
        self._max_seconds = seconds
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, IndexedSpeech] = OrderedDict()
        self._seconds = 0.0
        self._table: _FrameTable | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def add(
        self, samples: Samples, rate: int, transcript: str, words: Sequence[TimedText] = ()
    ) -> None:
        """Add a sound.

        Args:
            samples: The sound.
            rate: Its sample rate (Hz).
            transcript: Its text.
            words: Its words with their timestamps, in order.
        """
        key = hashlib.sha256(samples.tobytes() + f"{rate} {transcript}".encode()).hexdigest()
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return
        fingerprint = make_fingerprint(samples, rate)
        if first_sound(fingerprint.wave) is None:
            return
        with self._lock:
            if key in self._entries:  # another thread was faster
                return
            self._entries[key] = IndexedSpeech(transcript, tuple(words), fingerprint)
            self._seconds += fingerprint.seconds
            while self._seconds > self._max_seconds and len(self._entries) > 1:
                _, oldest = self._entries.popitem(last=False)
                self._seconds -= oldest.fingerprint.seconds
            self._table = None

    def find(self, samples: Samples, rate: int) -> list[MatchedSegment]:
        """Find the segments of some audio that match indexed sounds.

        Args:
            samples: The audio: an indexed sound, a part of one, or several in sequence.
            rate: Its sample rate (Hz).

        Returns:
            The segments, in order; empty when less than two thirds of the audio matches.
        """
        with self._lock:
            if self._table is None and self._entries:
                self._table = _FrameTable(list(self._entries.values()))
            table = self._table
        if table is None:
            return []
        return _find_segments(make_fingerprint(samples, rate), table)


class _FrameTable:
    """The frames of all sounds in one table, so that one product compares with all of them."""

    def __init__(self, entries: list[IndexedSpeech]) -> None:
        self.entries = entries
        # Silence between them, so that a probe may extend beyond either end of a sound.
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

    def best_matches(self, probe: Frames) -> Iterator[tuple[IndexedSpeech, int]]:
        """Yield the best matches of a probe: the entry and the frame in it."""
        scores = self._scores(probe)
        for _ in range(_CANDIDATES * 8):
            best = int(scores.argmax())
            if scores[best] < _MIN_SIMILARITY:
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


def _find_segments(audio: Fingerprint, table: _FrameTable) -> list[MatchedSegment]:
    segments: list[MatchedSegment] = []
    known = unknown = misses = 0
    at = first_sound(audio.wave)
    while at is not None and len(audio.wave) - at >= _MIN_AUDIO and misses < _MAX_MISSES:
        best = _best_match(audio, at, table)
        if best is None:
            misses += 1
            unknown += _STEP
            at = first_sound(audio.wave, at + _STEP)
            continue
        misses = 0
        entry, match = best
        known += match.length
        segments.append(
            MatchedSegment(entry, match.at / RATE, match.start / RATE, match.length / RATE)
        )
        at = first_sound(audio.wave, match.at + match.length)
    if at is not None:
        unknown += len(audio.wave) - at
    # A few matching words do not determine the text of the rest.
    return segments if unknown < known * _MAX_UNKNOWN else []


def _rank(entry: IndexedSpeech, match: Match) -> tuple[int, int]:
    """Rank by the length of the match, and then by how much of the sound it covers."""
    return int(match.length * match.similarity) // _MIN_MATCH, match.length - len(
        entry.fingerprint.wave
    )


def _best_match(
    audio: Fingerprint, at: int, table: _FrameTable
) -> tuple[IndexedSpeech, Match] | None:
    best: tuple[IndexedSpeech, Match] | None = None
    frame = -(-at // HOP)
    for width in _PROBES:
        probe = audio.frames[frame : frame + width]
        if len(probe) < min(_PROBES) // 2:
            continue
        for entry, position in table.best_matches(probe):
            start = position * HOP - (frame * HOP - at)
            match = match_waves(audio.wave, at, entry.fingerprint.wave, start)
            if match is None or match.length < _MIN_MATCH:
                continue  # The ends of sounds are similar for a moment.
            if best is None or _rank(entry, match) > _rank(*best):
                best = entry, match
        if best is not None:
            return best
    return None
