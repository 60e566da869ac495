"""A file as it is read for an upload: from its beginning, and no more of it than was there."""

from __future__ import annotations

import io
import os
from typing import IO


class Source:
    """What httpx reads a file through.

    httpx asks the system for the length of whatever has a file descriptor: of a pipe it is 0, of a
    compressed file that of another content, and a file that somebody still writes to has another
    one later. Each of these breaks off the request.

    Args:
        argument: What the caller calls the file, for errors.
        file: The file, opened in binary mode.

    Raises:
        OSError: It cannot be read; the text names the argument.
        TypeError: It does not give bytes.
    """

    def __init__(self, argument: str, file: IO[bytes]) -> None:
        self._argument = argument
        self._file = file
        self._position = 0
        self._check()
        self.can_rewind = _can_rewind(file)
        """Whether it can be sent a second time."""
        self._length = _measure(file) if self.can_rewind else None

    def _check(self) -> None:
        name = self._argument
        try:
            nothing: object = self._file.read(0)
        except OSError as error:
            raise OSError(error.errno, f"`{name}`: {error.strerror or error}") from error
        except TypeError as error:
            raise TypeError(f"`{name}` is no binary file: {error}") from error
        # A caller without a type checker may pass anything.
        if not isinstance(nothing, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            kind = type(nothing).__name__
            close = getattr(nothing, "close", None)
            if close is not None:  # a coroutine, which nobody will await
                close()
            raise TypeError(f"`{name}` must give bytes when it is read, not {kind}")

    def read(self, size: int) -> bytes:
        """Read on.

        Args:
            size: The most to read, in bytes.

        Returns:
            The bytes, none at the end.

        Raises:
            OSError: The file became shorter since it was measured.
        """
        left = None if self._length is None else self._length - self._position
        data = self._file.read(size if left is None else min(size, left))
        self._position += len(data)
        if left and not data:
            raise OSError(f"`{self._argument}` became shorter while it was sent")
        return data

    def tell(self) -> int:
        """Give the place where it will be read next, in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go somewhere else: to measure the file, or to send it again.

        Args:
            offset: Bytes from the place that `whence` says.
            whence: The beginning or the end, as `os.SEEK_SET` and `os.SEEK_END`.

        Returns:
            The place, in bytes.

        Raises:
            io.UnsupportedOperation: The file has no known length, or cannot be rewound.
        """
        if not self.can_rewind or (whence == os.SEEK_END and self._length is None):
            raise io.UnsupportedOperation("it can be read only once, to whatever end it has")
        self._position = offset + (self._length or 0 if whence == os.SEEK_END else 0)
        if whence == os.SEEK_SET:
            self._file.seek(offset)
        return self._position


def _can_rewind(file: IO[bytes]) -> bool:
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if seekable is not None else hasattr(file, "seek")


def _measure(file: IO[bytes]) -> int | None:
    """Give the length of a file that can be rewound; None where it does not say."""
    try:
        file.seek(0, os.SEEK_END)
        length = file.tell()
    except (OSError, ValueError):  # compressed files know it only when they have been read
        length = None
    file.seek(0)
    if length == 0 and file.read(1):  # files of the system itself say this
        file.seek(0)
        length = None
    return length
