"""Bytes and text cut into other pieces than those they arrive in."""

from __future__ import annotations

import codecs
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T_co = TypeVar("T_co", covariant=True)


class Cutter(Protocol[T_co]):
    """Takes bytes in the pieces in which they arrive, and gives other pieces."""

    def feed(self, data: bytes) -> Sequence[T_co]:
        """Take the next bytes; give the pieces that are whole now."""
        ...

    def finish(self) -> Sequence[T_co]:
        """Give what is left."""
        ...


class ByteChunker:
    """Cuts bytes into chunks of one size.

    Args:
        size: Bytes in a chunk; None leaves the pieces as they come.
    """

    def __init__(self, size: int | None) -> None:
        if size is not None and size < 1:
            raise ValueError(f"`chunk_size` must be at least 1, not {size}")
        self._size = size
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes.

        Args:
            data: The next bytes.

        Returns:
            The chunks that are full now.
        """
        size = self._size
        if size is None:
            return [data]
        data = self._rest + data
        whole = len(data) - len(data) % size
        self._rest = data[whole:]
        return [data[start : start + size] for start in range(0, whole, size)]

    def finish(self) -> list[bytes]:
        """Give what is left.

        Returns:
            The last, shorter chunk, if there is one.
        """
        rest, self._rest = self._rest, b""
        return [rest] if rest else []


class TextDecoder:
    """Decodes text that arrives in pieces, which may be cut inside a character.

    Args:
        encoding: The name of the encoding; an unknown one is read as UTF-8.
    """

    def __init__(self, encoding: str | None) -> None:
        with suppress(UnicodeError):  # what cannot be decoded is seen to below
            try:
                b" ".decode(encoding or "utf-8", "replace")
            except LookupError:  # unknown, or one of those that give no text, such as "base64"
                encoding = None
        self._decoder = codecs.getincrementaldecoder(encoding or "utf-8")("replace")

    def feed(self, data: bytes) -> str:
        """Take bytes.

        Args:
            data: The next bytes.

        Returns:
            The text that is whole now.
        """
        return self._decode(data, final=False)

    def finish(self) -> str:
        """Give what is left.

        Returns:
            A replacement character where the text ended inside of one, else nothing.
        """
        return self._decode(b"", final=True)

    def _decode(self, data: bytes, *, final: bool) -> str:
        try:
            return self._decoder.decode(data, final)
        except UnicodeError:  # Some codecs raise all the same, as for a missing byte order mark.
            self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
            return self._decoder.decode(data, final)


class LineSplitter:
    """Cuts text that arrives in pieces into lines, at LF, CR and CRLF, without these."""

    def __init__(self) -> None:
        self._rest: list[str] = []
        self._after_cr = False

    def feed(self, text: str) -> list[str]:
        """Take text.

        Args:
            text: The next piece.

        Returns:
            The lines that are whole now.
        """
        # CRLF is one line end even where the two arrive apart.
        if self._after_cr and text:
            self._after_cr = False
            text = text.removeprefix("\n")
        if not text:
            return []
        self._after_cr = text.endswith("\r")
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest.append(lines[0])
        if len(lines) == 1:
            return []
        lines[0] = "".join(self._rest)
        self._rest = [lines.pop()]
        return lines

    def finish(self) -> list[str]:
        """Give what is left.

        Returns:
            The last line, if it had no end.
        """
        rest, self._rest = "".join(self._rest), []
        return [rest] if rest else []


class TextCutter:
    """Gives the text of bytes.

    Args:
        encoding: The name of the encoding.
        size: Bytes that one piece of text is decoded from; None leaves them as they come.
    """

    def __init__(self, encoding: str | None, size: int | None = None) -> None:
        self._decoder = TextDecoder(encoding)
        self._chunker = ByteChunker(size)

    def feed(self, data: bytes) -> list[str]:
        """Take bytes.

        Args:
            data: The next bytes.

        Returns:
            The pieces of text that are whole now.
        """
        texts = (self._decoder.feed(chunk) for chunk in self._chunker.feed(data))
        return [text for text in texts if text]

    def finish(self) -> list[str]:
        """Give what is left.

        Returns:
            The last piece, if there is one.
        """
        rest = b"".join(self._chunker.finish())
        text = self._decoder.feed(rest) + self._decoder.finish()
        return [text] if text else []


class LineCutter:
    """Gives the lines of bytes.

    Args:
        encoding: The name of the encoding.
    """

    def __init__(self, encoding: str | None) -> None:
        self._decoder = TextDecoder(encoding)
        self._splitter = LineSplitter()

    def feed(self, data: bytes) -> list[str]:
        """Take bytes.

        Args:
            data: The next bytes.

        Returns:
            The lines that are whole now.
        """
        return self._splitter.feed(self._decoder.feed(data))

    def finish(self) -> list[str]:
        """Give what is left.

        Returns:
            The last line, if it had no end.
        """
        return self._splitter.feed(self._decoder.finish()) + self._splitter.finish()
