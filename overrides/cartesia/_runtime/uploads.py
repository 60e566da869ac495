"""Files to upload: opened, named and checked before anything is sent, and closed afterwards."""

from __future__ import annotations

import io
import os
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, NamedTuple, Optional, Union, cast

from cartesia._runtime.sentinels import Omit
from cartesia._runtime.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cartesia._runtime.types import FileContent, FileTypes

_UNNAMED = "upload"

Part = tuple[str, tuple[Optional[str], Union[bytes, IO[bytes]], Optional[str]]]
"""One part of a multipart body: its field, and file name, content, and content type."""


class Uploads(NamedTuple):
    """The files of one call.

    Attributes:
        parts: What goes into the body.
        opened: Closes the files that were opened here; the caller's own stay open.
        repeatable: Whether the body can be sent a second time.
    """

    parts: list[Part]
    opened: ExitStack
    repeatable: bool


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
        OSError: A path cannot be opened; the text names the argument.
        TypeError: A file is of a type that cannot be sent.
    """
    # A part without a file name is a plain field; all being parts, the body is always multipart.
    parts: list[Part] = [(name, (None, _encode(name, text), None)) for name, text in fields]
    repeatable = True
    with ExitStack() as opened:
        for argument, file in files.items():
            if file is None or isinstance(file, Omit):
                continue
            name, content, content_type = _take_apart(argument, file)
            source = _open(argument, content, opened)
            if isinstance(source, Source):
                repeatable = repeatable and source.can_rewind
            # httpx asks for no more of a file than a Source has.
            sent = cast("bytes | IO[bytes]", source)
            parts.append((argument, (name or _file_name(content), sent, content_type)))
        return Uploads(parts, opened.pop_all(), repeatable)


def _encode(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"`{name}` holds half a surrogate pair: {text!r:.80}") from error


def _take_apart(argument: str, file: FileTypes) -> tuple[str | None, FileContent, str | None]:
    """Give name, content and content type of what may be the content alone."""
    if not isinstance(file, tuple):
        return None, file, None
    # A caller without a type checker may pass anything.
    given = cast("tuple[object, ...]", file)
    if not 2 <= len(given) <= 3:  # noqa: PLR2004  # name and content, and maybe content type
        raise TypeError(f"`{argument}` must be (name, content) or (name, content, content type)")
    name, kind = given[0], given[2] if len(given) > 2 else None  # noqa: PLR2004
    if isinstance(name, os.PathLike):
        name = _file_name(cast("os.PathLike[str]", name))
    if name is not None and not isinstance(name, str):
        raise TypeError(f"`{argument}`: the name must be a str, not {name!r:.80}")
    if kind is not None and not isinstance(kind, str):
        raise TypeError(f"`{argument}`: the content type must be a str, not {kind!r:.80}")
    if kind is not None and not (kind.isascii() and kind.isprintable()):
        raise ValueError(f"`{argument}`: {kind!r:.80} cannot be a content type")
    return name and _sayable(name), file[1], kind


def _sayable(name: str) -> str:
    """Give the name of a file as it can be sent: systems have names that are no text."""
    return name.encode("utf-8", "replace").decode()


def _open(argument: str, content: FileContent, opened: ExitStack) -> bytes | Source:
    """Give the bytes or the open binary file behind what the caller passed."""
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    if isinstance(content, os.PathLike):
        from pathlib import Path

        try:
            file = opened.enter_context(Path(content).open("rb"))  # noqa: SIM115  # as it is here
        except OSError as error:
            text = f"`{argument}`: {error.strerror}"
            raise type(error)(error.errno, text, os.fspath(content)) from error
        except ValueError as error:
            raise ValueError(f"`{argument}`: no path: {error}") from error
        return Source(argument, file)
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
    if getattr(content, "closed", False):
        raise ValueError(f"`{argument}` is a file that has been closed")
    readable: Callable[[], bool] | None = getattr(content, "readable", None)
    if readable is not None and not readable():
        raise ValueError(f"`{argument}` is a file that was not opened for reading ('rb')")
    return Source(argument, content)


def _file_name(content: FileContent) -> str:
    """Name a file after its path, where it has one."""
    name: object = content if isinstance(content, os.PathLike) else getattr(content, "name", None)
    if isinstance(name, (str, os.PathLike)):
        from pathlib import PurePath

        return _sayable(PurePath(cast("str", name)).name) or _UNNAMED
    return _UNNAMED
