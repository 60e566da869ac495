"""``cartesia-voice listen``: speech to text, of a file, of a pipe, or of the microphone."""

import sys
import threading
from collections.abc import Iterable
from contextlib import ExitStack, contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Callable, NamedTuple, Optional, Union, cast, get_args

import typer

from cartesia.cli.failures import CommandError
from cartesia.cli.files import check_input, check_output, choose_format, open_output
from cartesia.cli.live_audio import LiveAudio, open_live_audio
from cartesia.cli.session import JsonFlag, MockFlag, check_value, is_installed, open_client
from cartesia.cli.terminal import InterimText, note, progress, to_json, warn, write

if TYPE_CHECKING:
    from typing_extensions import Generator

    from cartesia import Cartesia, Model
    from cartesia.types import STTEncoding, STTTranscribeResponse


class TranscriptFormat(str, Enum):
    """How a transcript is written."""

    text = "text"
    srt = "srt"
    vtt = "vtt"
    json = "json"


class LiveSession(NamedTuple):
    """A WebSocket of live transcription.

    Attributes:
        events: What comes.
        send: Sends samples.
        finish: Says that there are no more.
        close: Closes it.
    """

    events: "Iterable[Model]"
    send: Callable[[bytes], None]
    finish: Callable[[], None]
    close: Callable[[], None]


_STDIN = Path("-")
_ENDINGS = {
    ".txt": TranscriptFormat.text,
    ".srt": TranscriptFormat.srt,
    ".vtt": TranscriptFormat.vtt,
    ".json": TranscriptFormat.json,
}
_UNKNOWN_WORDS = (
    "what follows is not what was said: the mock server of this command knows no speech from "
    "before; {}; or run cartesia-mock, and both speak and listen on it"
)
_SUBTITLES = frozenset({TranscriptFormat.srt, TranscriptFormat.vtt})


def listen(
    source: Annotated[
        Optional[Path],
        typer.Argument(metavar="[FILE | -]", help="A recording; - is standard input."),
    ] = None,
    *,
    mic: Annotated[
        bool, typer.Option("--mic", help="Listen to the microphone; Ctrl-C ends it.")
    ] = False,
    live: Annotated[bool, typer.Option("--live", help="Write words as they come.")] = False,
    turns: Annotated[
        bool, typer.Option("--turns", help="Write a line for each turn of the speaker, live.")
    ] = False,
    form: Annotated[
        Optional[TranscriptFormat],
        typer.Option("--format", help="By default that of the file's name, else text."),
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.")
    ] = "-",
    language: Annotated[
        Optional[str], typer.Option("--language", "-l", metavar="CODE", help="By default en.")
    ] = None,
    model: Annotated[Optional[str], typer.Option(metavar="NAME", help="The model.")] = None,
    rate: Annotated[
        Optional[int], typer.Option(metavar="HZ", help="Of raw samples and the microphone.")
    ] = None,
    encoding: Annotated[Optional[str], typer.Option(metavar="NAME", help="Of raw samples.")] = None,
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Transcribe a file, a pipe, or the microphone."""
    form = choose_format(
        output, form or (TranscriptFormat.json if json else None), _ENDINGS, TranscriptFormat.text
    )
    if mic == (source is not None):
        raise typer.BadParameter("listen to what? give one of FILE, - and --mic")
    if turns and form in _SUBTITLES:
        raise typer.BadParameter("turns come without the times of words: leave out --turns")
    if turns and language is not None:
        raise typer.BadParameter("--turns takes no --language")
    if rate is not None and rate <= 0:
        raise typer.BadParameter(f"--rate must be more than 0, not {rate}")
    if encoding is not None:
        check_value("--encoding", encoding, "STTEncoding")
    if source is not None:
        check_input(source)
    check_output(output, is_text=True)
    if not (mic or live or turns):
        with _open_listener(language, mock=mock) as client, progress("listening"):
            transcript = _transcribe(client, source or _STDIN, model, language, (rate, encoding))
        _write_whole(output, _formatted(form, transcript.text, transcript, transcript))
        return
    written = LiveTranscript(form, output)
    with ExitStack() as stack:
        audio = stack.enter_context(open_live_audio(source, rate, encoding))
        client = stack.enter_context(_open_listener(language, mock=mock))
        session = stack.enter_context(_connect(client, audio, model, language, turns=turns))
        stack.enter_context(written.shown)
        _receive(session, audio, written)
    written.finish()


class LiveTranscript:
    """Writes the events of a live transcription: at once to standard output, in the end to a file.

    Args:
        form: How it is written.
        output: The file; ``-`` is standard output.
    """

    def __init__(self, form: TranscriptFormat, output: str) -> None:
        self.shown = InterimText()
        self._form = form
        self._output = output
        self._is_piped = output == "-" and form not in _SUBTITLES
        self._texts: list[str] = []
        self._events: list[Model] = []

    def add(self, event: "Model") -> None:
        """Take an event.

        Args:
            event: The event.

        Raises:
            CommandError: It is an error of the server.
        """
        from cartesia import ErrorEvent

        if isinstance(event, ErrorEvent):
            raise CommandError(event.error)
        if not self._is_piped:
            self._events.append(event)
        fields = event.to_dict()
        text = str(fields.get("text", fields.get("transcript", "")))
        is_final = fields.get("is_final", fields["type"] == "turn.end")
        if self._form is TranscriptFormat.json:
            if self._is_piped:
                write(to_json(event, indent=None))
        elif is_final and text:
            # Texts are joined without separators, but each turn is a line of its own.
            end = "\n" if fields["type"] == "turn.end" else ""
            if self._is_piped:
                self.shown.write(text, end)
            else:
                self._texts.append(text + end)
        elif text:
            self.shown.show(text)

    def finish(self) -> None:
        """Write what is written as a whole."""
        if not self._is_piped:
            text = "".join(self._texts)
            finals = [event for event in self._events if event.to_dict().get("is_final")]
            _write_whole(self._output, _formatted(self._form, text, finals, self._events))


@contextmanager
def _open_listener(language: Optional[str], *, mock: bool) -> "Generator[Cartesia]":
    """Open the client; say so where it can only make words up."""
    with open_client(mock=mock) as client:
        is_english = (language or "en").lower().partition("-")[0] == "en"
        if mock and not is_installed("ears"):
            warn(
                _UNKNOWN_WORDS.format("to recognize English, pip install 'cartesia-openapi[ears]'")
            )
        elif mock and not is_english:
            warn(_UNKNOWN_WORDS.format("it recognizes English alone"))
        elif mock:
            note("the mock server recognizes speech from before by pocketsphinx, not very well")
        yield client


def _transcribe(
    client: "Cartesia",
    source: Path,
    model: Optional[str],
    language: Optional[str],
    raw: tuple[Optional[int], Optional[str]],
) -> "STTTranscribeResponse":
    from cartesia import omit

    rate, encoding = raw
    return client.stt.transcribe(
        file=("stdin", sys.stdin.buffer.read()) if source == _STDIN else source,
        model=model or _first_model("STTBatchModel"),
        language=language or omit,
        encoding=cast("STTEncoding", encoding) if encoding else omit,
        sample_rate=rate or omit,
        timestamp_granularities=["word"],
    )


@contextmanager
def _connect(
    client: "Cartesia",
    audio: LiveAudio,
    model: Optional[str],
    language: Optional[str],
    *,
    turns: bool,
) -> "Generator[LiveSession]":
    from cartesia import omit

    encoding = cast("STTEncoding", audio.encoding)
    if turns:
        with client.stt.auto_finalize.websocket(
            model=model or _first_model("STTAutoFinalizeModel"),
            encoding=encoding,
            sample_rate=audio.rate,
        ) as turn:
            yield LiveSession(turn, turn.send_raw, lambda: turn.send({"type": "close"}), turn.close)
        return
    with client.stt.manual_finalize.websocket(
        model=model or _first_model("STTManualFinalizeModel"),
        encoding=encoding,
        sample_rate=audio.rate,
        language=language or omit,
    ) as manual:
        yield LiveSession(manual, manual.send_raw, lambda: manual.send("close"), manual.close)


def _receive(session: LiveSession, audio: LiveAudio, written: LiveTranscript) -> None:
    """Send the audio and write the events, until both have ended.

    An interrupt ends what comes from the microphone: what was said before is still written.
    """
    failures: list[Exception] = []
    # A daemon, since nothing wakes it while it waits for the audio of a pipe.
    threading.Thread(target=_send, args=(session, audio.pieces, failures), daemon=True).start()
    is_recording = audio.microphone is not None
    while True:
        try:
            for event in session.events:
                written.add(event)
            break
        except KeyboardInterrupt:
            if audio.microphone is None or not is_recording:
                raise
            is_recording = False
            audio.microphone.close()
    if failures:
        raise failures[0]


def _send(session: LiveSession, pieces: Iterable[bytes], failures: list[Exception]) -> None:
    """Send audio, and that it has ended."""
    try:
        for piece in pieces:
            session.send(piece)
        session.finish()
    except Exception as error:  # noqa: BLE001 # raised by the thread that receives
        failures.append(error)
        session.close()


def _first_model(kind: str) -> str:
    """Return the model that the document names first."""
    from cartesia import types

    return str(get_args(getattr(types, kind))[0])


def _formatted(
    form: TranscriptFormat, text: str, timed: "Union[Model, list[Model]]", data: object
) -> str:
    """Write a transcript in a format.

    Args:
        form: The format.
        text: The text.
        timed: What holds the times of its words.
        data: What JSON says.
    """
    if form is TranscriptFormat.text:
        return text if text.endswith("\n") else f"{text}\n"
    if form is TranscriptFormat.json:
        return f"{to_json(data)}\n"
    from cartesia.subtitles import cues, to_srt, to_vtt

    return (to_srt if form is TranscriptFormat.srt else to_vtt)(cues(timed))


def _write_whole(output: str, text: str) -> None:
    if output == "-":
        write(text, end="")
        return
    with open_output(output) as file:
        file.write(text.encode())
