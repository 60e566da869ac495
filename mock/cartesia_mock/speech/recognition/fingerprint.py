"""Acoustic fingerprints, robust to codecs and sample rates: the telephone band at 8 kHz."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartesia_mock.speech.audio import resample
from cartesia_mock.speech.utterance import Samples

RATE = 8000
"""Sample rate of fingerprints in Hz."""
HOP = 80
"""Samples between the starts of frames (10 ms)."""
BANDS = 16

_WINDOW = 256
_DELTA = 2
_LOWEST, _HIGHEST = 150.0, 3400.0
_FLOOR = 1e-4
_SILENCE = 0.01

Frames = NDArray[np.float32]


@dataclass(frozen=True)
class Fingerprint:
    """The fingerprint of a sound.

    Attributes:
        wave: The samples at `RATE`.
        frames: Change of the level in each band, one row every `HOP` samples.
    """

    wave: Samples
    frames: Frames

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.wave) / RATE


def make_fingerprint(samples: Samples, rate: int) -> Fingerprint:
    """Compute the fingerprint of samples at `rate` Hz."""
    wave = resample(samples, rate, RATE)
    return Fingerprint(wave, _changes(wave))


def first_sound(wave: Samples, at: int = 0) -> int | None:
    """Find the first sample that is not silence.

    Args:
        wave: Samples at `RATE`.
        at: Position to start at.

    Returns:
        Its position; None when there is only silence.
    """
    if at >= len(wave):
        return None
    level = max(float(np.abs(wave).max()) * _SILENCE, 1e-3)
    loud = np.flatnonzero(np.abs(wave[at:]) > level)
    return at + int(loud[0]) if len(loud) else None


def _changes(wave: Samples) -> Frames:
    """Return the change over time of the log energy of bands: independent of volume and timbre."""
    count = len(wave) // HOP + 1
    padded = np.pad(wave, (_WINDOW // 2, _WINDOW // 2 + HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:count]
    spectrum = np.abs(np.fft.rfft(windows * _HANN, axis=1)) ** 2
    bands = spectrum.astype(np.float32) @ _MEL
    loudest = float(bands.max()) if bands.size else 0.0
    logs = np.log(bands + max(loudest * _FLOOR, 1e-9))
    edged = np.pad(logs, ((_DELTA, _DELTA), (0, 0)), mode="edge")
    changes: Frames = (edged[2 * _DELTA :] - edged[: -2 * _DELTA]).astype(np.float32)
    return changes


def _mel_bands() -> Frames:
    """Return triangular filters, evenly spaced on the mel scale."""
    lowest, highest = (2595 * math.log10(1 + edge / 700) for edge in (_LOWEST, _HIGHEST))
    mel = np.linspace(lowest, highest, BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    bins = np.fft.rfftfreq(_WINDOW, 1 / RATE)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    bands: Frames = np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)
    return bands


_HANN = np.hanning(_WINDOW).astype(np.float32)
_MEL = _mel_bands()
