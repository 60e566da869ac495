"""The ears of the mock server: audio in, the words that are said in it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cartesia_mock.speech.utterance import Samples, Timed
from cartesia_mock.speech.words import is_unspaced

from .fingerprint import first_sound
from .memory import Memory, Recalled
from .recogniser import Recogniser, spread

FIXED_SENTENCE = "The mock server heard a voice that it does not know."
_TOLERANCE = 0.05


@dataclass(frozen=True)
class Heard:
    """What was said in some audio.

    Attributes:
        text: The words as a text; empty when there is only silence.
        words: Each word with its time in the audio.
        duration: Length of the audio in seconds.
    """

    text: str
    words: list[Timed]
    duration: float


class Hearing:
    """Writes down what is said, from any thread.

    What the mock spoke itself is known exactly, whatever it was encoded as. Other audio is
    recognised where the extra `speech` is installed and English is asked for; else it is taken
    for a fixed sentence, spread over its true duration.

    Args:
        memory: What was spoken.
        recogniser: For other audio; by default pocketsphinx where it is installed.
    """

    def __init__(self, memory: Memory, recogniser: Recogniser | None = None) -> None:
        self.memory = memory
        self._recogniser = recogniser
        if recogniser is None and Recogniser.is_installed():
            self._recogniser = Recogniser()

    def transcribe(self, samples: Samples, rate: int, language: str = "en") -> Heard:
        """Write down what is said; blocks while it is worked out.

        Args:
            samples: The audio.
            rate: Its sample rate (Hz).
            language: Language code.

        Returns:
            The text and its words with true times.
        """
        recalled = self.recall(samples, rate, language)
        if recalled is not None:
            return recalled
        duration = len(samples) / rate
        begin = first_sound(samples)
        if begin is None:
            return Heard("", [], duration)
        if self._recogniser is not None and self._recogniser.knows(language):
            words = self._recogniser.recognise(samples, rate)
            return Heard(" ".join(word.text for word in words), words, duration)
        end = (len(samples) - (first_sound(samples[::-1]) or 0)) / rate
        return Heard(FIXED_SENTENCE, spread(FIXED_SENTENCE, begin / rate, end), duration)

    def recall(self, samples: Samples, rate: int, language: str = "en") -> Heard | None:
        """Write down what is said if the mock said it; quick enough to ask again and again.

        Args:
            samples: The audio, of a whole utterance or of its beginning.
            rate: Its sample rate (Hz).
            language: Language code.

        Returns:
            The words that lie wholly within the audio; None when the audio is not known.
        """
        parts = self.memory.recall(samples, rate)
        return write_down(parts, len(samples) / rate, language) if parts else None


def write_down(parts: Sequence[Recalled], seconds: float, language: str) -> Heard:
    """Write down the known parts of some audio.

    Args:
        parts: The parts, in order.
        seconds: Length of the audio.
        language: Language code.

    Returns:
        The words that lie wholly within the parts.
    """
    pieces = [_words_of(part) for part in parts]
    joiner = "" if is_unspaced(language) else " "
    text = joiner.join(text for text, _ in pieces if text)
    return Heard(text, [word for _, words in pieces for word in words], seconds)


def _words_of(part: Recalled) -> tuple[str, list[Timed]]:
    """Give the words within a known part: their text, and their times in the audio."""
    known = part.remembered
    end = part.start + part.seconds
    within = [
        number
        for number, word in enumerate(known.words)
        if word.start >= part.start - _TOLERANCE and word.end <= end + _TOLERANCE
    ]
    shift = part.at - part.start
    words = [known.words[number].shifted(shift) for number in within]
    if len(within) == len(known.words):
        return known.transcript, words
    if not within:
        return "", []
    places = _places(known.transcript, known.words)
    return known.transcript[places[within[0]][0] : places[within[-1]][1]], words


def _places(transcript: str, words: Sequence[Timed]) -> list[tuple[int, int]]:
    """Find each word in the transcript, in order."""
    places: list[tuple[int, int]] = []
    at = 0
    for word in words:
        found = transcript.find(word.text, at)
        start = at if found < 0 else found
        at = min(start + len(word.text), len(transcript))
        places.append((start, at))
    return places
