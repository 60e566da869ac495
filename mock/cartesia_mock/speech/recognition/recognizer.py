"""Recognition of unknown English speech with pocketsphinx, if it is installed."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from cartesia_mock.speech.audio import pack, resample
from cartesia_mock.speech.tokenization import primary_subtag
from cartesia_mock.speech.utterance import Samples, TimedText

_log = logging.getLogger("cartesia_mock")
_PROCESS = str(Path(__file__).with_name("pocketsphinx_process.py"))
_RATE = 16000
_FRAME = 0.01
_PAUSE = 0.3
_NOISE = 0.005
_MAX_SECONDS = 60.0
"""Time after which a recognition is given up."""
_MAX_REMEMBERED = 100
"""Number of recognitions whose results are kept: clients under test send the same audio often."""

_Segments = list[tuple[str, int, int]]
"""Words, each with its first and last frame."""


class PocketsphinxRecognizer:
    """Recognizes English with the model of the pocketsphinx package; each text in a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._remembered: dict[bytes, _Segments] = {}
        self._is_stopped = False

    @staticmethod
    def is_installed() -> bool:
        """Return whether pocketsphinx is installed (extra `ears`)."""
        return find_spec("pocketsphinx") is not None

    @staticmethod
    def supports(language: str) -> bool:
        """Return whether there is a model for the language."""
        return primary_subtag(language) == "en"

    def recognize(self, samples: Samples, rate: int) -> list[TimedText] | None:
        """Recognize speech.

        Args:
            samples: The audio.
            rate: Its sample rate (Hz).

        Returns:
            The words with their timestamps; empty when no word is recognized, None when the
            recognition was given up.
        """
        data = pack(_with_background_noise(resample(samples, rate, _RATE)), "pcm_s16le")
        duration = len(samples) / rate
        segments = self._recall_or_run(data)
        if segments is None:
            return None
        return [
            TimedText(
                word.split("(")[0],
                min(max(start * _FRAME - _PAUSE, 0.0), duration),
                min(max((end + 1) * _FRAME - _PAUSE, 0.0), duration),
            )
            for word, start, end in segments
            if word[0] not in "<["
        ]

    def stop(self) -> None:
        """Kill the processes, and start no others."""
        with self._lock:
            self._is_stopped = True
            for process in self._processes:
                process.kill()

    def _recall_or_run(self, data: bytes) -> _Segments | None:
        """Return the words of known or new audio; None if the process for the new was killed."""
        digest = hashlib.sha256(data).digest()
        with self._lock:
            if digest in self._remembered:
                return self._remembered[digest]
        segments = self._run(data)
        if segments is not None:
            with self._lock:
                self._remembered[digest] = segments
                if len(self._remembered) > _MAX_REMEMBERED:
                    del self._remembered[next(iter(self._remembered))]
        return segments

    def _run(self, data: bytes) -> _Segments | None:
        """Return each word with its first and last frame; None when the process was killed."""
        with self._lock:
            if self._is_stopped:
                return None
            process = subprocess.Popen(  # noqa: S603 - our own file, run by this Python
                [sys.executable, _PROCESS, str(_RATE), str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self._processes.add(process)
        output = b""
        try:
            # It closes the pipes, also one that was not written to its end.
            with suppress(BrokenPipeError), process:
                try:
                    output, _ = process.communicate(data, _MAX_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    output, _ = process.communicate()
        finally:
            with self._lock:
                self._processes.discard(process)
        if process.returncode:
            _log.warning("pocketsphinx was ended before it had recognized the audio")
            return None
        segments: _Segments = json.loads(output)
        return segments


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
