"""What a recording tells of its speaker: the traits of a voice that is cloned from it."""

from __future__ import annotations

import numpy as np

from .audio import resample
from .utterance import Gender, Samples, VoiceTraits

_RATE = 8000
_FRAME = 400  # 50 ms
_LAGS = (_RATE // 400, _RATE // 60)  # 60 to 400 Hz
_VOICED = 0.5
_MOST_SECONDS = 30
# Up to which pitch (Hz) a voice sounds so, and the pitches of the engine's own such voices.
_RANGES: tuple[tuple[Gender, float, float, float], ...] = (
    ("masculine", 155.0, 78.0, 116.0),
    ("gender_neutral", 175.0, 140.0, 180.0),
    ("feminine", float("inf"), 186.0, 276.0),
)
_BRIGHTNESS = (400.0, 600.0, 800.0, 1000.0)


def take_likeness(samples: Samples, rate: int) -> VoiceTraits:
    """Give the traits of the voice in a recording.

    Args:
        samples: The recording.
        rate: Its sample rate (Hz).

    Returns:
        Traits from its pitch and its timbre; the same recording always gives the same.
    """
    wave = resample(samples[: rate * _MOST_SECONDS], rate, _RATE)
    pitch = pitch_of(wave, _RATE)
    if pitch is None:
        return VoiceTraits(gender="gender_neutral", variant=_variant(wave))
    gender, _, low, high = next(each for each in _RANGES if pitch < each[1])
    place = (pitch - low) / (high - low)
    return VoiceTraits(gender, min(max(place, 0.0), 1.0), variant=_variant(wave))


def pitch_of(samples: Samples, rate: int) -> float | None:
    """Measure the usual pitch of a voice.

    Args:
        samples: The sound.
        rate: Its sample rate (Hz).

    Returns:
        The median over the voiced parts (Hz); None when nothing is voiced.
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
    alike = np.fft.irfft(power, axis=1)[:, : _LAGS[1] + 1]
    # The overlap shrinks as the lag grows: without this the shortest lag would always win.
    alike = alike / np.maximum(alike[:, :1], 1e-9) / (1 - np.arange(_LAGS[1] + 1) / _FRAME)
    window = alike[:, _LAGS[0] :]
    best = window.max(axis=1, keepdims=True)
    first = np.argmax(window >= 0.9 * best, axis=1)  # Not a multiple of the period.
    pitches = _RATE / (first + _LAGS[0])
    voiced = pitches[best[:, 0] > _VOICED]
    return float(np.median(voiced)) if len(voiced) else None


def _variant(wave: Samples) -> int:
    """Choose the timbre by where the middle of the spectrum lies."""
    power = np.abs(np.fft.rfft(wave)) ** 2
    total = float(power.sum())
    if not total:
        return 1
    centre = float((np.fft.rfftfreq(len(wave), 1 / _RATE) * power).sum()) / total
    return 1 + int(np.searchsorted(_BRIGHTNESS, centre))
