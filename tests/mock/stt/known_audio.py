"""Audio of two known sentences, and helpers to send it to sessions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cartesia_mock.api.jsontypes import JSONObject
from cartesia_mock.speech import ENGINE_RATE, SpeechSynthesizer, VoiceTraits
from cartesia_mock.speech.audio import PCMEncoding, pack, resample
from cartesia_mock.speech.recognition import FingerprintIndex, Transcriber
from cartesia_mock.stt.manual_session import ManualSession, SilenceOptions, StreamOptions
from cartesia_mock.stt.turn_session import TurnSession

RATE = 16000
FIRST = "The quick brown fox jumps over the lazy dog."
SECOND = "Bring seven yellow boats to the harbour!"
# Known sound is known in any language; other sound is only recognised in English, and then by
# what a machine has installed.
LANGUAGE = "de"
ID = "3c9d7e21-5b0f-4a8e-9d16-7f2c4b8a1e05"


class KnownAudio:
    """A transcriber that knows two sentences, and their sound at any rate and encoding."""

    def __init__(self) -> None:
        speech = SpeechSynthesizer(engine="tone")
        memory = FingerprintIndex()
        self.transcriber = Transcriber(memory)
        self._said = {
            text: speech.synthesize(text, language="en", voice=VoiceTraits(), speed=1.0, volume=1.0)
            for text in (FIRST, SECOND)
        }
        for text, utterance in self._said.items():
            memory.add(utterance.samples, utterance.sample_rate, text, utterance.words)

    def words(self, text: str) -> list[str]:
        return [word.text for word in self._said[text].words]

    def sound(
        self, *parts: str | float, encoding: PCMEncoding = "pcm_s16le", rate: int = RATE
    ) -> bytes:
        """Put sentences, and silences in seconds, behind each other."""
        pieces = [
            self._said[part].samples
            if isinstance(part, str)
            else np.zeros(round(part * ENGINE_RATE), dtype=np.float32)
            for part in parts
        ]
        return pack(resample(np.concatenate(pieces), ENGINE_RATE, rate), encoding)


def frames(data: bytes, seconds: float = 0.1, rate: int = RATE, size: int = 2) -> Iterator[bytes]:
    step = round(rate * seconds) * size
    return (data[at : at + step] for at in range(0, len(data), step))


def say(session: ManualSession | TurnSession, data: bytes) -> list[JSONObject]:
    return [message for frame in frames(data) for message in session.receive_audio(frame, 0.0)]


def kinds(messages: list[JSONObject]) -> list[Any]:
    """Return the types, each run of updates as one."""
    found = [message["type"] for message in messages]
    return [
        kind
        for at, kind in enumerate(found)
        if at == 0 or kind != found[at - 1] or kind != "turn.update"
    ]


def finals(messages: list[JSONObject]) -> list[Any]:
    return [message["text"] for message in messages if message.get("is_final")]


def ended(messages: list[JSONObject]) -> list[Any]:
    return [message["transcript"] for message in messages if message["type"] == "turn.end"]


def manual(
    known_audio: KnownAudio,
    encoding: PCMEncoding = "pcm_s16le",
    rate: int = RATE,
    silence: SilenceOptions | None = None,
) -> ManualSession:
    return ManualSession(
        known_audio.transcriber, StreamOptions(ID, encoding, rate, LANGUAGE), silence
    )
