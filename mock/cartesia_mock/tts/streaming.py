"""Streaming synthesis: text to paced chunks of audio and timestamps, sentence by sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Union

import numpy as np

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.http.api_request import Mock
from cartesia_mock.settings import MockSettings
from cartesia_mock.speech import (
    ENGINE_RATE,
    PronunciationDictionary,
    Samples,
    SpeechTooLongError,
    TimedText,
    Utterance,
    VoiceTraits,
)
from cartesia_mock.speech.audio import Encoder
from cartesia_mock.speech.markup import plain_text
from cartesia_mock.speech.normalization import AUTO
from cartesia_mock.speech.sentences import is_pronounceable, split_sentences
from cartesia_mock.speech.tokenization import is_unspaced
from cartesia_mock.speech.utterance import MAX_SPEECH_SECONDS, silence

CHUNK_BYTES = 4096
"""Bytes of audio in one chunk, as the API sends them."""

_SENTENCE_GAP = silence(0.2)


@dataclass(frozen=True)
class Prosody:
    """The part of how a text is spoken that may change from message to message.

    Attributes:
        speed: Multiplier of the voice's pace.
        volume: Multiplier of its loudness.
        pitch: What is added to its pitch, -1 to 1.
    """

    speed: float = 1.0
    volume: float = 1.0
    pitch: float = 0.0


@dataclass(frozen=True)
class SynthesisOptions:
    """How a text is to be spoken.

    Attributes:
        voice: The voice.
        language: Language code of the text.
        prosody: Speed, volume and pitch, where a text does not come with its own.
        pronunciations: Words that are pronounced differently than written.
        normalization: How numbers are spoken: `auto`, `off`, or as in a language (its code).
        max_seconds: Length after which the audio is cut; None for no limit.
        normalized_timings: Whether timestamps are of words as spoken (`twelve`) and not as
            written (`12`).
    """

    voice: VoiceTraits
    language: str
    prosody: Prosody = Prosody()
    pronunciations: PronunciationDictionary | None = None
    normalization: str = AUTO
    max_seconds: float | None = None
    normalized_timings: bool = False


@dataclass(frozen=True)
class AudioChunk:
    """A chunk of encoded audio."""

    data: bytes


@dataclass(frozen=True)
class WordTimings:
    """Timestamps of words, in seconds from the start of the stream."""

    times: Sequence[TimedText]


@dataclass(frozen=True)
class PhonemeTimings:
    """Timestamps of phonemes, in seconds from the start of the stream."""

    times: Sequence[TimedText]


StreamItem = Union[AudioChunk, WordTimings, PhonemeTimings]


@dataclass(frozen=True)
class _EncodedSentence:
    """One sentence, encoded, with its timestamps."""

    data: bytes
    start: float
    end: float
    words: list[TimedText]
    phonemes: list[TimedText]


class Pacer:
    """Delays the chunks of one generation: the first one briefly, the rest at a steady pace.

    Args:
        settings: The delay of the first chunk, and the seconds for one second of audio.
    """

    def __init__(self, settings: MockSettings) -> None:
        self._clock = asyncio.get_running_loop().time
        self._start = self._clock() + settings.first_chunk_ms / 1000
        self._realtime_factor = settings.realtime_factor

    async def wait(self, audio_seconds: float) -> None:
        """Wait until the chunk that begins `audio_seconds` into the audio is due.

        Other tasks can run even when the chunk is due already.
        """
        due = self._start + audio_seconds * self._realtime_factor
        await asyncio.sleep(max(due - self._clock(), 0))


@dataclass
class SpeechBuffer:
    """Everything that was spoken in one response or one context.

    Attributes:
        language: Language code of the text.
        max_seconds: Length after which audio is cut; None for no limit.
        text: The transcript as it was sent, with a space where two texts met without one.
        samples: The audio, in pieces.
        words: Timestamps of the words.
        seconds: Length of the audio.
        is_full: Whether audio was cut.
    """

    language: str = "en"
    max_seconds: float | None = None
    text: str = ""
    samples: list[Samples] = field(default_factory=list[Samples])
    words: list[TimedText] = field(default_factory=list[TimedText])
    seconds: float = 0.0
    is_full: bool = False

    def append_text(self, text: str) -> None:
        """Append a text that is spoken separately, and hence begins with a word of its own."""
        meet = self.text[-1:].strip() and text[:1].strip()
        if meet and is_pronounceable(text) and not is_unspaced(self.language):
            self.text += " "
        self.text += text

    def append(self, utterance: Utterance) -> Utterance:
        """Append an utterance, after a pause.

        Args:
            utterance: The utterance.

        Returns:
            The appended part: its audio, and its timestamps from the start of the buffer.

        Raises:
            SpeechTooLongError: The buffer would be longer than `MAX_SPEECH_SECONDS`.
        """
        sound, start = utterance.samples, self.seconds
        if self.samples:
            start += len(_SENTENCE_GAP) / ENGINE_RATE
            sound = np.concatenate([_SENTENCE_GAP, sound])
        if self.max_seconds is not None:
            room = max(self.max_seconds - self.seconds, 0.0) * ENGINE_RATE
            self.is_full = room < len(sound)
            if self.is_full:
                sound = sound[: round(room)]
        self.seconds += len(sound) / ENGINE_RATE
        if self.seconds > MAX_SPEECH_SECONDS:
            raise SpeechTooLongError
        appended = Utterance(
            utterance.text,
            sound,
            words=self._shifted(utterance.words, start),
            normalized_words=self._shifted(utterance.normalized_words, start),
            phonemes=self._shifted(utterance.phonemes, start),
        )
        self.samples.append(sound)
        self.words += appended.words
        return appended

    def transcript(self) -> str:
        """Return the audible text: without tags, and up to the last word before a cut."""
        text = plain_text(self.text)
        if not self.is_full:
            return text
        end = 0
        for word in self.words:
            end = text.index(word.text, end) + len(word.text)
        return text[:end]

    def _shifted(self, times: Sequence[TimedText], start: float) -> list[TimedText]:
        shifted = [each.shifted(start) for each in times]
        if not self.is_full:
            return shifted
        end = self.seconds
        return [
            TimedText(each.text, each.start, min(each.end, end))
            for each in shifted
            if each.start < end
        ]


class SpeechStreamer:
    """Speaks one response or one context.

    Args:
        mock: The server's components.
        options: How to speak.
    """

    def __init__(self, mock: Mock, options: SynthesisOptions) -> None:
        self._buffer = SpeechBuffer(options.language, options.max_seconds)
        self._mock = mock
        self._options = options
        self._indexed: asyncio.Future[None] | None = None
        self._indexed_text = ""

    async def stream(
        self,
        text: str,
        encoder: Encoder,
        *,
        prosody: Prosody | None = None,
        last: bool = True,
        stop: Callable[[], bool] = lambda: False,
    ) -> AsyncIterator[StreamItem]:
        """Speak a text.

        Args:
            text: The text.
            encoder: Encodes the audio, with a header and an end of its own.
            prosody: Speed, volume and pitch of this text; by default those of the options.
            last: Whether this is the last text. All audio is then indexed for transcription
                before its last chunk is sent.
            stop: Called between sentences; returns whether to skip the rest.

        Yields:
            The audio in chunks, each after the words and phonemes that begin in it.

        Raises:
            HTTPError: The speech would be too long (400).
        """
        buffer = self._buffer
        prosody = prosody or self._options.prosody
        if buffer.is_full:
            return
        pacer = Pacer(self._mock.settings)
        begin = buffer.seconds
        sentences = split_sentences(text)
        try:
            for index, sentence in enumerate(sentences):
                final = index == len(sentences) - 1
                try:
                    encoded = await asyncio.to_thread(
                        self._synthesize,
                        sentence,
                        encoder,
                        prosody,
                        is_first=index == 0,
                        is_final=final,
                    )
                except SpeechTooLongError as error:
                    raise HTTPError(400, "Transcript too long", str(error)) from None
                final = final or buffer.is_full
                # Indexing runs while the audio is sent, and ends before the last chunk.
                indexed = self.index() if final and last else None
                chunks = _split_chunks(encoded)
                for number, (start, items) in enumerate(chunks):
                    await pacer.wait(start - begin)
                    if indexed is not None and number == len(chunks) - 1:
                        await indexed
                    for item in items:
                        yield item
                if final or stop():
                    return
        finally:
            if last:
                self.index()  # Audio before a disconnect was spoken, too.

    def index(self) -> asyncio.Future[None]:
        """Start to index everything spoken so far for transcription; the future tells the end."""
        buffer = self._buffer
        if self._indexed is None or self._indexed_text != buffer.text:
            self._indexed_text = buffer.text
            self._indexed = asyncio.get_running_loop().run_in_executor(
                None, self._index, list(buffer.samples), buffer.transcript(), list(buffer.words)
            )
        return self._indexed

    def _index(self, samples: list[Samples], transcript: str, words: list[TimedText]) -> None:
        if samples:
            sound = np.concatenate(samples)
            self._mock.fingerprints.add(sound, ENGINE_RATE, transcript, words)

    def _synthesize(
        self,
        sentence: str,
        encoder: Encoder,
        prosody: Prosody,
        *,
        is_first: bool,
        is_final: bool,
    ) -> _EncodedSentence:
        buffer, options = self._buffer, self._options
        buffer.append_text(sentence)
        data = encoder.header() if is_first else b""
        start = buffer.seconds
        words: list[TimedText] = []
        phonemes: list[TimedText] = []
        if is_pronounceable(sentence):
            utterance = self._mock.synthesizer.synthesize(
                sentence,
                language=options.language,
                voice=options.voice.raised(prosody.pitch),
                speed=prosody.speed,
                volume=prosody.volume,
                pronunciations=options.pronunciations,
                normalization=options.normalization,
            )
            appended = buffer.append(utterance)
            data += encoder.feed(appended.samples)
            words = appended.normalized_words if options.normalized_timings else appended.words
            phonemes = appended.phonemes
        if is_final or buffer.is_full:
            data += encoder.finish()
        return _EncodedSentence(data, start, buffer.seconds, words, phonemes)


def _split_chunks(sentence: _EncodedSentence) -> list[tuple[float, list[StreamItem]]]:
    """Split a sentence into chunks: the time at which each begins, and its items."""
    chunks: list[tuple[float, list[StreamItem]]] = []
    offsets = range(0, len(sentence.data), CHUNK_BYTES)
    words, phonemes = list(sentence.words), list(sentence.phonemes)
    seconds = sentence.end - sentence.start
    for index, offset in enumerate(offsets):
        is_last = index == len(offsets) - 1
        end = float("inf") if is_last else sentence.start + seconds * (index + 1) / len(offsets)
        items: list[StreamItem] = []
        chunk_words = _take_before(words, end)
        if chunk_words:
            items.append(WordTimings(chunk_words))
        chunk_phonemes = _take_before(phonemes, end)
        if chunk_phonemes:
            items.append(PhonemeTimings(chunk_phonemes))
        items.append(AudioChunk(sentence.data[offset : offset + CHUNK_BYTES]))
        chunks.append((sentence.start + seconds * index / len(offsets), items))
    return chunks


def _take_before(times: list[TimedText], end: float) -> list[TimedText]:
    count = 0
    while count < len(times) and times[count].start < end:
        count += 1
    taken = times[:count]
    del times[:count]
    return taken
