"""The base of the generated resources, and the types of their raw and streaming methods."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Coroutine, Generator
from functools import wraps
from typing import TYPE_CHECKING, Any, Callable, TypeVar, cast

from cartesia._runtime._async.responses import AsyncBodyIterator, AsyncResponseContextManager

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    from cartesia._runtime._async.requester import AsyncRequester
    from cartesia._runtime._async.responses import (
        AsyncAPIResponse,
        AsyncBinaryAPIResponse,
        AsyncStreamedBinaryAPIResponse,
    )
    from cartesia._runtime._async.websocket.connection import AsyncConnectionManager
    from cartesia._runtime._async.websocket.legacy import AsyncLegacyWebSocket, ContextT, Opens

    P = ParamSpec("P")

T = TypeVar("T")
R = TypeVar("R", bound="AsyncAPIResponse[object]")


class AsyncResource:
    """A group of operations.

    Args:
        requester: Sends their requests, and decides in which form responses are returned.
    """

    def __init__(self, requester: AsyncRequester) -> None:
        self._requester = requester


# These functions take methods of a resource whose requester already returns the other form
# (`AsyncRequester.returning`), and correct the type.


def async_to_raw(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[AsyncAPIResponse[T]]]:
    """Type a method of a raw resource: it returns the response, which parses the result.

    Args:
        method: The method of a resource made with ``requester.returning("raw")``.

    Returns:
        The same method.
    """
    return cast("Callable[P, Awaitable[AsyncAPIResponse[T]]]", method)


def async_to_streamed(
    method: Callable[P, Awaitable[T]],
) -> Callable[P, AsyncResponseContextManager[AsyncAPIResponse[T]]]:
    """Make a method of a streamed resource a context manager over its unread response.

    Args:
        method: The method of a resource made with ``requester.returning("streamed")``.

    Returns:
        A method that returns the context manager; entering it sends the request.
    """
    return _entered(async_to_raw(method))


def async_to_streamed_binary(
    method: Callable[P, Awaitable[AsyncBinaryAPIResponse]],
) -> Callable[P, AsyncResponseContextManager[AsyncStreamedBinaryAPIResponse]]:
    """Make a binary method of a streamed resource a context manager over its response.

    Args:
        method: The method of a resource made with ``requester.returning("streamed")``.

    Returns:
        A method that returns the context manager; entering it sends the request.
    """
    return _entered(cast("Callable[P, Awaitable[AsyncStreamedBinaryAPIResponse]]", method))


def _entered(method: Callable[P, Awaitable[R]]) -> Callable[P, AsyncResponseContextManager[R]]:
    @wraps(method)
    def streamed(*args: P.args, **kwargs: P.kwargs) -> AsyncResponseContextManager[R]:
        return AsyncResponseContextManager(lambda: method(*args, **kwargs))

    return streamed


if True:  # ASYNC

    class AsyncAudioRequest(AsyncIterator[bytes]):
        """Audio before its request: iterate over its pieces, or await the response.

        Args:
            send: Sends the request and gives the response.
        """

        def __init__(self, send: Callable[[], Awaitable[AsyncBinaryAPIResponse]]) -> None:
            self._send = send
            self._pieces: AsyncBodyIterator[bytes] | None = None

        def __await__(self) -> Generator[object, object, AsyncBinaryAPIResponse]:
            return self._send().__await__()

        async def __anext__(self) -> bytes:
            if self._pieces is None:
                self._pieces = (await self._send()).iter_bytes()
            return await self._pieces.__anext__()
else:  # SYNC
    AudioRequest = AsyncBodyIterator[bytes]


# These two make deprecated methods of the current ones.


def async_to_iterator(
    method: Callable[P, Awaitable[AsyncBinaryAPIResponse]],
) -> Callable[P, AsyncAudioRequest]:
    """Make a binary method one that gives its audio piece by piece.

    Args:
        method: The method.

    Returns:
        A method of the same arguments.
    """

    @wraps(method)
    def iterating(*args: P.args, **kwargs: P.kwargs) -> AsyncAudioRequest:
        if True:  # ASYNC
            return AsyncAudioRequest(lambda: method(*args, **kwargs))
        # SYNC
        return method(*args, **kwargs).iter_bytes()

    iterating.__annotations__ = {**method.__annotations__, "return": AsyncIterator[bytes]}
    return iterating


def async_to_legacy_socket(
    method: Callable[P, AsyncConnectionManager[Opens[ContextT]]],
) -> Callable[P, Coroutine[Any, Any, AsyncLegacyWebSocket[ContextT]]]:
    """Make a method that opens a WebSocket one that connects it for one request at a time.

    Args:
        method: The method.

    Returns:
        A method of the same arguments.
    """

    @wraps(method)
    async def connected(*args: P.args, **kwargs: P.kwargs) -> AsyncLegacyWebSocket[ContextT]:
        from cartesia._runtime._async.websocket.legacy import AsyncLegacyWebSocket

        return await AsyncLegacyWebSocket(method(*args, **kwargs)).connect()

    return connected
