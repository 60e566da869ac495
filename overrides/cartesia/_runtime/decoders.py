"""Incremental decoders of a body: bytes in chunks of one size, text, and lines.

Each takes the bytes as they arrive, cut anywhere, and gives what is complete so far; the call with
``final`` gives the rest.
"""

from __future__ import annotations

import codecs
from io import IncrementalNewlineDecoder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer


class ByteChunker:
    """Regroups bytes into chunks of one size.

    Args:
        chunk_size: Bytes in a chunk, the last of which may be shorter; None for chunks as they
            arrive.

    Raises:
        ValueError: The size is less than 1.
    """

    def __init__(self, chunk_size: int | None) -> None:
        if chunk_size is not None and chunk_size < 1:
            raise ValueError(f"`chunk_size` must be at least 1, not {chunk_size}")
        self._size = chunk_size
        self._buffer = bytearray()

    def decode(self, data: bytes, final: bool = False) -> list[bytes]:
        """Take bytes.

        Args:
            data: The next bytes.
            final: Whether they are the last.

        Returns:
            The chunks that are complete.
        """
        size = self._size
        if size is None:
            return [data] if data else []
        self._buffer += data
        end = len(self._buffer) - (0 if final else len(self._buffer) % size)
        chunks = [bytes(self._buffer[start : start + size]) for start in range(0, end, size)]
        del self._buffer[:end]
        return chunks


class LenientDecoder(codecs.IncrementalDecoder):
    """Decodes text that may be cut inside a character, and replaces what is invalid.

    Args:
        encoding: The name of the encoding; one that is missing, unknown or unusable is read as
            UTF-8.
    """

    def __init__(self, encoding: str | None) -> None:
        super().__init__("replace")
        try:
            "".encode(encoding or "utf-8")  # refuses codecs that give no text, such as base64
            decoder = codecs.getincrementaldecoder(encoding or "utf-8")
        except (LookupError, ValueError):
            decoder = codecs.getincrementaldecoder("utf-8")
        self._decoder = decoder("replace")

    def decode(self, input: Buffer, final: bool = False) -> str:
        """Take bytes.

        Args:
            input: The next bytes.
            final: Whether they are the last.

        Returns:
            The text that is complete.
        """
        try:
            return self._decoder.decode(input, final)
        except UnicodeError:  # Some codecs raise all the same, as UTF-16 without a byte order mark.
            self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
            return self._decoder.decode(input, final)


class TextDecoder:
    """Decodes a body into pieces of text.

    Args:
        encoding: The name of the encoding.
        chunk_size: Bytes that one piece is decoded from; None for pieces as they arrive.
    """

    def __init__(self, encoding: str | None, chunk_size: int | None = None) -> None:
        self._chunker = ByteChunker(chunk_size)
        self._decoder = LenientDecoder(encoding)

    def decode(self, data: bytes, final: bool = False) -> list[str]:
        """Take bytes.

        Args:
            data: The next bytes.
            final: Whether they are the last.

        Returns:
            The pieces that are complete.
        """
        texts = [self._decoder.decode(chunk) for chunk in self._chunker.decode(data, final)]
        if final:
            texts.append(self._decoder.decode(b"", final=True))
        return [text for text in texts if text]


class LineDecoder:
    """Decodes a body into lines that end at LF, CR or CRLF, and gives them without these.

    Args:
        encoding: The name of the encoding.
    """

    def __init__(self, encoding: str | None) -> None:
        self._decoder = IncrementalNewlineDecoder(LenientDecoder(encoding), translate=True)
        self._line: list[str] = []

    def decode(self, data: bytes, final: bool = False) -> list[str]:
        """Take bytes.

        Args:
            data: The next bytes.
            final: Whether they are the last.

        Returns:
            The lines that are complete.
        """
        first, *others = self._decoder.decode(data, final).split("\n")
        self._line.append(first)
        lines: list[str] = []
        for text in others:
            lines.append("".join(self._line))
            self._line = [text]
        if final and any(self._line):
            lines.append("".join(self._line))
        return lines
