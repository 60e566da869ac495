"""Answers as the caller sees them: bytes, text, JSON, files, and what was parsed from them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Callable, Generic, TypeVar

from cartesia._runtime.content import read_json, read_text
from cartesia._runtime.pieces import ByteChunker, Cutter, LineCutter, TextCutter

if TYPE_CHECKING:
    import os
    import sys
    from collections.abc import Awaitable
    from datetime import timedelta
    from types import TracebackType

    import httpx

    from cartesia._runtime._async.body import AsyncBody

    if sys.version_info >= (3, 11):
        from typing import Self
    else:
        from typing_extensions import Self

T_co = TypeVar("T_co", covariant=True)


class AsyncPieces(Generic[T_co]):
    """A body in pieces, to iterate over.

    No generator: one that is dropped in the middle would be finished at some later time, and hold
    its connection until then.

    Args:
        body: The body.
        cutter: What makes the pieces.
    """

    def __init__(self, body: AsyncBody, cutter: Cutter[T_co]) -> None:
        self._body = body
        self._cutter = cutter
        self._number = 0
        self._offset = 0
        self._ready: deque[T_co] = deque()
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T_co:
        while not self._ready:
            if self._ended:
                raise StopAsyncIteration
            data = await self._body.piece(self._number, self._offset)
            self._number += 1
            self._offset += len(data)
            self._ended = not data
            self._ready.extend(self._cutter.feed(data) if data else self._cutter.finish())
        return self._ready.popleft()


class AsyncAPIResponse(Generic[T_co]):
    """The answer to a call, with its head read; the body is read as it is asked for.

    Args:
        body: The body.
        parse: Makes the usual result of the call out of it.
    """

    def __init__(self, body: AsyncBody, parse: Callable[[AsyncBody], Awaitable[T_co]]) -> None:
        self._body = body
        self._parse = parse
        self._parsed: list[T_co] = []

    @property
    def http_response(self) -> httpx.Response:
        """The response of the HTTP library beneath."""
        return self._body.response

    @property
    def http_request(self) -> httpx.Request:
        """The request of the HTTP library beneath."""
        return self._body.response.request

    @property
    def status_code(self) -> int:
        """The status code."""
        return self._body.response.status_code

    @property
    def headers(self) -> httpx.Headers:
        """The headers."""
        return self._body.response.headers

    @property
    def url(self) -> httpx.URL:
        """The URL that answered."""
        return self._body.response.url

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self._body.response.request.method

    @property
    def http_version(self) -> str:
        """The version of HTTP, such as ``HTTP/1.1``."""
        return self._body.response.http_version

    @property
    def elapsed(self) -> timedelta:
        """The time from sending the request to the end of the body.

        Raises:
            RuntimeError: The body has neither been read nor closed.
        """
        return self._body.response.elapsed

    @property
    def retries_taken(self) -> int:
        """How often the call was repeated before this answer."""
        return self._body.retries

    @property
    def is_closed(self) -> bool:
        """Whether the connection has been given back."""
        return self._body.closed

    async def parse(self) -> T_co:
        """Make the usual result of the call.

        Returns:
            What the call without a response prefix gives.

        Raises:
            APIResponseValidationError: The answer is not what the API promises.
            APIConnectionError: The connection broke before all of the body was there.
        """
        if not self._parsed:
            self._parsed.append(await self._parse(self._body))
        return self._parsed[0]

    async def read(self) -> bytes:
        """Read the whole body.

        Returns:
            The body.

        Raises:
            APIConnectionError: The connection broke before all of it was there.
        """
        return await self._body.read()

    async def text(self) -> str:
        """Read the whole body as text.

        Returns:
            The text.

        Raises:
            APIConnectionError: The connection broke before all of it was there.
        """
        return read_text(self._body.response, await self._body.read())

    async def json(self) -> object:
        """Read the whole body as JSON.

        Returns:
            What it says.

        Raises:
            APIResponseValidationError: It is not JSON.
            APIConnectionError: The connection broke before all of it was there.
        """
        return read_json(self._body.response, await self._body.read())

    def iter_bytes(self, chunk_size: int | None = None) -> AsyncPieces[bytes]:
        """Give the body piece by piece, as it arrives.

        Args:
            chunk_size: Bytes in a piece; without it, as they arrive.

        Returns:
            What gives the pieces. It raises `APIConnectionError` when the connection broke before
            all of the body was there.
        """
        return AsyncPieces(self._body, ByteChunker(chunk_size))

    def iter_text(self, chunk_size: int | None = None) -> AsyncPieces[str]:
        """Give the body as text, piece by piece.

        Args:
            chunk_size: Bytes that a piece is decoded from; without it, as they arrive.

        Returns:
            What gives the pieces. It raises `APIConnectionError` when the connection broke before
            all of the body was there.
        """
        encoding = self._body.response.charset_encoding
        return AsyncPieces(self._body, TextCutter(encoding, chunk_size))

    def iter_lines(self) -> AsyncPieces[str]:
        """Give the body as text, line by line, without the line ends.

        Returns:
            What gives the lines. It raises `APIConnectionError` when the connection broke before
            all of the body was there.
        """
        return AsyncPieces(self._body, LineCutter(self._body.response.charset_encoding))

    async def close(self) -> None:
        """Give the connection back, whether the body has been read or not."""
        await self._body.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        response = self._body.response
        kind = response.headers.get("content-type", "no content type")
        return f"<{type(self).__name__} [{response.status_code} {kind}]>"


class AsyncBinaryAPIResponse(AsyncAPIResponse[bytes]):
    """Audio, given to the caller as soon as the answer begins.

    The body is read as it is asked for. Bytes that were read are kept, so that ``write_to_file``
    and then ``iter_bytes`` both give all of it. Close it, or use it as a context manager, when its
    audio is not wanted.
    """

    async def write_to_file(self, path: str | os.PathLike[str]) -> None:
        """Write the body into a file, which appears when it is whole.

        Args:
            path: Where to.

        Raises:
            APIConnectionError: The connection broke, or the audio is shorter than its header says;
                there is no file then.
            OSError: The file cannot be written.
        """
        await self.stream_to_file(path)

    async def stream_to_file(
        self, path: str | os.PathLike[str], *, chunk_size: int | None = None
    ) -> None:
        """Write the body into a file as it arrives; the file appears when it is whole.

        Args:
            path: Where to.
            chunk_size: Bytes to write at once; without it, as they arrive.

        Raises:
            APIConnectionError: The connection broke, or the audio is shorter than its header says;
                there is no file then.
            OSError: The file cannot be written.
        """
        from cartesia._runtime.whole_file import WholeFile

        with WholeFile(path) as file:
            async for piece in self.iter_bytes(chunk_size):
                file.write(piece)


class AsyncStreamedBinaryAPIResponse(AsyncBinaryAPIResponse):
    """Audio that is not kept: it can be read once, of any length, in little memory."""


R_co = TypeVar("R_co", bound=AsyncAPIResponse[object], covariant=True)


class AsyncResponseContextManager(Generic[R_co]):
    """Sends a request when it is entered, and closes the response when it is left.

    Args:
        send: Sends the request and gives the response.
    """

    def __init__(self, send: Callable[[], Awaitable[R_co]]) -> None:
        self._send = send
        self._responses: list[R_co] = []

    async def __aenter__(self) -> R_co:
        response = await self._send()
        self._responses.append(response)
        return response

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        while self._responses:
            await self._responses.pop().close()
