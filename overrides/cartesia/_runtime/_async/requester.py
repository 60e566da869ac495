"""The requester of a resource: sends its calls, and returns the responses in one of three forms."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Callable, Literal, TypeVar, cast

from cartesia._runtime import content
from cartesia._runtime._async import responses
from cartesia._runtime._async.pages import AsyncCursorIDPage, AsyncPaginator
from cartesia._runtime._async.stream import AsyncStream
from cartesia._runtime.errors import APIResponseValidationError
from cartesia._runtime.model import read_list
from cartesia._runtime.options import ClientOptions, check_mapping
from cartesia._runtime.request import Request, build_headers, build_url, check_arguments, prepare

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import httpx

    from cartesia._runtime._async.body import AsyncBody
    from cartesia._runtime._async.pages import PageInfo
    from cartesia._runtime._async.transport import AsyncTransport
    from cartesia._runtime.types import JSONObject
    from cartesia._runtime.websocket.connection_options import ConnectionOptions

T = TypeVar("T")

Form = Literal["parsed", "raw", "streamed"]
"""Whether results are parsed, or are the responses, read or unread."""


class AsyncRequester:
    """Sends calls, and returns their parsed results.

    Args:
        options: The settings of the client.
        transport: Its connections.
        form: Whether results are parsed, or are the responses, read or unread.
    """

    def __init__(
        self, options: ClientOptions, transport: AsyncTransport, form: Form = "parsed"
    ) -> None:
        self.options = options
        self.transport = transport
        self._form = form
        self._base_headers = options.base_headers()

    def returning(self, form: Form) -> AsyncRequester:
        """Make a requester whose results are the responses.

        Args:
            form: Whether they are read, but not parsed, or have their bodies unread.

        Returns:
            A requester with the same methods; the wrappers in `resource` correct their types.
        """
        return AsyncRequester(self.options, self.transport, form)

    async def model(self, request: Request, parse: Callable[[JSONObject], T]) -> T:
        """Send a call whose response is a JSON object.

        Args:
            request: The call.
            parse: The reader of the object.

        Returns:
            The object.
        """
        return await self.custom(request, partial(content.read_object, parse=parse))

    async def items(self, request: Request, parse_item: Callable[[JSONObject], T]) -> list[T]:
        """Send a call whose response is a JSON array.

        Args:
            request: The call.
            parse_item: The reader of one item.

        Returns:
            The items.
        """
        return await self.custom(request, partial(content.read_objects, parse_item=parse_item))

    async def custom(self, request: Request, read: Callable[[httpx.Response, bytes], T]) -> T:
        """Send a call whose response is parsed by a function of the caller's choice.

        Args:
            request: The call.
            read: Parses the response and its body.

        Returns:
            The result.
        """

        async def read_body(body: AsyncBody) -> T:
            return read(body.response, await body.read())

        return await self._result(request, read_body)

    async def text(self, request: Request) -> str:
        """Send a call whose response is text.

        Args:
            request: The call.

        Returns:
            The text.
        """
        return await self.custom(request, content.read_plain_text)

    async def empty(self, request: Request) -> None:
        """Send a call whose response is empty.

        Args:
            request: The call.

        Returns:
            None, or a response, as for the other methods.
        """
        return await self.custom(request, content.read_nothing)

    async def binary(self, request: Request) -> responses.AsyncBinaryAPIResponse:
        """Send a call whose response is audio.

        Args:
            request: The call.

        Returns:
            The response, as soon as its headers have arrived.
        """
        keep = self._form != "streamed"
        body = await self._send(request, whole=False, keep=keep)
        if (expected := content.audio_mismatch(body.response)) is not None:
            raise content.unexpected_content(body.response, await body.read_beginning(), expected)
        unkept = responses.AsyncStreamedBinaryAPIResponse
        kind = responses.AsyncBinaryAPIResponse if keep else unkept
        return kind(body, lambda body: body.read())

    async def stream(self, request: Request, parse: Callable[[JSONObject], T]) -> AsyncStream[T]:
        """Send a call whose response is a stream of server-sent events.

        Args:
            request: The call.
            parse: The reader of one event.

        Returns:
            The stream, as soon as the headers of the response have arrived.
        """

        async def read(body: AsyncBody) -> AsyncStream[T]:
            if content.media_type(body.response) not in ("text/event-stream", ""):
                data = await body.read_beginning()
                raise content.unexpected_content(body.response, data, "a stream of events")
            return AsyncStream(body, parse)

        return await self._result(request, read, whole=False)

    def page(self, request: Request, parse_item: Callable[[JSONObject], T]) -> AsyncPaginator[T]:
        """Fetch a list page by page.

        Args:
            request: The call.
            parse_item: The reader of one item.

        Returns:
            The first page; in async code an awaitable of it, which also iterates.
        """
        if True:  # ASYNC
            return AsyncPaginator(lambda: self._page(request, parse_item, frozenset()))
        # SYNC
        return self._page(request, parse_item, frozenset())

    def socket_url(self, request: Request) -> str:
        """Make the URL of a WebSocket.

        Args:
            request: The operation that opens it.

        Returns:
            The URL, with ``ws`` in place of ``http`` and ``wss`` in place of ``https``.

        Raises:
            ClientClosedError: The client was closed.
        """
        self.transport.check_open()
        extra = check_mapping(request.extra_query, "extra_query")
        request = check_arguments(request, extra)
        base_url = self.options.websocket_base_url or self.options.base_url
        return build_url(re.sub("(?i)^http", "ws", base_url), request, self.options)

    def socket_headers(self, request: Request) -> list[tuple[str, str]]:
        """Make the headers of a WebSocket handshake.

        Args:
            request: The operation that opens it.

        Returns:
            Names and values.

        Raises:
            MissingCredentialsError: There is no key and no token.
            ValueError: A header is part of the handshake itself.
        """
        # A user in `base_url` is not meant for another host, nor one there for `base_url`.
        base_url = self.options.websocket_base_url or self.options.base_url
        base_headers = self.options._replace(base_url=base_url).base_headers()
        headers = build_headers(base_headers, request)
        for name in headers:
            if name.startswith("sec-websocket-") or name in ("connection", "upgrade"):
                raise ValueError(
                    f"the header {name!r} is part of the handshake and cannot be set; see "
                    "`subprotocols` and `extensions` of websocket_connection_options"
                )
        return list(headers.items())

    def socket_defaults(self) -> ConnectionOptions:
        """Return the options of WebSockets that follow from those of the client."""
        from cartesia._runtime.websocket.connection_options import client_defaults

        return client_defaults(self.transport.network, self.options.timeout)

    async def _page(
        self, request: Request, parse_item: Callable[[JSONObject], T], followed: frozenset[str]
    ) -> AsyncCursorIDPage[T]:
        """Get a page; `followed` are the cursors that led to it."""
        # The pages that follow are parsed, whatever the form of this response.
        parsing = AsyncRequester(self.options, self.transport)

        def read(response: httpx.Response, data: bytes) -> AsyncCursorIDPage[T]:
            page = content.read_object(response, data, dict)
            items = page.get("data")
            if not isinstance(items, list):
                raise content.unexpected_content(response, data, "a page of a list")

            async def fetch(info: PageInfo) -> AsyncCursorIDPage[T]:
                (cursor,) = info.params.values()
                if cursor in followed:
                    text = f"the server's pages form a cycle: the cursor {cursor!r} came twice"
                    raise APIResponseValidationError(response, None, message=text)
                following = request.with_query(**info.params)
                return await parsing._page(following, parse_item, followed | {cursor})

            return AsyncCursorIDPage(request, page, read_list(items, parse_item), fetch, response)

        return await self.custom(request, read)

    async def _result(
        self, request: Request, read: Callable[[AsyncBody], Awaitable[T]], *, whole: bool = True
    ) -> T:
        """Send a call, and make its result from the response."""
        body = await self._send(request, whole=whole and self._form != "streamed")
        if self._form == "parsed":
            return await read(body)
        # Resources see a T here; the wrappers in `resource.py` declare AsyncAPIResponse[T].
        return cast("T", responses.AsyncAPIResponse(body, read))

    async def _send(self, request: Request, *, whole: bool, keep: bool = False) -> AsyncBody:
        # This module imports httpx, which a client that was not used yet does not need.
        from cartesia._runtime._async.exchange import exchange

        call = prepare(request, self.options, self._base_headers)
        with call.uploads.opened:
            return await exchange(self.transport, call, whole=whole, keep=keep)
