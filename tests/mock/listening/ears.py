"""Ears that know two sentences, and what the tests say to a session and read from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cartesia_mock.jsontypes import JSONObject
from cartesia_mock.listening.manual import ManualSession, Silence, Stream
from cartesia_mock.listening.turns import TurnSession
from cartesia_mock.speech import ENGINE_RATE, Speech, VoiceTraits
from cartesia_mock.speech.audio import PCMEncoding, pack, resample
from cartesia_mock.speech.hearing import Hearing, Memory

RATE = 16000
FIRST = "The quick brown fox jumps over the lazy dog."
SECOND = "Bring seven yellow boats to the harbour!"
# Known sound is known in any language; other sound is only recognised in English, and then by
# what a machine has installed.
LANGUAGE = "de"
ID = "3c9d7e21-5b0f-4a8e-9d16-7f2c4b8a1e05"


class Ears:
    """A hearing that knows two sentences, and their sound at any rate and encoding."""

    def __init__(self) -> None:
        speech = Speech(engine="tone")
        memory = Memory()
        self.hearing = Hearing(memory)
        self._said = {
            text: speech.say(text, language="en", voice=VoiceTraits(), speed=1.0, volume=1.0)
            for text in (FIRST, SECOND)
        }
        for text, said in self._said.items():
            memory.remember(said.samples, said.sample_rate, text, said.words)

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
    return [message for frame in frames(data) for message in session.hear(frame, 0.0)]


def kinds(messages: list[JSONObject]) -> list[Any]:
    """Give the types, each run of updates as one."""
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
    ears: Ears,
    encoding: PCMEncoding = "pcm_s16le",
    rate: int = RATE,
    silence: Silence | None = None,
) -> ManualSession:
    return ManualSession(ears.hearing, Stream(ID, encoding, rate, LANGUAGE), silence)
