"""Opens a connection and closes it again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Callable, Generic, Protocol, TypeVar

from cartesia._runtime._async.websocket.channel import AsyncChannel
from cartesia._runtime._async.websocket.opening import AsyncOpening
from cartesia._runtime.websocket.bounds import Bounds
from cartesia._runtime.websocket.handlers import Handlers, Listens
from cartesia._runtime.websocket.options import with_defaults
from cartesia._runtime.websocket.outbox import Outbox, write_message
from cartesia._runtime.websocket.reconnection import Reconnection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from cartesia._runtime._async.websocket.opening import Addresses
    from cartesia._runtime.model import Model
    from cartesia._runtime.request import Request
    from cartesia._runtime.websocket.options import ConnectionOptions
    from cartesia._runtime.websocket.outbox import Payload
    from cartesia._runtime.websocket.vocabulary import Vocabulary

EventT = TypeVar("EventT")
ConnectionT_co = TypeVar("ConnectionT_co", covariant=True)


class _Opened(Protocol):
    """The part of a channel that does not depend on its events."""

    @property
    def is_open(self) -> bool: ...

    async def connect(self) -> None: ...

    async def close(self, code: int, reason: str) -> None: ...

    async def send_queued(self, outbox: Outbox) -> None: ...


class AsyncConnectionManager(Listens, Generic[ConnectionT_co]):
    """A connection about to be opened: enter it, or call `enter` and close the connection yourself.

    Handlers registered here are those of the connection; messages sent here leave when it is open.

    Args:
        requester: Knows address and headers.
        connection: The class of the connection.
        vocabulary: The vocabulary of the socket.
        request: The operation and its query.
        options: How to connect.
        reconnection: Whether and how it goes on over another connection after one that broke off.
    """

    def __init__(  # noqa: PLR0917 # generated code alone calls it
        self,
        requester: Addresses,
        connection: Callable[[AsyncChannel[EventT]], ConnectionT_co],
        vocabulary: Vocabulary[EventT],
        request: Request,
        options: ConnectionOptions | None = None,
        reconnection: Reconnection | None = None,
    ) -> None:
        options = with_defaults(options)
        bounds = Bounds.of(options)
        reconnection = reconnection or Reconnection()
        self._opened: _Opened | None = None
        self._warm: tuple[_Opened, Callable[[], ConnectionT_co]] | None = None
        self._handlers = Handlers()
        self._outbox = Outbox(reconnection.max_queue_size)
        self._write = partial(write_message, vocabulary)

        def make() -> tuple[_Opened, Callable[[], ConnectionT_co]]:
            opening = AsyncOpening(requester, request, options, reconnection)
            channel = AsyncChannel(vocabulary, opening.open, opening, bounds)

            def hand_over() -> ConnectionT_co:
                channel.handlers = self._handlers.copy()
                return connection(channel)

            return channel, hand_over

        self._make = make

    def send(self, command: Mapping[str, object] | Model | str) -> None:
        """Keep a command until the connection is open; it is the first to leave then.

        Args:
            command: The command: a JSON object as a dict or a model, or the word, as the socket
                has it.

        Raises:
            TypeError: The socket takes no such command.
            WebSocketQueueFullError: More wait than `max_queue_size` allows.
        """
        self._outbox.put(self._write(command))

    def send_raw(self, data: Payload | str) -> None:
        """Keep audio or text until the connection is open.

        Args:
            data: Bytes for a binary frame; a str goes as text, as it is.

        Raises:
            TypeError: The socket takes no such message.
            WebSocketQueueFullError: More wait than `max_queue_size` allows.
        """
        self._outbox.put(self._write(data, raw=True))

    async def prewarm(self) -> None:
        """Connect ahead of entering, which then costs no time.

        A manager that is never entered after it must be closed.

        Raises:
            APIStatusError: The server refused: `AuthenticationError`, `RateLimitError` and so on.
            APIConnectionError: It could not be reached, or did not answer in time.
            CartesiaError: The extra ``websockets`` is not installed.
        """
        if self._warm is None:
            made = self._make()
            await made[0].connect()
            self._warm = made

    async def close(self) -> None:
        """Close what `prewarm` opened, if nobody entered it; calling it again does nothing."""
        warm, self._warm = self._warm, None
        if warm is not None:
            await warm[0].close(1000, "")

    async def enter(self) -> ConnectionT_co:
        """Connect.

        Returns:
            The open connection; close it when you no longer need it.

        Raises:
            APIStatusError: The server refused: `AuthenticationError`, `RateLimitError` and so on.
            APIConnectionError: It could not be reached, or did not answer in time.
            CartesiaError: The extra ``websockets`` is not installed.
        """
        made, self._warm = self._warm, None
        if made is not None and not made[0].is_open:
            await made[0].close(1000, "")  # the server did not wait for us
            made = None
        channel, hand_over = made or self._make()
        await channel.connect()
        self._opened = channel
        await channel.send_queued(self._outbox)
        return hand_over()

    async def __aenter__(self) -> ConnectionT_co:
        return await self.enter()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close(1000, "")
