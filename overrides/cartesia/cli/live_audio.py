"""Samples for a live transcription: of a file, of a pipe, or of the microphone."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import typer

from cartesia.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BufferedReader
    from pathlib import Path

    from typing_extensions import Generator

    from cartesia.audio import Microphone

_STDIN = 0
_PIECES_A_SECOND = 10
_MICROPHONE_RATE = 16000
_WAV_ENCODINGS = {2: "pcm_s16le", 4: "pcm_s32le"}
"""The encoding of WAV samples, by their bytes."""


class LiveAudio(NamedTuple):
    """Mono samples, as they come.

    Attributes:
        encoding: Their encoding.
        rate: Samples a second, in Hz.
        pieces: The samples, a tenth of a second at a time.
        microphone: Where they come from, if they do.
    """

    encoding: str
    rate: int
    pieces: Iterable[bytes]
    microphone: Microphone | None = None


@contextmanager
def open_live_audio(
    source: Path | None, rate: int | None, encoding: str | None
) -> Generator[LiveAudio]:
    """Open a source of samples.

    Args:
        source: A file; ``-`` is standard input, None the microphone.
        rate: Samples a second, in Hz; needed for raw samples.
        encoding: The encoding of raw samples.

    Yields:
        The samples.

    Raises:
        BadParameter: The file is no WAV file, and its rate was not given.
        CommandError: It is empty, or a WAV file that cannot be sent as it is.
        OSError: It cannot be read.
    """
    if source is None:
        from cartesia.audio import Microphone

        rate = rate or _MICROPHONE_RATE
        with Microphone(rate, milliseconds=1000 // _PIECES_A_SECOND) as microphone:
            yield LiveAudio("pcm_s16le", rate, microphone, microphone)
        return
    # Not `sys.stdin`, whose lock a thread that still reads would hold when the program ends.
    with _open_pipe() if str(source) == "-" else source.open("rb") as file:
        head = file.peek(4)[:4]
        if not head:
            is_pipe = str(source) == "-"
            raise CommandError(
                "no audio came from standard input" if is_pipe else f"{source}: the file is empty"
            )
        if head == b"RIFF":
            yield _read_wav(file)
        elif rate is None:
            raise typer.BadParameter(
                "live audio is a WAV file, or raw samples with their --rate and --encoding"
            )
        else:
            encoding = encoding or "pcm_s16le"
            size = max(rate // _PIECES_A_SECOND, 1) * _sample_bytes(encoding)
            yield LiveAudio(encoding, rate, iter(lambda: file.read(size), b""))


def _open_pipe() -> BufferedReader:
    return open(_STDIN, "rb", closefd=False)  # by its number; a `with` takes it


def _read_wav(file: BufferedReader) -> LiveAudio:
    import wave

    try:
        reader = wave.open(file)  # noqa: SIM115 # the caller closes the file
    except (wave.Error, EOFError) as error:
        raise CommandError(f"this WAV file cannot be sent live: {error}") from error
    rate, width, channels = reader.getframerate(), reader.getsampwidth(), reader.getnchannels()
    if channels != 1 or width not in _WAV_ENCODINGS:
        raise CommandError(
            f"this WAV file cannot be sent live, with {channels} channels of {8 * width} bits: "
            "it must be mono, of 16 or 32 bits"
        )
    count = max(rate // _PIECES_A_SECOND, 1)
    return LiveAudio(_WAV_ENCODINGS[width], rate, iter(lambda: reader.readframes(count), b""))


def _sample_bytes(encoding: str) -> int:
    """Return how long a sample is: encodings without a number in their name have 8 bits."""
    bits = "".join(filter(str.isdigit, encoding))
    return int(bits or 8) // 8
