"""The files that commands read and write: checked before anything is sent, and so billed.

What is wrong with a file is an `OSError` that names it as the command line does, and fails the
command; a command line is wrong only where it would be so with any files.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar, cast

import typer

from cartesia.cli.terminal import is_terminal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import Enum

    from typing_extensions import Generator

FormatT = TypeVar("FormatT", bound="Enum")


def check_input(path: Path) -> Path:
    """Check that a file can be read.

    Args:
        path: The file; ``-`` is standard input.

    Returns:
        The file.

    Raises:
        OSError: It cannot be read.
    """
    if str(path) == "-":
        return path
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.is_file():
        path.open("rb").close()
    else:
        path.stat()  # a pipe is there, but opening it would take what it holds
    return path


def read_text(path: Path) -> str:
    """Read a text.

    Args:
        path: The file.

    Returns:
        The text.

    Raises:
        OSError: It cannot be read, or is not UTF-8.
    """
    try:
        return check_input(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise OSError(errno.EILSEQ, "it is not UTF-8 text", str(path)) from error


def check_output(target: str | Path | None, *, is_text: bool = False) -> None:
    """Check that a file can be written, and is no terminal.

    Args:
        target: The file; ``-`` is standard output, None is none.
        is_text: Whether it is text, which a terminal can show.

    Raises:
        BadParameter: It is a terminal.
        OSError: It cannot be written.
    """
    if target == "-":
        if is_terminal() and not is_text:
            raise typer.BadParameter("sound is not shown on a terminal: redirect it, or use --play")
    elif target is not None and not _is_special(target):
        try:
            _check_writable(Path(os.path.realpath(target)))
        except OSError as error:
            text = f"cannot be written: {error.strerror}"
            raise OSError(error.errno, text, str(target)) from error


@contextmanager
def open_output(target: str) -> Generator[IO[bytes]]:
    """Open a file that is there as a whole, or not at all.

    One that exists keeps its mode, owner and links. The lengths in the header of a WAV are made
    true, but in a pipe.

    Args:
        target: The file; ``-`` is standard output.

    Yields:
        What takes the bytes.

    Raises:
        OSError: The file cannot be written.
    """
    if target == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from cartesia._runtime.storage import atomic_file

    with atomic_file(target) as file:
        yield file


def choose_format(
    target: str | None, given: FormatT | None, endings: Mapping[str, FormatT], default: FormatT
) -> FormatT:
    """Return the format of a file, by ``--format`` or by its name.

    Args:
        target: The file; None is none, and ``-`` standard output.
        given: What ``--format`` says.
        endings: The formats, by how the names of their files end.
        default: That of a name without an ending.

    Returns:
        The format.

    Raises:
        BadParameter: No format has files that end so, or not the one that is given.
    """
    ending = Path(target or "").suffix.lower()
    named = endings.get(ending)
    if given is not None:
        if named is not None and named is not given:
            raise typer.BadParameter(
                f"{target} is named like {named.value}, but --format is {given.value}: leave out "
                "one of the two"
            )
        return given
    if named is None and ending:
        values = ", ".join(cast("str", kind.value) for kind in type(default))
        raise typer.BadParameter(
            f"{target}: no format has files that end in {ending}, only in {', '.join(endings)}; "
            f"for another name, say --format {values}"
        )
    return named or default


def _is_special(target: str | Path) -> bool:
    """Return whether it is a device or a pipe, which is written to as it is."""
    try:
        mode = Path(target).stat().st_mode
    except OSError:  # the errors of `_check_writable` say more
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _check_writable(path: Path) -> None:
    """Check that a file can be written, or made, without changing anything."""
    try:
        path.open("r+b").close()
    except FileNotFoundError:
        if not path.parent.is_dir():
            text = "its folder does not exist"
            raise FileNotFoundError(errno.ENOENT, text) from None
        tempfile.TemporaryFile(dir=path.parent).close()
