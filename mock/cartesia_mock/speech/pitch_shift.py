"""Pitch shifting that keeps the timing, for speech whose words are not known."""

from __future__ import annotations

import numpy as np

from cartesia_mock.speech.utterance import Samples
from cartesia_mock.speech.voice_analysis import measure_pitch

_WINDOW = 0.04
_SEARCH = 0.008
_MAX_FACTOR = 1.8


def change_pitch(samples: Samples, rate: int, pitch: float) -> Samples:
    """Shift speech to another pitch.

    Args:
        samples: The sound.
        rate: Its sample rate (Hz).
        pitch: The target pitch (Hz); a sound without a pitch is shifted up by a fifth.

    Returns:
        A sound of the same length.
    """
    before = measure_pitch(samples, rate)
    factor = pitch / before if before else 1.5
    factor = min(max(factor, 1 / _MAX_FACTOR), _MAX_FACTOR)
    # Faster playback raises the pitch and shortens the sound, so it is stretched before.
    stretched = _stretch(samples, factor, rate)
    positions = np.linspace(0, max(len(stretched) - 1, 0), len(samples))
    return np.interp(positions, np.arange(len(stretched)), stretched).astype(np.float32)


def _stretch(samples: Samples, factor: float, rate: int) -> Samples:
    """Stretch a sound at the same pitch by overlap-add of similar segments (WSOLA)."""
    window = round(_WINDOW * rate)
    hop = window // 2
    search = round(_SEARCH * rate)
    fade = np.hanning(2 * hop + 1)[: 2 * hop].astype(np.float32)
    count = max(round(len(samples) * factor) // hop, 1)
    padded = np.pad(samples, (search, 2 * window + search))
    out = np.zeros((count + 2) * hop, dtype=np.float32)
    natural = padded[search : search + 2 * hop]  # The continuation of the segment before.
    for index in range(count):
        middle = min(round(index * hop / factor), len(samples)) + search
        region = padded[middle - search : middle + search + 2 * hop]
        similarity = np.correlate(region, natural, mode="valid")
        start = middle - search + int(similarity.argmax()) if len(similarity) else middle
        segment = padded[start : start + 2 * hop]
        out[index * hop : index * hop + len(segment)] += segment * fade[: len(segment)]
        natural = padded[start + hop : start + 3 * hop]
    return out[: round(len(samples) * factor)]
