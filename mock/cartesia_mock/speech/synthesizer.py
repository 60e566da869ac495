"""Speech synthesis: transcripts to audio with exact timestamps."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

import numpy as np

from cartesia_mock.speech.engine import Engine
from cartesia_mock.speech.espeak import EspeakEngine
from cartesia_mock.speech.markup import Pause, parse_transcript, plain_text
from cartesia_mock.speech.normalization import AUTO, normalized_timings, spoken_passage
from cartesia_mock.speech.pronunciation import PronunciationDictionary
from cartesia_mock.speech.tone import ToneEngine
from cartesia_mock.speech.utterance import (
    ENGINE_RATE,
    MAX_SPEECH_SECONDS,
    Samples,
    SpeechTooLongError,
    TimedText,
    Utterance,
    VoiceTraits,
    silence,
)

EngineName = Literal["espeak", "tone"]
_PASSAGE_GAP = 0.08
_KNEE = 0.8


class SpeechSynthesizer:
    """Synthesizes transcripts; may be used from several threads.

    Args:
        engine: `espeak` (needs the extra `speech`) or `tone` (a tone for each word); by default
            the best one that is installed.

    Raises:
        ModuleNotFoundError: `espeak` is not installed.
    """

    def __init__(self, *, engine: EngineName | None = None) -> None:
        self.engine_name: EngineName = engine or best_engine()
        self._engine = _load(self.engine_name)

    def synthesize(
        self,
        text: str,
        *,
        language: str = "en",
        voice: VoiceTraits | None = None,
        speed: float = 1.0,
        volume: float = 1.0,
        pronunciations: PronunciationDictionary | None = None,
        normalization: str = AUTO,
    ) -> Utterance:
        """Synthesize a transcript; blocks until the audio is complete.

        Args:
            text: The transcript, with or without SSML-like tags.
            language: Language code; a language without a voice uses the voice of a similar one.
            voice: The voice.
            speed: Multiplier of the voice's pace, 0.6 to 1.5.
            volume: Multiplier of the loudness, 0.5 to 2.0; loud parts are limited, never clipped.
            pronunciations: Words that are pronounced differently than written.
            normalization: How numbers are spoken: `auto`, `off`, or as in a language (its code).

        Returns:
            The audio with timestamps of words and phonemes; empty without a word or a break.

        Raises:
            SpeechTooLongError: The speech would be longer than `MAX_SPEECH_SECONDS`.
        """
        voice = voice or VoiceTraits()
        sounds: list[Samples] = []
        words: list[TimedText] = []
        normalized_words: list[TimedText] = []
        phonemes: list[TimedText] = []
        at = 0
        follows_speech = False
        for part in parse_transcript(text, language):
            if isinstance(part, Pause):
                if at / ENGINE_RATE + part.seconds > MAX_SPEECH_SECONDS:
                    raise SpeechTooLongError
                sound = silence(part.seconds)
                follows_speech = False
            else:
                if pronunciations:
                    part = pronunciations.apply(part, language)  # noqa: PLW2901  the same part
                if follows_speech:
                    sounds.append(silence(_PASSAGE_GAP))
                    at += len(sounds[-1])
                spoken = self._engine.speak(
                    spoken_passage(part, language, normalization),
                    language=language,
                    voice=voice,
                    speed=speed * part.speed,
                )
                sound = limit(spoken.samples * np.float32(volume * part.volume))
                words += [word.shifted(at / ENGINE_RATE) for word in spoken.words]
                normalized = normalized_timings(part.words, spoken.words, language, normalization)
                normalized_words += [word.shifted(at / ENGINE_RATE) for word in normalized]
                phonemes += [phoneme.shifted(at / ENGINE_RATE) for phoneme in spoken.phonemes]
                follows_speech = True
            sounds.append(sound)
            at += len(sound)
        samples = np.concatenate(sounds) if sounds else silence(0)
        return Utterance(plain_text(text), samples, ENGINE_RATE, words, normalized_words, phonemes)


def limit(samples: Samples) -> Samples:
    """Limit loud samples by a soft knee below full scale; others are unchanged."""
    size = np.abs(samples)
    if not len(size) or float(size.max()) <= _KNEE:
        return samples
    room = np.float32(1 - _KNEE)
    limited = _KNEE + room * np.tanh((size - _KNEE) / room)
    return np.where(size > _KNEE, np.copysign(limited, samples), samples).astype(np.float32)


def best_engine() -> EngineName:
    """Return the best engine that is installed."""
    return "espeak" if find_spec("espeakng_loader") else "tone"


def _load(name: EngineName) -> Engine:
    if name == "tone":
        return ToneEngine()
    try:
        return EspeakEngine()
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"espeak needs the extra 'speech' ({error.name} is not installed): "
            "pip install 'cartesia-openapi[speech]'",
            name=error.name,
        ) from error
