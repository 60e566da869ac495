"""Files to upload: opened, named and checked before anything is sent, and closed afterwards."""

from __future__ import annotations

import io
import os
from typing import IO, TYPE_CHECKING, NamedTuple, Optional, Union, cast

from cartesia._core.sentinels import Omit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cartesia._core.types import FileContent, FileTypes

_UNNAMED = "upload"

Part = tuple[str, tuple[Optional[str], Union[bytes, IO[bytes]], Optional[str]]]
"""One part of a multipart body: its field, and file name, content, and content type."""


class Uploads(NamedTuple):
    """The files of one call.

    Attributes:
        parts: What goes into the body.
        opened: The files that were opened here, to be closed here.
        repeatable: Whether the body can be sent a second time.
    """

    parts: list[Part]
    opened: list[IO[bytes]]
    repeatable: bool

    def close(self) -> None:
        """Close the files that were opened here; the caller's own stay open."""
        for file in self.opened:
            file.close()


def open_uploads(
    fields: list[tuple[str, str]], files: Mapping[str, FileTypes | Omit | None]
) -> Uploads:
    """Make the parts of a multipart body.

    Args:
        fields: Names and texts of the plain fields.
        files: Files by field name; ``omit`` and None are left out.

    Returns:
        The parts; `Uploads.close` must be called when they have been sent.

    Raises:
        OSError: A path cannot be opened; the text names the argument.
        TypeError: A file is of a type that cannot be sent.
    """
    # A part without a file name is a plain field; giving all as parts makes the body multipart always.
    parts: list[Part] = [(name, (None, text.encode(), None)) for name, text in fields]
    uploads = Uploads(parts, [], repeatable=True)
    try:
        for argument, file in files.items():
            if file is None or isinstance(file, Omit):
                continue
            name, content, content_type = _take_apart(argument, file)
            source = _open(argument, content, uploads.opened)
            if not isinstance(source, bytes) and not _can_rewind(source):
                uploads = uploads._replace(repeatable=False)
            parts.append((argument, (name or _file_name(content), source, content_type)))
    except BaseException:
        uploads.close()
        raise
    return uploads


def _take_apart(argument: str, file: FileTypes) -> tuple[str | None, FileContent, str | None]:
    if not isinstance(file, tuple):
        return None, file, None
    if len(file) == 2:
        return file[0], file[1], None
    if len(file) == 3:  # pyright: ignore[reportUnnecessaryComparison]  # a caller's mistake
        return file
    raise TypeError(
        f"`{argument}` must be (name, content) or (name, content, content type), "
        f"not a tuple of {len(file)}"
    )


def _open(argument: str, content: FileContent, opened: list[IO[bytes]]) -> bytes | IO[bytes]:
    """Give the bytes or the open binary file behind what the caller passed."""
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    if isinstance(content, os.PathLike):
        try:
            file = open(content, "rb")  # noqa: SIM115, PTH123  # closed by Uploads.close
        except OSError as error:
            text = f"`{argument}`: {error.strerror}"
            raise type(error)(error.errno, text, os.fspath(content)) from error
        opened.append(file)
        return file
    if isinstance(content, str):
        raise TypeError(
            f"`{argument}` must be bytes, an open binary file or a path object; "
            f"for a path write pathlib.Path({content!r:.80})"
        )
    if isinstance(content, io.TextIOBase) or not hasattr(content, "read"):
        raise TypeError(
            f"`{argument}` must be bytes, a path object or a file opened in binary mode "
            f"('rb'), not {type(content).__name__}"
        )
    return content


def _can_rewind(file: IO[bytes]) -> bool:
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if seekable is not None else hasattr(file, "seek")


def _file_name(content: FileContent) -> str:
    """Name a file after its path, where it has one."""
    name: object = content if isinstance(content, os.PathLike) else getattr(content, "name", None)
    if isinstance(name, (str, os.PathLike)):
        return os.path.basename(os.fspath(cast("os.PathLike[str]", name))) or _UNNAMED  # noqa: PTH119
    return _UNNAMED
