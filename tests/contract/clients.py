"""The two clients, sync and async, connected to the recording server, behind one way to call them."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from anyio.from_thread import BlockingPortal, start_blocking_portal

from cartesia import (
    AsyncBinaryAPIResponse,
    AsyncCartesia,
    AsyncCursorIDPage,
    AsyncStream,
    BinaryAPIResponse,
    Cartesia,
    Stream,
    SyncCursorIDPage,
)
from cartesia._runtime._async.client import AsyncAPIClient
from cartesia._runtime.model import Model
from tests.contract.dates import package
from tests.contract.operations import Called
from tests.contract.recorder import Recorder, recording
from tests.contract.said import Call

KEY = "sk_car_contract"
OTHER_THREADS = "ignore:Do not use the .random. module inside strategies"
"""What hypothesis says when another thread, of the server or the client, draws while it does."""


class ConnectedClient(NamedTuple):
    """One of the two clients, connected to the recording server."""

    client: Cartesia | AsyncCartesia
    recorder: Recorder
    portal: BlockingPortal

    @property
    def is_async(self) -> bool:
        """Whether it is the async client, of any date."""
        return isinstance(self.client, AsyncAPIClient)

    def method(self, operation: Called, name: str) -> Callable[..., object]:
        """Find the method of an operation by one of its names."""
        found: object = self.client
        for part in operation.raw.tag.split("."):
            found = found if part == "client" else getattr(found, part)
        method: Callable[..., object] = getattr(found, name)
        return method

    def call(self, method: Callable[..., object], call: Call) -> object:
        """Make a call and read all of its answer."""
        if not self.is_async:
            return _whole(method(*call.last, **call.named))
        return self.portal.call(_awaited, method, call)

    def run(self, method: Callable[..., object], *arguments: object, **named: object) -> object:
        """Call something that is a coroutine function of the async client only."""
        if not self.is_async:
            return method(*arguments, **named)

        async def wait() -> object:
            result = method(*arguments, **named)
            return await result if isinstance(result, Awaitable) else result

        return self.portal.call(wait)

    def collect(self, iterable: object, items: list[object] | None = None) -> list[object]:
        """Take all items of something that is iterable by this client.

        Args:
            iterable: The iterable.
            items: Where to put them; it keeps those that came before an error.
        """
        taken: list[object] = [] if items is None else items
        if isinstance(iterable, Iterable):
            for item in iterable:
                taken.append(item)  # noqa: PERF402 # `extend` would lose what came before an error
            return taken
        assert isinstance(iterable, AsyncIterable)

        async def take() -> list[object]:
            async for item in iterable:
                taken.append(item)  # noqa: PERF401
            return taken

        return self.portal.call(take)


def _whole(result: object) -> object:
    """Read what a method of the sync client gave."""
    if isinstance(result, BinaryAPIResponse):
        return result.read()
    if isinstance(result, Stream):
        with result:
            return [_plain(event) for event in result]
    return _plain(result.data if isinstance(result, SyncCursorIDPage) else result)


async def _awaited(method: Callable[..., object], call: Call) -> object:
    """Call a method of the async client, and read what it gave."""
    result = method(*call.last, **call.named)
    assert inspect.isawaitable(result), "an async method gives something to wait for"
    result = await result
    if isinstance(result, AsyncBinaryAPIResponse):
        return await result.read()
    if isinstance(result, AsyncStream):
        async with result:
            return [_plain(event) async for event in result]
    return _plain(result.data if isinstance(result, AsyncCursorIDPage) else result)


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.to_dict() if isinstance(value, Model) else value


@contextmanager
def connected(*, is_async: bool) -> Iterator[ConnectedClient]:
    """Run the recording server and connect one of the clients to it.

    Args:
        is_async: Which client.

    Yields:
        Both.
    """
    with recording() as (recorder, url), start_blocking_portal() as portal:
        if is_async:
            client: AsyncCartesia = package("cartesia").AsyncCartesia(
                api_key=KEY, base_url=url, max_retries=0
            )
            yield ConnectedClient(client, recorder, portal)
            portal.call(client.close)
        else:
            sync_client: Cartesia = package("cartesia").Cartesia(
                api_key=KEY, base_url=url, max_retries=0
            )
            with sync_client:
                yield ConnectedClient(sync_client, recorder, portal)
