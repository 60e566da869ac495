# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_core/_async/socket/manager.py
# Do not edit: change that file instead.
"""Opens a connection and closes it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Generic, Protocol, TypeVar

from cartesia._core._sync.socket.channel import Channel
from cartesia._core.errors import CartesiaError
from cartesia._core.socket.options import with_defaults

if TYPE_CHECKING:
    from types import TracebackType

    from cartesia._core._sync.socket.port import Port
    from cartesia._core.request import Request
    from cartesia._core.socket.options import ConnectionOptions
    from cartesia._core.socket.vocabulary import Vocabulary

EventT = TypeVar("EventT")
ConnectionT_co = TypeVar("ConnectionT_co", covariant=True)


class Addresses(Protocol):
    """What a manager needs of a requester. Both are asked at each connection: keys may change."""

    def socket_url(self, request: Request) -> str:
        """Give the address to connect to."""
        ...

    def socket_headers(self, request: Request) -> list[tuple[str, str]]:
        """Give the headers of the handshake."""
        ...


class _Opened(Protocol):
    """The part of a channel that does not depend on its events."""

    def connect(self) -> None: ...

    def close(self, code: int, reason: str) -> None: ...


class ConnectionManager(Generic[ConnectionT_co]):
    """A connection about to be opened: enter it, or call `enter` and close the connection yourself.

    Args:
        requester: Knows address and headers.
        connection: The class of the connection.
        vocabulary: The vocabulary of the socket.
        request: The operation and its query.
        options: How to connect.
    """

    def __init__(
        self,
        requester: Addresses,
        connection: Callable[[Channel[EventT]], ConnectionT_co],
        vocabulary: Vocabulary[EventT],
        request: Request,
        options: ConnectionOptions | None = None,
    ) -> None:
        self._requester = requester
        self._request = request
        self._options = with_defaults(options)
        self._opened: _Opened | None = None

        def make() -> tuple[ConnectionT_co, _Opened]:
            channel = Channel(vocabulary, self._open_port)
            return connection(channel), channel

        self._make = make

    def enter(self) -> ConnectionT_co:
        """Connect.

        Returns:
            The open connection; close it when you no longer need it.

        Raises:
            APIStatusError: The server refused: `AuthenticationError`, `RateLimitError` and so on.
            APIConnectionError: It could not be reached, or did not answer in time.
            CartesiaError: The extra ``websockets`` is not installed.
        """
        connection, channel = self._make()
        channel.connect()
        self._opened = channel
        return connection

    def __enter__(self) -> ConnectionT_co:
        return self.enter()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close(1000, "")

    def _open_port(self) -> Port:
        try:
            from cartesia._core._sync.socket.port import open_port
        except ImportError as error:
            raise CartesiaError(
                "WebSockets need the extra 'websockets' (websockets>=15,<18): "
                "pip install 'cartesia-openapi[websockets]'"
            ) from error
        url = self._requester.socket_url(self._request)
        headers = self._requester.socket_headers(self._request)
        return open_port(url, headers, self._options)
