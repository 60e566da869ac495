"""The voice and the ears of the mock server: text to sound and back, with no HTTP in it."""

from __future__ import annotations

from .respelling import Respelling
from .speech import EngineName, Speech, best_engine
from .utterance import ENGINE_RATE, Gender, Samples, Timed, Utterance, VoiceTraits

__all__ = [
    "ENGINE_RATE",
    "EngineName",
    "Gender",
    "Respelling",
    "Samples",
    "Speech",
    "Timed",
    "Utterance",
    "VoiceTraits",
    "best_engine",
]
