"""What resources send their calls through; it decides in which form the answers are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, TypeVar, cast

from cartesia._runtime._async.pages import AsyncCursorIDPage
from cartesia._runtime._async.primitives import AsyncPaginator, paginate
from cartesia._runtime._async.responses import (
    AsyncAPIResponse,
    AsyncBinaryAPIResponse,
    AsyncStreamedBinaryAPIResponse,
)
from cartesia._runtime._async.stream import AsyncStream
from cartesia._runtime.answers import (
    is_audio,
    is_event_stream,
    is_page,
    read_object,
    read_objects,
    read_text,
    unexpected_content,
    unreadable_encoding,
)
from cartesia._runtime.call import locate, prepare_call, settle_headers
from cartesia._runtime.cursor import Trail
from cartesia._runtime.model import read_list
from cartesia._runtime.needs import check_needs
from cartesia._runtime.options import check_mapping, check_max_retries

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import httpx

    from cartesia._runtime._async.body import AsyncBody
    from cartesia._runtime._async.transport import AsyncTransport
    from cartesia._runtime.options import ClientOptions
    from cartesia._runtime.request import Request
    from cartesia._runtime.types import JSONObject

T = TypeVar("T")


class AsyncRequester:
    """Sends calls, and gives their usual results.

    Args:
        options: The settings of the client.
        transport: Its connections.
    """

    def __init__(self, options: ClientOptions, transport: AsyncTransport) -> None:
        self.options = options
        self.transport = transport
        self._base_headers = options.base_headers()

    def limited(self, max_retries: int | None) -> AsyncRequester:
        """Give a requester with another number of retries.

        Args:
            max_retries: Attempts after the first; None for those of the client.

        Returns:
            A requester of the same connections.
        """
        if max_retries is None:
            return self
        options = self.options._replace(max_retries=check_max_retries(max_retries))
        return AsyncRequester(options, self.transport)

    def raw(self) -> AsyncRequester:
        """Give a requester whose results are the responses, read but not parsed.

        Returns:
            A requester of the same verbs; `AsyncResource` wrappers tell the types of its results.
        """
        return _AsyncRawRequester(self.options, self.transport)

    def streamed(self) -> AsyncRequester:
        """Give a requester whose results are the responses, with their bodies unread.

        Returns:
            A requester of the same verbs; `AsyncResource` wrappers tell the types of its results.
        """
        return _AsyncStreamedRequester(self.options, self.transport)

    async def model(self, request: Request, parse: Callable[[JSONObject], T]) -> T:
        """Send a call that is answered with an object.

        Args:
            request: The call.
            parse: The reader of the object.

        Returns:
            The object.
        """

        async def read(body: AsyncBody) -> T:
            return read_object(body.response, await body.read(), parse)

        return await self._answer(request, read)

    async def items(self, request: Request, parse_item: Callable[[JSONObject], T]) -> list[T]:
        """Send a call that is answered with a list.

        Args:
            request: The call.
            parse_item: The reader of one item.

        Returns:
            The items.
        """

        async def read(body: AsyncBody) -> list[T]:
            return read_objects(body.response, await body.read(), parse_item)

        return await self._answer(request, read)

    async def whole(self, request: Request, read: Callable[[httpx.Response, bytes], T]) -> T:
        """Send a call that may be answered with anything.

        Args:
            request: The call.
            read: Makes its result out of the answer and its body.

        Returns:
            The result.
        """

        async def read_body(body: AsyncBody) -> T:
            return read(body.response, await body.read())

        return await self._answer(request, read_body)

    async def text(self, request: Request) -> str:
        """Send a call that is answered with text.

        Args:
            request: The call.

        Returns:
            The text.
        """

        async def read(body: AsyncBody) -> str:
            content = await body.read()
            if is_page(body.response):
                raise unexpected_content(body.response, content, "text")
            return read_text(body.response, content)

        return await self._answer(request, read)

    async def empty(self, request: Request) -> None:
        """Send a call whose answer says nothing.

        Args:
            request: The call.
        """

        async def read(body: AsyncBody) -> None:
            content = await body.read()
            if is_page(body.response):
                raise unexpected_content(body.response, content, "an empty answer")

        await self._answer(request, read)

    async def binary(self, request: Request) -> AsyncBinaryAPIResponse:
        """Send a call that is answered with audio.

        Args:
            request: The call.

        Returns:
            The response, as soon as its head is there.
        """
        return AsyncBinaryAPIResponse(await self._audio(request, keep=True), _read_bytes)

    async def stream(self, request: Request, parse: Callable[[JSONObject], T]) -> AsyncStream[T]:
        """Send a call that is answered with events.

        Args:
            request: The call.
            parse: The reader of one event.

        Returns:
            The stream, as soon as the head of the answer is there.
        """

        async def read(body: AsyncBody) -> AsyncStream[T]:
            if not is_event_stream(body.response):
                wanted = "a stream of events"
                raise unexpected_content(body.response, await _read_begin(body), wanted)
            return AsyncStream(body, parse)

        return await self._answer(request, read, whole=False)

    def page(self, request: Request, parse_item: Callable[[JSONObject], T]) -> AsyncPaginator[T]:
        """Give a list that is sent in pages.

        Args:
            request: The call.
            parse_item: The reader of one item.

        Returns:
            The first page; where calls are awaited, what gets it.
        """
        return paginate(lambda: self._page(request, parse_item, Trail()))

    def socket_url(self, request: Request) -> str:
        """Write the URL of a WebSocket.

        Args:
            request: The operation that opens it.

        Returns:
            The URL: ``ws`` where the client's own is ``http``, ``wss`` where it is ``https``.
        """
        extra = check_mapping(request.extra_query, "extra_query")
        check_needs(request.operation, extra, request.query)
        base_url = self.options.websocket_base_url or self.options.base_url
        scheme, _, rest = base_url.partition("://")
        scheme = {"http": "ws", "https": "wss"}.get(scheme.lower(), scheme)
        return locate(f"{scheme}://{rest}", request, self.options)

    def socket_headers(self, request: Request) -> list[tuple[str, str]]:
        """Give the headers of the handshake of a WebSocket.

        Args:
            request: The operation that opens it.

        Returns:
            Names and values.

        Raises:
            MissingCredentialsError: There is no key and no token.
        """
        return list(settle_headers(self._base_headers, request).items())

    def credentials(self) -> str:
        """Say in words where the key or token came from; empty where none was given."""
        return self.options.credentials

    async def _page(
        self, request: Request, parse_item: Callable[[JSONObject], T], trail: Trail
    ) -> AsyncCursorIDPage[T]:
        # The pages that follow come as usual, whatever the form of this answer.
        usual = AsyncRequester(self.options, self.transport)

        async def fetch(following: Request, trail: Trail) -> AsyncCursorIDPage[T]:
            return await usual._page(following, parse_item, trail)

        async def read(body: AsyncBody) -> AsyncCursorIDPage[T]:
            content = await body.read()
            data = read_object(body.response, content, dict)
            items = data.get("data")
            if not isinstance(items, list):
                raise unexpected_content(body.response, content, "a page of a list")
            parsed = read_list(items, parse_item)
            return AsyncCursorIDPage(
                request, data, parsed, response=body.response, trail=trail, fetch=fetch
            )

        return await self._answer(request, read)

    async def _answer(
        self,
        request: Request,
        read: Callable[[AsyncBody], Awaitable[T]],
        *,
        whole: bool = True,
    ) -> T:
        """Send a call, and make its result out of the answer."""
        return await read(await self._send(request, whole=whole, keep=whole))

    async def _audio(self, request: Request, *, keep: bool) -> AsyncBody:
        """Send a call that is answered with audio; see that it is no page, object or riddle."""
        body = await self._send(request, whole=False, keep=keep)
        if not is_audio(body.response):
            raise unexpected_content(body.response, await _read_begin(body), "audio")
        encoding = unreadable_encoding(body.response)
        if encoding is not None:
            wanted = f"audio, and not its {encoding!r} compression,"
            raise unexpected_content(body.response, await _read_begin(body), wanted)
        return body

    async def _send(self, request: Request, *, whole: bool, keep: bool) -> AsyncBody:
        # httpx is loaded with this module: late, so that a client costs nothing until it is used.
        from cartesia._runtime._async.exchange import exchange

        call = prepare_call(request, self.options, self._base_headers)
        try:
            return await exchange(self.transport, self.options, call, whole=whole, keep=keep)
        finally:
            call.close()


class _AsyncRawRequester(AsyncRequester):
    async def _answer(
        self,
        request: Request,
        read: Callable[[AsyncBody], Awaitable[T]],
        *,
        whole: bool = True,
    ) -> T:
        body = await self._send(request, whole=whole, keep=whole)
        response = AsyncAPIResponse(body, read)
        # The verbs promise T to all resources; those made for this requester are typed anew by
        # the wrappers of `resource.py`, which say AsyncAPIResponse[T].
        return cast("T", response)


class _AsyncStreamedRequester(AsyncRequester):
    async def _answer(
        self,
        request: Request,
        read: Callable[[AsyncBody], Awaitable[T]],
        *,
        whole: bool = True,  # noqa: ARG002  # never: the caller reads
    ) -> T:
        response = AsyncAPIResponse(await self._send(request, whole=False, keep=False), read)
        return cast("T", response)  # as in _AsyncRawRequester

    async def binary(self, request: Request) -> AsyncBinaryAPIResponse:
        body = await self._audio(request, keep=False)
        return AsyncStreamedBinaryAPIResponse(body, _read_bytes)


async def _read_bytes(body: AsyncBody) -> bytes:
    return await body.read()


async def _read_begin(body: AsyncBody) -> bytes:
    """Read an answer that is not what it should be, for the error."""
    from cartesia._runtime._async.exchange import read_refusal

    return await read_refusal(body)
