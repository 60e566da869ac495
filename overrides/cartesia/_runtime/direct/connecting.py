"""Connecting to a host of several addresses, of which some may not answer.

RFC 8305, "happy eyeballs": an address is tried for a moment, then the next one as well, and the
first that answers is taken. asyncio can do that too, but a caller that is cancelled at the wrong
moment leaves a socket open there.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, Callable, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

P = TypeVar("P", bound=asyncio.BaseProtocol)

_PATIENCE_SECONDS = 0.25


async def connect(make: Callable[[], P], host: str, port: int, local_address: str | None) -> P:
    """Open a TCP connection of the running event loop.

    Args:
        make: Makes the protocol of a connection.
        host: The name or address of the server.
        port: Its port.
        local_address: The address to connect from.

    Returns:
        The protocol, which has its transport.

    Raises:
        OSError: The host has no address, or none at which somebody answers.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    untried = deque(_by_turns(found))
    source = None if local_address is None else (local_address, 0)
    attempts: list[asyncio.Task[tuple[asyncio.Transport, P]]] = []
    pending: set[asyncio.Task[tuple[asyncio.Transport, P]]] = set()
    errors: list[str] = []
    try:
        while untried or pending:
            if untried:
                family, address = untried.popleft()
                attempt = loop.create_task(
                    loop.create_connection(
                        make, address[0], address[1], family=family, local_addr=source
                    )
                )
                attempts.append(attempt)
                pending.add(attempt)
            done, pending = await asyncio.wait(
                pending,
                timeout=_PATIENCE_SECONDS if untried else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for attempt in done:
                error = attempt.exception()
                if error is None:
                    attempts.remove(attempt)
                    return attempt.result()[1]
                if not isinstance(error, OSError):
                    raise error
                errors.append(str(error))
    finally:
        for attempt in attempts:
            attempt.cancel()
            attempt.add_done_callback(_discard)
    raise OSError("; ".join(errors) or f"{host} has no address")


def _by_turns(found: list[Any]) -> Iterator[tuple[socket.AddressFamily, tuple[str, int]]]:
    """Give the addresses of both families by turns, beginning with what the system prefers."""
    preferred = [entry for entry in found if entry[0] == found[0][0]]
    others = [entry for entry in found if entry[0] != found[0][0]]
    for entry in chain.from_iterable(zip_longest(preferred, others)):
        if entry is not None:
            yield entry[0], entry[4]


def _discard(attempt: asyncio.Task[tuple[asyncio.Transport, Any]]) -> None:
    """Close a connection that nobody waits for any more."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result()[0].abort()
