"""The data types of speech: voice traits, timestamps and utterances."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono samples between -1 and 1."""

Gender = Literal["masculine", "feminine", "gender_neutral"]

ENGINE_RATE = 22050
"""Sample rate of the engines in Hz."""

MAX_SPEECH_SECONDS = 1800
"""Length of the longest speech, which is in memory as a whole."""


class SpeechTooLongError(Exception):
    """A transcript would become longer than `MAX_SPEECH_SECONDS`."""

    def __init__(self) -> None:
        super().__init__(
            f"speech can be {MAX_SPEECH_SECONDS} seconds long: shorten the transcript or its breaks"
        )


@dataclass(frozen=True)
class TimedText:
    """A word or a phoneme with its timestamps.

    Attributes:
        text: The word as written in the transcript, or the phoneme in IPA.
        start: Seconds from the start of the audio.
        end: Seconds from the start of the audio, at least `start`.
    """

    text: str
    start: float
    end: float

    def shifted(self, seconds: float) -> TimedText:
        """Return a copy that is `seconds` later."""
        return TimedText(self.text, self.start + seconds, self.end + seconds)

    def divided(self, texts: Sequence[str]) -> list[TimedText]:
        """Divide the time among several words, by their number of letters.

        Args:
            texts: The words, at least one.

        Returns:
            Each word with its share.
        """
        letters = [sum(map(str.isalnum, text)) for text in texts]
        if not any(letters):
            letters = [len(text) for text in texts]
        edges = np.cumsum([0, *letters]) / sum(letters) * (self.end - self.start) + self.start
        return [
            TimedText(text, float(edges[index]), float(edges[index + 1]))
            for index, text in enumerate(texts)
        ]


@dataclass(frozen=True)
class VoiceTraits:
    """The audible properties of a voice.

    Attributes:
        gender: Range of pitches and timbres.
        pitch: 0 (lowest of its gender) to 1 (highest).
        pace: Multiplier of the speaking rate, around 1.
        variant: The timbre, 1 to 5.
    """

    gender: Gender = "feminine"
    pitch: float = 0.5
    pace: float = 1.0
    variant: int = 1

    @classmethod
    def of(cls, voice_id: str, gender: Gender = "gender_neutral") -> VoiceTraits:
        """Derive the traits of a public voice from its id, always the same for one id.

        Args:
            voice_id: Identifier of the voice.
            gender: Its gender in the catalogue.

        Returns:
            The traits, distributed over the whole range.
        """
        digest = hashlib.sha256(voice_id.encode()).digest()
        return cls(
            gender=gender,
            pitch=digest[0] / 255,
            pace=0.92 + 0.16 * digest[1] / 255,
            variant=1 + digest[2] % 5,
        )

    @classmethod
    def of_unknown(cls, text: str) -> VoiceTraits:
        """Derive the traits of a voice that is in no catalogue, gender included, from a text."""
        genders: tuple[Gender, ...] = get_args(Gender)
        return cls.of(text, genders[hashlib.sha256(text.encode()).digest()[3] % len(genders)])

    def raised(self, pitch: float) -> VoiceTraits:
        """Return these traits with a higher (or, below 0, a lower) pitch, within its range."""
        return replace(self, pitch=min(max(self.pitch + pitch, 0.0), 1.0)) if pitch else self


@dataclass(frozen=True)
class Utterance:
    """A transcript with its audio.

    Attributes:
        text: The transcript without its tags.
        samples: The audio.
        sample_rate: Samples a second (Hz).
        words: The words of the transcript with their timestamps.
        normalized_words: The words as spoken: spelled, replaced, with numbers written out.
        phonemes: IPA symbols with their timestamps.
    """

    text: str
    samples: Samples
    sample_rate: int = ENGINE_RATE
    words: list[TimedText] = field(default_factory=list[TimedText])
    normalized_words: list[TimedText] = field(default_factory=list[TimedText])
    phonemes: list[TimedText] = field(default_factory=list[TimedText])

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


def silence(seconds: float, rate: int = ENGINE_RATE) -> Samples:
    """Return `seconds` of silence at `rate` Hz."""
    return np.zeros(round(seconds * rate), dtype=np.float32)
