"""What a speech engine is asked for and what it gives back: traits, timed words, utterances."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono samples between -1 and 1."""

Gender = Literal["masculine", "feminine", "gender_neutral"]

ENGINE_RATE = 22050
"""Sample rate in Hz of everything that the engines speak."""


@dataclass(frozen=True)
class Timed:
    """A word or a phoneme and the time at which it is heard.

    Attributes:
        text: The word as it stands in the transcript, or the phoneme in IPA.
        start: Seconds from the start of the audio.
        end: Seconds from the start of the audio, never before `start`.
    """

    text: str
    start: float
    end: float

    def shifted(self, seconds: float) -> Timed:
        """Give the same word `seconds` later."""
        return Timed(self.text, self.start + seconds, self.end + seconds)

    def divided(self, texts: Sequence[str]) -> list[Timed]:
        """Divide its time among words, by their letters.

        Args:
            texts: The words, at least one.

        Returns:
            Each with its share.
        """
        letters = [sum(map(str.isalnum, text)) for text in texts]
        if not any(letters):
            letters = [len(text) for text in texts]
        edges = np.cumsum([0, *letters]) / sum(letters) * (self.end - self.start) + self.start
        return [
            Timed(text, float(edges[index]), float(edges[index + 1]))
            for index, text in enumerate(texts)
        ]


@dataclass(frozen=True)
class VoiceTraits:
    """How one voice differs from another.

    Attributes:
        gender: Chooses the range of pitches and of timbres.
        pitch: 0 (lowest of its gender) to 1 (highest).
        pace: Multiplier of the speaking rate, around 1.
        variant: 1 to 5: the timbre.
    """

    gender: Gender = "feminine"
    pitch: float = 0.5
    pace: float = 1.0
    variant: int = 1

    @classmethod
    def of(cls, voice_id: str, gender: Gender = "gender_neutral") -> VoiceTraits:
        """Derive the traits of a catalogue voice: the same id always sounds the same.

        Args:
            voice_id: Identifier of the voice.
            gender: How the catalogue presents the voice.

        Returns:
            Traits that spread over the whole range as the ids do.
        """
        digest = hashlib.sha256(voice_id.encode()).digest()
        return cls(
            gender=gender,
            pitch=digest[0] / 255,
            pace=0.92 + 0.16 * digest[1] / 255,
            variant=1 + digest[2] % 5,
        )


@dataclass(frozen=True)
class Utterance:
    """A transcript turned into sound.

    Attributes:
        text: What was spoken: the transcript without its tags.
        samples: The sound.
        sample_rate: Samples a second (Hz).
        words: Every word of the transcript in order, with its time.
        said: The same as it is said: respelled, spelled, and with its numbers written out.
        phonemes: IPA symbols in order, with their times.
    """

    text: str
    samples: Samples
    sample_rate: int = ENGINE_RATE
    words: list[Timed] = field(default_factory=list[Timed])
    said: list[Timed] = field(default_factory=list[Timed])
    phonemes: list[Timed] = field(default_factory=list[Timed])

    @property
    def duration(self) -> float:
        """Length of the sound in seconds."""
        return len(self.samples) / self.sample_rate


def silence(seconds: float, rate: int = ENGINE_RATE) -> Samples:
    """Give `seconds` of silence at `rate` Hz."""
    return np.zeros(round(seconds * rate), dtype=np.float32)
