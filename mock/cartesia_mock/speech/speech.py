"""The voice of the mock server: transcripts in, sound with true times out."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

import numpy as np

from .engine import Engine
from .espeak import EspeakEngine
from .markup import Pause, parse_transcript, plain_text
from .normal import times_as_said
from .respelling import Respelling
from .tone import ToneEngine
from .utterance import ENGINE_RATE, Samples, Timed, Utterance, VoiceTraits, silence

EngineName = Literal["espeak", "tone"]
_PASSAGE_GAP = 0.08
_KNEE = 0.8


class Speech:
    """Reads transcripts aloud, from any thread.

    Args:
        engine: `espeak` (needs the extra `speech`), `tone` (a tone for each word), or the best
            that is installed.

    Raises:
        ModuleNotFoundError: `espeak` was asked for and is not installed.
    """

    def __init__(self, *, engine: EngineName | None = None) -> None:
        self.engine_name: EngineName = engine or best_engine()
        self._engine = _load(self.engine_name)

    def say(
        self,
        text: str,
        *,
        language: str = "en",
        voice: VoiceTraits | None = None,
        speed: float = 1.0,
        volume: float = 1.0,
        respelling: Respelling | None = None,
    ) -> Utterance:
        """Read a transcript aloud; blocks while it is made.

        Args:
            text: The transcript, with SSML-like tags or without.
            language: Language code; one that no voice speaks is read by the nearest that does.
            voice: Who speaks.
            speed: Multiplier of the voice's pace, 0.6 to 1.5.
            volume: Multiplier of the loudness, 0.5 to 2.0; loud parts are limited, never clipped.
            respelling: Words to say otherwise than they are written.

        Returns:
            The sound with the times of its words and phonemes. Without a word or a break it is
            empty.
        """
        voice = voice or VoiceTraits()
        sounds: list[Samples] = []
        words: list[Timed] = []
        said: list[Timed] = []
        phonemes: list[Timed] = []
        at = 0
        spoken_before = False
        for part in parse_transcript(text, language):
            if isinstance(part, Pause):
                sound = silence(part.seconds)
                spoken_before = False
            else:
                if respelling:
                    part = respelling.apply(part, language)  # noqa: PLW2901  the same part
                if spoken_before:
                    sounds.append(silence(_PASSAGE_GAP))
                    at += len(sounds[-1])
                spoken = self._engine.speak(
                    part, language=language, voice=voice, speed=speed * part.speed
                )
                sound = limit(spoken.samples * np.float32(volume * part.volume))
                words += [word.shifted(at / ENGINE_RATE) for word in spoken.words]
                as_said = times_as_said(part.words, spoken.words, language)
                said += [word.shifted(at / ENGINE_RATE) for word in as_said]
                phonemes += [phoneme.shifted(at / ENGINE_RATE) for phoneme in spoken.phonemes]
                spoken_before = True
            sounds.append(sound)
            at += len(sound)
        samples = np.concatenate(sounds) if sounds else silence(0)
        return Utterance(plain_text(text), samples, ENGINE_RATE, words, said, phonemes)


def limit(samples: Samples) -> Samples:
    """Bend what is louder than a knee softly under full scale; the rest stays as it is."""
    size = np.abs(samples)
    if not len(size) or float(size.max()) <= _KNEE:
        return samples
    room = np.float32(1 - _KNEE)
    bent = _KNEE + room * np.tanh((size - _KNEE) / room)
    return np.where(size > _KNEE, np.copysign(bent, samples), samples).astype(np.float32)


def best_engine() -> EngineName:
    """Name the best engine that is installed."""
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
