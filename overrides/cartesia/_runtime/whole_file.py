"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

_LONGEST_NAME = 100


class WholeFile:
    """A file written beside its place and moved there when all of it is written.

    Use it as a context manager: when the block raises, the part that was written is removed, and
    what was there before is untouched.

    Args:
        path: Where the file shall be. A device or a pipe is written to directly.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        # A link keeps pointing: what it points at is replaced.
        self._target = Path(path).resolve()
        self._part: Path | None = None
        self._file: IO[bytes] | None = None

    def __enter__(self) -> IO[bytes]:
        if self._target.exists() and not self._target.is_file():
            self._file = self._target.open("wb")
        else:
            name = f".{self._target.name[:_LONGEST_NAME]}.{os.urandom(4).hex()}.part"
            part = self._target.with_name(name)
            # Made under a name of its own, not as a private file: the umask decides who may read.
            self._file = part.open("xb")
            self._part = part
        return self._file

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        part = self._part
        try:
            if self._file is not None:
                self._file.close()
            if part is not None and error is None:
                part.replace(self._target)
                part = None
        finally:
            if part is not None:
                part.unlink(missing_ok=True)
