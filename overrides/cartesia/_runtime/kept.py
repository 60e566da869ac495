"""Bytes that were read and may be asked for again: in memory while few, in a file when many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from typing import IO

MEMORY_BYTES = 8 * 1024 * 1024
"""What is kept beyond this lies in a temporary file without a name, which nobody need remove."""

_FILE_PIECE_BYTES = 64 * 1024


class Kept:
    """Keeps pieces of bytes in their order."""

    __slots__ = ("_file", "_in_memory", "_lost", "_pieces", "_size")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._in_memory = 0
        self._size = 0
        self._file: IO[bytes] | None = None
        self._lost: OSError | None = None

    def add(self, piece: bytes) -> None:
        """Keep one more piece.

        Args:
            piece: The bytes.
        """
        self._size += len(piece)
        if self._size <= MEMORY_BYTES:
            self._pieces.append(piece)
            self._in_memory = self._size
        elif self._lost is None:
            self._write(piece)

    def piece(self, number: int, offset: int) -> bytes:
        """Give a piece to somebody who reads from the beginning, piece by piece.

        Args:
            number: How many pieces they have had.
            offset: How many bytes these were.

        Returns:
            The next piece, as it was added or of another size.

        Raises:
            CartesiaError: It could not be kept.
        """
        if number < len(self._pieces):
            return self._pieces[number]
        return self._read(offset - self._in_memory, _FILE_PIECE_BYTES)

    def whole(self) -> bytes:
        """Give everything.

        Returns:
            All pieces, joined.

        Raises:
            CartesiaError: Not all of it could be kept.
        """
        if self._size > self._in_memory:
            return b"".join((*self._pieces, self._read(0, self._size - self._in_memory)))
        return b"".join(self._pieces)

    def _write(self, piece: bytes) -> None:
        try:
            if self._file is None:
                from tempfile import TemporaryFile

                self._file = TemporaryFile(buffering=0)  # noqa: SIM115  # closed with this object
            self._file.seek(0, 2)
            view = memoryview(piece)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:  # Whoever reads at this moment has the piece all the same.
            self._lost = error

    def _read(self, start: int, size: int) -> bytes:
        if self._lost is not None or self._file is None:
            raise CartesiaError(
                f"the body was too long to be kept in memory, and the disk refused it: {self._lost}"
            ) from self._lost
        self._file.seek(start)
        pieces: list[bytes] = []
        while size and (piece := self._file.read(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def __del__(self) -> None:
        # Neither a lock nor a flush: the file has no buffer, and no name.
        if self._file is not None:
            self._file.close()
