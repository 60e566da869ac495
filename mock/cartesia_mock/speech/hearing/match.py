"""Comparing two waves: whether they are the same sound from here on, and until where."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartesia_mock.speech.utterance import Samples

from .fingerprint import RATE

_SLACK = RATE // 50
_LOOK = RATE // 2
_BLOCK = RATE // 20
_BLOCKS = 4
_SAME = 0.7
_STILL_SAME = 0.4
_SILENT = 1e-3


@dataclass(frozen=True)
class Match:
    """Two stretches that are the same sound.

    Attributes:
        at: Where it begins in what was heard (samples).
        start: Where it begins in what is remembered (samples).
        length: How long it holds (samples).
        likeness: How much the same, up to 1.
    """

    at: int
    start: int
    length: int
    likeness: float


def match_waves(heard: Samples, at: int, known: Samples, start: int) -> Match | None:
    """Compare two waves from about the same place on.

    Args:
        heard: What was heard, at `RATE`.
        at: Where to compare from.
        known: What is remembered, at `RATE`.
        start: Where that is in it, within 20 ms.

    Returns:
        The stretch that is the same, with the exact place; None when they differ there.
    """
    exact = _align(heard[at : at + _LOOK], known, start)
    if exact is None:
        return None
    if exact < 0:
        at, exact = at - exact, 0
    length = _same_length(heard[at:], known[exact:])
    if not length:
        return None
    likeness = _likeness(heard[at : at + length], known[exact : exact + length])
    return Match(at, exact, length, likeness)


def _align(probe: Samples, known: Samples, start: int) -> int | None:
    """Find the exact place of a probe near `start`; it may hang over the ends of the known."""
    low = start - _SLACK
    high = start + _SLACK + len(probe)
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
    # A probe may go on after the known sound has ended: only what overlaps can be compared.
    scores = products / np.sqrt(np.maximum(energy * total, 1e-12))
    best = int(scores.argmax())
    overlap = len(known) - (low + best)
    if overlap < len(probe) and overlap > 0:
        part = float(np.square(probe[:overlap], dtype=np.float64).sum())
        score = float(products[best]) / max(float(np.sqrt(energy[best] * part)), 1e-6)
    else:
        score = float(scores[best])
    return low + best if score >= _SAME else None


def _same_length(heard: Samples, known: Samples) -> int:
    """Say how far two waves that begin together stay the same."""
    both = min(len(heard), len(known))
    blocks = -(-both // _BLOCK)
    room = blocks * _BLOCK
    first = np.pad(heard[:both], (0, room - both)).astype(np.float64).reshape(blocks, _BLOCK)
    second = np.pad(known[:both], (0, room - both)).astype(np.float64).reshape(blocks, _BLOCK)
    product, power, other = (
        _smooth((one * two).sum(axis=1))
        for one, two in ((first, second), (first, first), (second, second))
    )
    silence = float(other.max(initial=0.0)) * _SILENT
    same = (product >= _STILL_SAME * np.sqrt(power * other)) | (np.maximum(power, other) < silence)
    differing = np.flatnonzero(~same)
    return both if not len(differing) else int(differing[0]) * _BLOCK


def _likeness(first: Samples, second: Samples) -> float:
    product = float(first @ second)
    power = float(first @ first) * float(second @ second)
    return product / math.sqrt(max(power, 1e-12))


def _smooth(energies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum each block with those that follow it, so that a quiet one alone decides nothing."""
    return np.convolve(np.pad(energies, (0, _BLOCKS - 1)), np.ones(_BLOCKS), mode="valid")
