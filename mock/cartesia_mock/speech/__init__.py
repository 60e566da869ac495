"""Speech synthesis and recognition, independent of HTTP."""

from __future__ import annotations

from cartesia_mock.speech.pronunciation import Pronunciation, PronunciationDictionary
from cartesia_mock.speech.synthesizer import EngineName, SpeechSynthesizer, best_engine
from cartesia_mock.speech.utterance import (
    ENGINE_RATE,
    Gender,
    Samples,
    SpeechTooLongError,
    TimedText,
    Utterance,
    VoiceTraits,
)

__all__ = [
    "ENGINE_RATE",
    "EngineName",
    "Gender",
    "Pronunciation",
    "PronunciationDictionary",
    "Samples",
    "SpeechSynthesizer",
    "SpeechTooLongError",
    "TimedText",
    "Utterance",
    "VoiceTraits",
    "best_engine",
]
