"""Binary frames as samples, in even steps and with their loudness."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cartesia_mock.speech import Samples
from cartesia_mock.speech.audio import SAMPLE_BYTES, PCMEncoding, unpack

STEP_SECONDS = 0.1
"""How much audio is looked at together, however it was cut into frames."""
FRAME_SECONDS = 0.02
"""How much audio is either speech or silence."""


class AudioReader:
    """Reads samples from frames that may end anywhere, even within a sample.

    Args:
        encoding: How samples are written.
        rate: Sample rate (Hz).
    """

    def __init__(self, encoding: PCMEncoding, rate: int) -> None:
        self._encoding: PCMEncoding = encoding
        self._step = max(round(rate * STEP_SECONDS), 1)
        self._rest = b""
        self._waiting = np.zeros(0, dtype=np.float32)

    def read(self, data: bytes) -> Iterator[Samples]:
        """Take a frame and give the whole steps that are there."""
        data = self._rest + data
        whole = len(data) - len(data) % SAMPLE_BYTES[self._encoding]
        self._rest = data[whole:]
        self._waiting = np.concatenate([self._waiting, unpack(data[:whole], self._encoding)])
        while len(self._waiting) >= self._step:
            step, self._waiting = self._waiting[: self._step], self._waiting[self._step :]
            yield step

    def finish(self) -> Samples:
        """Give what is left of a step."""
        rest, self._waiting = self._waiting, self._waiting[:0]
        return rest


def loudness(samples: Samples, rate: int) -> Iterator[tuple[float, float]]:
    """Measure sound frame by frame.

    Args:
        samples: The sound.
        rate: Its sample rate (Hz).

    Yields:
        The seconds of each frame, and its loudness (root mean square, 0 to 1).
    """
    size = max(round(rate * FRAME_SECONDS), 1)
    for at in range(0, len(samples), size):
        frame = samples[at : at + size]
        yield len(frame) / rate, float(np.sqrt(np.square(frame, dtype=np.float64).mean()))
