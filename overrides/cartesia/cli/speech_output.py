"""Speech as it is generated: to a file, to a pipe, aloud, and as subtitles."""

from __future__ import annotations

from contextlib import ExitStack
from enum import Enum
from typing import IO, TYPE_CHECKING, Callable, NamedTuple

from cartesia.cli.failures import CommandError
from cartesia.cli.files import open_output

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from cartesia import Cartesia
    from cartesia.audio import AudioFormat, Speaker
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

    @property
    def audio_format(self) -> AudioFormat:
        """The form of its samples, as what plays them takes it."""
        from cartesia.audio import AudioFormat

        return AudioFormat(self.rate, self.encoding)

    def seconds(self, size: int) -> float:
        """Return the length of so many bytes of samples."""
        return round(size / self.audio_format.bytes_a_second, 3)


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
        self._file: IO[bytes] | None = None
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        from cartesia.audio import wav_header

        sound = self._sound
        with ExitStack() as opened:
            if sound.play:
                self._speaker = opened.enter_context(_open_speaker(sound))
            opened.push(self._finish)
            if sound.output is not None:
                self._file = opened.enter_context(open_output(sound.output))
                if sound.container is Container.wav:  # a file gets its lengths when it is complete
                    self._file.write(wav_header(sound.audio_format))
            self._resources = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
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

    def _finish(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Write the subtitles, when the file of the sound is there, before all has been heard."""
        path = self._sound.subtitles
        if kind is None and path is not None:
            from cartesia.subtitles import cues, to_srt, to_vtt

            write = to_srt if path.suffix.lower() == ".srt" else to_vtt
            with open_output(str(path)) as file:
                file.write(write(cues(self._words)).encode())


def _open_speaker(sound: Sound) -> Speaker:
    """Open what plays the sound.

    Raises:
        CommandError: There is nothing that does.
    """
    from cartesia.audio import AudioError, Speaker

    try:
        return Speaker(None if sound.container is Container.mp3 else sound.audio_format)
    except AudioError as error:
        raise CommandError(f"{error}; or write a file: -o FILE") from error
