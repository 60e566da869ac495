"""``cartesia-voice speak``: text to speech, to a file, to a pipe, or aloud."""

import codecs
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Callable, NamedTuple, Optional, Union, cast

import typer

from cartesia.cli.session import JsonFlag, MockFlag, check_value, open_client
from cartesia.cli.terminal import check_output, note, open_output, progress, to_json, write
from cartesia.cli.voice_search import DEFAULT_VOICE, find_voice

if TYPE_CHECKING:
    from cartesia import Cartesia
    from cartesia.subtitles import Word
    from cartesia.types import (
        GenerationConfigParam,
        MP3BitRate,
        OutputFormatParam,
        RawEncoding,
        RawOutputFormatParam,
        SampleRate,
    )

_STDIN = 0
_READ_BYTES = 65536
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
    encoding: "RawEncoding"
    rate: "SampleRate"
    bit_rate: "MP3BitRate"
    output: Optional[str]
    play: bool
    subtitles: Optional[Path]


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
    language: Optional[str]
    dictionary: Optional[str]
    config: "Optional[GenerationConfigParam]"


def speak(
    text: Annotated[
        Optional[list[str]],
        typer.Argument(
            metavar="[TEXT | -]", help="What to say; - says standard input as it comes."
        ),
    ] = None,
    *,
    file: Annotated[
        Optional[Path], typer.Option("--file", "-f", metavar="FILE", help="Say what is in a file.")
    ] = None,
    output: Annotated[
        Optional[str],
        typer.Option("--output", "-o", metavar="FILE", help="Write the sound; - is a pipe."),
    ] = None,
    play: Annotated[
        bool, typer.Option("--play", help="Play it; this is the default without --output.")
    ] = False,
    subtitles: Annotated[
        Optional[Path], typer.Option(metavar="FILE", help="Write subtitles: a .srt or .vtt file.")
    ] = None,
    voice: Annotated[
        str,
        typer.Option("--voice", "-v", envvar="CARTESIA_VOICE", help="Name or id of the voice."),
    ] = DEFAULT_VOICE,
    container: Annotated[
        Optional[Container],
        typer.Option("--format", help="By default that of the file's name, else wav."),
    ] = None,
    rate: Annotated[int, typer.Option(metavar="HZ", help="Samples a second.")] = 44100,
    encoding: Annotated[str, typer.Option(help="Of the samples of wav and raw.")] = "pcm_s16le",
    bit_rate: Annotated[int, typer.Option(help="Bits a second of mp3.")] = 128000,
    speed: Annotated[Optional[float], typer.Option(help="0.6 to 1.5.")] = None,
    volume: Annotated[Optional[float], typer.Option(help="0.5 to 2.0.")] = None,
    emotion: Annotated[Optional[str], typer.Option(help="Such as calm, excited or sad.")] = None,
    language: Annotated[
        Optional[str], typer.Option("--language", "-l", help="By default that of the voice.")
    ] = None,
    dictionary: Annotated[
        Optional[str], typer.Option(metavar="ID", help="A pronunciation dictionary.")
    ] = None,
    model: Annotated[str, typer.Option(help="The model.")] = "sonic-latest",
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Speak a text: to a file, to a pipe, or aloud.

    Text of a pipe is spoken while it is still being written:
    llm "Tell me a story" | cartesia-voice speak -
    """
    transcript = _transcript(text, file)
    sound = Sound(
        container or _container_of(output),
        cast("RawEncoding", check_value("--encoding", encoding, "RawEncoding")),
        cast("SampleRate", check_value("--rate", rate, "SampleRate")),
        cast("MP3BitRate", check_value("--bit-rate", bit_rate, "MP3BitRate")),
        output,
        play or (output is None and subtitles is None),
        subtitles,
    )
    _check(sound, json=json)
    config = _config(speed, volume, emotion)
    with open_client(mock=mock) as client, progress("speaking") as show:
        voice = find_voice(client, voice)
        delivery = Delivery(voice, model, language, dictionary, config)
        if sound.container is Container.mp3 or (
            isinstance(transcript, str) and sound.subtitles is None
        ):
            seconds = _generate(client, "".join(transcript), delivery, sound)
        else:
            seconds = _stream(client, transcript, delivery, sound, show)
    if json:
        fields = {"output": output, "subtitles": subtitles, "seconds": seconds, "voice": voice}
        write(to_json(fields))
    elif output not in {None, "-"}:
        length = "" if seconds is None else f"{seconds:.1f} s of speech in "
        note(f"{length}{output}")


def _transcript(words: Optional[list[str]], file: Optional[Path]) -> Union[str, Iterator[str]]:
    """Give the text, or its pieces as they come.

    Raises:
        BadParameter: There is none, or more than one.
    """
    if file is not None:
        if words:
            raise typer.BadParameter("give a text or --file, not both")
        if str(file) != "-":
            return _spoken(file.read_text(encoding="utf-8"), f"{file} is empty")
    if words == ["-"] or file is not None or (not words and not sys.stdin.isatty()):
        return _incoming_text()
    if not words:
        raise typer.BadParameter('what to say? `speak "Hello"`, `speak --file FILE`, or a pipe')
    return _spoken(" ".join(words), "the text is empty")


def _spoken(text: str, complaint: str) -> str:
    if not text.strip():
        raise typer.BadParameter(complaint)
    return text


def _incoming_text() -> Iterator[str]:
    """Read text from standard input as it comes.

    Another thread does it, which may still wait for text when the program ends: it must not hold
    the lock of `sys.stdin`.

    Raises:
        BadParameter: There is none.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_empty = True
    while data := os.read(_STDIN, _READ_BYTES):
        text = decoder.decode(data)
        is_empty = is_empty and not text.strip()
        if text:
            yield text
    decoder.decode(b"", final=True)
    if is_empty:
        raise typer.BadParameter("no text came from standard input")


def _container_of(output: Optional[str]) -> Container:
    suffix = Path(output or "").suffix.lower()
    containers = {".mp3": Container.mp3, ".raw": Container.raw, ".pcm": Container.raw}
    return containers.get(suffix, Container.wav)


def _config(
    speed: Optional[float], volume: Optional[float], emotion: Optional[str]
) -> "Optional[GenerationConfigParam]":
    given: GenerationConfigParam = {}
    if speed is not None:
        given["speed"] = speed
    if volume is not None:
        given["volume"] = volume
    if emotion is not None:
        given["emotion"] = emotion
    return given or None


def _check(sound: Sound, *, json: bool) -> None:
    """Check what is to be done before anything is sent.

    Raises:
        BadParameter: It cannot be done.
    """
    check_output(sound.output)
    check_output(sound.subtitles)
    if json and sound.output == "-":
        raise typer.BadParameter("standard output takes the sound, or --json, not both")
    if sound.subtitles is None:
        return
    if sound.container is Container.mp3:
        raise typer.BadParameter("MP3 comes without the times of words: use wav for --subtitles")
    if sound.subtitles.suffix.lower() not in {".srt", ".vtt"}:
        raise typer.BadParameter("--subtitles takes a file that ends in .srt or .vtt")


def _generate(client: "Cartesia", text: str, delivery: Delivery, sound: Sound) -> Optional[float]:
    """Speak a text that is whole, in one request.

    Returns:
        The seconds of the sound; None where they are not known.
    """
    from cartesia import omit
    from cartesia.audio import play

    speech = client.tts.generate(
        transcript=text,
        voice=delivery.voice,
        model_id=delivery.model,
        language=delivery.language or omit,
        pronunciation_dict_id=delivery.dictionary or omit,
        generation_config=delivery.config or omit,
        output_format=_output_format(sound),
    )
    with speech:
        if sound.play:
            play(speech)
        if sound.output == "-":
            with open_output("-") as pipe:
                for piece in speech.iter_bytes():
                    pipe.write(piece)
                    pipe.flush()
        elif sound.output is not None:
            speech.write_to_file(sound.output)
        size = sum(len(piece) for piece in speech.iter_bytes())
    if sound.container is Container.mp3:
        return None
    return _seconds(sound, size - (_WAV_HEADER_BYTES if sound.container is Container.wav else 0))


def _stream(
    client: "Cartesia",
    transcript: Union[str, Iterable[str]],
    delivery: Delivery,
    sound: Sound,
    show: Callable[[str], None],
) -> float:
    """Speak a text over a WebSocket: while it is being written, or with the times of its words.

    Returns:
        The seconds of the sound.
    """
    from cartesia import omit
    from cartesia.audio import AudioFormat, Speaker
    from cartesia.subtitles import words_of

    words: list[Word] = []
    size = 0
    with ExitStack() as stack:
        speaker = None
        if sound.play:
            speaker = stack.enter_context(Speaker(AudioFormat(sound.rate, sound.encoding)))
        file = None
        if sound.output is not None:
            file = stack.enter_context(open_output(sound.output))
            _write_header(file, sound, _UNKNOWN_SIZE)
        stream = stack.enter_context(
            client.tts.stream(
                transcript=transcript,
                voice=delivery.voice,
                model_id=delivery.model,
                language=delivery.language or omit,
                pronunciation_dict_id=delivery.dictionary or omit,
                generation_config=delivery.config or omit,
                output_format=_raw_format(sound),
                add_timestamps=sound.subtitles is not None,
            )
        )
        for event in stream:
            words += words_of([event])
            audio: object = getattr(event, "audio", None)
            if not isinstance(audio, bytes):
                continue
            size += len(audio)
            show(f"speaking: {_seconds(sound, size):.1f} s")
            if file is not None:
                file.write(audio)
                file.flush()
            if speaker is not None:
                speaker.write(audio)
        if file is not None and sound.output != "-" and file.seekable():
            file.seek(0)
            _write_header(file, sound, size)
    if sound.subtitles is not None:
        _write_subtitles(sound.subtitles, words)
    return _seconds(sound, size)


def _output_format(sound: Sound) -> "OutputFormatParam":
    if sound.container is Container.mp3:
        return {"container": "mp3", "sample_rate": sound.rate, "bit_rate": sound.bit_rate}
    if sound.container is Container.raw:
        return _raw_format(sound)
    return {"container": "wav", "encoding": sound.encoding, "sample_rate": sound.rate}


def _raw_format(sound: Sound) -> "RawOutputFormatParam":
    return {"container": "raw", "encoding": sound.encoding, "sample_rate": sound.rate}


def _seconds(sound: Sound, size: int) -> float:
    """Give the length of so many bytes of samples."""
    from cartesia.audio import AudioFormat

    return round(size / AudioFormat(sound.rate, sound.encoding).bytes_a_second, 3)


def _write_header(file: BinaryIO, sound: Sound, size: int) -> None:
    """Write the header of a WAV file of so many bytes of samples; raw samples have none."""
    if sound.container is not Container.wav:
        return
    from cartesia.audio import to_wav

    header = bytearray(to_wav(b"", sample_rate=sound.rate, encoding=sound.encoding))
    whole = min(size + _WAV_HEADER_BYTES - 8, _UNKNOWN_SIZE)
    for position, value in zip(_WAV_SIZES, (whole, size)):
        struct.pack_into("<I", header, position, value)
    file.write(header)


def _write_subtitles(path: Path, words: "list[Word]") -> None:
    from cartesia.subtitles import cues, to_srt, to_vtt

    write = to_srt if path.suffix.lower() == ".srt" else to_vtt
    with open_output(str(path)) as file:
        file.write(write(cues(words)).encode())
