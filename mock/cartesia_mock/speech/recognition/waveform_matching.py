"""Comparing waveforms: whether and for how long two of them are the same sound."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartesia_mock.speech.recognition.fingerprint import RATE
from cartesia_mock.speech.utterance import Samples

_TOLERANCE = RATE // 50
_PROBE = RATE // 2
_BLOCK = RATE // 20
_BLOCKS = 4
_START_THRESHOLD = 0.7
_CONTINUE_THRESHOLD = 0.4
_SILENT = 1e-3


@dataclass(frozen=True)
class Match:
    """Two segments that are the same sound.

    Attributes:
        at: Start in the audio (samples).
        start: Start in the indexed sound (samples).
        length: Length (samples).
        similarity: Normalized correlation, up to 1.
    """

    at: int
    start: int
    length: int
    similarity: float


def match_waves(audio: Samples, at: int, known: Samples, start: int) -> Match | None:
    """Compare two waveforms from about the same position on.

    Args:
        audio: The audio, at `RATE`.
        at: Position in the audio to compare from.
        known: The indexed sound, at `RATE`.
        start: The same position in the indexed sound, within 20 ms.

    Returns:
        The matching segment with its exact position; None when they differ.
    """
    exact = _align(audio[at : at + _PROBE], known, start)
    if exact is None:
        return None
    if exact < 0:
        at, exact = at - exact, 0
    length = _same_length(audio[at:], known[exact:])
    if not length:
        return None
    similarity = _similarity(audio[at : at + length], known[exact : exact + length])
    return Match(at, exact, length, similarity)


def _align(probe: Samples, known: Samples, start: int) -> int | None:
    """Find the exact position of a probe near `start`; it may extend beyond the known sound."""
    low = start - _TOLERANCE
    high = start + _TOLERANCE + len(probe)
    before, after = max(-low, 0), max(high - len(known), 0)
    if before >= high - low or after >= high - low:
        return None
    window = np.pad(known[max(low, 0) : max(high, 0)], (before, after))
    if len(window) < len(probe) or not len(probe):
        return None
    products = np.correlate(window, probe, mode="valid")
    power = np.concatenate([[0.0], np.cumsum(np.square(window, dtype=np.float64))])
    energy = power[len(probe) :] - power[: len(power) - len(probe)]
    total = float(np.square(probe, dtype=np.float64).sum())
    # A probe may continue after the known sound has ended: only the overlap is compared.
    scores = products / np.sqrt(np.maximum(energy * total, 1e-12))
    best = int(scores.argmax())
    overlap = len(known) - (low + best)
    if overlap < len(probe) and overlap > 0:
        part = float(np.square(probe[:overlap], dtype=np.float64).sum())
        score = float(products[best]) / max(float(np.sqrt(energy[best] * part)), 1e-6)
    else:
        score = float(scores[best])
    return low + best if score >= _START_THRESHOLD else None


def _same_length(audio: Samples, known: Samples) -> int:
    """Return the length for which two aligned waveforms are the same."""
    both = min(len(audio), len(known))
    blocks = -(-both // _BLOCK)
    room = blocks * _BLOCK
    first = np.pad(audio[:both], (0, room - both)).astype(np.float64).reshape(blocks, _BLOCK)
    second = np.pad(known[:both], (0, room - both)).astype(np.float64).reshape(blocks, _BLOCK)
    product, power, other = (
        _smooth((one * two).sum(axis=1))
        for one, two in ((first, second), (first, first), (second, second))
    )
    silence = float(other.max(initial=0.0)) * _SILENT
    same = (product >= _CONTINUE_THRESHOLD * np.sqrt(power * other)) | (
        np.maximum(power, other) < silence
    )
    differing = np.flatnonzero(~same)
    return both if not len(differing) else int(differing[0]) * _BLOCK


def _similarity(first: Samples, second: Samples) -> float:
    product = float(first @ second)
    power = float(first @ first) * float(second @ second)
    return product / math.sqrt(max(power, 1e-12))


def _smooth(energies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum each block with the blocks after it, so that one quiet block is not decisive."""
    return np.convolve(np.pad(energies, (0, _BLOCKS - 1)), np.ones(_BLOCKS), mode="valid")
