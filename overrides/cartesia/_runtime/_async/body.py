"""The body of a response, read from the connection as the caller asks for it."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Callable, NoReturn, TypeVar, cast

import httpx

from cartesia._runtime import errors, explain
from cartesia._runtime._async.primitives import ReadLimit, end_reading
from cartesia._runtime.content import NOT_KEPT, WAV_MEDIA_TYPES, media_type, unasked_coding
from cartesia._runtime.http_clients import wrap_stream
from cartesia._runtime.retry import Deadline
from cartesia._runtime.storage import WAV_HEADER_BYTES, SpooledBody, wav_length

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable

    from cartesia._runtime._async.transport import AsyncPool

T = TypeVar("T")

_DRAIN_SECONDS = 0.25
_ERROR_BODY_SECONDS = 5.0
_ERROR_BODY_BYTES = 1024 * 1024
_MAX_TEXT_BYTES = 64 * 1024 * 1024
_MAX_AUDIO_BYTES = 1024 * 1024 * 1024
_MAX_KEPT_BYTES = 256 * 1024 * 1024
"""Most bytes of a body read piece by piece that are kept, to be read again."""
_COMPRESSED_BYTES = 4096


class _CompressedStream:
    """A compressed body in small pieces, of which each becomes a few megabytes at most.

    Args:
        stream: The compressed body.
        unasked: Its content coding, where that was not asked for.
    """

    def __init__(self, stream: httpx.AsyncByteStream, unasked: str | None) -> None:
        self._stream = stream
        self._unasked = unasked

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._unasked is not None:
            raise httpx.DecodingError(f"content-encoding {self._unasked!r:.40} was not asked for")
        async for chunk in self._stream:
            for start in range(0, len(chunk), _COMPRESSED_BYTES):
                yield chunk[start : start + _COMPRESSED_BYTES]

    async def aclose(self) -> None:
        await self._stream.aclose()


class AsyncBody:
    """Reads a body once, from beginning to end, and notices if it ends early.

    Args:
        response: The response, of which only the head has been read.
        pool: Its connection is one of these; they stay open until the body is read or closed.
        keep: Whether chunks are kept, to be read again; what `read` returns always is.
        deadline: When the whole body must have been read.
    """

    _pool: AsyncPool | None = None
    """None as soon as the connection has been given back."""

    def __init__(
        self, response: httpx.Response, pool: AsyncPool, *, keep: bool, deadline: Deadline | None
    ) -> None:
        self.response = response
        self.retries = 0
        """How often the call was repeated before."""
        self.received = 0
        """Bytes that have arrived."""
        self._pool = pool
        self._limit = None if deadline is None else ReadLimit(deadline, response)
        self._spool = SpooledBody() if keep else None
        self._content: bytes | None = None
        self._head = b""
        self._source: AsyncGenerator[bytes, None] | None = None
        self._reading = False
        self._complete = False
        self._ended = False
        self._truncated_at: tuple[int, int | None] | None = None
        self._is_coded = "content-encoding" in response.headers
        if self._is_coded:
            unasked = unasked_coding(response)
            wrap_stream(response, httpx.AsyncByteStream, _CompressedStream, unasked)

    @property
    def closed(self) -> bool:
        """Whether the connection has been given back."""
        return self._pool is None

    @property
    def kept(self) -> bytes:
        """The whole body, if it was read and kept; else no bytes, since this does no I/O."""
        spool = self._spool if self._ended else None
        return (self._content if spool is None else spool.read(0, self.received)) or b""

    async def read(self, most: int = sys.maxsize) -> bytes:
        """Read to the end.

        Args:
            most: Bytes after which reading stops.

        Returns:
            The whole body, or as much of it.

        Raises:
            APIConnectionError: The connection broke or stalled, or the body is too short.
            APIResponseValidationError: The body is too long to be read into memory.
            CartesiaError: The body was closed before, or read before and not kept.
        """
        if self._content is None:
            self._check_readable()
            if self._spool is None and self.received:
                raise errors.CartesiaError(NOT_KEPT)
            content = bytearray(b"" if self._spool is None else self._spool.read(0, self.received))
            self._spool = None
            while len(content) < most and (chunk := await self.receive()):
                content += chunk
                await self._check_length()
            del content[most:]
            self._content = bytes(content)
            # As httpx does it, for `http_response.content`.
            self.response._content = self._content  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        return self._content

    async def chunk(self, offset: int) -> bytes:
        """Return the next chunk to one of several readers.

        Args:
            offset: How many bytes this reader has had.

        Returns:
            The chunk, kept or from the connection; no bytes at the end.

        Raises:
            APIConnectionError: The connection broke or stalled, or the body is too short.
            CartesiaError: The body was closed before, or read before and not kept.
        """
        if self._content is not None:
            return self._content[offset:]
        if self._spool is not None and offset < self.received:
            return self._spool.chunk(offset)
        if offset != self.received:
            self._check_readable()
            raise errors.CartesiaError(NOT_KEPT)
        return await self.receive()

    async def receive(self) -> bytes:
        """Read the next chunk from the connection.

        Returns:
            The chunk; no bytes at the end.

        Raises:
            APIConnectionError: The connection broke or stalled, or the body is too short.
            CartesiaError: The body was closed before, or is being read elsewhere.
        """
        self._check_readable()
        if self._ended:
            return b""
        self._reading = True
        if self._source is None:
            # Unless there is a coding to take off, or a hook of the caller's has read it.
            is_raw = not (self._is_coded or self.response.is_stream_consumed)
            pieces = self.response.aiter_raw() if is_raw else self.response.aiter_bytes()
            # httpx declares an iterator, but it is a generator, which `close` closes.
            self._source = cast("AsyncGenerator[bytes, None]", pieces)
        try:
            read = self._source.__anext__
            chunk = await (read() if self._limit is None else self._limit.run(read))
        except StopAsyncIteration:
            self._reading = False
            self._check_readable()  # where it was closed meanwhile, this is not its end
            self._end()
            return b""
        except explain.transport_errors(TimeoutError) as error:
            raise (await self._fail(error)) from error
        except BaseException as error:
            if self._pool is not None:
                self._pool.note_interrupt(error)
            raise
        # Not in a `finally`: a read that is cancelled leaves a generator that would say "ended".
        self._reading = False
        if self.received < WAV_HEADER_BYTES:
            self._head += chunk[:WAV_HEADER_BYTES]
        self.received += len(chunk)
        if self._spool is not None:
            self._spool.append(chunk)
            if self.received > _MAX_KEPT_BYTES:
                self._spool = None
        return chunk

    async def read_beginning(self) -> bytes:
        """Read the beginning of a body that describes an error, and close it.

        Returns:
            Its first megabyte; nothing if it broke off or took longer than 5 s.
        """
        read = partial(self.read, _ERROR_BODY_BYTES)
        try:
            return await self._read_within(_ERROR_BODY_SECONDS, read) or b""
        finally:
            await self.close()

    def complete(self) -> None:
        """Note that what has been read is complete: what follows, normally nothing, is drained.

        Where the caller reads no further, that is done at the next call.
        """
        self._complete = True
        if self._pool is not None:
            self._pool.abandoned.append(self)

    async def close(self) -> None:
        """Release the connection; if the body was not read to its end, it is closed."""
        pool = self._pool
        if pool is None or pool.process != os.getpid():
            return
        if self._complete:
            try:
                pool.abandoned.remove(self)
            except ValueError:
                return  # another call, maybe in another thread, has begun to drain and release it
        if pool.interrupted:
            pool.abandon(self)
        else:
            await self.release()

    async def release(self) -> None:
        """Do what `close` does, even where it may have to wait for a lock."""
        length = self.response.headers.get("content-length")
        is_over = self._complete or length == str(self.response.num_bytes_downloaded)
        # Over HTTP/2, closing a response keeps its connection anyway.
        if is_over and not (self.closed or self._reading or self.response.http_version == "HTTP/2"):
            await self._read_within(_DRAIN_SECONDS, self._drain)
        pool, self._pool = self._pool, None
        if pool is None:
            return
        if self._reading:
            end_reading(self.response)
        try:
            await self.response.aclose()
            if self._source is not None and not self._reading:
                await self._source.aclose()
        except explain.transport_errors():
            pass  # nothing of it is needed any more
        except BaseException as error:
            pool.note_interrupt(error)
            raise
        finally:
            if self._limit is not None:
                self._limit.cancel()

    async def _drain(self) -> None:
        """Read to the end, so that the connection can be reused."""
        while await self.receive():
            pass

    async def _read_within(self, seconds: float, read: Callable[[], Awaitable[T]]) -> T | None:
        """Read what can be done without: None if it broke off or took too long."""
        limit = ReadLimit(Deadline.after(seconds), self.response)
        try:
            return await limit.run(read)
        except (errors.CartesiaError, TimeoutError):
            return None
        finally:
            limit.cancel()

    async def _check_length(self) -> None:
        """Refuse a body that is longer than any of its kind should be."""
        limit, audio = _MAX_TEXT_BYTES, ("audio/", "application/octet-stream")
        if self.received > limit and media_type(self.response).startswith(audio):
            limit = _MAX_AUDIO_BYTES
        if self.received > limit:
            await self.close()
            text = f"the response is longer than the {limit} bytes that are read into memory"
            raise errors.APIResponseValidationError(self.response, None, message=text)

    def _check_readable(self) -> None:
        if self._truncated_at is not None:
            # Later readers do not get it whole either.
            raise explain.truncated(self.response, *self._truncated_at)
        if self._pool is None:
            if not self._ended:
                text = "the response was closed, or broke off, before its body had been read"
                raise errors.ClientClosedError(text)
        elif self._pool.process != os.getpid():
            raise errors.CartesiaError(
                "the response belongs to the process that this one was forked from: "
                "make the call in the new process"
            )
        elif self._reading:
            raise errors.CartesiaError(
                "the response is being read by another task or thread, "
                "or an earlier read was cancelled"
            )

    def _end(self) -> None:
        """Note the end of the body; a WAV must be as long as its header declares."""
        self._pool = None  # which may end before this object
        if self._limit is not None:
            self._limit.cancel()
            if self._limit.deadline.left() <= 0:
                # Maybe it is no end, but where the connection was shut down.
                raise explain.past_deadline(self.response.request, self._limit.deadline.seconds)
        self._ended = True
        expected = wav_length(self._head)
        is_wav = b"RIFF".startswith(self._head[:4]) and media_type(self.response) in WAV_MEDIA_TYPES
        if self.received < (expected or (WAV_HEADER_BYTES if is_wav else 0)):
            self._spool = None
            self._truncated_at = self.received, expected
            self._check_readable()

    async def _fail(self, error: Exception) -> errors.CartesiaError:
        closed = self._pool is None or self._pool.http.is_closed
        await self.close()
        if self._limit is not None and self._limit.deadline.left() <= 0:
            return explain.past_deadline(self.response.request, self._limit.deadline.seconds)
        if closed:
            return errors.ClientClosedError("the response was closed while it was read")
        # An announced length is that of what is sent, which may be compressed.
        received = self.response.num_bytes_downloaded
        mapped = explain.explain_read_error(error, self.response, received)
        if isinstance(mapped, errors.TruncatedResponseError):
            # Not the error itself: its traceback references this object.
            self._truncated_at = mapped.bytes_received, mapped.bytes_expected
        return mapped

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a response cannot be pickled, since its body is read from a connection; "
            "pickle what its `read()` or `parse()` returns"
        )

    def __del__(self) -> None:
        # Neither locks nor I/O: the garbage collector may run inside the pool's own lock.
        if self._pool is not None:
            self._pool.abandon(self)
