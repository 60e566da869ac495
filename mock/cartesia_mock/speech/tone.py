"""The tone engine, which needs no extra: a tone for each word."""

from __future__ import annotations

import math
import zlib

import numpy as np

from cartesia_mock.speech.engine import EngineOutput
from cartesia_mock.speech.markup import Passage
from cartesia_mock.speech.utterance import (
    ENGINE_RATE,
    MAX_SPEECH_SECONDS,
    Samples,
    SpeechTooLongError,
    TimedText,
    VoiceTraits,
    silence,
)

_BASE_PITCHES = {"masculine": 95.0, "gender_neutral": 140.0, "feminine": 180.0}
_SECONDS_A_LETTER = 0.055
_SECONDS_A_WORD = 0.09
_GAP = 0.045
_RAMP = 0.012
_LEVEL = 0.25
_PUNCTUATION_MARKS = ".,;:!?\u2026\u3002\u3001\uff01\uff1f\uff1b\uff1a"


class ToneEngine:
    """Synthesizes a tone for each word: its length and pitch depend on the word."""

    def speak(
        self, passage: Passage, *, language: str, voice: VoiceTraits, speed: float
    ) -> EngineOutput:
        """Synthesize the passage; see `Engine.speak`."""
        del language  # tones do not depend on it
        pace = speed * voice.pace
        letters = sum(len(word.spoken) for word in passage.words)
        if letters * _SECONDS_A_LETTER / pace > MAX_SPEECH_SECONDS:
            raise SpeechTooLongError
        base = _BASE_PITCHES[voice.gender] * 2 ** (voice.pitch * 0.8)
        sounds: list[Samples] = []
        words: list[TimedText] = []
        at = 0
        for index, word in enumerate(passage.words):
            if index:
                gap = silence(_gap_after(passage.words[index - 1].text) / pace)
                sounds.append(gap)
                at += len(gap)
            seconds = (_SECONDS_A_WORD + _SECONDS_A_LETTER * len(word.spoken)) / pace
            first, second = _notes(word.spoken)
            tone = _tone(base * first, base * second, seconds, voice.variant)
            sounds.append(tone)
            words.append(TimedText(word.text, at / ENGINE_RATE, (at + len(tone)) / ENGINE_RATE))
            at += len(tone)
        # A tone has no phonemes: the letters of the word share its time.
        phonemes = [phoneme for word in words for phoneme in _letters(word)]
        return EngineOutput(np.concatenate(sounds), words, phonemes)


def _gap_after(word: str) -> float:
    return _GAP * 4 if word[-1:] in _PUNCTUATION_MARKS else _GAP


def _notes(word: str) -> tuple[float, float]:
    """Choose the start and end pitch of a word's tone, so that words sound different."""
    digest = zlib.crc32(word.casefold().encode())
    return math.pow(2, digest % 251 / 251), math.pow(2, digest // 251 % 251 / 251)


def _tone(first: float, last: float, seconds: float, variant: int) -> Samples:
    count = max(round(seconds * ENGINE_RATE), 1)
    time = np.arange(count) / ENGINE_RATE
    phase = 2 * np.pi * np.cumsum(np.linspace(first, last, count)) / ENGINE_RATE
    wave = np.sin(phase)
    for harmonic in range(2, 5):
        strength = 0.5 / harmonic if (variant + harmonic) % 2 else 0.2 / harmonic
        wave += strength * np.sin(harmonic * phase)
    edge = np.minimum(time, time[::-1]) / _RAMP
    return (_LEVEL * wave * np.clip(edge, 0.0, 1.0)).astype(np.float32)


def _letters(word: TimedText) -> list[TimedText]:
    letters = [letter for letter in word.text.lower() if letter.isalnum()]
    step = (word.end - word.start) / max(len(letters), 1)
    return [
        TimedText(letter, word.start + index * step, word.start + (index + 1) * step)
        for index, letter in enumerate(letters)
    ]
