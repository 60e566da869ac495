"""The options of a WebSocket connection, and what they are when the caller says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.extensions import ClientExtensionFactory
    from websockets.typing import Subprotocol


class ConnectionOptions(TypedDict, total=False):
    """How a WebSocket is opened, watched and closed. Every field may be left out.

    Attributes:
        transport: The library beneath: ``"websockets"``, or for `AsyncCartesia` also ``"aiohttp"``,
            which is as fast and needs the extra ``aiohttp``, knows HTTP proxies alone, and has no
            `extensions`, `max_queue` and `write_limit`.
        extensions: WebSocket extensions to offer, in order.
        subprotocols: Subprotocols to offer, in order.
        compression: ``"deflate"`` compresses messages. Off by default: audio in base64 shrinks by a
            quarter at the cost of some 30 us of our and 130 us of the server's time a 4 KB chunk.
        max_size: The largest message accepted, in bytes; None for no limit. Default 16 MiB.
        max_queue: Messages held before reading from the network pauses; async only. Of
            ``(high, low)`` the first counts, since all that is held is taken at once. Without it,
            reading pauses when 256 KiB are held.
        write_limit: Bytes held before sending waits, or ``(high, low)``; async only.
        open_timeout: Seconds to connect and shake hands. Default 5.
        close_timeout: Seconds to wait for the closing handshake. Default 2.
        ping_interval: Seconds between keep-alive pings; None for none. Default 10.
        ping_timeout: Seconds to wait for the answer to one, after which the connection counts as
            lost; None for no limit. Default 5.
        send_timeout: Seconds until a message must have left, after which the connection counts as
            lost; None for no limit. Default 5.
        inactivity_timeout: Seconds without any event of a context, or message to it, after which
            whoever waits for it gets a `ContextInactiveError`; None for no limit. Default 30.
        read_limit: Bytes of events that nobody has taken yet, over all contexts, at which reading
            from the network pauses; or ``(high, low)``: at ``low`` it goes on. None for no limit.
            Default 32 MiB, and a quarter of it. Each event counts half a kilobyte beyond its text.
        pause_timeout: Seconds that such a pause may keep others waiting: receivers of contexts
            without events, and senders whose message the server does not take. Then the context
            with the most bytes ends with a `SlowReceiverError`, and reading goes on. While
            nobody waits, a pause has no end. Default 2.
        max_age: Seconds after which the socket is replaced by another, between two utterances; for
            sockets with contexts. None for never. Default 300.
    """

    transport: Literal["websockets", "aiohttp"]
    extensions: Sequence[ClientExtensionFactory]
    subprotocols: Sequence[Subprotocol]
    compression: str | None
    max_size: int | None
    max_queue: int | tuple[int | None, int | None] | None
    write_limit: int | tuple[int, int | None]
    open_timeout: float | None
    close_timeout: float
    ping_interval: float | None
    ping_timeout: float | None
    send_timeout: float | None
    inactivity_timeout: float | None
    read_limit: int | tuple[int, int | None] | None
    pause_timeout: float
    max_age: float | None


DEFAULTS: ConnectionOptions = {
    "compression": None,
    "max_size": 16 * 2**20,
    "open_timeout": 5.0,
    "close_timeout": 2.0,
    "ping_interval": 10.0,
    "ping_timeout": 5.0,
}
"""The defaults of what a port does; those of what lies above it are those of `Bounds`."""


def with_defaults(options: ConnectionOptions | None) -> ConnectionOptions:
    """Fill in what the caller left out.

    Args:
        options: The caller's options.

    Raises:
        TypeError: There is no such option.
        ValueError: There is no such compression or transport, or the transport does not have an
            option.
    """
    known = ConnectionOptions.__annotations__
    for name in options or ():
        if name not in known:
            raise TypeError(
                f"websocket_connection_options has no {name!r}, only {', '.join(sorted(known))}"
            )
    if options is not None and options.get("compression") not in (None, "deflate"):
        raise ValueError(
            f"websocket_connection_options: compression is 'deflate' or None, not "
            f"{options.get('compression')!r}"
        )
    if options is not None:
        _check_transport(options)
    return {**DEFAULTS, **(options or {})}


def _check_transport(options: ConnectionOptions) -> None:
    transport = options.get("transport", "websockets")
    if transport not in {"websockets", "aiohttp"}:
        raise ValueError(
            "websocket_connection_options: transport is 'websockets' or 'aiohttp', not "
            f"{transport!r}"
        )
    for name in ("extensions", "max_queue", "write_limit"):
        if transport == "aiohttp" and name in options:
            raise ValueError(
                f"websocket_connection_options: the transport 'aiohttp' has no {name!r}; "
                "leave it out, or use the transport 'websockets'"
            )
