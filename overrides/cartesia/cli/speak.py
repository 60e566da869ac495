"""``cartesia-voice speak``: text to speech, to a file, to a pipe, or aloud."""

import codecs
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, Union, cast

import typer

from cartesia.cli.failures import CommandError
from cartesia.cli.files import check_output, choose_format, read_text
from cartesia.cli.session import JsonFlag, MockFlag, check_range, check_value, open_speaking_client
from cartesia.cli.speech_output import Container, Delivery, Sound, generate, stream
from cartesia.cli.terminal import note, progress, to_json, write
from cartesia.cli.voice_search import DEFAULT_VOICE, find_voice

if TYPE_CHECKING:
    from cartesia.types import GenerationConfigParam, MP3BitRate, RawEncoding, SampleRate

_STDIN = 0
_READ_BYTES = 65536
_ENDINGS = {
    ".wav": Container.wav,
    ".mp3": Container.mp3,
    ".raw": Container.raw,
    ".pcm": Container.raw,
}


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
        typer.Option(
            "--voice",
            "-v",
            metavar="NAME",
            envvar="CARTESIA_VOICE",
            show_default=False,
            help="Name or id of the voice; by default Katie.",
        ),
    ] = DEFAULT_VOICE,
    container: Annotated[
        Optional[Container],
        typer.Option("--format", help="By default that of the file's name, else wav."),
    ] = None,
    rate: Annotated[int, typer.Option(metavar="HZ", help="Samples a second.")] = 44100,
    encoding: Annotated[
        Optional[str],
        typer.Option(
            metavar="NAME", help="Of samples: pcm_s16le (default), pcm_f32le, pcm_mulaw, pcm_alaw."
        ),
    ] = None,
    bit_rate: Annotated[
        Optional[int],
        typer.Option(metavar="NUMBER", help="Bits a second of mp3; by default 128000."),
    ] = None,
    speed: Annotated[Optional[float], typer.Option(metavar="NUMBER", help="0.6 to 1.5.")] = None,
    volume: Annotated[Optional[float], typer.Option(metavar="NUMBER", help="0.5 to 2.0.")] = None,
    emotion: Annotated[
        Optional[str], typer.Option(metavar="NAME", help="Such as calm, excited or sad.")
    ] = None,
    language: Annotated[
        Optional[str],
        typer.Option("--language", "-l", metavar="CODE", help="By default that of the voice."),
    ] = None,
    dictionary: Annotated[
        Optional[str], typer.Option(metavar="ID", help="A pronunciation dictionary.")
    ] = None,
    model: Annotated[str, typer.Option(metavar="NAME", help="The model.")] = "sonic-latest",
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Speak a text: to a file, to a pipe, or aloud.

    A text that comes from a pipe is spoken while it is still being written.
    """
    container = choose_format(output, container, _ENDINGS, Container.wav)
    if (encoding if container is Container.mp3 else bit_rate) is not None:
        raise typer.BadParameter("--bit-rate is for mp3, and --encoding for all but mp3")
    sound = Sound(
        container,
        cast("RawEncoding", check_value("--encoding", encoding or "pcm_s16le", "RawEncoding")),
        cast("SampleRate", check_value("--rate", rate, "SampleRate")),
        cast(
            "MP3BitRate",
            check_value("--bit-rate", 128000 if bit_rate is None else bit_rate, "MP3BitRate"),
        ),
        output,
        play or (output is None and subtitles is None),
        subtitles,
    )
    _check(sound, json=json)
    if language is not None:
        check_value("--language", language, "SupportedLanguage")
    config = _config(speed, volume, emotion)
    transcript = _transcript(text, file)
    is_typed = not isinstance(transcript, str) and sys.stdin.isatty()
    if is_typed:
        note("type what to say; Ctrl-D ends it")
    with (
        open_speaking_client(mock=mock) as client,
        progress("speaking", shown=not is_typed) as show,
    ):
        voice = find_voice(client, voice)
        delivery = Delivery(voice, model, language, dictionary, config)
        if sound.container is Container.mp3 and not isinstance(transcript, str):
            transcript = "".join(transcript)

        def show_seconds(now: float) -> None:
            show(f"speaking: {now:.1f} s")

        if isinstance(transcript, str) and sound.subtitles is None:
            seconds = generate(client, transcript, delivery, sound, show_seconds)
        else:
            seconds = stream(client, transcript, delivery, sound, show_seconds)
    if json:
        fields = {"output": output, "subtitles": subtitles, "seconds": seconds, "voice": voice}
        write(to_json(fields))
    elif output not in {None, "-"}:
        length = "" if seconds is None else f"{seconds:.1f} s of speech in "
        note(f"{length}{output}")


def _transcript(words: Optional[list[str]], file: Optional[Path]) -> Union[str, Iterator[str]]:
    """Return the text, or its pieces as they come.

    Raises:
        BadParameter: There is none, or more than one.
        CommandError: The file is empty.
        OSError: The file cannot be read.
    """
    if file is not None:
        if words:
            raise typer.BadParameter("give a text or --file, not both")
        if str(file) != "-":
            content = read_text(file)
            if not content.strip():
                raise CommandError(f"{file}: the file is empty")
            return content
    if words == ["-"] or file is not None or (not words and not sys.stdin.isatty()):
        return _incoming_text()
    if not words:
        raise typer.BadParameter('what to say? `speak "Hello"`, `speak --file FILE`, or a pipe')
    text = " ".join(words)
    if not text.strip():
        raise typer.BadParameter("the text is empty")
    return text


def _incoming_text() -> Iterator[str]:
    """Read text from standard input as it comes.

    Raises:
        CommandError: There is none.
        UnicodeDecodeError: It is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_empty = True
    # Not `sys.stdin`: this runs in a thread, which would hold its lock when the program ends.
    while data := os.read(_STDIN, _READ_BYTES):
        text = decoder.decode(data)
        is_empty = is_empty and not text.strip()
        yield text
    decoder.decode(b"", final=True)
    if is_empty:
        raise CommandError("no text came from standard input")


def _config(
    speed: Optional[float], volume: Optional[float], emotion: Optional[str]
) -> "Optional[GenerationConfigParam]":
    given: GenerationConfigParam = {}
    if speed is not None:
        given["speed"] = check_range("--speed", speed, 0.6, 1.5)
    if volume is not None:
        given["volume"] = check_range("--volume", volume, 0.5, 2.0)
    if emotion is not None:
        check_value("--emotion", emotion.lower(), "Emotion")
        given["emotion"] = emotion
    return given or None


def _check(sound: Sound, *, json: bool) -> None:
    """Check what is to be done before anything is sent.

    Raises:
        BadParameter: The command line is wrong.
        OSError: A file cannot be written.
    """
    if json and sound.output == "-":
        raise typer.BadParameter("standard output takes the sound, or --json, not both")
    if sound.subtitles is not None:
        if sound.container is Container.mp3:
            raise typer.BadParameter(
                "MP3 comes without the times of words: use wav for --subtitles"
            )
        if sound.subtitles.suffix.lower() not in {".srt", ".vtt"}:
            raise typer.BadParameter("--subtitles takes a file that ends in .srt or .vtt")
    check_output(sound.output)
    check_output(sound.subtitles)
