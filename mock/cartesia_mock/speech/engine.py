"""The port between a transcript and whatever makes the sound of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .markup import Passage
from .utterance import Samples, Timed, VoiceTraits


@dataclass(frozen=True)
class Spoken:
    """The sound of one passage at `ENGINE_RATE`, without silence at its ends.

    Attributes:
        samples: The sound.
        words: One entry for every word of the passage, in order.
        phonemes: IPA symbols in order.
    """

    samples: Samples
    words: list[Timed]
    phonemes: list[Timed]


class Engine(Protocol):
    """Something that can read a passage aloud; it may be called from several threads."""

    def speak(self, passage: Passage, *, language: str, voice: VoiceTraits, speed: float) -> Spoken:
        """Read a passage aloud.

        Args:
            passage: The words.
            language: Language code.
            voice: Who speaks.
            speed: Multiplier of the voice's pace, tags included.

        Returns:
            The sound and its times; the same arguments give the same samples.
        """
        ...
