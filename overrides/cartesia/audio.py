"""Sound from answers and streams, the microphone, and WAV files. The extra ``audio`` has PortAudio.

Without PortAudio, sound goes through ``ffplay`` or ``mpv``, whichever is there; MP3 always does.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import shutil
import struct
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from queue import SimpleQueue
from threading import Event, RLock
from typing import TYPE_CHECKING, Callable, NamedTuple, Protocol, Union, cast

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

Source = Union[bytes, Iterable[object], "HasBytes"]
"""A whole answer, bytes, or an iterable of pieces of audio or of events that hold some."""

AsyncSource = Union[AsyncIterable[object], "HasAsyncBytes", Source]

_log = logging.getLogger("cartesia")

_WIDTHS = {"pcm_s16le": 2, "pcm_f32le": 4, "pcm_mulaw": 1, "pcm_alaw": 1}
"""Bytes of a sample, by encoding."""

_WAV_CODES = {"pcm_s16le": 1, "pcm_f32le": 3, "pcm_alaw": 6, "pcm_mulaw": 7}
_ENCODINGS = {(code, _WIDTHS[name] * 8): name for name, code in _WAV_CODES.items()}
_UNKNOWN_LENGTH = 0xFFFFFFFF
_PIECE_SECONDS = 0.1
"""What is given to the device at a time: a speaker that is stopped plays no more than this."""

_MP3_BEGINNINGS = frozenset(bytes((0xFF, byte)) for byte in b"\xe2\xe3\xf2\xf3\xfa\xfb")
_HEAD_BYTES = 512
"""How much is read before playing begins, to see what it is."""

_MOST_SHOWN_BYTES = 64 * 1024 * 1024
"""How much a notebook shows by itself, since it keeps all of it in its file."""

_PROGRAMS = {
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "quiet", "-i", "-"),
    "mpv": ("--no-video", "--really-quiet", "-"),
}

_INSTALL_PORTAUDIO = (
    'install PortAudio (pip install "cartesia-openapi[audio]"; on Linux libportaudio2 as well)'
)
_PLAYERS = "ffplay (a part of FFmpeg) or mpv"
_INSTALL_PLAYER = f"{_INSTALL_PORTAUDIO}, or {_PLAYERS}"


class AudioError(CartesiaError):
    """There is nothing to play or record with, or the form of the audio is not known."""


class HasBytes(Protocol):
    """What gives its audio in pieces, as the answer of ``tts.generate`` does."""

    def iter_bytes(self) -> Iterable[bytes]:
        """Iterate over the audio."""
        ...


class HasAsyncBytes(Protocol):
    """The same for asyncio."""

    def iter_bytes(self) -> AsyncIterable[bytes]:
        """Iterate over the audio."""
        ...


class AudioFormat(NamedTuple):
    """The form of mono samples.

    Attributes:
        sample_rate: Samples a second, in Hz.
        encoding: ``pcm_s16le``, ``pcm_f32le``, ``pcm_mulaw`` or ``pcm_alaw``.
    """

    sample_rate: int
    encoding: str = "pcm_s16le"

    @property
    def bytes_a_second(self) -> int:
        """Bytes of a second of sound."""
        return self.sample_rate * _sample_bytes(self.encoding)


class _Stream(Protocol):
    """A stream of PortAudio: what is used of it, since its package has no types."""

    def start(self) -> None: ...
    def write(self, data: bytes) -> object: ...
    def stop(self) -> None: ...
    def abort(self) -> None: ...
    def close(self) -> None: ...


class _PortAudio(Protocol):
    """The module ``sounddevice``."""

    def RawInputStream(self, **options: object) -> _Stream: ...  # noqa: N802 # its own name
    def RawOutputStream(self, **options: object) -> _Stream: ...  # noqa: N802 # as above


class Speaker:
    """Plays audio as it comes; as a context manager it plays to the end, or stops on an error.

    Args:
        audio_format: The form of the samples; None for a file that says it itself, such as MP3.
        device: Name or number of the device of PortAudio; None for the default.

    Raises:
        AudioError: There is nothing to play with, or it fails, or the encoding is not known.
    """

    def __init__(
        self, audio_format: AudioFormat | None, *, device: str | int | None = None
    ) -> None:
        rate = 2**16 if audio_format is None else audio_format.bytes_a_second
        self._piece_bytes = max(int(rate * _PIECE_SECONDS), 1)
        self._stopped = Event()
        self._output = _open_output(audio_format, device)

    def write(self, data: bytes) -> None:
        """Play some audio; waits while enough is waiting already. Does nothing once stopped.

        Args:
            data: The samples, or the bytes of the file.

        Raises:
            AudioError: The device, or the program, plays no more.
        """
        size = self._piece_bytes
        for start in range(0, len(data), size):
            if self._stopped.is_set():
                return
            try:
                self._output.write(data[start : start + size])
            except AudioError:
                if not self._stopped.is_set():  # by another thread
                    raise

    def finish(self) -> None:
        """Wait until all has been heard, and give the device back. An interrupt stops the sound.

        Raises:
            AudioError: Not all was played.
        """
        if self._stopped.is_set():
            return
        try:
            self._output.finish()
        except AudioError:
            if not self._stopped.is_set():  # by another thread
                raise
        finally:
            self.stop()

    def stop(self) -> None:
        """Be silent at once, and give the device back. May be called from any thread."""
        self._stopped.set()
        self._output.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            self.finish()
        else:
            self.stop()


def play(
    source: Source,
    *,
    sample_rate: int | None = None,
    encoding: str = "pcm_s16le",
    device: str | int | None = None,
) -> None:
    """Play an answer or a stream from its first piece on, and return when all was heard.

    An interrupt, or an error of the stream, stops the sound at once.

    Args:
        source: An answer, an SSE stream, a ``tts.stream``, bytes, or an iterable of pieces.
        sample_rate: Samples a second, in Hz; needed for raw samples that do not come with their
            request.
        encoding: Their encoding.
        device: Name or number of the device of PortAudio; None for the default.

    Raises:
        AudioError: There is nothing to play with, or `sample_rate` is needed.
    """
    pieces = _pieces(source)
    head = _head(pieces)
    audio_format, samples = _read_head(head, _given(source, sample_rate, encoding))
    with Speaker(audio_format, device=device) as speaker:
        speaker.write(samples)
        for piece in pieces:
            speaker.write(piece)


async def play_async(
    source: AsyncSource,
    *,
    sample_rate: int | None = None,
    encoding: str = "pcm_s16le",
    device: str | int | None = None,
) -> None:
    """Play as `play` does, without blocking the event loop; cancelling it stops the sound.

    Args:
        source: An answer or a stream of `AsyncCartesia`, or what `play` takes.
        sample_rate: Samples a second, in Hz; needed for raw samples that do not come with their
            request.
        encoding: Their encoding.
        device: Name or number of the device of PortAudio; None for the default.

    Raises:
        AudioError: There is nothing to play with, or `sample_rate` is needed.
    """
    pieces = _async_pieces(source)
    head = b""
    async for piece in pieces:
        head += piece
        if len(head) >= _HEAD_BYTES:
            break
    audio_format, samples = _read_head(head, _given(source, sample_rate, encoding))
    thread = ThreadPoolExecutor(1)
    opening = thread.submit(Speaker, audio_format, device=device)
    try:
        speaker = await asyncio.wrap_future(opening)
        await asyncio.wrap_future(thread.submit(speaker.write, samples))
        async for piece in pieces:
            await asyncio.wrap_future(thread.submit(speaker.write, piece))
        await asyncio.wrap_future(thread.submit(speaker.finish))
    finally:
        opening.add_done_callback(_stop_opened)  # at once, unless it still is being opened
        thread.shutdown(wait=False)


def _stop_opened(opening: Future[Speaker]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().stop()


def to_wav(source: Source, *, sample_rate: int | None = None, encoding: str = "pcm_s16le") -> bytes:
    """Make a WAV file with true lengths.

    Args:
        source: What `play` takes, but for MP3.
        sample_rate: Samples a second, in Hz; needed for raw samples that do not come with their
            request.
        encoding: Their encoding.

    Returns:
        The bytes of the file.

    Raises:
        AudioError: It is MP3, or `sample_rate` is needed.
    """
    pieces = _pieces(source)
    audio_format, samples = _read_head(_head(pieces), _given(source, sample_rate, encoding))
    if audio_format is None:
        raise AudioError("MP3 is not converted: ask for output_format={'container': 'wav', ...}")
    samples = b"".join((samples, *pieces))
    return wav_header(audio_format, len(samples)) + samples


def to_html(source: Source, *, sample_rate: int | None = None, encoding: str = "pcm_s16le") -> str:
    """Make a player for a notebook or a page, with the audio inside.

    Args:
        source: What `play` takes.
        sample_rate: Samples a second, in Hz; needed for raw samples that do not come with their
            request.
        encoding: Their encoding.

    Returns:
        An ``<audio>`` element.

    Raises:
        AudioError: `sample_rate` is needed.
    """
    data = b"".join(_pieces(source))
    return _player(data, _given(source, sample_rate, encoding))


def notebook_player(source: object, heard: bytes | Sequence[object]) -> str | None:
    """Make what an answer or a stream shows of itself in a notebook. It reads nothing.

    Args:
        source: The answer or the stream.
        heard: Its audio, or its events, as far as they were read.

    Returns:
        An ``<audio>`` element; None where there is no audio, or not all of it, or where it is not
        known what it is.
    """
    is_whole = isinstance(heard, bytes) or (
        bool(heard) and getattr(heard[-1], "type", None) == "done"
    )
    data = b"".join(_pieces(heard)) if is_whole else b""
    with suppress(AudioError):
        if 0 < len(data) <= _MOST_SHOWN_BYTES:
            return _player(data, _given(source, None, "pcm_s16le"))
    return None


def wav_header(audio_format: AudioFormat, size: int | None = None) -> bytes:
    """Make the header of a WAV file.

    Args:
        audio_format: The form of its samples.
        size: Their bytes; None where they are not known yet, as in a pipe.

    Returns:
        The bytes before the samples.

    Raises:
        AudioError: The encoding, or the sample rate, cannot be right.
    """
    rate, encoding = audio_format
    width, longest = _sample_bytes(encoding), _UNKNOWN_LENGTH
    if not 0 < rate <= longest // width:
        raise AudioError(f"sample_rate must be 1 to {longest // width}, not {rate}")
    size = longest if size is None else size
    form = struct.pack("<HHIIHH", _WAV_CODES[encoding], 1, rate, rate * width, width, width * 8)
    return (
        struct.pack("<4sI8sI", b"RIFF", min(size + 36, longest), b"WAVEfmt ", len(form))
        + form
        + struct.pack("<4sI", b"data", min(size, longest))
    )


class Microphone:
    """Records mono samples, and gives them in pieces: for ``for``, or for ``async for``.

    Args:
        sample_rate: Samples a second, in Hz.
        milliseconds: The length of a piece.
        device: Name or number of the device of PortAudio; None for the default.

    Attributes:
        overflows: How often the system dropped sound, because it was not taken in time.

    Raises:
        AudioError: PortAudio, or a microphone, is missing, or does not record like this.
    """

    def __init__(
        self,
        sample_rate: int = 16000,
        *,
        milliseconds: int = 100,
        device: str | int | None = None,
    ) -> None:
        self.overflows = 0
        self._pieces: SimpleQueue[bytes | None] = SimpleQueue()
        self._is_over = False
        self._wake: Callable[[], object] | None = None
        self._stream = _start_stream(
            _portaudio("record").RawInputStream,
            samplerate=sample_rate,
            blocksize=sample_rate * milliseconds // 1000,
            dtype="int16",
            device=device,
            callback=self._take,
        )

    def close(self) -> None:
        """Stop recording; what was recorded can still be read. Calling it again does nothing."""
        if not self._is_over:
            self._is_over = True
            try:
                self._stream.abort()
                self._stream.close()
            finally:
                self._put(None)

    def __iter__(self) -> Iterator[bytes]:
        while (piece := self._pieces.get()) is not None:
            yield piece
        self._pieces.put(None)  # for the next one who reads

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(arrived.set)
        while True:
            arrived.clear()
            while not self._pieces.empty():
                piece = self._pieces.get()
                if piece is None:
                    self._pieces.put(None)
                    return
                yield piece
            await arrived.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()

    def _take(self, data: bytes, _frames: int, _time: object, status: object) -> None:
        """Take what was recorded; PortAudio calls this in a thread of its own."""
        if status:
            self.overflows += 1
            _log.warning("microphone: the system dropped sound: %s", status)
        self._put(bytes(data))

    def _put(self, piece: bytes | None) -> None:
        self._pieces.put(piece)
        if self._wake is not None:
            with suppress(RuntimeError):  # the loop is closed
                self._wake()


def _player(data: bytes, given: AudioFormat | None) -> str:
    """Make an ``<audio>`` element."""
    audio_format, samples = _read_head(data, given)
    if audio_format is not None:
        data = wav_header(audio_format, len(samples)) + samples
    kind = "audio/mpeg" if audio_format is None else "audio/wav"
    return f'<audio controls src="data:{kind};base64,{b64encode(data).decode()}"></audio>'


def _pieces(source: object) -> Iterator[bytes]:
    """Return the audio of whatever has some."""
    if isinstance(source, (bytes, bytearray)):
        yield bytes(source)
        return
    iter_bytes: Callable[[], Iterable[object]] | None = getattr(source, "iter_bytes", None)
    for item in cast("Iterable[object]", source) if iter_bytes is None else iter_bytes():
        yield _audio_of(item)


async def _async_pieces(source: object) -> AsyncIterator[bytes]:
    iter_bytes: Callable[[], object] | None = getattr(source, "iter_bytes", None)
    items = source if iter_bytes is None else iter_bytes()
    if isinstance(items, AsyncIterable):
        async for item in cast("AsyncIterable[object]", items):
            yield _audio_of(item)
    else:
        for piece in _pieces(source):
            yield piece


def _audio_of(item: object) -> bytes:
    """Return a piece of audio, or that of an event; other events have none."""
    audio: object = item if isinstance(item, bytes) else getattr(item, "audio", None)
    return audio if isinstance(audio, bytes) else b""


def _head(pieces: Iterator[bytes]) -> bytes:
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= _HEAD_BYTES:
            break
    return head


def _given(source: object, sample_rate: int | None, encoding: str) -> AudioFormat | None:
    """Return the form of raw samples: as the caller says, or else as it was requested."""
    _sample_bytes(encoding)  # also where it is not used
    if sample_rate is not None:
        return AudioFormat(sample_rate, encoding)
    requested: object = getattr(source, "output_format", None)
    if requested is None:
        response: object = getattr(source, "response", None)
        request: object = getattr(source, "http_request", None)
        request = request or getattr(response, "request", None)
        with suppress(KeyError, RuntimeError, TypeError, ValueError):  # no JSON, or a stream
            content: object = getattr(request, "content", b"")
            requested = json.loads(cast("bytes", content))["output_format"]
    if not isinstance(requested, Mapping):
        return None
    fields = cast("Mapping[str, object]", requested)
    rate, encoding = fields.get("sample_rate"), str(fields.get("encoding"))
    if fields.get("container", "raw") != "raw" or not isinstance(rate, int):
        return None
    return AudioFormat(rate, encoding) if encoding in _WIDTHS else None


def _read_head(head: bytes, given: AudioFormat | None) -> tuple[AudioFormat | None, bytes]:
    """Return the form of audio by its first bytes; None for MP3.

    Returns:
        The form, and the samples among the bytes.
    """
    if head[:4] == b"RIFF":
        return _read_wav_head(head)
    if given is not None:
        return given, head
    # Not every 11 bits that are set begin a frame: small samples below 0 do so too.
    if head[:3] == b"ID3" or head[:2] in _MP3_BEGINNINGS:
        return None, head
    raise AudioError(
        "this is neither WAV nor MP3: give sample_rate=... and encoding=... of the raw samples"
        if head
        else "there is no audio in it"
    )


def _read_wav_head(head: bytes) -> tuple[AudioFormat, bytes]:
    """Read the head of a WAV file; its lengths may be placeholders, and are not looked at."""
    position, audio_format = 12, None
    while position + 8 <= len(head):
        name, size = struct.unpack_from("<4sI", head, position)
        position += 8
        if name == b"data" and audio_format is not None:
            return audio_format, head[position:]
        if name == b"fmt " and position + 16 <= len(head):
            code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, position)
            encoding = _ENCODINGS.get((code, bits))
            if encoding is None or channels != 1:
                raise AudioError(f"WAV of kind {code} with {channels} channels of {bits} bits")
            audio_format = AudioFormat(rate, encoding)
        position += size + size % 2
    raise AudioError(f"a WAV file without samples in its first {_HEAD_BYTES} bytes")


def _sample_bytes(encoding: str) -> int:
    """Return how long a sample is.

    Raises:
        AudioError: There is no such encoding.
    """
    if encoding not in _WIDTHS:
        raise AudioError(f"encoding must be one of {', '.join(_WIDTHS)}, not {encoding!r}")
    return _WIDTHS[encoding]


def _portaudio(purpose: str) -> _PortAudio:
    """Import PortAudio.

    Raises:
        AudioError: The extra, or the library of the system, is missing, or does not work.
    """
    try:
        return cast("_PortAudio", importlib.import_module("sounddevice"))
    except Exception as error:  # of its own too: importing it starts PortAudio
        text = f"there is no PortAudio to {purpose} with: {_INSTALL_PORTAUDIO}"
        raise AudioError(text) from error


def _start_stream(open_stream: Callable[..., _Stream], **options: object) -> _Stream:
    """Open a stream of PortAudio for mono samples, and start it.

    Raises:
        AudioError: There is no such device, or it does not take these samples.
    """
    try:
        stream = open_stream(channels=1, **options)
        try:
            stream.start()
        except BaseException:
            stream.close()
            raise
    except Exception as error:  # a `PortAudioError`, which is no `OSError`; or a `ValueError`
        raise AudioError(f"PortAudio cannot open the device: {error}") from error
    return stream


def _open_output(audio_format: AudioFormat | None, device: str | int | None) -> _Device | _Program:
    reason, cause = _INSTALL_PLAYER, None
    if audio_format is not None:
        try:
            portaudio = _portaudio("play")
        except AudioError as error:
            cause = error
        else:
            try:
                return _Device(portaudio, audio_format, device)
            except AudioError as error:
                if device is not None:  # what is meant for it may not be heard from another
                    raise
                reason, cause = f"{error}; or install {_PLAYERS}", error
    for name, arguments in _PROGRAMS.items():
        program = shutil.which(name)
        if program is not None:
            try:
                return _Program([program, *arguments], audio_format)
            except AudioError as error:
                reason, cause = str(error), error
    raise AudioError(f"there is nothing to play this with: {reason}") from cause


class _Device:
    """A device of PortAudio.

    PortAudio is not thread-safe, and may crash where a stream is closed while another thread writes
    to it, so that there is a lock: https://github.com/PortAudio/portaudio/issues/254
    """

    def __init__(
        self, portaudio: _PortAudio, audio_format: AudioFormat, device: str | int | None
    ) -> None:
        self._width = _sample_bytes(audio_format.encoding)
        self._table = _COMPANDED.get(audio_format.encoding)
        self._rest = b""
        self._lock = RLock()
        self._is_closed = False
        self._stream = _start_stream(
            portaudio.RawOutputStream,
            samplerate=audio_format.sample_rate,
            dtype="float32" if audio_format.encoding == "pcm_f32le" else "int16",
            device=device,
        )

    def write(self, data: bytes) -> None:
        data = self._rest + data
        whole = len(data) - len(data) % self._width
        data, self._rest = data[:whole], data[whole:]
        if self._table is not None:
            data = struct.pack(f"<{len(data)}h", *map(self._table().__getitem__, data))
        with self._lock:
            if self._is_closed:
                return
            try:
                self._stream.write(data)
            except Exception as error:
                raise AudioError(f"the device stopped playing: {error}") from error

    def finish(self) -> None:
        self._close(at_once=False)

    def abort(self) -> None:
        self._close(at_once=True)

    def _close(self, *, at_once: bool) -> None:
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            try:
                if at_once:
                    self._stream.abort()
                else:
                    self._stream.stop()  # which waits for what was written
            finally:
                self._stream.close()


class _Program:
    """A program that plays what it reads."""

    def __init__(self, command: list[str], audio_format: AudioFormat | None) -> None:
        self._name = command[0]
        try:
            self._process = subprocess.Popen(  # noqa: S603 # found by its name on the PATH
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise AudioError(f"{self._name} cannot be run: {error.strerror}") from error
        if audio_format is not None:
            try:
                self.write(wav_header(audio_format))
            except BaseException:
                self.abort()
                raise

    def write(self, data: bytes) -> None:
        stdin = self._process.stdin
        try:
            if stdin is not None:
                stdin.write(data)
                stdin.flush()
        except (OSError, ValueError) as error:  # a `ValueError` where another thread closed it
            raise AudioError(f"{self._name} stopped playing") from error

    def finish(self) -> None:
        with suppress(OSError):
            self._process.communicate()
        if self._process.returncode:
            raise AudioError(f"{self._name} failed with code {self._process.returncode}")

    def abort(self) -> None:
        self._process.kill()
        with suppress(OSError):
            self._process.communicate()


def _mulaw_samples() -> list[int]:
    """Return the sample of each byte of mu-law (ITU-T G.711)."""
    values: list[int] = []
    for byte in range(256):
        flipped = byte ^ 0xFF
        size = (((flipped & 0x0F) << 3) + 0x84 << (flipped >> 4 & 7)) - 0x84
        values.append(-size if flipped & 0x80 else size)
    return values


def _alaw_samples() -> list[int]:
    """Return the sample of each byte of A-law (ITU-T G.711)."""
    values: list[int] = []
    for byte in range(256):
        flipped = byte ^ 0x55
        exponent, size = flipped >> 4 & 7, ((flipped & 0x0F) << 4) + 8
        if exponent:
            size = size + 0x100 << exponent - 1
        values.append(size if flipped & 0x80 else -size)
    return values


_COMPANDED = {"pcm_mulaw": lru_cache(_mulaw_samples), "pcm_alaw": lru_cache(_alaw_samples)}
