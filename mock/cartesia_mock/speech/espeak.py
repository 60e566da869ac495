"""The espeak-ng engine: real speech, with exact timestamps of words and phonemes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from cartesia_mock.speech.engine import EngineOutput
from cartesia_mock.speech.espeak_languages import espeak_language
from cartesia_mock.speech.espeak_library import EspeakEvent, EspeakLibrary
from cartesia_mock.speech.espeak_phonemes import espeak_phonemes
from cartesia_mock.speech.markup import Passage
from cartesia_mock.speech.tokenization import primary_subtag
from cartesia_mock.speech.utterance import ENGINE_RATE, Samples, TimedText, VoiceTraits

_WORDS_A_MINUTE = 165
# The most intelligible variants of the library, best first.
_VARIANTS = {
    "masculine": ("", "+m6", "+m3", "+m4", "+m1"),
    "gender_neutral": ("+m6", "+f5", "+m4", "+f2", "+m3"),
    "feminine": ("+f2", "+f5", "+f3", "+f4", "+f1"),
}
_PITCHES = {"masculine": (20, 60), "gender_neutral": (35, 65), "feminine": (40, 80)}
_SILENCE = 0.004
_MARGIN = ENGINE_RATE // 100
_LANGUAGE_SWITCH = re.compile(r"\([\w-]+\)")


class EspeakEngine:
    """Synthesizes passages with espeak-ng.

    Raises:
        ModuleNotFoundError: The extra `speech` is not installed.
    """

    def __init__(self) -> None:
        self._library = EspeakLibrary()
        self._voices = self._library.voices()

    def speak(
        self, passage: Passage, *, language: str, voice: VoiceTraits, speed: float
    ) -> EngineOutput:
        """Synthesize the passage; see `Engine.speak`."""
        text, starts = _spoken_text(passage, language)
        name = self._voices[espeak_language(language, self._voices)]
        variants = _VARIANTS[voice.gender]
        low, high = _PITCHES[voice.gender]
        output = self._library.synthesize(
            text,
            has_phonemes=any(word.phonemes for word in passage.words),
            voice=name + variants[(voice.variant - 1) % len(variants)],
            words_a_minute=round(_WORDS_A_MINUTE * voice.pace * speed),
            pitch=round(low + (high - low) * voice.pitch),
        )
        samples = np.frombuffer(output.pcm, np.int16).astype(np.float32) / np.float32(2**15)
        first, last = _audible_range(samples)
        timeline = _TrimmedTimeline(first, last)
        words = _word_times(passage, starts, output.events, timeline)
        return EngineOutput(samples[first:last], words, _phoneme_times(output.events, timeline))


class _TrimmedTimeline:
    """Converts sample positions to seconds of the audio without the silence at its ends."""

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last

    def seconds(self, sample: int) -> float:
        return (min(max(sample, self.first), self.last) - self.first) / ENGINE_RATE


def _spoken_text(passage: Passage, language: str) -> tuple[str, list[int]]:
    """Return the text to synthesize, and the character at which each word begins."""
    chinese = primary_subtag(language) == "zh"
    text = ""
    starts: list[int] = []
    for word in passage.words:
        spoken = espeak_phonemes(word.phonemes) if word.phonemes else _without_phonemes(word.spoken)
        # The tones of a Chinese phrase are only right without spaces between its characters.
        together = chinese and not (text[-1:].isascii() or spoken[:1].isascii())
        text += spoken if together or not text else f" {spoken}"
        starts.append(len(text) - len(spoken))
    return text, starts


def _without_phonemes(text: str) -> str:
    """Return a text that the library cannot take for phonemes in its own notation."""
    return text.replace("[[", "[ [")


def _audible_range(samples: Samples) -> tuple[int, int]:
    """Find the part without the silence at its ends, of which 10 ms remain."""
    loud = np.flatnonzero(np.abs(samples) > _SILENCE)
    if not len(loud):
        return 0, 0
    return max(int(loud[0]) - _MARGIN, 0), min(int(loud[-1]) + _MARGIN, len(samples))


def _word_times(
    passage: Passage,
    starts: Sequence[int],
    events: Sequence[EspeakEvent],
    timeline: _TrimmedTimeline,
) -> list[TimedText]:
    """Return the timestamps of all words from the word events.

    The library has one event for some word groups (`of the`), several for others (`123`) and none
    for a dash: a word without an event shares the time of its neighbour.
    """
    begins: dict[int, int] = {}
    for event in events:
        if event.kind == "word":
            number = max(int(np.searchsorted(starts, event.position, side="right")) - 1, 0)
            begins.setdefault(number, event.sample)
    if not begins:
        return [TimedText(word.text, 0.0, 0.0) for word in passage.words]
    firsts = sorted(begins)
    groups = [0, *firsts[1:], len(passage.words)]
    times: list[TimedText] = []
    for index, first in enumerate(firsts):
        begin = begins[first]
        until = begins[firsts[index + 1]] if index + 1 < len(firsts) else timeline.last
        end = _end_of_sound(events, begin, until)
        texts = [word.text for word in passage.words[groups[index] : groups[index + 1]]]
        times += TimedText("", timeline.seconds(begin), timeline.seconds(end)).divided(texts)
    return times


def _end_of_sound(events: Sequence[EspeakEvent], begin: int, until: int) -> int:
    """Exclude the pause after a word: it begins after the last audible phoneme."""
    end = until
    for event in reversed(events):
        if event.kind == "phoneme" and begin < event.sample < until:
            if event.text:
                break
            end = event.sample
    return end


def _phoneme_times(events: Sequence[EspeakEvent], timeline: _TrimmedTimeline) -> list[TimedText]:
    phonemes = [event for event in events if event.kind == "phoneme"]
    ends = [event.sample for event in phonemes[1:]] + [timeline.last]
    timed: list[TimedText] = []
    for event, end in zip(phonemes, ends):
        symbol = _LANGUAGE_SWITCH.sub("", event.text)
        if symbol:
            timed.append(TimedText(symbol, timeline.seconds(event.sample), timeline.seconds(end)))
    return timed
