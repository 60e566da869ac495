"""The interface of speech engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cartesia_mock.speech.markup import Passage
from cartesia_mock.speech.utterance import Samples, TimedText, VoiceTraits


@dataclass(frozen=True)
class EngineOutput:
    """The audio of one passage at `ENGINE_RATE`, without silence at its ends.

    Attributes:
        samples: The audio.
        words: One entry for every word of the passage, in order.
        phonemes: IPA symbols in order.
    """

    samples: Samples
    words: list[TimedText]
    phonemes: list[TimedText]


class Engine(Protocol):
    """Synthesizes passages; may be called from several threads."""

    def speak(
        self, passage: Passage, *, language: str, voice: VoiceTraits, speed: float
    ) -> EngineOutput:
        """Synthesize a passage.

        Args:
            passage: The words.
            language: Language code.
            voice: The voice.
            speed: Multiplier of the voice's pace, tags included.

        Returns:
            The audio with its timestamps; equal arguments give equal samples.
        """
        ...
