"""Recognising speech of others with pocketsphinx, where it is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from cartesia_mock.speech.audio import pack, resample
from cartesia_mock.speech.utterance import Samples, Timed
from cartesia_mock.speech.words import primary

_PROCESS = str(Path(__file__).with_name("pocketsphinx_process.py"))
_RATE = 16000
_FRAME = 0.01
_PAUSE = 0.3
_NOISE = 0.005


class Recogniser:
    """Recognises English with the model that comes with pocketsphinx."""

    @staticmethod
    def is_installed() -> bool:
        """Say whether the extra `speech` brought pocketsphinx."""
        return find_spec("pocketsphinx") is not None

    @staticmethod
    def knows(language: str) -> bool:
        """Say whether there is a model for the language."""
        return primary(language) == "en"

    def recognise(self, samples: Samples, rate: int) -> list[Timed]:
        """Write down what is said.

        Args:
            samples: The audio.
            rate: Its sample rate (Hz).

        Returns:
            The words, with times; empty when no word is heard.
        """
        data = pack(_in_a_room(resample(samples, rate, _RATE)), "pcm_s16le")
        duration = len(samples) / rate
        listening = subprocess.run(  # noqa: S603 - our own file, run by this Python
            [sys.executable, _PROCESS, str(_RATE)], input=data, stdout=subprocess.PIPE, check=True
        )
        segments: list[tuple[str, int, int]] = json.loads(listening.stdout)
        return [
            Timed(
                word.split("(")[0],
                min(max(start * _FRAME - _PAUSE, 0.0), duration),
                min(max((end + 1) * _FRAME - _PAUSE, 0.0), duration),
            )
            for word, start, end in segments
            if word[0] not in "<["
        ]


def _in_a_room(samples: Samples) -> Samples:
    """Add faint noise and a moment before and after: the model never heard digital silence."""
    padded = np.pad(samples, round(_PAUSE * _RATE))
    loudest = float(np.abs(padded).max(initial=0.0))
    noise = np.random.default_rng(0).standard_normal(len(padded), dtype=np.float32)
    heard: Samples = (padded + noise * (loudest * _NOISE)).astype(np.float32)
    return heard


def spread(text: str, start: float, end: float) -> list[Timed]:
    """Give each word of a text a share of the time, by its length."""
    words = text.split()
    edges = np.cumsum([0, *(len(word) + 1 for word in words)])
    scale = (end - start) / max(int(edges[-1]), 1)
    return [
        Timed(word, start + float(edges[index]) * scale, start + float(edges[index + 1]) * scale)
        for index, word in enumerate(words)
    ]
