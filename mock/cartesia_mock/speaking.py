"""Text in, pieces of audio and times out, one sentence after the other and at the server's pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Union

import numpy as np

from cartesia_mock.call import Mock
from cartesia_mock.pace import Pace
from cartesia_mock.speech import (
    ENGINE_RATE,
    Respelling,
    Samples,
    Timed,
    VoiceTraits,
)
from cartesia_mock.speech.audio import Encoder
from cartesia_mock.tape import Tape
from cartesia_mock.text import is_pronounceable, split_sentences

CHUNK_BYTES = 4096
"""Audio bytes in one chunk, as the API sends them."""


@dataclass(frozen=True)
class Manner:
    """How a text is to be spoken.

    Attributes:
        voice: Who speaks.
        language: Language code of the text.
        speed: Multiplier of the voice's pace.
        volume: Multiplier of its loudness.
        respelling: Words to say otherwise than they are written.
        longest: Seconds after which it breaks off; None for the whole text.
        times_as_said: Whether the times are those of words as they are said (`twelve`), not as
            they are written (`12`).
    """

    voice: VoiceTraits
    language: str
    speed: float = 1.0
    volume: float = 1.0
    respelling: Respelling | None = None
    longest: float | None = None
    times_as_said: bool = False


@dataclass(frozen=True)
class Audio:
    """A piece of encoded audio."""

    data: bytes


@dataclass(frozen=True)
class Words:
    """When words are said, in seconds from the start of the tape."""

    times: Sequence[Timed]


@dataclass(frozen=True)
class Phonemes:
    """When phonemes are said, in seconds from the start of the tape."""

    times: Sequence[Timed]


Frame = Union[Audio, Words, Phonemes]


@dataclass(frozen=True)
class _Passage:
    """One sentence, encoded: a part of the tape."""

    data: bytes
    start: float
    end: float
    words: list[Timed]
    phonemes: list[Timed]


class Speaker:
    """Speaks one answer or one context.

    Args:
        mock: The server's parts.
        manner: How to speak.
    """

    def __init__(self, mock: Mock, manner: Manner) -> None:
        self.tape = Tape(manner.longest)
        self._mock = mock
        self._manner = manner
        self._learned: asyncio.Future[None] | None = None
        self._learned_text = ""

    async def speak(
        self,
        text: str,
        encoder: Encoder,
        *,
        last: bool = True,
        stop: Callable[[], bool] = lambda: False,
    ) -> AsyncIterator[Frame]:
        """Speak a text.

        Args:
            text: The text.
            encoder: Encodes the audio, from a header to an end of its own.
            last: Whether nothing more is said on this tape. The whole of it is then known to
                transcription before its last audio goes out.
            stop: Asked between sentences: whether to leave out the rest.

        Yields:
            The audio in pieces, and before each the words and phonemes that begin in it.
        """
        if self.tape.is_full:
            return
        settings = self._mock.settings
        loop = asyncio.get_running_loop()
        pace = Pace(loop.time(), settings.first_chunk_ms / 1000, settings.realtime_factor)
        begin = self.tape.seconds
        sentences = split_sentences(text)
        try:
            for index, sentence in enumerate(sentences):
                final = index == len(sentences) - 1
                passage = await asyncio.to_thread(self._make, sentence, encoder, index == 0, final)
                final = final or self.tape.is_full
                # The memory learns while the audio goes out, and knows it before the last of it.
                learned = self.remember() if final and last else None
                pieces = _cut(passage)
                for number, (moment, frames) in enumerate(pieces):
                    await pace.wait(moment - begin)
                    if learned is not None and number == len(pieces) - 1:
                        await learned
                    for frame in frames:
                        yield frame
                if final or stop():
                    return
        finally:
            if last:
                self.remember()  # What a client leaves in the middle was said all the same.

    def remember(self) -> asyncio.Future[None]:
        """Let the memory learn everything said so far; it knows it when the result is there."""
        tape = self.tape
        if self._learned is None or self._learned_text != tape.text:
            self._learned_text = tape.text
            self._learned = asyncio.get_running_loop().run_in_executor(
                None, self._learn, list(tape.samples), tape.transcript(), list(tape.words)
            )
        return self._learned

    def _learn(self, samples: list[Samples], transcript: str, words: list[Timed]) -> None:
        if samples:
            sound = np.concatenate(samples)
            self._mock.memory.remember(sound, ENGINE_RATE, transcript, words)

    def _make(self, sentence: str, encoder: Encoder, first: bool, final: bool) -> _Passage:
        tape, manner = self.tape, self._manner
        tape.text += sentence
        data = encoder.header() if first else b""
        start = tape.seconds
        words: list[Timed] = []
        phonemes: list[Timed] = []
        if is_pronounceable(sentence):
            said = self._mock.speech.say(
                sentence,
                language=manner.language,
                voice=manner.voice,
                speed=manner.speed,
                volume=manner.volume,
                respelling=manner.respelling,
            )
            added = tape.add(said)
            data += encoder.feed(added.samples)
            words = added.said if manner.times_as_said else added.words
            phonemes = added.phonemes
        if final or tape.is_full:
            data += encoder.finish()
        return _Passage(data, start, tape.seconds, words, phonemes)


def _cut(passage: _Passage) -> list[tuple[float, list[Frame]]]:
    """Cut a passage into chunks: when each begins, and each with the times that begin in it."""
    found: list[tuple[float, list[Frame]]] = []
    pieces = range(0, len(passage.data), CHUNK_BYTES)
    words, phonemes = list(passage.words), list(passage.phonemes)
    seconds = passage.end - passage.start
    for index, at in enumerate(pieces):
        last = index == len(pieces) - 1
        end = float("inf") if last else passage.start + seconds * (index + 1) / len(pieces)
        frames: list[Frame] = []
        begun = _take_before(words, end)
        if begun:
            frames.append(Words(begun))
        sounded = _take_before(phonemes, end)
        if sounded:
            frames.append(Phonemes(sounded))
        frames.append(Audio(passage.data[at : at + CHUNK_BYTES]))
        found.append((passage.start + seconds * index / len(pieces), frames))
    return found


def _take_before(times: list[Timed], end: float) -> list[Timed]:
    count = 0
    while count < len(times) and times[count].start < end:
        count += 1
    taken = times[:count]
    del times[:count]
    return taken
