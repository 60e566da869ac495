"""Recognising speech of others with pocketsphinx, where it is installed."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

import numpy as np

from cartesia_mock.speech.audio import pack, resample
from cartesia_mock.speech.utterance import Samples, Timed
from cartesia_mock.speech.words import primary

_RATE = 16000
_FRAME = 0.01
_PAUSE = 0.3
_NOISE = 0.005


class _Segment(Protocol):
    word: str
    start_frame: int
    end_frame: int


class _Decoder(Protocol):
    """The part of pocketsphinx's decoder that is used here; the package has no types."""

    def start_utt(self) -> None: ...
    def process_raw(self, data: bytes, *, full_utt: bool) -> object: ...
    def end_utt(self) -> None: ...
    def seg(self) -> Iterable[_Segment] | None: ...


class Recogniser:
    """Recognises English with the model that comes with pocketsphinx; one audio at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._decoder: _Decoder | None = None

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
        with self._lock:
            if self._decoder is None:
                self._decoder = _load_decoder()
            decoder = self._decoder
            decoder.start_utt()
            decoder.process_raw(data, full_utt=True)
            decoder.end_utt()
            parts = decoder.seg() or ()
            segments = [(part.word, part.start_frame, part.end_frame) for part in parts]
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


def _load_decoder() -> _Decoder:
    module = import_module("pocketsphinx")
    # The decoder prints pages of its settings unless it is told not to.
    decoder: _Decoder = module.Decoder(samprate=_RATE, loglevel="FATAL")
    return decoder


def spread(text: str, start: float, end: float) -> list[Timed]:
    """Give each word of a text a share of the time, by its length."""
    words = text.split()
    edges = np.cumsum([0, *(len(word) + 1 for word in words)])
    scale = (end - start) / max(int(edges[-1]), 1)
    return [
        Timed(word, start + float(edges[index]) * scale, start + float(edges[index + 1]) * scale)
        for index, word in enumerate(words)
    ]
