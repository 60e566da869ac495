"""Text in, pieces of audio and times out, one sentence after the other and at the server's pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Union

import numpy as np

from cartesia_mock.call import Mock
from cartesia_mock.pace import Pace
from cartesia_mock.speech import ENGINE_RATE, Samples, Timed, Utterance, VoiceTraits
from cartesia_mock.speech.audio import Encoder
from cartesia_mock.speech.markup import plain_text
from cartesia_mock.text import is_pronounceable, split_sentences

CHUNK_BYTES = 4096
"""Audio bytes in one chunk, as the API sends them."""

_PAUSE = np.zeros(round(0.2 * ENGINE_RATE), dtype=np.float32)


@dataclass(frozen=True)
class Manner:
    """How a text is to be spoken.

    Attributes:
        voice: Who speaks.
        language: Language code of the text.
        speed: Multiplier of the voice's pace.
        volume: Multiplier of its loudness.
    """

    voice: VoiceTraits
    language: str
    speed: float
    volume: float


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


@dataclass
class Tape:
    """Everything said so far in one answer or one context.

    Attributes:
        text: The transcript so far, exactly as it was sent.
        samples: The sound so far, piece by piece.
        words: When each word of it was said.
        seconds: Its length.
    """

    text: str = ""
    samples: list[Samples] = field(default_factory=list[Samples])
    words: list[Timed] = field(default_factory=list[Timed])
    seconds: float = 0.0

    def add(self, utterance: Utterance) -> tuple[Samples, float]:
        """Put an utterance behind what was said, with a pause between the two.

        Args:
            utterance: What was said.

        Returns:
            The sound to send, and the time at which the utterance begins (seconds).
        """
        sound = utterance.samples
        start = self.seconds
        if self.samples:
            start += len(_PAUSE) / ENGINE_RATE
            sound = np.concatenate([_PAUSE, sound])
        self.samples.append(sound)
        self.words += [word.shifted(start) for word in utterance.words]
        self.seconds += len(sound) / ENGINE_RATE
        return sound, start


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
        self.tape = Tape()
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
        settings = self._mock.settings
        loop = asyncio.get_running_loop()
        pace = Pace(loop.time(), settings.first_chunk_ms / 1000, settings.realtime_factor)
        begin = self.tape.seconds
        sentences = split_sentences(text)
        try:
            for index, sentence in enumerate(sentences):
                final = index == len(sentences) - 1
                passage = await asyncio.to_thread(self._make, sentence, encoder, index == 0, final)
                # The memory learns while the audio goes out, and knows it before the last of it.
                learned = self.remember() if final and last else None
                pieces = _cut(passage)
                for number, (moment, frames) in enumerate(pieces):
                    await pace.wait(moment - begin)
                    if learned is not None and number == len(pieces) - 1:
                        await learned
                    for frame in frames:
                        yield frame
                if stop():
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
                None, self._learn, list(tape.samples), plain_text(tape.text), list(tape.words)
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
            )
            sound, begins = tape.add(said)
            data += encoder.feed(sound)
            words = [word.shifted(begins) for word in said.words]
            phonemes = [phoneme.shifted(begins) for phoneme in said.phonemes]
        if final:
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
