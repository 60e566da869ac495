"""The engine that really speaks: espeak-ng, with the true times of words and phonemes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .engine import Spoken
from .espeak_library import EspeakLibrary, Event
from .languages import espeak_language
from .markup import Passage
from .utterance import ENGINE_RATE, Samples, Timed, VoiceTraits
from .words import primary

_WORDS_A_MINUTE = 165
# Of the library's variants those that are understood best, the clearest first.
_VARIANTS = {
    "masculine": ("", "+m6", "+m3", "+m4", "+m1"),
    "gender_neutral": ("+m6", "+f5", "+m4", "+f2", "+m3"),
    "feminine": ("+f2", "+f5", "+f3", "+f4", "+f1"),
}
_PITCHES = {"masculine": (20, 60), "gender_neutral": (35, 65), "feminine": (40, 80)}
_QUIET = 0.004
_EDGE = ENGINE_RATE // 100
_SWITCH = re.compile(r"\([\w-]+\)")


class EspeakEngine:
    """Reads passages with espeak-ng.

    Raises:
        ModuleNotFoundError: The extra `speech` is not installed.
    """

    def __init__(self) -> None:
        self._library = EspeakLibrary()
        self._voices = self._library.voices()

    def speak(self, passage: Passage, *, language: str, voice: VoiceTraits, speed: float) -> Spoken:
        """Read the passage; see `Engine.speak`."""
        text, starts = _spoken_text(passage, language)
        name = self._voices[espeak_language(language, self._voices)]
        variants = _VARIANTS[voice.gender]
        low, high = _PITCHES[voice.gender]
        reading = self._library.read(
            text,
            voice=name + variants[(voice.variant - 1) % len(variants)],
            words_a_minute=round(_WORDS_A_MINUTE * voice.pace * speed),
            pitch=round(low + (high - low) * voice.pitch),
        )
        samples = np.frombuffer(reading.pcm, np.int16).astype(np.float32) / np.float32(2**15)
        first, last = _sounding(samples)
        clock = _Clock(first, last)
        words = _word_times(passage, starts, reading.events, clock)
        return Spoken(samples[first:last], words, _phoneme_times(reading.events, clock))


class _Clock:
    """Turns positions in what the library gave into seconds of what is kept of it."""

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last

    def seconds(self, sample: int) -> float:
        return (min(max(sample, self.first), self.last) - self.first) / ENGINE_RATE


def _spoken_text(passage: Passage, language: str) -> tuple[str, list[int]]:
    """Put the words together for reading, and tell at which character each begins."""
    chinese = primary(language) == "zh"
    text = ""
    starts: list[int] = []
    for word in passage.words:
        # Characters of one Chinese phrase are read together, or their tones come out wrong.
        together = chinese and not (text[-1:].isascii() or word.spoken[:1].isascii())
        text += word.spoken if together or not text else f" {word.spoken}"
        starts.append(len(text) - len(word.spoken))
    return text, starts


def _sounding(samples: Samples) -> tuple[int, int]:
    """Find the part without the silence at its ends; a hundredth of a second of it stays."""
    loud = np.flatnonzero(np.abs(samples) > _QUIET)
    if not len(loud):
        return 0, 0
    return max(int(loud[0]) - _EDGE, 0), min(int(loud[-1]) + _EDGE, len(samples))


def _word_times(
    passage: Passage, starts: Sequence[int], events: Sequence[Event], clock: _Clock
) -> list[Timed]:
    """Give every word its time, from the events of those that have one.

    The library reads some words in one breath (`of the`), some as several (`123`) and passes over
    others (a dash): a word without an event shares the time of its neighbour.
    """
    begins: dict[int, int] = {}
    for event in events:
        if event.kind == "word":
            number = max(int(np.searchsorted(starts, event.position, side="right")) - 1, 0)
            begins.setdefault(number, event.sample)
    if not begins:
        return [Timed(word.text, 0.0, 0.0) for word in passage.words]
    firsts = sorted(begins)
    groups = [0, *firsts[1:], len(passage.words)]
    times: list[Timed] = []
    for index, first in enumerate(firsts):
        begin = begins[first]
        until = begins[firsts[index + 1]] if index + 1 < len(firsts) else clock.last
        end = _end_of_sound(events, begin, until)
        texts = [word.text for word in passage.words[groups[index] : groups[index + 1]]]
        times += Timed("", clock.seconds(begin), clock.seconds(end)).divided(texts)
    return times


def _end_of_sound(events: Sequence[Event], begin: int, until: int) -> int:
    """Leave out the pause that follows a word: it begins after the last phoneme that sounds."""
    end = until
    for event in reversed(events):
        if event.kind == "phoneme" and begin < event.sample < until:
            if event.text:
                break
            end = event.sample
    return end


def _phoneme_times(events: Sequence[Event], clock: _Clock) -> list[Timed]:
    phonemes = [event for event in events if event.kind == "phoneme"]
    ends = [event.sample for event in phonemes[1:]] + [clock.last]
    timed: list[Timed] = []
    for event, end in zip(phonemes, ends, strict=True):
        symbol = _SWITCH.sub("", event.text)
        if symbol:
            timed.append(Timed(symbol, clock.seconds(event.sample), clock.seconds(end)))
    return timed
