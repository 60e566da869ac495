"""The body of an answer, read from the connection as it is asked for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

import httpx

from cartesia._runtime.content import is_wav
from cartesia._runtime.errors import CartesiaError, ClientClosedError, TruncatedResponseError
from cartesia._runtime.explain import TRANSPORT_ERRORS, explain_read_error, truncated
from cartesia._runtime.kept import Kept
from cartesia._runtime.wav import HEADER_BYTES, promised_length

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import AsyncGenerator, AsyncIterator


_NOT_KEPT = "the body has been read already, piece by piece, and was not kept"


class _BeginOfStream(httpx.AsyncByteStream):
    """A stream that ends early.

    Args:
        stream: The whole of it.
        most: The bytes after which it ends.
    """

    def __init__(self, stream: httpx.AsyncByteStream, most: int) -> None:
        self._stream = stream
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for piece in self._stream:
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    async def aclose(self) -> None:
        await self._stream.aclose()


class AsyncBody:
    """Reads a body once, from its beginning to its end, and says when it ends early.

    Args:
        response: The answer, of which only the head has been read.
        abandoned: Where to leave it when it is dropped unread; the transport closes what is there.
        retries: How often the call had been repeated.
        keep: Whether bytes that were read are kept, to be read again.
    """

    __slots__ = (
        "__weakref__",
        "_abandoned",
        "_closed",
        "_cut",
        "_ended",
        "_head",
        "_keep",
        "_kept",
        "_reading",
        "_received",
        "_source",
        "_whole",
        "response",
        "retries",
    )

    def __init__(
        self,
        response: httpx.Response,
        abandoned: deque[AsyncBody],
        *,
        retries: int,
        keep: bool = True,
    ) -> None:
        self.response = response
        self.retries = retries
        self._abandoned = abandoned
        self._keep = keep
        self._kept = Kept()
        self._whole: bytes | None = None
        self._head = b""
        self._received = 0
        self._source: AsyncGenerator[bytes, None] | None = None
        self._reading = False
        self._ended = False
        self._closed = False
        self._cut: tuple[int, int | None] | None = None

    @property
    def received(self) -> int:
        """Bytes that have arrived."""
        return self._received

    @property
    def closed(self) -> bool:
        """Whether the connection has been given back."""
        return self._ended or self._closed

    async def read(self) -> bytes:
        """Read to the end.

        Returns:
            The whole body.

        Raises:
            APIConnectionError: The connection broke, was silent for too long, or the body is short.
            CartesiaError: It was closed before, or read before and not kept.
        """
        if self._whole is None:
            self._check_cut()
            if self._received and not self._keep:
                raise CartesiaError(_NOT_KEPT)
            self._keep = True
            if self._source is None and not self._ended:
                # In one go, so that `http_response` has it too.
                return await self._read_at_once()
            while not self._ended:
                await self.pull()
            self._whole = self._kept.whole()
            self._kept = Kept()
        return self._whole

    async def piece(self, number: int, offset: int) -> bytes:
        """Give one piece to somebody who reads it piece by piece.

        Args:
            number: How many pieces they have had.
            offset: How many bytes these were.

        Returns:
            The next piece, kept or from the connection; no bytes at the end.

        Raises:
            APIConnectionError: The connection broke, was silent for too long, or the body is short.
            CartesiaError: It was closed before, or read before and not kept.
        """
        if self._whole is not None:
            return self._whole[offset:]
        if self._keep and offset < self._received:
            return self._kept.piece(number, offset)
        if offset != self._received:
            self._check_cut()
            raise CartesiaError(_NOT_KEPT)
        return await self.pull()

    async def pull(self) -> bytes:
        """Read the next piece from the connection.

        Returns:
            The piece; no bytes at the end.

        Raises:
            APIConnectionError: The connection broke, was silent for too long, or the body is short.
            CartesiaError: It was closed before, or is being read elsewhere at the same time.
        """
        if self._ended:
            self._check_cut()
            return b""
        self._begin()
        if self._source is None:
            # httpx says "iterator" of what is a generator, whose close() is wanted below.
            self._source = cast("AsyncGenerator[bytes, None]", self.response.aiter_bytes())
        try:
            piece = await self._source.__anext__()
        except StopAsyncIteration:
            self._end()
            return b""
        except TRANSPORT_ERRORS as error:
            raise (await self._broken(error, self._received)) from error
        # Not in a `finally`: whoever is cancelled above leaves a generator that would say "ended".
        self._reading = False
        self._take(piece)
        return piece

    def shorten(self, most: int) -> None:
        """Read no more than the beginning, as if the answer ended there.

        Args:
            most: Bytes to take from the connection, before any decompression.
        """
        stream = self.response.stream
        # Where a hook of the caller's own HTTP client has read it, it is something else.
        if isinstance(stream, httpx.AsyncByteStream):
            self.response.stream = _BeginOfStream(stream, most)

    async def close(self) -> None:
        """Give the connection back; one whose answer was not read to the end is closed."""
        if self._closed:
            return
        self._closed = True
        source, self._source = self._source, None
        with suppress(*TRANSPORT_ERRORS):  # it is thrown away: how it goes down matters to nobody
            await self.response.aclose()
            if source is not None and not self._reading:
                await source.aclose()

    def forget(self) -> None:
        """Let go of a connection that can no more be closed."""
        self._closed = True

    async def _read_at_once(self) -> bytes:
        self._begin()
        try:
            content = await self.response.aread()
        except TRANSPORT_ERRORS as error:
            raise (await self._broken(error, self.response.num_bytes_downloaded)) from error
        self._reading = False
        self._head = content[:HEADER_BYTES]
        self._received = len(content)
        self._end()
        self._whole = content
        return content

    def _begin(self) -> None:
        if self._closed:
            self._check_cut()
            raise ClientClosedError("the response was closed before its body had been read")
        if self._reading:
            raise CartesiaError(
                "the response is being read by somebody else, or its reading was cancelled before"
            )
        self._reading = True

    def _take(self, piece: bytes) -> None:
        if self._received < HEADER_BYTES:
            self._head += piece[:HEADER_BYTES]
        self._received += len(piece)
        if self._keep:
            self._kept.add(piece)

    def _end(self) -> None:
        self._ended = True
        expected = promised_length(self._head)
        if expected is not None:
            is_whole = self._received >= expected
        else:
            is_whole = not (self._ended_in_header and is_wav(self.response))
        if not is_whole:
            self._kept = Kept()
            self._keep = False
            self._cut = self._received, expected
            self._check_cut()

    @property
    def _ended_in_header(self) -> bool:
        return self._received < HEADER_BYTES and b"RIFF".startswith(self._head[:4])

    async def _broken(self, error: Exception, received: int) -> CartesiaError:
        await self.close()
        if "content-encoding" in self.response.headers:  # what was announced counts the same bytes
            received = self.response.num_bytes_downloaded
        explained = explain_read_error(error, self.response, received)
        if isinstance(explained, TruncatedResponseError):
            # Not the error itself: its traceback holds this object.
            self._cut = explained.bytes_received, explained.bytes_expected
        return explained

    def _check_cut(self) -> None:
        """Say again what was cut: it is not whole for whoever asks later, either."""
        if self._cut is not None:
            raise truncated(self.response, *self._cut)

    def __del__(self) -> None:
        # Neither a lock nor I/O may be here: the collector may run inside of the pool's own lock.
        # The transport closes it at the client's next call.
        if not self._closed and not self._ended:
            self._abandoned.append(self)
