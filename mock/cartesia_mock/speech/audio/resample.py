"""Resampling, as a stream or at once, with the same result."""

from __future__ import annotations

from collections.abc import Iterable

import av
import numpy as np

from cartesia_mock.speech.utterance import Samples

_EMPTY: Samples = np.zeros(0, dtype=np.float32)


class Resampler:
    """Resamples a stream without discontinuities between its parts.

    Args:
        source_rate: Rate of the input (Hz).
        target_rate: Rate of the output (Hz).
    """

    def __init__(self, source_rate: int, target_rate: int) -> None:
        self._source_rate = source_rate
        self._target_rate = target_rate
        self._fed = 0
        self._returned = 0
        self._filter = (
            None
            if source_rate == target_rate
            else av.AudioResampler(format="flt", layout="mono", rate=target_rate)
        )

    def feed(self, samples: Samples) -> Samples:
        """Resample the next samples; return those that are complete."""
        self._fed += len(samples)
        if self._filter is None or not len(samples):
            return samples
        piece = np.ascontiguousarray(samples, dtype=np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate = self._source_rate
        return self._take(self._filter.resample(frame))

    def finish(self) -> Samples:
        """Return the remaining samples; the total length is `resampled_length`."""
        if self._filter is None or not self._fed:
            return _EMPTY
        missing = resampled_length(self._fed, self._source_rate, self._target_rate) - self._returned
        rest = self._take(self._filter.resample(None))
        return np.pad(rest[:missing], (0, max(missing - len(rest), 0)))

    def _take(self, frames: Iterable[av.AudioFrame]) -> Samples:
        pieces = [frame.to_ndarray()[0].astype(np.float32, copy=False) for frame in frames]
        samples = np.concatenate(pieces) if pieces else _EMPTY
        self._returned += len(samples)
        return samples


def resample(samples: Samples, source_rate: int, target_rate: int) -> Samples:
    """Resample complete audio (rates in Hz)."""
    resampler = Resampler(source_rate, target_rate)
    return np.concatenate([resampler.feed(samples), resampler.finish()])


def resampled_length(count: int, source_rate: int, target_rate: int) -> int:
    """Return the length of `count` samples after resampling."""
    return -(-count * target_rate // source_rate)
