"""Speech as it is generated: to a file, to a pipe, aloud, and as subtitles."""

from __future__ import annotations

import struct
from contextlib import ExitStack
from enum import Enum
from typing import TYPE_CHECKING, BinaryIO, Callable, NamedTuple

from cartesia.cli.failures import CommandError
from cartesia.cli.files import open_output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from cartesia import Cartesia
    from cartesia.audio import Speaker
    from cartesia.subtitles import Word
    from cartesia.types import (
        GenerationConfigParam,
        MP3BitRate,
        OutputFormatParam,
        RawEncoding,
        RawOutputFormatParam,
        SampleRate,
        WebsocketResponse,
    )

_WAV_HEADER_BYTES = 44
_WAV_SIZES = (4, 40)
"""Where the lengths of the file and of its samples stand."""

_UNKNOWN_SIZE = 0xFFFFFFFF


class Container(str, Enum):
    """What holds the samples."""

    wav = "wav"
    mp3 = "mp3"
    raw = "raw"


class Sound(NamedTuple):
    """The form of the sound, and where it goes.

    Attributes:
        container: What holds it.
        encoding: The encoding of its samples.
        rate: Samples a second, in Hz.
        bit_rate: Bits a second of an MP3.
        output: The file; ``-`` is standard output, None is none.
        play: Whether it is played.
        subtitles: The file of the subtitles.
    """

    container: Container
    encoding: RawEncoding
    rate: SampleRate
    bit_rate: MP3BitRate
    output: str | None
    play: bool
    subtitles: Path | None

    @property
    def raw_format(self) -> RawOutputFormatParam:
        """Its samples, as they are asked for."""
        return {"container": "raw", "encoding": self.encoding, "sample_rate": self.rate}

    @property
    def output_format(self) -> OutputFormatParam:
        """What is asked for: MP3, or samples, whose header is written here."""
        if self.container is Container.mp3:
            return {"container": "mp3", "sample_rate": self.rate, "bit_rate": self.bit_rate}
        return self.raw_format

    def seconds(self, size: int) -> float:
        """Give the length of so many bytes of samples."""
        from cartesia.audio import AudioFormat

        return round(size / AudioFormat(self.rate, self.encoding).bytes_a_second, 3)


class Delivery(NamedTuple):
    """How the text is spoken.

    Attributes:
        voice: The id of the voice.
        model: The model.
        language: The language of the text; None is that of the voice.
        dictionary: The id of a pronunciation dictionary.
        config: Speed, volume and emotion.
    """

    voice: str
    model: str
    language: str | None
    dictionary: str | None
    config: GenerationConfigParam | None


def generate(
    client: Cartesia,
    transcript: str,
    delivery: Delivery,
    sound: Sound,
    show: Callable[[float], None],
) -> float | None:
    """Speak a whole text, in one request.

    Args:
        client: The client.
        transcript: The text.
        delivery: How it is spoken.
        sound: Where it goes.
        show: Gets the seconds of the sound so far, where they are known.

    Returns:
        The seconds of the sound; None where they are not known.
    """
    from cartesia import omit

    with (
        SpeechWriter(sound) as writer,
        client.tts.generate(
            transcript=transcript,
            voice=delivery.voice,
            model_id=delivery.model,
            language=delivery.language or omit,
            pronunciation_dict_id=delivery.dictionary or omit,
            generation_config=delivery.config or omit,
            output_format=sound.output_format,
        ) as speech,
    ):
        for piece in speech.iter_bytes():
            writer.write(piece)
            if sound.container is not Container.mp3:
                show(sound.seconds(writer.size))
    return None if sound.container is Container.mp3 else sound.seconds(writer.size)


def stream(
    client: Cartesia,
    transcript: str | Iterator[str],
    delivery: Delivery,
    sound: Sound,
    show: Callable[[float], None],
) -> float:
    """Speak over a WebSocket: while the text is being written, or with the times of its words.

    Args:
        client: The client.
        transcript: The text, or its pieces as they come.
        delivery: How it is spoken.
        sound: Where it goes.
        show: Gets the seconds of the sound so far.

    Returns:
        The seconds of the sound.
    """
    from cartesia import omit

    with (
        SpeechWriter(sound) as writer,
        client.tts.stream(
            transcript=transcript,
            voice=delivery.voice,
            model_id=delivery.model,
            language=delivery.language or omit,
            pronunciation_dict_id=delivery.dictionary or omit,
            generation_config=delivery.config or omit,
            output_format=sound.raw_format,
            add_timestamps=sound.subtitles is not None,
        ) as events,
    ):
        for event in events:
            writer.add(event)
            show(sound.seconds(writer.size))
    return sound.seconds(writer.size)


class SpeechWriter:
    """Writes, plays and subtitles the events of speech; a context manager, which ends it all.

    Args:
        sound: The form of the sound, and where it goes.

    Attributes:
        size: The bytes of the samples.
    """

    def __init__(self, sound: Sound) -> None:
        self.size = 0
        self._sound = sound
        self._context_id: object = None
        self._offset = 0.0
        self._words: list[Word] = []
        self._speaker: Speaker | None = None
        self._file: BinaryIO | None = None
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        sound = self._sound
        if sound.play:
            self._speaker = self._resources.enter_context(_open_speaker(sound))
        if sound.output is not None:
            self._file = self._resources.enter_context(open_output(sound.output))
            self._write_header(self._file, _UNKNOWN_SIZE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            with self._resources:
                self._finish()
        else:
            self._resources.__exit__(kind, error, traceback)

    def add(self, event: WebsocketResponse) -> None:
        """Take an event.

        Args:
            event: The event.
        """
        from cartesia.subtitles import Word, words_of

        context_id: object = getattr(event, "context_id", None)
        if context_id != self._context_id:
            # A text that pauses goes on in another context, whose times begin at 0 again.
            self._context_id, self._offset = context_id, self._sound.seconds(self.size)
        for word, start, end in words_of([event]):
            self._words.append(Word(word, start + self._offset, end + self._offset))
        audio: object = getattr(event, "audio", None)
        if isinstance(audio, bytes):
            self.write(audio)

    def write(self, audio: bytes) -> None:
        """Take a piece of the sound.

        Args:
            audio: Its bytes.
        """
        self.size += len(audio)
        if self._file is not None:
            self._file.write(audio)
            self._file.flush()
        if self._speaker is not None:
            self._speaker.write(audio)

    def _finish(self) -> None:
        """Write what is known now: the lengths in the header, and the subtitles."""
        if self._file is not None and self._sound.output != "-" and self._file.seekable():
            self._file.seek(0)
            self._write_header(self._file, self.size)
        path = self._sound.subtitles
        if path is not None:
            from cartesia.subtitles import cues, to_srt, to_vtt

            write = to_srt if path.suffix.lower() == ".srt" else to_vtt
            with open_output(str(path)) as file:
                file.write(write(cues(self._words)).encode())

    def _write_header(self, file: BinaryIO, size: int) -> None:
        """Write the header of a WAV file of so many bytes of samples; raw samples have none."""
        if self._sound.container is not Container.wav:
            return
        from cartesia.audio import to_wav

        sound = self._sound
        header = bytearray(to_wav(b"", sample_rate=sound.rate, encoding=sound.encoding))
        whole = min(size + _WAV_HEADER_BYTES - 8, _UNKNOWN_SIZE)
        for position, value in zip(_WAV_SIZES, (whole, size)):
            struct.pack_into("<I", header, position, value)
        file.write(header)


def _open_speaker(sound: Sound) -> Speaker:
    """Open what plays the sound.

    Raises:
        CommandError: There is nothing that does.
    """
    from cartesia.audio import AudioError, AudioFormat, Speaker

    is_mp3 = sound.container is Container.mp3
    try:
        return Speaker(None if is_mp3 else AudioFormat(sound.rate, sound.encoding))
    except AudioError as error:
        raise CommandError(f"{error}; or write a file: -o FILE") from error
