"""Transcription of an audio stream: known audio is recognized while it arrives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cartesia_mock.speech.audio import Resampler
from cartesia_mock.speech.recognition.fingerprint import RATE, first_sound
from cartesia_mock.speech.recognition.fingerprint_index import MatchedSegment
from cartesia_mock.speech.recognition.transcriber import (
    Transcriber,
    Transcription,
    transcription_of,
)
from cartesia_mock.speech.recognition.waveform_matching import match_waves
from cartesia_mock.speech.utterance import Samples

_MIN_SEARCH_SAMPLES = 2 * RATE // 5
_MAX_MISSES = 8
_TOLERANCE = 0.1


class StreamingTranscriber:
    """Transcribes a stream incrementally.

    Audio that was found in the index is compared with its source from there on, which is cheap;
    the index is only searched again where that ends or the audio differs.

    Args:
        transcriber: Transcribes complete audio.
        rate: Sample rate of the stream (Hz).
        language: Language code.
    """

    def __init__(self, transcriber: Transcriber, rate: int, language: str = "en") -> None:
        self._transcriber = transcriber
        self._rate = rate
        self._language = language
        self._wave: Samples = np.zeros(0, dtype=np.float32)
        self._pieces: list[Samples] = []
        self._segments: list[MatchedSegment] = []
        self.clear()

    @property
    def seconds(self) -> float:
        """Length of the audio since the last `finish` or `clear`."""
        return self._fed / self._rate

    def feed(self, samples: Samples) -> None:
        """Add the next samples."""
        self._fed += len(samples)
        self._pieces.append(samples)
        self._wave = np.concatenate([self._wave, self._resampler.feed(samples)])

    def interim(self) -> Transcription:
        """Return the transcription so far; unknown audio has no words before the end."""
        if self._is_open:
            self._extend_last_segment()
        if not self._is_open:
            self._search()
        return transcription_of(self._segments, self.seconds, self._language)

    def finish(self) -> Transcription:
        """Return the final transcription, and start over."""
        samples = np.concatenate(self._pieces) if self._pieces else np.zeros(0, dtype=np.float32)
        self.clear()
        return self._transcriber.transcribe(samples, self._rate, self._language)

    def clear(self) -> None:
        """Discard the audio and start over."""
        self._fed = 0
        self._resampler = Resampler(self._rate, RATE)
        self._wave = self._wave[:0]
        self._pieces = []
        self._segments = []
        self._is_open = False  # Whether the last segment may continue.
        self._searched = 0
        self._misses = 0

    def _extend_last_segment(self) -> None:
        """Extend the last segment."""
        segment = self._segments[-1]
        known = segment.source.fingerprint
        match = match_waves(self._wave, _samples(segment.at), known.wave, _samples(segment.start))
        if match is not None:
            segment = replace(segment, seconds=(match.at + match.length) / RATE - segment.at)
            self._segments[-1] = segment
        self._is_open = self._is_at_end(segment)
        if not self._is_open and segment.start + segment.seconds < known.seconds - _TOLERANCE:
            # The audio differs before the end of its source: another one may match better.
            self._segments.pop()
            self._find(_samples(segment.at), [segment])

    def _search(self) -> None:
        """Search for the next segment, at intervals."""
        end = self._segments[-1].at + self._segments[-1].seconds if self._segments else 0.0
        begin = first_sound(self._wave, _samples(end))
        length = len(self._wave)
        if begin is None or length - max(begin, self._searched) < _MIN_SEARCH_SAMPLES:
            return
        if self._misses < _MAX_MISSES:
            self._misses = 0 if self._find(begin, []) else self._misses + 1

    def _find(self, begin: int, default: list[MatchedSegment]) -> bool:
        self._searched = len(self._wave)
        found = self._transcriber.fingerprints.find(self._wave[begin:], RATE)
        segments = [replace(segment, at=segment.at + begin / RATE) for segment in found] or default
        self._segments += segments
        self._is_open = bool(segments) and self._is_at_end(segments[-1])
        return bool(segments)

    def _is_at_end(self, segment: MatchedSegment) -> bool:
        return len(self._wave) / RATE - segment.at - segment.seconds < _TOLERANCE


def _samples(seconds: float) -> int:
    return round(seconds * RATE)
