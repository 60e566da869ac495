"""What stays the same of a sound through codecs and sample rates: its telephone band at 8 kHz."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartesia_mock.speech.audio import resample
from cartesia_mock.speech.utterance import Samples

RATE = 8000
"""Sample rate in Hz at which sounds are compared."""
HOP = 80
"""Samples from one frame to the next (10 ms)."""
BANDS = 16

_WINDOW = 256
_SPAN = 2
_LOWEST, _HIGHEST = 150.0, 3400.0
_FLOOR = 1e-4
_QUIET = 0.01

Frames = NDArray[np.float32]


@dataclass(frozen=True)
class Fingerprint:
    """A sound in the form in which sounds are compared.

    Attributes:
        wave: The samples at `RATE`.
        frames: How the loudness of each band changes, one row every `HOP` samples.
    """

    wave: Samples
    frames: Frames

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.wave) / RATE


def take_fingerprint(samples: Samples, rate: int) -> Fingerprint:
    """Bring a sound (at `rate` Hz) into the form in which sounds are compared."""
    wave = resample(samples, rate, RATE)
    return Fingerprint(wave, _changes(wave))


def first_sound(wave: Samples, at: int = 0) -> int | None:
    """Find where sound begins.

    Args:
        wave: Samples at `RATE`.
        at: Where to start looking.

    Returns:
        The first position from `at` on that is not silence; None when there is none.
    """
    if at >= len(wave):
        return None
    level = max(float(np.abs(wave).max()) * _QUIET, 1e-3)
    loud = np.flatnonzero(np.abs(wave[at:]) > level)
    return at + int(loud[0]) if len(loud) else None


def _changes(wave: Samples) -> Frames:
    """Take the change in time of each band's logarithm: free of volume and of timbre."""
    count = len(wave) // HOP + 1
    padded = np.pad(wave, (_WINDOW // 2, _WINDOW // 2 + HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:count]
    spectrum = np.abs(np.fft.rfft(windows * _HANN, axis=1)) ** 2
    bands = spectrum.astype(np.float32) @ _MEL
    loudest = float(bands.max()) if bands.size else 0.0
    logs = np.log(bands + max(loudest * _FLOOR, 1e-9))
    edged = np.pad(logs, ((_SPAN, _SPAN), (0, 0)), mode="edge")
    changes: Frames = (edged[2 * _SPAN :] - edged[: -2 * _SPAN]).astype(np.float32)
    return changes


def _mel_bands() -> Frames:
    """Triangles that overlap by half, evenly spread over the mel scale."""
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
