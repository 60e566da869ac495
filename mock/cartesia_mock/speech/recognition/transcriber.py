"""Transcription of complete audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cartesia_mock.speech.recognition.fingerprint import first_sound
from cartesia_mock.speech.recognition.fingerprint_index import FingerprintIndex, MatchedSegment
from cartesia_mock.speech.recognition.recognizer import PocketsphinxRecognizer, spread
from cartesia_mock.speech.tokenization import is_unspaced
from cartesia_mock.speech.utterance import Samples, TimedText

FIXED_SENTENCE = "The mock server heard a voice that it does not know."
_TOLERANCE = 0.05


@dataclass(frozen=True)
class Transcription:
    """The transcription of some audio.

    Attributes:
        text: The text; empty for silence.
        words: The words with their timestamps.
        duration: Length of the audio in seconds.
    """

    text: str
    words: list[TimedText]
    duration: float


class Transcriber:
    """Transcribes audio; may be used from several threads.

    Audio that the mock synthesized is transcribed exactly, in any encoding. Other audio is
    recognized if the extra `ears` is installed and the language is English; otherwise, and when
    that takes too long, its transcription is a fixed sentence, spread over the true duration.

    Args:
        fingerprints: The audio that the mock synthesized.
        recognizer: Recognizes other audio; by default pocketsphinx if it is installed.
    """

    def __init__(
        self, fingerprints: FingerprintIndex, recognizer: PocketsphinxRecognizer | None = None
    ) -> None:
        self.fingerprints = fingerprints
        self._recognizer = recognizer
        if recognizer is None and PocketsphinxRecognizer.is_installed():
            self._recognizer = PocketsphinxRecognizer()

    def stop(self) -> None:
        """End what is being recognized, which may take long, without a result."""
        if self._recognizer is not None:
            self._recognizer.stop()

    def transcribe(self, samples: Samples, rate: int, language: str = "en") -> Transcription:
        """Transcribe audio; blocks until the transcription is complete.

        Args:
            samples: The audio.
            rate: Its sample rate (Hz).
            language: Language code.

        Returns:
            The transcription.
        """
        recalled = self.transcribe_known(samples, rate, language)
        if recalled is not None:
            return recalled
        duration = len(samples) / rate
        begin = first_sound(samples)
        if begin is None:
            return Transcription("", [], duration)
        if self._recognizer is not None and self._recognizer.supports(language):
            words = self._recognizer.recognize(samples, rate)
            if words is not None:
                return Transcription(" ".join(word.text for word in words), words, duration)
        end = (len(samples) - (first_sound(samples[::-1]) or 0)) / rate
        return Transcription(FIXED_SENTENCE, spread(FIXED_SENTENCE, begin / rate, end), duration)

    def transcribe_known(
        self, samples: Samples, rate: int, language: str = "en"
    ) -> Transcription | None:
        """Transcribe audio that the mock synthesized; fast enough to be called repeatedly.

        Args:
            samples: The audio, complete or its beginning.
            rate: Its sample rate (Hz).
            language: Language code.

        Returns:
            The words that are completely within the audio; None for unknown audio.
        """
        segments = self.fingerprints.find(samples, rate)
        return transcription_of(segments, len(samples) / rate, language) if segments else None


def transcription_of(
    segments: Sequence[MatchedSegment], seconds: float, language: str
) -> Transcription:
    """Return the transcription of the known segments of some audio.

    Args:
        segments: The segments, in order.
        seconds: Length of the audio.
        language: Language code.

    Returns:
        The words that are completely within the segments.
    """
    pieces = [_segment_words(segment) for segment in segments]
    joiner = "" if is_unspaced(language) else " "
    text = joiner.join(text for text, _ in pieces if text)
    return Transcription(text, [word for _, words in pieces for word in words], seconds)


def _segment_words(segment: MatchedSegment) -> tuple[str, list[TimedText]]:
    """Return the text and the words of a segment, with timestamps in the audio."""
    known = segment.source
    end = segment.start + segment.seconds
    within = [
        number
        for number, word in enumerate(known.words)
        if word.start >= segment.start - _TOLERANCE and word.end <= end + _TOLERANCE
    ]
    shift = segment.at - segment.start
    words = [known.words[number].shifted(shift) for number in within]
    if len(within) == len(known.words):
        return known.transcript, words
    if not within:
        return "", []
    spans = _word_spans(known.transcript, known.words)
    return known.transcript[spans[within[0]][0] : spans[within[-1]][1]], words


def _word_spans(transcript: str, words: Sequence[TimedText]) -> list[tuple[int, int]]:
    """Find the start and end of each word in the transcript."""
    spans: list[tuple[int, int]] = []
    at = 0
    for word in words:
        found = transcript.find(word.text, at)
        start = at if found < 0 else found
        at = min(start + len(word.text), len(transcript))
        spans.append((start, at))
    return spans
