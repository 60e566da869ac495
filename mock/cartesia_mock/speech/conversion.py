"""A sound at another pitch and with the same timing, for speech whose words are not known."""

from __future__ import annotations

import numpy as np

from .likeness import pitch_of
from .utterance import Samples

_WINDOW = 0.04
_SEARCH = 0.008
_MOST = 1.8


def change_pitch(samples: Samples, rate: int, pitch: float) -> Samples:
    """Bring a voice to another pitch.

    Args:
        samples: The sound.
        rate: Its sample rate (Hz).
        pitch: The pitch that it is to have (Hz); a sound without one rises by a fifth.

    Returns:
        A sound of the same length.
    """
    before = pitch_of(samples, rate)
    factor = pitch / before if before else 1.5
    factor = min(max(factor, 1 / _MOST), _MOST)
    # Read faster it is higher, and shorter: stretched first, it keeps its length.
    long = _stretch(samples, factor, rate)
    places = np.linspace(0, max(len(long) - 1, 0), len(samples))
    return np.interp(places, np.arange(len(long)), long).astype(np.float32)


def _stretch(samples: Samples, factor: float, rate: int) -> Samples:
    """Make a sound longer at the same pitch: pieces overlap where they are most alike."""
    window = round(_WINDOW * rate)
    hop = window // 2
    search = round(_SEARCH * rate)
    fade = np.hanning(2 * hop + 1)[: 2 * hop].astype(np.float32)
    count = max(round(len(samples) * factor) // hop, 1)
    padded = np.pad(samples, (search, 2 * window + search))
    out = np.zeros((count + 2) * hop, dtype=np.float32)
    natural = padded[search : search + 2 * hop]  # What would follow the piece before.
    for index in range(count):
        middle = min(round(index * hop / factor), len(samples)) + search
        region = padded[middle - search : middle + search + 2 * hop]
        alike = np.correlate(region, natural, mode="valid")
        start = middle - search + int(alike.argmax()) if len(alike) else middle
        piece = padded[start : start + 2 * hop]
        out[index * hop : index * hop + len(piece)] += piece * fade[: len(piece)]
        natural = padded[start + hop : start + 3 * hop]
    return out[: round(len(samples) * factor)]
