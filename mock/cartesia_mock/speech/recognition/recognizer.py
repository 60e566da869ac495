"""Recognition of unknown English speech with pocketsphinx, if it is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from cartesia_mock.speech.audio import pack, resample
from cartesia_mock.speech.tokenization import primary_subtag
from cartesia_mock.speech.utterance import Samples, TimedText

_PROCESS = str(Path(__file__).with_name("pocketsphinx_process.py"))
_RATE = 16000
_FRAME = 0.01
_PAUSE = 0.3
_NOISE = 0.005


class PocketsphinxRecognizer:
    """Recognizes English with the model of the pocketsphinx package."""

    @staticmethod
    def is_installed() -> bool:
        """Return whether pocketsphinx is installed (extra `speech`)."""
        return find_spec("pocketsphinx") is not None

    @staticmethod
    def supports(language: str) -> bool:
        """Return whether there is a model for the language."""
        return primary_subtag(language) == "en"

    def recognize(self, samples: Samples, rate: int) -> list[TimedText]:
        """Recognize speech.

        Args:
            samples: The audio.
            rate: Its sample rate (Hz).

        Returns:
            The words with their timestamps; empty when no word is recognized.
        """
        data = pack(_with_background_noise(resample(samples, rate, _RATE)), "pcm_s16le")
        duration = len(samples) / rate
        process = subprocess.run(  # noqa: S603 - our own file, run by this Python
            [sys.executable, _PROCESS, str(_RATE)], input=data, stdout=subprocess.PIPE, check=True
        )
        segments: list[tuple[str, int, int]] = json.loads(process.stdout)
        return [
            TimedText(
                word.split("(")[0],
                min(max(start * _FRAME - _PAUSE, 0.0), duration),
                min(max((end + 1) * _FRAME - _PAUSE, 0.0), duration),
            )
            for word, start, end in segments
            if word[0] not in "<["
        ]


def _with_background_noise(samples: Samples) -> Samples:
    """Add faint noise and pauses at both ends: the model was not trained on digital silence."""
    padded = np.pad(samples, round(_PAUSE * _RATE))
    loudest = float(np.abs(padded).max(initial=0.0))
    noise = np.random.default_rng(0).standard_normal(len(padded), dtype=np.float32)
    noisy: Samples = (padded + noise * (loudest * _NOISE)).astype(np.float32)
    return noisy


def spread(text: str, start: float, end: float) -> list[TimedText]:
    """Spread the words of a text over a time range, by their length."""
    words = text.split()
    edges = np.cumsum([0, *(len(word) + 1 for word in words)])
    scale = (end - start) / max(int(edges[-1]), 1)
    return [
        TimedText(
            word, start + float(edges[index]) * scale, start + float(edges[index + 1]) * scale
        )
        for index, word in enumerate(words)
    ]
