"""PCM from binary frames: samples in steps of equal length, and their loudness."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cartesia_mock.speech import Samples
from cartesia_mock.speech.audio import SAMPLE_BYTES, PCMEncoding, unpack

STEP_SECONDS = 0.1
"""Length of a step, independent of how the audio was split into frames."""
SILENCE_LEVEL = 0.005
"""Loudness (root mean square, 0 to 1) below which sound is silence."""
_WINDOW_SECONDS = 0.02


class PCMReader:
    """Reads samples from frames that may end within a sample.

    Args:
        encoding: Sample encoding.
        rate: Sample rate (Hz).
    """

    def __init__(self, encoding: PCMEncoding, rate: int) -> None:
        self._encoding: PCMEncoding = encoding
        self._step = max(round(rate * STEP_SECONDS), 1)
        self._incomplete = b""
        self._samples = np.zeros(0, dtype=np.float32)

    def read(self, data: bytes) -> Iterator[Samples]:
        """Add a frame, and yield the steps that are complete."""
        data = self._incomplete + data
        whole = len(data) - len(data) % SAMPLE_BYTES[self._encoding]
        self._incomplete = data[whole:]
        self._samples = np.concatenate([self._samples, unpack(data[:whole], self._encoding)])
        while len(self._samples) >= self._step:
            step, self._samples = self._samples[: self._step], self._samples[self._step :]
            yield step

    def finish(self) -> Samples:
        """Return the samples of the last, incomplete step."""
        rest, self._samples = self._samples, self._samples[:0]
        return rest


def loudness(samples: Samples, rate: int) -> Iterator[tuple[float, float]]:
    """Measure the loudness in windows of 20 ms.

    Args:
        samples: The sound.
        rate: Its sample rate (Hz).

    Yields:
        The length of each window in seconds, and its loudness (root mean square, 0 to 1).
    """
    size = max(round(rate * _WINDOW_SECONDS), 1)
    for at in range(0, len(samples), size):
        window = samples[at : at + size]
        yield len(window) / rate, float(np.sqrt(np.square(window, dtype=np.float64).mean()))
