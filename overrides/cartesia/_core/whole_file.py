"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import stat
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class WholeFile:
    """A file written beside its place and moved there when all of it is written.

    Use it as a context manager: when the block raises, the part that was written is removed, and what
    was there before is untouched.

    Args:
        path: Where the file shall be. A device or a pipe is written to directly.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        # A link keeps pointing: what it points at is replaced.
        self._target = os.path.realpath(path)
        self._part = self._target
        self._file: IO[bytes] | None = None

    def __enter__(self) -> IO[bytes]:
        if not _is_special(self._target):
            folder, name = os.path.split(self._target)
            self._part = os.path.join(folder, f".{name[:100]}.{os.urandom(4).hex()}.part")  # noqa: PTH118
            # "x": opened by its own name, so that the umask decides who may read the file.
        self._file = open(self._part, "wb" if self._part == self._target else "xb")  # noqa: PTH123
        return self._file

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        file = self._file
        if file is None:
            return
        try:
            file.close()
            if error is None and self._part != self._target:
                os.replace(self._part, self._target)  # noqa: PTH105
        except BaseException:
            self._discard()
            raise
        if error is not None:
            self._discard()

    def _discard(self) -> None:
        if self._part != self._target and os.path.exists(self._part):  # noqa: PTH110
            os.unlink(self._part)  # noqa: PTH108


def _is_special(path: str) -> bool:
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116
    except OSError:
        return False
