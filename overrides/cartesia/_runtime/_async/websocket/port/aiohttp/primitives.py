"""One WebSocket over aiohttp, whose parser is compiled; asyncio alone has it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp import WSMsgType
from yarl import URL

from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.explain import explain_handshake
from cartesia._runtime.websocket.errors import Close, HandshakeRefused, PortClosed
from cartesia._runtime.websocket.keepalive import NEVER, Keepalive
from cartesia._runtime.websocket.trust import trusted

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from types import SimpleNamespace
    from typing import Union

    from cartesia._runtime._async.websocket.port.interface import AsyncPort, Payload
    from cartesia._runtime.websocket.options import ConnectionOptions

    Answer = Union[aiohttp.TraceRequestEndParams, aiohttp.TraceRequestRedirectParams]

_SWITCHING_PROTOCOLS = 101
_NO_CODE = 1005


class AsyncAioHttpPort:
    """Moves whole messages over one open WebSocket; knows nothing of what they say.

    Args:
        websocket: aiohttp's connection, which leaves pings and closing to us.
        response: What the server answered the handshake with.
        connector: What opened it.
        options: How it was opened; every option that has a default is there.
    """

    def __init__(
        self,
        websocket: aiohttp.ClientWebSocketResponse,
        response: aiohttp.ClientResponse,
        connector: aiohttp.BaseConnector,
        options: ConnectionOptions,
    ) -> None:
        self._websocket = websocket
        self._response = response
        # Kept, since aiohttp forgets it when it closes it, which may take long.
        self._transport = _transport_of(response)
        self._connector = connector
        self._close_timeout = options.get("close_timeout", 2.0)
        self._keepalive = Keepalive(options, time.monotonic)
        self._handed = 0
        self._pings = 0
        self._close: Close | None = None
        self._is_closing = False
        self._is_receiving = False
        self._left = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._keepalive.begin()
        self._set_timer()

    async def receive(self) -> list[bytes]:
        """Give the messages that came, one at least; what nobody asks for waits in the network.

        Raises:
            PortClosed: There is none: the connection is closed.
        """
        self._keepalive.release()
        self._is_receiving = True
        try:
            while (data := self._take(await self._websocket.receive())) is None:
                pass
            if isinstance(data, bytes):
                return [data]
            if not self._is_closing:
                await self._leave(self._shake_hands(data.code, ""))
            raise PortClosed(data, written=False)
        finally:
            self._is_receiving = False
            self._keepalive.hold()
            if self._is_closing:
                self._left.set()

    def _take(self, message: aiohttp.WSMessage) -> bytes | Close | None:
        """Give what a message says, or how the connection ended; nothing for pings and pongs."""
        if message.type is WSMsgType.TEXT:
            text: str = message.data
            return text.encode()
        if message.type is WSMsgType.BINARY:
            data: bytes = message.data
            return data
        if message.type is WSMsgType.PING:
            # Not here: a reader that waits to send may wait for a server that waits for it.
            self._spawn(self._websocket.pong(message.data))
            return None
        if message.type is WSMsgType.PONG:
            if message.data == b"%d" % self._pings:
                self._keepalive.begin()
            return None
        self._close = self._close or self._close_of(message)
        return self._close

    async def send(self, data: Payload, *, text: bool) -> None:
        """Send one message.

        Args:
            data: The message.
            text: Whether it goes as a text frame.

        Raises:
            PortClosed: The connection is closed.
        """
        written = not (self._websocket.closed or self._transport.is_closing())
        try:
            if not written:
                raise ConnectionError("the connection is closed")  # noqa: TRY301 # as aiohttp says
            self._handed += len(data)
            kind = WSMsgType.TEXT if text else WSMsgType.BINARY
            await self._websocket.send_frame(bytes(data), kind)
        except (aiohttp.ClientError, ConnectionError) as error:
            close = self._close or Close(1006, str(error), "server", error)
            raise PortClosed(close, written=written) from error

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, within the bound.

        Args:
            code: The close code.
            reason: The close reason.
        """

        async def shake_hands() -> None:
            await self._shake_hands(code, reason)
            if self._is_receiving:  # then the reader may be who waits for the server's answer
                await self._left.wait()

        await self._leave(shake_hands())

    async def _leave(self, farewell: Coroutine[object, object, None]) -> None:
        """Let go of the connection, after the closing handshake or at its bound."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(farewell, self._close_timeout)
        self.abort()
        await self._connector.close()

    async def _shake_hands(self, code: int, reason: str) -> None:
        """Do the closing handshake, unless somebody does it."""
        self._is_closing = True
        # What has no code on the wire is answered as what closed in order.
        code = 1000 if code in {_NO_CODE, 1006} else code
        await self._websocket.close(code=code, message=reason.encode())

    def abort(self) -> None:
        """Cut the connection, without a close frame."""
        self._set_timer(over=True)
        for task in self._tasks:
            task.cancel()
        if not self._loop.is_closed():
            self._transport.abort()
            # Once aiohttp knows that the connection is lost.
            self._loop.call_soon(self._response.close)

    def _close_of(self, message: aiohttp.WSMessage) -> Close:
        """Tell how the connection ended, from what aiohttp gave instead of a message."""
        if message.type is WSMsgType.CLOSE:
            code, reason = message.data or _NO_CODE, message.extra or ""
            return Close(code, reason, "server", aiohttp.WebSocketError(code, reason))
        error = message.data
        if isinstance(error, aiohttp.WebSocketError):
            return Close(error.code, str(error), "client", error)
        error = self._websocket.exception()
        return Close(1006, str(error or ""), "server", error)

    # Pings.

    def _set_timer(self, *, over: bool = False) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._keepalive.due
        if not over and due != NEVER:
            self._timer = self._loop.call_later(due - time.monotonic(), self._keep_time)

    def _keep_time(self) -> None:
        """Send a ping when one is due; cut the connection when its answer is missed."""
        gone = self._handed - self._transport.get_write_buffer_size()
        wanted = self._keepalive.look(gone)
        if wanted == "lost":
            self._close = self._close or Close(1011, "keepalive ping timeout", "client")
            self.abort()
            return
        if wanted == "ping":
            self._pings += 1
            self._spawn(self._websocket.ping(b"%d" % self._pings))
        self._set_timer()

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        """Send a ping or pong, which may have to wait for room."""

        async def send() -> None:
            with suppress(aiohttp.ClientError, ConnectionError):  # the reader finds out by himself
                await work

        task = self._loop.create_task(send(), name="cartesia ping")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _transport_of(response: aiohttp.ClientResponse) -> asyncio.Transport:
    connection = response.connection
    if connection is None or connection.transport is None:
        raise ConnectionError("the connection was lost during the opening handshake")
    return connection.transport


async def open_port(
    url: str, headers: Sequence[tuple[str, str]], options: ConnectionOptions
) -> AsyncPort:
    """Connect and shake hands.

    Args:
        url: Where to.
        headers: The headers of the handshake.
        options: How; every option that has a default is there.

    Raises:
        APIStatusError: The server refused, by its status code.
        APIConnectionError: It could not be reached.
        APITimeoutError: It did not answer in time.
        CartesiaError: The address is no WebSocket address.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"ws", "wss"} or not parts.hostname:
            raise ValueError(url)  # noqa: TRY301 # as the other port's library does
        return await asyncio.wait_for(_open(url, headers, options), options.get("open_timeout"))
    except asyncio.TimeoutError as error:
        late = TimeoutError("timed out during opening handshake")
        raise explain_handshake(url, late) from error
    except Exception as error:
        raise explain_handshake(url, error) from error


async def _open(
    url: str, headers: Sequence[tuple[str, str]], options: ConnectionOptions
) -> AsyncAioHttpPort:
    answers: list[aiohttp.ClientResponse] = []

    async def note(_: aiohttp.ClientSession, __: SimpleNamespace, params: Answer) -> None:
        """Keep the answer; a redirect is a refusal, since it may lead the key to another host."""
        answer = params.response
        answers.append(answer)
        if answer.status != _SWITCHING_PROTOCOLS:
            body = await answer.read()
            raise HandshakeRefused(answer.status, list(answer.headers.items()), body)

    # aiohttp refuses what is as large as its limit, and knows no limit by the number 0.
    largest = options.get("max_size")
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(note)
    trace.on_request_redirect.append(note)
    connector = aiohttp.TCPConnector(limit=1, force_close=True)
    session = aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None),  # the caller of this has the bound
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent",),
        trace_configs=[trace],
    )
    try:
        websocket = await session.ws_connect(
            URL(url, encoded=True),
            headers=headers,
            protocols=options.get("subprotocols") or (),
            timeout=aiohttp.ClientWSTimeout(
                ws_close=options.get("close_timeout")  # pyright: ignore[reportCallIssue] # of attrs
            ),
            autoclose=False,
            autoping=False,
            proxy=_proxy_of(url),
            ssl=await asyncio.to_thread(trusted, url) or True,
            compress=15 if options.get("compression") == "deflate" else 0,
            max_msg_size=0 if largest is None else largest + 1,
        )
        return AsyncAioHttpPort(websocket, answers[-1], connector, options)
    except BaseException:
        for answer in answers:
            answer.close()
        await connector.close()
        raise
    finally:
        session.detach()  # which is no more than what opens connections


def _proxy_of(url: str) -> str | None:
    """Give the proxy that the environment has for an address, as the `websockets` library does."""
    parts = urlsplit(url)
    if proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    proxies = getproxies()
    kinds = ("wss", "socks", "https") if parts.scheme == "wss" else ("ws", "socks", "https", "http")
    proxy = next((proxies[kind] for kind in kinds if kind in proxies), None)
    if proxy is not None and urlsplit(proxy).scheme not in {"http", "https"}:
        raise CartesiaError(
            "websocket_connection_options: the transport 'aiohttp' knows HTTP proxies alone, and "
            f"the environment names one of another kind ({urlsplit(proxy).scheme}); "
            "use the transport 'websockets', or name none for this host (no_proxy)"
        )
    return proxy
