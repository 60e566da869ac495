"""Where the bytes of a body go: a spool to read them again from, and the caller's file."""

from __future__ import annotations

import errno
import os
from bisect import bisect_right
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, TYPE_CHECKING, cast

from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.types import FileContent, FileTarget

if TYPE_CHECKING:
    from typing_extensions import Generator

MEMORY_BYTES = 8 * 1024 * 1024
"""Bytes of one body that are kept in memory; a longer one moves to a temporary file."""

WAV_HEADER_BYTES = 12
"""Bytes of a WAV that `wav_length` reads."""

# A writer that does not know the length yet puts 0, 2**31 - 1 or 2**32 - 1 (less the header) there.
_WAV_LENGTH_UNKNOWN_FROM = 0x7FFF_0000
_LONGEST_WAV = 0xFFFF_FFFF
_COPIED_BYTES = 256 * 1024
_KEPT_CHARACTERS = 60  # of at most four bytes; a name has 255, and a suffix is appended
_MAX_WAV_CHUNKS = 100  # before that of the samples


class SpooledBody:
    """Keeps a body chunk by chunk, as it was received."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115  # see `__del__`
        self._ends = [0]
        self._stored = 0
        self._error: OSError | None = None
        self._lock = Lock()  # several threads may read what was kept

    def append(self, chunk: bytes) -> None:
        """Keep the next chunk.

        Args:
            chunk: Its bytes. If the disk refuses them, reading them again raises an error.
        """
        self._ends.append(self._ends[-1] + len(chunk))
        if self._error is not None:
            return
        try:
            with self._lock:
                self._file.seek(0, os.SEEK_END)
                self._file.write(chunk)
                self._file.flush()  # so that a full disk is noticed here
            self._stored = self._ends[-1]
        except OSError as error:
            self._error = error

    def chunk(self, start: int) -> bytes:
        """Read one chunk again.

        Args:
            start: The offset at which it starts.

        Returns:
            The chunk.

        Raises:
            CartesiaError: The disk refused it.
        """
        return self.read(start, self._ends[bisect_right(self._ends, start)])

    def read(self, start: int, end: int) -> bytes:
        """Read what lies between two offsets again.

        Args:
            start: The first offset.
            end: The offset behind the last byte.

        Returns:
            The bytes.

        Raises:
            CartesiaError: The disk refused some of them.
        """
        try:
            if end <= self._stored:
                with self._lock:
                    self._file.seek(start)
                    return self._file.read(end - start)
        except OSError as error:
            self._error = error
        raise CartesiaError(
            f"the body was too long to be kept in memory, and the disk refused it: {self._error}"
        ) from self._error

    def __del__(self) -> None:
        with suppress(OSError):
            self._file.close()


@contextmanager
def atomic_file(path: FileTarget) -> Generator[IO[bytes]]:
    """Open a file whose content reaches its target when the block ends, and only then.

    If the block raises, the target is untouched. Until the block ends, the content is in memory or
    in a file without a name, of which nothing remains if the process is killed. What is at the path
    keeps its mode, owner and links. The lengths in the header of a WAV are made true.

    Args:
        path: The path, or a file opened for writing in binary mode. A link is followed; a device or
            a pipe is written to directly.

    Yields:
        The file, to be written.

    Raises:
        OSError: The target cannot be written.
        TypeError: It is neither a path nor a binary file.
    """
    folder: str | None = None
    if not isinstance(path, (str, os.PathLike)):
        deliver = partial(_write_to, _check_binary(path))
    elif (given := Path(path)).exists() and not given.is_file():
        with given.open("wb") as file:
            yield file
        return
    else:
        deliver = _check_target(given)
        folder = str(given.resolve().parent)
        if not os.access(folder, os.W_OK):
            folder = None  # there is the file itself, in a folder that takes no others
    with SpooledTemporaryFile(MEMORY_BYTES, dir=folder) as spool:
        yield spool
        _correct_wav(spool)
        deliver(spool)


def refuse_pipe(argument: str, path: FileTarget | FileContent) -> None:
    """Refuse the path of a pipe, whose opening waits for the other end, with the event loop.

    Args:
        argument: The name of the argument, for the error.
        path: The path; anything else passes.

    Raises:
        ValueError: It is a pipe.
    """
    if isinstance(path, (str, os.PathLike)) and Path(path).is_fifo():
        raise ValueError(f"`{argument}` is a pipe, which may wait for ever: pass an open file")


def _check_target(path: Path) -> partial[None]:
    """Check that a target can be written, before there is anything to write; errors name it."""
    target = path.resolve()
    if target.exists():
        target.open("r+b").close()
        return partial(_overwrite, target)
    if not target.parent.is_dir():
        text = f"there is no folder {str(path.parent)!r}"
        raise FileNotFoundError(errno.ENOENT, text, str(path))
    if not os.access(target.parent, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return partial(_create, target)


def _check_binary(file: IO[bytes]) -> IO[bytes]:
    """Check that a file of the caller's takes bytes, by writing none."""
    written: object = None
    with suppress(AttributeError, TypeError):  # no file, or one that was opened for text
        written = file.write(b"")
    if not isinstance(written, int):  # that of an asynchronous file is a coroutine
        raise TypeError(f"`path` must be a path, or a file opened in binary mode, not {file!r:.80}")
    return file


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy what follows; unlike `shutil.copyfileobj`, also to what takes a part at a time."""
    while piece := memoryview(source.read(_COPIED_BYTES)):
        while piece:
            taken = cast("int | None", target.write(piece))
            if taken is None:
                raise BlockingIOError(errno.EAGAIN, "the file does not wait to be writable")
            piece = piece[taken:]


def _write_to(file: IO[bytes], spool: IO[bytes]) -> None:
    spool.seek(0)
    _copy(spool, file)
    file.flush()


def _create(target: Path, spool: IO[bytes]) -> None:
    """Make a new file, which is private until it is complete."""
    part = target.with_name(f".{target.name[:_KEPT_CHARACTERS]}.{os.urandom(4).hex()}.part")
    try:
        with part.open("xb") as file:
            allowed = part.stat().st_mode  # by the umask
            part.chmod(0o600)
            _write_to(file, spool)
        part.chmod(allowed)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _overwrite(target: Path, spool: IO[bytes]) -> None:
    """Replace the content of a file in place, since others may have it open or linked."""
    length = spool.seek(0, os.SEEK_END)
    with target.open("r+b") as file:
        old_length = file.seek(0, os.SEEK_END)
        try:  # first what needs room on the disk, which may be full
            spool.seek(min(length, old_length))
            _copy(spool, file)
            file.flush()
        except BaseException:
            file.truncate(old_length)
            raise
        if old_length:
            try:
                file.seek(0)
                _write_to(file, spool)
            except (KeyboardInterrupt, SystemExit):  # half old and half new is no file
                file.seek(0)
                _write_to(file, spool)
                file.truncate(length)
                raise
        file.truncate(length)


def _correct_wav(file: IO[bytes]) -> None:
    """Replace the placeholders of lengths in a WAV that was written before these were known."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(WAV_HEADER_BYTES)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE" or length > _LONGEST_WAV:
        return
    is_unknown = wav_length(head) is None
    if is_unknown:
        _patch(file, 4, length - 8)
    start = WAV_HEADER_BYTES
    for _ in range(_MAX_WAV_CHUNKS):
        file.seek(start)
        name, size = file.read(4), int.from_bytes(file.read(4), "little")
        start += 8
        if name == b"data":
            if start + size > length or (is_unknown and size == 0):
                _patch(file, start - 4, length - start)
            return
        start += size + size % 2  # chunks begin at even places


def _patch(file: IO[bytes], place: int, length: int) -> None:
    file.seek(place)
    file.write(length.to_bytes(4, "little"))


def wav_length(head: bytes) -> int | None:
    """Read the length that the RIFF header of a WAV declares.

    Args:
        head: The beginning of a file, at least 12 bytes.

    Returns:
        The bytes of the whole file; None if it is no WAV, or does not declare its length.
    """
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    size = int.from_bytes(head[4:8], "little")
    return size + 8 if 0 < size < _WAV_LENGTH_UNKNOWN_FROM else None
