"""What has been said so far in one answer or one context, up to a length where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cartesia_mock.speech import ENGINE_RATE, Samples, Timed, Utterance
from cartesia_mock.speech.markup import plain_text
from cartesia_mock.speech.utterance import silence

_PAUSE = silence(0.2)


@dataclass
class Tape:
    """Everything said so far in one answer or one context.

    Attributes:
        longest: Seconds after which nothing more is taken; None for any length.
        text: The transcript so far, exactly as it was sent.
        samples: The sound so far, piece by piece.
        words: When each word of it was said.
        seconds: Its length.
        is_full: Whether something had to be left out.
    """

    longest: float | None = None
    text: str = ""
    samples: list[Samples] = field(default_factory=list[Samples])
    words: list[Timed] = field(default_factory=list[Timed])
    seconds: float = 0.0
    is_full: bool = False

    def add(self, said: Utterance) -> Utterance:
        """Put an utterance behind what was said, with a pause between the two.

        Args:
            said: What was said.

        Returns:
            What came of it: the sound to send, and the times by the whole tape.
        """
        sound, start = said.samples, self.seconds
        if self.samples:
            start += len(_PAUSE) / ENGINE_RATE
            sound = np.concatenate([_PAUSE, sound])
        if self.longest is not None:
            room = max(self.longest - self.seconds, 0.0) * ENGINE_RATE
            self.is_full = room < len(sound)
            if self.is_full:
                sound = sound[: round(room)]
        self.seconds += len(sound) / ENGINE_RATE
        added = Utterance(
            said.text,
            sound,
            words=self._shifted(said.words, start),
            said=self._shifted(said.said, start),
            phonemes=self._shifted(said.phonemes, start),
        )
        self.samples.append(sound)
        self.words += added.words
        return added

    def transcript(self) -> str:
        """Give what can be heard on it: the text without tags, to the last word that is there."""
        text = plain_text(self.text)
        if not self.is_full:
            return text
        end = 0
        for word in self.words:
            end = text.index(word.text, end) + len(word.text)
        return text[:end]

    def _shifted(self, times: Sequence[Timed], start: float) -> list[Timed]:
        shifted = [each.shifted(start) for each in times]
        if not self.is_full:
            return shifted
        end = self.seconds
        return [
            Timed(each.text, each.start, min(each.end, end)) for each in shifted if each.start < end
        ]
