"""Files to upload: checked, named and opened before anything is sent, and closed afterwards."""

from __future__ import annotations

import io
import os
from collections.abc import Coroutine, Mapping
from contextlib import ExitStack, suppress
from typing import IO, NamedTuple, Optional, Union, cast

from cartesia._runtime.codec import encode_text
from cartesia._runtime.types import FileContent, FileTypes, Omit, ReceivedFile

_UNNAMED = "upload"
_ACCEPTED = "must be bytes, a path object or a file opened in binary mode ('rb')"

Part = tuple[str, tuple[Optional[str], Union[bytes, IO[bytes]], Optional[str]]]
"""One part of a multipart body: its field, and file name, content, and content type."""


class Uploads(NamedTuple):
    """The parts of one multipart body.

    Attributes:
        parts: The parts.
        opened: Closes the files that were opened here; the caller's own stay open.
        repeatable: Whether the body can be sent a second time.
    """

    parts: list[Part]
    opened: ExitStack
    repeatable: bool


NO_UPLOADS = Uploads([], ExitStack(), repeatable=True)


class UploadFile:
    """A file as httpx reads it: from its beginning, and no further than the length it had.

    httpx asks the operating system for the length of everything with a file descriptor: of a pipe
    it is 0, of a compressed file that of the compressed data, and a file that is still being
    written has another one later. Each of these breaks the request.

    Args:
        argument: The name of the argument, for errors.
        file: The file, opened in binary mode.

    Raises:
        OSError: It cannot be read.
        ValueError: It is closed, or not open for reading.
        TypeError: It does not give bytes.
    """

    def __init__(self, argument: str, file: IO[bytes]) -> None:
        _check_readable(argument, file)
        self._argument = argument
        self._file = file
        seekable = getattr(file, "seekable", None)
        self.can_rewind = bool(seekable()) if seekable is not None else hasattr(file, "seek")
        """Whether it can be sent a second time."""
        self._length = self._left = _measure(file) if self.can_rewind else None

    def read(self, size: int) -> bytes:
        """Read on.

        Args:
            size: The most to read, in bytes.

        Returns:
            The bytes, none at the end.

        Raises:
            OSError: The file became shorter since it was measured.
        """
        if self._left is None:
            return self._file.read(size)
        data = self._file.read(min(size, self._left))
        if self._left and not data:
            raise OSError(f"`{self._argument}` became shorter while it was sent")
        self._left -= len(data)
        return data

    def tell(self) -> int:
        """Return the position that httpx seeks when it has measured the file: the beginning."""
        return 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Measure the file, or return to its beginning.

        Args:
            offset: 0.
            whence: `os.SEEK_END` to measure, `os.SEEK_SET` to return.

        Returns:
            The position, in bytes.

        Raises:
            io.UnsupportedOperation: The file has no known length, or cannot be rewound.
        """
        if whence == os.SEEK_END and self._length is not None:
            return self._length
        if whence == os.SEEK_END or not self.can_rewind:
            raise io.UnsupportedOperation("it can be read only once, and to its end")
        self._left = self._length
        self._file.seek(offset)
        return offset


def open_uploads(
    fields: list[tuple[str, str]], files: Mapping[str, FileTypes | Omit | None]
) -> Uploads:
    """Make the parts of a multipart body.

    Args:
        fields: Names and texts of the plain fields.
        files: Files by field name; ``omit`` and None are left out.

    Returns:
        The parts; `Uploads.opened` must be closed when they have been sent.

    Raises:
        OSError: A file cannot be opened or read; the text names the argument.
        ValueError: A file is closed, or a text cannot be encoded.
        TypeError: A file is of a type that cannot be sent.
    """
    # A part without a file name is a plain field; all being parts, the body is always multipart.
    parts: list[Part] = [(name, (None, encode_text(name, text), None)) for name, text in fields]
    repeatable = True
    with ExitStack() as opened:
        for argument, file in files.items():
            if file is None or isinstance(file, Omit):
                continue
            name, content, content_type = _take_apart(argument, file)
            source = _open(argument, content, opened)
            repeatable &= not isinstance(source, UploadFile) or source.can_rewind
            # httpx uses no other methods of a file than an UploadFile has.
            sent = cast("bytes | IO[bytes]", source)
            parts.append((argument, (name or _file_name(content), sent, content_type)))
        return Uploads(parts, opened.pop_all(), repeatable)


def _take_apart(argument: str, file: FileTypes) -> tuple[str | None, FileContent, str | None]:
    """Return name, content and content type of what may be the content alone."""
    if not isinstance(file, tuple):
        if isinstance(file, ReceivedFile):
            # Its own methods are coroutine functions.
            return file.filename and _encodable(file.filename), file.file, file.content_type
        return None, file, None
    # A caller without a type checker may pass anything.
    given = cast("tuple[object, ...]", file)
    if not 2 <= len(given) <= 3:  # noqa: PLR2004  # name and content, and maybe content type
        raise TypeError(f"`{argument}` must be (name, content) or (name, content, content type)")
    name, _, kind = (*given, None)[:3]
    if isinstance(name, os.PathLike):
        name = _file_name(cast("os.PathLike[str]", name))
    if name is not None and not isinstance(name, str):
        raise TypeError(f"`{argument}`: the name must be a str, not {name!r:.80}")
    if kind is not None and not isinstance(kind, str):
        raise TypeError(f"`{argument}`: the content type must be a str, not {kind!r:.80}")
    if kind is not None and not (kind.isascii() and kind.isprintable()):
        raise ValueError(f"`{argument}`: {kind!r:.80} cannot be a content type")
    return name and _encodable(name), file[1], kind


def _open(argument: str, content: FileContent, opened: ExitStack) -> bytes | UploadFile:
    """Return the bytes, or the open binary file, of what the caller passed."""
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    if isinstance(content, str):
        raise TypeError(f"`{argument}` {_ACCEPTED}; for a path write pathlib.Path({content!r:.80})")
    if not isinstance(content, os.PathLike):
        return UploadFile(argument, content)
    from pathlib import Path

    from cartesia._runtime.storage import refuse_pipe

    refuse_pipe(argument, content)
    try:
        file = opened.enter_context(Path(content).open("rb"))  # noqa: SIM115  # it is one
    except OSError as error:
        error.strerror = f"`{argument}`: {error.strerror}"
        raise
    except ValueError as error:
        raise ValueError(f"`{argument}`: not a path: {error}") from error
    return UploadFile(argument, file)


def _check_readable(argument: str, file: IO[bytes]) -> None:
    """Read nothing: what a file does then shows whether bytes can be read from it."""
    try:
        nothing: object = file.read(0) if hasattr(file, "read") else None
    except TypeError as error:
        raise TypeError(f"`{argument}` {_ACCEPTED}: {error}") from error
    except ValueError as error:  # io.UnsupportedOperation is one too
        raise ValueError(f"`{argument}` is closed, or not open for reading: {error}") from error
    except OSError as error:
        raise OSError(error.errno, f"`{argument}`: {error.strerror or error}") from error
    if isinstance(nothing, Coroutine):
        nothing.close()  # else it warns that it was never awaited
    if not isinstance(nothing, bytes):
        raise TypeError(f"`{argument}` {_ACCEPTED}, not {type(file).__name__}")


def _measure(file: IO[bytes]) -> int | None:
    """Return the length of a file that can be rewound; None where it does not know it."""
    length = None
    with suppress(OSError, ValueError):  # compressed files know it only when they have been read
        file.seek(0, os.SEEK_END)
        length = file.tell()
    file.seek(0)
    if length == 0 and file.read(1):  # files of the operating system, such as those in /proc
        file.seek(0)
        length = None
    return length


def _file_name(content: FileContent) -> str:
    """Take the name of a file from its path, where it has one."""
    name: object = content if isinstance(content, os.PathLike) else getattr(content, "name", None)
    if isinstance(name, (str, os.PathLike)):
        from pathlib import PurePath

        return _encodable(PurePath(cast("str", name)).name) or _UNNAMED
    return _UNNAMED


def _encodable(name: str) -> str:
    """Replace what cannot be sent: names of files may hold bytes that are not text."""
    return name.encode("utf-8", "replace").decode()
