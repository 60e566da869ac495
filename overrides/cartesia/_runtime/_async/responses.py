"""Responses as the caller sees them: head, and body as bytes, text, lines, JSON or a file."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Callable, Generic, TypeVar

from cartesia._runtime import content
from cartesia._runtime.errors import hide_credentials

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence
    from datetime import timedelta

    import httpx
    from typing_extensions import Self

    from cartesia._runtime._async.body import AsyncBody
    from cartesia._runtime.types import FileTarget

T_co = TypeVar("T_co", covariant=True)


class AsyncBodyIterator(AsyncIterator[T_co]):
    """Iterates over a body in pieces.

    It is not a generator: one that is dropped in the middle is finalized at some later time, and
    would hold the connection until then.

    Args:
        body: The body.
        decode: Makes pieces out of bytes; its second argument says whether the body has ended.
    """

    def __init__(self, body: AsyncBody, decode: Callable[[bytes, bool], Sequence[T_co]]) -> None:
        self._body = body
        self._decode = decode
        self._offset = 0
        self._pieces: deque[T_co] = deque()
        self._ended = False

    async def __anext__(self) -> T_co:
        while not self._pieces:
            if self._ended:
                raise StopAsyncIteration
            data = await self._body.chunk(self._offset)
            self._offset += len(data)
            self._ended = not data
            self._pieces.extend(self._decode(data, self._ended))
        return self._pieces.popleft()

    async def aclose(self) -> None:
        """End the iteration, and give the connection back, whether the body was read or not."""
        self._ended = True
        self._pieces.clear()
        await self._body.close()


class AsyncAPIResponse(Generic[T_co]):
    """The response to a call: its head has been read, its body is read as the caller asks for it.

    Args:
        body: The body.
        parse: Parses it into the usual result of the call.
    """

    def __init__(self, body: AsyncBody, parse: Callable[[AsyncBody], Awaitable[T_co]]) -> None:
        self._body = body
        self._parse = parse
        self._parsed: list[T_co] = []

    @property
    def http_response(self) -> httpx.Response:
        """The response as httpx has it; its request has no credentials."""
        return hide_credentials(self._body.response)

    @property
    def http_request(self) -> httpx.Request:
        """The request as httpx has it, without credentials."""
        return self.http_response.request

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
        """How often the call was repeated before this response."""
        return self._body.retries

    @property
    def is_closed(self) -> bool:
        """Whether the connection has been given back."""
        return self._body.closed

    async def parse(self) -> T_co:
        """Parse the body.

        Returns:
            What the call gives without the response prefix.

        Raises:
            APIResponseValidationError: The body is not what the API documents.
            APIConnectionError: The connection broke before the end of the body.
        """
        if not self._parsed:
            self._parsed.append(await self._parse(self._body))
        return self._parsed[0]

    async def read(self) -> bytes:
        """Read the whole body.

        Returns:
            The body.

        Raises:
            APIConnectionError: The connection broke before its end.
        """
        return await self._body.read()

    async def text(self) -> str:
        """Read the whole body as text.

        Returns:
            The text.

        Raises:
            APIConnectionError: The connection broke before its end.
        """
        return content.read_text(self._body.response, await self._body.read())

    async def json(self) -> object:
        """Read the whole body as JSON.

        Returns:
            The value.

        Raises:
            APIResponseValidationError: It is not JSON.
            APIConnectionError: The connection broke before its end.
        """
        return content.read_json(self._body.response, await self._body.read())

    def iter_bytes(self, chunk_size: int | None = None) -> AsyncBodyIterator[bytes]:
        """Iterate over the body as it arrives.

        Args:
            chunk_size: Bytes in a piece; without it, pieces as they arrive.

        Returns:
            The iterator. It raises `APIConnectionError` if the connection breaks before the end of
            the body.
        """
        return AsyncBodyIterator(self._body, content.ByteChunker(chunk_size).decode)

    def iter_text(self, chunk_size: int | None = None) -> AsyncBodyIterator[str]:
        """Iterate over the body as text.

        Args:
            chunk_size: Bytes that a piece is decoded from; without it, pieces as they arrive.

        Returns:
            The iterator. It raises `APIConnectionError` if the connection breaks before the end of
            the body.
        """
        decoder = content.TextDecoder(content.charset(self._body.response), chunk_size)
        return AsyncBodyIterator(self._body, decoder.decode)

    def iter_lines(self) -> AsyncBodyIterator[str]:
        """Iterate over the lines of the body, without their line ends.

        Returns:
            The iterator. It raises `APIConnectionError` if the connection breaks before the end of
            the body.
        """
        decoder = content.LineDecoder(content.charset(self._body.response))
        return AsyncBodyIterator(self._body, decoder.decode)

    async def close(self) -> None:
        """Release the connection, whether the body has been read or not."""
        await self._body.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        response = self._body.response
        kind = response.headers.get("content-type", "no content type")
        return f"<{type(self).__name__} [{response.status_code} {kind}]>"


class AsyncBinaryAPIResponse(AsyncAPIResponse[bytes]):
    """Audio, returned as soon as the head of the response has arrived.

    The body is read as the caller asks for it. Bytes that were read are kept, so ``write_to_file``
    and then ``iter_bytes`` both give all of it. If the audio is not needed, close the response, or
    use it as a context manager.
    """

    async def write_to_file(self, path: FileTarget) -> None:
        """Write the body to a file, which appears, or is replaced, only when it is complete.

        A file that exists keeps its mode, owner and links. The header of a WAV gets its true
        lengths, which a server that streams cannot know; `read` gives the bytes as they were sent.

        Args:
            path: The path of the file, or a file opened for writing in binary mode.

        Raises:
            APIConnectionError: The connection broke, or the audio is shorter than its header says;
                no file is written then.
            OSError: The file cannot be written.
            TypeError: It is neither a path nor a binary file.
        """
        await self.stream_to_file(path)

    async def stream_to_file(self, path: FileTarget, *, chunk_size: int | None = None) -> None:
        """Write the body to a file, in pieces, as `write_to_file` does.

        Args:
            path: The path of the file, or a file opened for writing in binary mode.
            chunk_size: Bytes to write at once; without it, pieces as they arrive.

        Raises:
            APIConnectionError: The connection broke, or the audio is shorter than its header says;
                no file is written then.
            OSError: The file cannot be written.
            TypeError: It is neither a path nor a binary file.
        """
        from cartesia._runtime.storage import atomic_file, refuse_pipe

        if True:  # ASYNC
            refuse_pipe("path", path)
        with atomic_file(path) as file:
            async for piece in self.iter_bytes(chunk_size):
                file.write(piece)

    def _repr_html_(self) -> str | None:
        """Show audio that was read to its end as a player, in a notebook."""
        from cartesia.audio import notebook_player

        return notebook_player(self, self._body.kept)


class AsyncStreamedBinaryAPIResponse(AsyncBinaryAPIResponse):
    """Audio that is not kept: it can be read only once, in little memory whatever its length."""


R_co = TypeVar("R_co", bound=AsyncAPIResponse[object], covariant=True)


class AsyncResponseContextManager(Generic[R_co]):
    """Sends a request when it is entered, and closes the response when it is left.

    Args:
        send: Sends the request and gives the response.
    """

    def __init__(self, send: Callable[[], Awaitable[R_co]]) -> None:
        self._send = send

    async def __aenter__(self) -> R_co:
        self._response = await self._send()
        return self._response

    async def __aexit__(self, *exc_info: object) -> None:
        await self._response.close()
