# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/resource.py
# Do not edit: change that file instead.
"""The base of the generated resources, and the types of their raw and streaming methods."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import TYPE_CHECKING, Callable, TypeVar, cast

from cartesia._runtime._sync.responses import BodyIterator, ResponseContextManager

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    from cartesia._runtime._sync.requester import Requester
    from cartesia._runtime._sync.responses import (
        APIResponse,
        BinaryAPIResponse,
        StreamedBinaryAPIResponse,
    )
    from cartesia._runtime._sync.websocket.connection import ConnectionManager
    from cartesia._runtime._sync.websocket.legacy import ContextT, LegacyWebSocket, Opens

    P = ParamSpec("P")

T = TypeVar("T")
R = TypeVar("R", bound="APIResponse[object]")


class SyncResource:
    """A group of operations.

    Args:
        requester: Sends their requests, and decides in which form responses are returned.
    """

    def __init__(self, requester: Requester) -> None:
        self._requester = requester


# These functions take methods of a resource whose requester already returns the other form
# (`Requester.returning`), and correct the type.


def to_raw(method: Callable[P, T]) -> Callable[P, APIResponse[T]]:
    """Type a method of a raw resource: it returns the response, which parses the result.

    Args:
        method: The method of a resource made with ``requester.returning("raw")``.

    Returns:
        The same method.
    """
    return cast("Callable[P, APIResponse[T]]", method)


def to_streamed(
    method: Callable[P, T],
) -> Callable[P, ResponseContextManager[APIResponse[T]]]:
    """Make a method of a streamed resource a context manager over its unread response.

    Args:
        method: The method of a resource made with ``requester.returning("streamed")``.

    Returns:
        A method that returns the context manager; entering it sends the request.
    """
    return _entered(to_raw(method))


def to_streamed_binary(
    method: Callable[P, BinaryAPIResponse],
) -> Callable[P, ResponseContextManager[StreamedBinaryAPIResponse]]:
    """Make a binary method of a streamed resource a context manager over its response.

    Args:
        method: The method of a resource made with ``requester.returning("streamed")``.

    Returns:
        A method that returns the context manager; entering it sends the request.
    """
    return _entered(cast("Callable[P, StreamedBinaryAPIResponse]", method))


def _entered(method: Callable[P, R]) -> Callable[P, ResponseContextManager[R]]:
    @wraps(method)
    def streamed(*args: P.args, **kwargs: P.kwargs) -> ResponseContextManager[R]:
        return ResponseContextManager(lambda: method(*args, **kwargs))

    return streamed


AudioRequest = BodyIterator[bytes]


# These two make deprecated methods of the current ones.


def to_iterator(
    method: Callable[P, BinaryAPIResponse],
) -> Callable[P, AudioRequest]:
    """Make a binary method one that gives its audio piece by piece.

    Args:
        method: The method.

    Returns:
        A method of the same arguments.
    """

    @wraps(method)
    def iterating(*args: P.args, **kwargs: P.kwargs) -> AudioRequest:
        # SYNC
        return method(*args, **kwargs).iter_bytes()

    iterating.__annotations__ = {**method.__annotations__, "return": Iterator[bytes]}
    return iterating


def to_legacy_socket(
    method: Callable[P, ConnectionManager[Opens[ContextT]]],
) -> Callable[P, LegacyWebSocket[ContextT]]:
    """Make a method that opens a WebSocket one that connects it for one request at a time.

    Args:
        method: The method.

    Returns:
        A method of the same arguments.
    """

    @wraps(method)
    def connected(*args: P.args, **kwargs: P.kwargs) -> LegacyWebSocket[ContextT]:
        from cartesia._runtime._sync.websocket.legacy import LegacyWebSocket

        return LegacyWebSocket(method(*args, **kwargs)).connect()

    return connected
