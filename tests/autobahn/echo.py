"""The client under test: sends back what the fuzzing server sends, in every case that it has.

``python -m tests.autobahn.echo {async,sync} URL`` runs in a process of its own. `echo_async` and
`echo_sync` are all that knows the transports of the SDK.
"""

from __future__ import annotations

import asyncio
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, cast
from unittest import mock

from websockets.client import ClientProtocol

from cartesia._runtime._async.websocket import primitives as async_primitives
from cartesia._runtime._async.websocket import websocket_transport as async_transport
from cartesia._runtime._async.websocket.connection import AsyncChannel
from cartesia._runtime._sync.websocket import primitives as sync_primitives
from cartesia._runtime._sync.websocket import websocket_transport as sync_transport
from cartesia._runtime._sync.websocket.connection import Channel
from cartesia._runtime.websocket.close import Close
from cartesia._runtime.websocket.connection_options import with_defaults
from cartesia._runtime.websocket.flow import Notifier
from cartesia._runtime.websocket.messages import SocketSpec
from cartesia._runtime.websocket.session import Session
from tests.autobahn.fuzzing_server import case_count

# The server does one thing at a time, and may be late with a pong or a handshake while it checks
# 16 MB for another case.
_OPTIONS = with_defaults({"ping_interval": None, "open_timeout": 60})
# Many cases wait for half a second or longer. Those with much data come last, so that they do not
# disturb the time limits of the others.
_CASES_AT_ONCE = 4


class _Write(Protocol):
    def __call__(self, data: bytes, *, text: bool) -> bool: ...


class Echo(Session[object]):
    """Sends back each message at once, before anything that comes behind it is looked at."""

    write: _Write

    def __init__(self, guard: object, notifier: Notifier) -> None:
        spec: SocketSpec[object] = SocketSpec(name="echo", parse=dict)
        super().__init__(spec, notifier=notifier, new_id=str, clock=time.monotonic)
        self.session = self  # it stands for its channel, too
        self.guard = guard
        self.options = _OPTIONS

    def receive(self, message: bytes, is_text: bool) -> None:
        """Send it back."""
        self.write(message, text=is_text)

    def transport_ended(self, transport: object, close: Close) -> None:
        """Wake who waits for the end."""
        del transport
        if self.is_open:  # as it is once it was started
            self.closed(close)


class EchoTransport(async_transport.AsyncBufferedTransport):
    """Lets its session write from the first message on, which may come with the handshake."""

    def __init__(
        self, protocol: ClientProtocol, *, channel: AsyncChannel[object], **others: object
    ) -> None:
        super().__init__(protocol, channel=channel, **others)
        cast("Echo", channel).write = self.write


async def echo_async(url: str) -> None:
    """Open a connection, and send back each message until it closes."""
    guard = async_primitives.Guard()
    notifier = async_primitives.Notifier(guard)
    echo = Echo(guard, notifier)
    transport = await async_transport.open_transport(cast("AsyncChannel[object]", echo), url, [])
    echo.opened()
    transport.start()
    await notifier.wait_for(lambda: transport.ended is not None, None)


def echo_sync(url: str) -> None:
    """Do the same with the blocking transport."""
    guard = sync_primitives.Guard()
    notifier = sync_primitives.Notifier(guard)
    echo = Echo(guard, notifier)
    transport = sync_transport.open_transport(cast("Channel[object]", echo), url, [])
    echo.write = transport.write
    with guard:
        echo.opened()
        transport.start()
        notifier.wait_for(lambda: transport.ended is not None, None)


def main() -> int:
    """Run every case of the server.

    Returns:
        1 if a case raised an error that was not the end of the connection, else 0.
    """
    side, server = sys.argv[1:]
    cases = (
        f"{server}/runCase?agent={side}&case={number + 1}" for number in range(case_count(server))
    )
    raised = asyncio.run(_all_async(cases)) if side == "async" else _all_sync(cases)
    return int(raised)


async def _all_async(cases: Iterator[str]) -> bool:
    async def work() -> bool:
        raised = False
        for url in cases:
            try:
                await echo_async(url)
            except Exception:  # noqa: BLE001 # whatever it is, the other cases go on
                raised = _report(url)
        return raised

    with mock.patch.object(async_transport, "AsyncBufferedTransport", EchoTransport):
        return any(await asyncio.gather(*(work() for _ in range(_CASES_AT_ONCE))))


def _all_sync(cases: Iterator[str]) -> bool:
    def work(url: str) -> bool:
        try:
            echo_sync(url)
        except Exception:  # noqa: BLE001 # as above
            return _report(url)
        return False

    with ThreadPoolExecutor(_CASES_AT_ONCE) as threads:
        return any([*threads.map(work, cases)])


def _report(url: str) -> bool:
    print(f"{url} raised:\n{traceback.format_exc()}", file=sys.stderr)
    return True


if __name__ == "__main__":
    sys.exit(main())
