"""Where the bytes of a body go: a spool to read them again from, and the caller's file."""

from __future__ import annotations

import os
from bisect import bisect_right
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from typing_extensions import Generator

MEMORY_BYTES = 8 * 1024 * 1024
"""Bytes of one body that are kept in memory; a longer one moves to a temporary file."""

WAV_HEADER_BYTES = 12
"""Bytes of a WAV that `wav_length` reads."""

# A writer that does not know the length yet puts 0, 2**31 - 1 or 2**32 - 1 (less the header) there.
_WAV_LENGTH_UNKNOWN_FROM = 0x7FFF_0000
_MAX_NAME = 100


class SpooledBody:
    """Keeps a body chunk by chunk, as it was received."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115  # see `__del__`
        self._ends = [0]
        self._stored = 0
        self._error: OSError | None = None

    def append(self, chunk: bytes) -> None:
        """Keep the next chunk.

        Args:
            chunk: Its bytes. If the disk refuses them, reading them again raises an error.
        """
        self._ends.append(self._ends[-1] + len(chunk))
        if self._error is not None:
            return
        try:
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
        return self._read(start, self._ends[bisect_right(self._ends, start)])

    def content(self) -> bytes:
        """Read all chunks again.

        Returns:
            The body.

        Raises:
            CartesiaError: The disk refused some of it.
        """
        return self._read(0, self._ends[-1])

    def _read(self, start: int, end: int) -> bytes:
        try:
            if end <= self._stored:
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
def atomic_file(path: str | os.PathLike[str]) -> Generator[IO[bytes]]:
    """Open a file that replaces what is at a path when the block ends, and only then.

    If the block raises, what was at the path before is untouched, and nothing else remains.

    Args:
        path: The path. A link is followed; a device or a pipe is written to directly.

    Yields:
        The file, to be written.

    Raises:
        OSError: The file cannot be written.
    """
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    part = target.with_name(f".{target.name[:_MAX_NAME]}.{os.urandom(4).hex()}.part")
    # Not by `tempfile`, whose files are private: here the umask decides who may read.
    file = part.open("xb")
    try:
        with file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


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
