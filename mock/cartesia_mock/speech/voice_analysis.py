"""Voice analysis: pitch and timbre of a recording, as the traits of a cloned voice."""

from __future__ import annotations

import numpy as np

from cartesia_mock.speech.audio import resample
from cartesia_mock.speech.utterance import Gender, Samples, VoiceTraits

_RATE = 8000
_FRAME = 400  # 50 ms
_LAGS = (_RATE // 400, _RATE // 60)  # 60 to 400 Hz
_VOICED = 0.5
_MAX_SECONDS = 30
# For each gender: the upper bound of its pitch, and the pitch range of the engine (Hz).
_RANGES: tuple[tuple[Gender, float, float, float], ...] = (
    ("masculine", 155.0, 78.0, 116.0),
    ("gender_neutral", 175.0, 140.0, 180.0),
    ("feminine", float("inf"), 186.0, 276.0),
)
_CENTROIDS = (400.0, 600.0, 800.0, 1000.0)


def analyze_voice(samples: Samples, rate: int) -> VoiceTraits:
    """Derive the traits of the voice in a recording.

    Args:
        samples: The recording.
        rate: Its sample rate (Hz).

    Returns:
        Traits from its pitch and its timbre, always the same for one recording.
    """
    wave = resample(samples[: rate * _MAX_SECONDS], rate, _RATE)
    pitch = measure_pitch(wave, _RATE)
    if pitch is None:
        return VoiceTraits(gender="gender_neutral", variant=_variant(wave))
    gender, _, low, high = next(each for each in _RANGES if pitch < each[1])
    position = (pitch - low) / (high - low)
    return VoiceTraits(gender, min(max(position, 0.0), 1.0), variant=_variant(wave))


def measure_pitch(samples: Samples, rate: int) -> float | None:
    """Measure the pitch of a voice.

    Args:
        samples: The sound.
        rate: Its sample rate (Hz).

    Returns:
        The median over the voiced frames (Hz); None without voiced frames.
    """
    wave = samples if rate == _RATE else resample(samples, rate, _RATE)
    count = len(wave) // _FRAME
    frames = wave[: count * _FRAME].reshape(count, _FRAME)
    energy = np.square(frames).sum(axis=1)
    loud = frames[energy > max(0.1 * float(energy.max(initial=0.0)), 1e-4)]
    if not len(loud):
        return None
    centred = loud - loud.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(centred, 2 * _FRAME, axis=1)) ** 2
    correlation = np.fft.irfft(power, axis=1)[:, : _LAGS[1] + 1]
    # Without the division by the overlap, the shortest lag would always win.
    overlap = 1 - np.arange(_LAGS[1] + 1) / _FRAME
    correlation = correlation / np.maximum(correlation[:, :1], 1e-9) / overlap
    window = correlation[:, _LAGS[0] :]
    best = window.max(axis=1, keepdims=True)
    # The first such lag is the period, not a multiple of it.
    first = np.argmax(window >= 0.9 * best, axis=1)
    pitches = _RATE / (first + _LAGS[0])
    voiced = pitches[best[:, 0] > _VOICED]
    return float(np.median(voiced)) if len(voiced) else None


def _variant(wave: Samples) -> int:
    """Choose the timbre by the spectral centroid."""
    power = np.abs(np.fft.rfft(wave)) ** 2
    total = float(power.sum())
    if not total:
        return 1
    centroid = float((np.fft.rfftfreq(len(wave), 1 / _RATE) * power).sum()) / total
    return 1 + int(np.searchsorted(_CENTROIDS, centroid))
