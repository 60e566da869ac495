# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/body.py
# Do not edit: change that file instead.
"""The body of a response, read from the connection as the caller asks for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn, cast

import httpx

from cartesia._runtime._sync.primitives import ReadLimit
from cartesia._runtime.content import WAV_MEDIA_TYPES, media_type
from cartesia._runtime.errors import (
    APIResponseValidationError,
    CartesiaError,
    ClientClosedError,
    TruncatedResponseError,
)
from cartesia._runtime.explain import (
    explain_read_error,
    past_deadline,
    transport_errors,
    truncated,
)
from cartesia._runtime.http_clients import wrap_stream
from cartesia._runtime.storage import WAV_HEADER_BYTES, SpooledBody, wav_length

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from cartesia._runtime._sync.transport import Pool
    from cartesia._runtime.retry import Deadline

_DRAIN_SECONDS = 0.25
_ERROR_BODY_SECONDS = 5.0
_ERROR_BODY_BYTES = 1024 * 1024
_MAX_TEXT_BYTES = 64 * 1024 * 1024
_MAX_AUDIO_BYTES = 1024 * 1024 * 1024
_MAX_KEPT_BYTES = 256 * 1024 * 1024
"""Bytes of a body that is given out piece by piece that are kept, to be read again."""
_COMPRESSED_BYTES = 4096
_CODINGS = ("gzip", "x-gzip", "deflate", "identity")
_NOT_KEPT = "the body has been read already, piece by piece, and was not kept"


class _CompressedStream:
    """A compressed body in small pieces, of which each becomes a few megabytes at most.

    Args:
        stream: The compressed body.
        coding: Its content coding.
        accepted: The codings that were asked for.
    """

    def __init__(self, stream: httpx.SyncByteStream, coding: str, accepted: str) -> None:
        self._stream = stream
        self._coding = coding
        self._accepted = accepted.replace(" ", "").lower().split(",")

    def __iter__(self) -> Iterator[bytes]:
        # Of more than one coding, each would multiply what the others make of a few bytes.
        if self._coding.lower() not in (*_CODINGS, *self._accepted):
            raise httpx.DecodingError(f"content-encoding {self._coding!r:.40} was not asked for")
        for chunk in self._stream:
            for start in range(0, len(chunk), _COMPRESSED_BYTES):
                yield chunk[start : start + _COMPRESSED_BYTES]

    def close(self) -> None:
        self._stream.close()


class Body:
    """Reads a body once, from beginning to end, and notices if it ends early.

    Args:
        response: The response, of which only the head has been read.
        pool: Its connection is one of these; they stay open until the body is read or closed.
        retries: How often the call was repeated before.
        keep: Whether chunks are kept, to be read again; what `read` returns always is.
        deadline: When the whole body must have been read.
    """

    _pool: Pool | None = None

    def __init__(
        self,
        response: httpx.Response,
        pool: Pool,
        *,
        retries: int,
        keep: bool,
        deadline: Deadline | None = None,
    ) -> None:
        self.response = response
        self.retries = retries
        self.received = 0
        """Bytes that have arrived."""
        self._pool = pool
        self._process = pool.process
        self._deadline = deadline
        self._limit = None if deadline is None else ReadLimit(deadline.left(), response)
        self._spool = SpooledBody() if keep else None
        self._max_kept = _MAX_KEPT_BYTES
        self._content: bytes | None = None
        self._head = b""
        self._source: Generator[bytes, None] | None = None
        self._reading = False
        self._complete = False
        self._is_error = False
        self._ended = False
        self._closed = False
        self._truncated_at: tuple[int, int | None] | None = None
        coding = response.headers.get("content-encoding")
        if coding:
            accepted = response.request.headers.get("accept-encoding", "")
            wrap_stream(response, httpx.SyncByteStream, _CompressedStream, coding, accepted)

    @property
    def closed(self) -> bool:
        """Whether the connection has been given back."""
        return self._ended or self._closed

    def read(self) -> bytes:
        """Read to the end.

        Returns:
            The whole body.

        Raises:
            APIConnectionError: The connection broke or stalled, or the body is too short.
            APIResponseValidationError: The body is too long to be read into memory.
            CartesiaError: The body was closed before, or read before and not kept.
        """
        if self._content is None:
            self._check_truncated()
            if self._spool is None and self.received:
                raise CartesiaError(_NOT_KEPT)
            if self._source is None and not self._ended:
                # In one go, so that `http_response.content` has it too.
                self._content = self._read_at_once()
            else:
                self._max_kept = _MAX_AUDIO_BYTES
                while not self._ended:
                    self.receive()
                    self._check_length(self.received)
                self._content = b"" if self._spool is None else self._spool.content()
            self._spool = None
        return self._content

    def chunk(self, offset: int) -> bytes:
        """Give the next chunk to one of several readers.

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
            self._check_truncated()
            raise CartesiaError(_NOT_KEPT)
        return self.receive()

    def receive(self) -> bytes:
        """Read the next chunk from the connection.

        Returns:
            The chunk; no bytes at the end.

        Raises:
            APIConnectionError: The connection broke or stalled, or the body is too short.
            CartesiaError: The body was closed before, or is being read elsewhere.
        """
        if self._ended:
            self._check_truncated()
            return b""
        self._start_reading()
        if self._source is None:
            # httpx declares an iterator, but it is a generator, which `close` closes.
            self._source = cast("Generator[bytes, None]", self.response.iter_bytes())
        try:
            if self._limit is None:
                chunk = self._source.__next__()
            else:
                chunk = self._limit.run(self._source.__next__)
        except StopIteration:
            self._end()
            return b""
        except transport_errors(TimeoutError) as error:
            raise (self._fail(error, self.received)) from error
        except BaseException as error:
            self._note_interrupt(error)
            raise
        # Not in a `finally`: a read that is cancelled leaves a generator that would say "ended".
        self._reading = False
        if self.received < WAV_HEADER_BYTES:
            self._head += chunk[:WAV_HEADER_BYTES]
        self.received += len(chunk)
        if self._spool is not None:
            self._spool.append(chunk)
            if self.received > self._max_kept:
                self._spool = None
        return chunk

    def read_beginning(self) -> bytes:
        """Read the beginning of a body that describes an error, and close it.

        Returns:
            Its first megabyte; nothing if it broke off or took longer than 5 s.
        """
        self._is_error = True
        limit = ReadLimit(_ERROR_BODY_SECONDS, self.response)
        try:
            return limit.run(self.read)
        except (CartesiaError, TimeoutError):
            return b""
        finally:
            limit.cancel()
            self.close()

    def complete(self) -> None:
        """Note that what has been read is complete: what follows, normally nothing, is drained.

        Where the caller reads no further, that is done at the next call.
        """
        self._complete = True
        if self._pool is not None:
            self._pool.abandoned.append(self)

    def close(self) -> None:
        """Give the connection back; if the body was not read to its end, it is closed."""
        if not self._closed and self._process == os.getpid():
            if self._pool is not None and self._pool.interrupted:
                self._pool.abandon(self)
            else:
                self.release()

    def release(self) -> None:
        """Do what `close` does, even where it may have to wait for a lock."""
        length = self.response.headers.get("content-length")
        if self._complete or length == str(self.response.num_bytes_downloaded):
            self._drain()
        if self._closed:
            return
        self._closed = True
        source, self._source = self._source, None
        try:
            self.response.close()
            if source is not None and not self._reading:
                source.close()
        except transport_errors():
            pass  # nothing of it is needed any more
        except BaseException as error:
            self._note_interrupt(error)
            raise
        finally:
            self._detach()

    def _drain(self) -> None:
        """Read to the end, so that the connection can be reused, unless that takes too long."""
        # Over HTTP/2, closing a response keeps its connection anyway.
        if self.closed or self._reading or self.response.http_version == "HTTP/2":
            return
        limit = ReadLimit(_DRAIN_SECONDS, self.response)
        try:
            limit.run(self._read_rest)
        except (CartesiaError, TimeoutError):
            pass  # all of it that matters has been read
        finally:
            limit.cancel()

    def _read_rest(self) -> None:
        while self.receive():
            pass

    def _detach(self) -> None:
        """Need the pool no longer."""
        self._pool = None
        if self._limit is not None:
            self._limit.cancel()

    def _note_interrupt(self, error: BaseException) -> None:
        if self._pool is not None:
            self._pool.note_interrupt(error)

    def _read_at_once(self) -> bytes:
        self._start_reading()
        try:
            limit = self._limit
            content = self._read_all() if limit is None else limit.run(self._read_all)
        except transport_errors(TimeoutError) as error:
            raise (self._fail(error, self.response.num_bytes_downloaded)) from error
        except BaseException as error:
            self._note_interrupt(error)
            raise
        self._reading = False
        self._head = content[:WAV_HEADER_BYTES]
        self.received = len(content)
        self._end()
        return content

    def _read_all(self) -> bytes:
        """Read to the end, or to the bound of what describes an error."""
        if hasattr(self.response, "_content"):  # a hook of the caller's own HTTP client read it
            return self.response.content
        source = cast("Generator[bytes, None]", self.response.iter_bytes())
        content = bytearray()
        for piece in source:
            content += piece
            if self._is_error and len(content) >= _ERROR_BODY_BYTES:
                del content[_ERROR_BODY_BYTES:]
                self.response.close()
                break
            self._check_length(len(content))
        source.close()
        # As httpx does it, for `http_response.content`.
        self.response._content = bytes(content)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        return self.response.content

    def _check_length(self, length: int) -> None:
        """Refuse a body that is longer than any of its kind should be."""
        if length <= _MAX_TEXT_BYTES:
            return
        is_audio = media_type(self.response).startswith(("audio/", "application/octet-stream"))
        limit = _MAX_AUDIO_BYTES if is_audio else _MAX_TEXT_BYTES
        if length > limit:
            self._spool = None
            self.close()
            text = f"the response is longer than the {limit} bytes that are read into memory"
            raise APIResponseValidationError(self.response, None, message=text)

    def _start_reading(self) -> None:
        if self._closed:
            self._check_truncated()
            raise ClientClosedError("the response was closed before its body had been read")
        if self._process != os.getpid():
            raise CartesiaError(
                "the response belongs to the process that this one was forked from: "
                "make the call in the new process"
            )
        if self._reading:
            raise CartesiaError(
                "the response is being read by another task or thread, "
                "or an earlier read was cancelled"
            )
        self._reading = True

    def _end(self) -> None:
        """Note the end of the body; a WAV must be as long as its header declares."""
        self._ended = True
        self._detach()
        if self._deadline is not None and self._deadline.left() <= 0:
            # Maybe it is no end, but where the connection was shut down.
            raise past_deadline(self.response.request, self._deadline.seconds)
        expected = wav_length(self._head)
        required = expected
        if required is None and b"RIFF".startswith(self._head[:4]):
            required = WAV_HEADER_BYTES if media_type(self.response) in WAV_MEDIA_TYPES else None
        if required is not None and self.received < required:
            self._spool = None
            self._truncated_at = self.received, expected
            self._check_truncated()

    def _fail(self, error: Exception, received: int) -> CartesiaError:
        closed = self._pool is not None and self._pool.closed
        self.close()
        if self._deadline is not None and self._deadline.left() <= 0:
            return past_deadline(self.response.request, self._deadline.seconds)
        if closed:
            return ClientClosedError("the client was closed while the response was read")
        if "content-encoding" in self.response.headers:
            # The announced length is that of the compressed bytes.
            received = self.response.num_bytes_downloaded
        mapped = explain_read_error(error, self.response, received)
        if isinstance(mapped, TruncatedResponseError):
            # Not the error itself: its traceback references this object.
            self._truncated_at = mapped.bytes_received, mapped.bytes_expected
        return mapped

    def _check_truncated(self) -> None:
        """Raise the error of a truncated body again: later readers do not get it whole either."""
        if self._truncated_at is not None:
            raise truncated(self.response, *self._truncated_at)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a response cannot be pickled, since its body is read from a connection; "
            "pickle what its `read()` or `parse()` returns"
        )

    def __del__(self) -> None:
        # Neither locks nor I/O: the garbage collector may run inside the pool's own lock.
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.abandon(self)
