"""The options of a WebSocket connection, their defaults, and what the library is given of them."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, TypedDict

from attrs import define

from cartesia._runtime import network
from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.options import check_number, without_user
from cartesia._runtime.types import httpx
from cartesia._runtime.types import ssl as tls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.extensions import ClientExtensionFactory
    from websockets.typing import Subprotocol

    from cartesia._runtime.types import Omit, ProxyTypes, TimeoutTypes

NEVER = float("inf")
"""The time of what is not due, and the limit of what has none."""


class ConnectionOptions(TypedDict, total=False):
    """How a WebSocket is opened, watched and closed. Every field may be left out.

    Attributes:
        ssl: What verifies the server. Default: as for HTTP, which is the `ssl_context` of the
            client, else the authorities that ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names, else
            those of certifi.
        proxy: The URL of the proxy; None for none, True for that of the environment: as for HTTP,
            ``HTTPS_PROXY`` holds for ``wss``, ``HTTP_PROXY`` for ``ws``, and ``ALL_PROXY`` and
            ``NO_PROXY`` for both. Default: the `proxy` of the client, else True.
        extensions: WebSocket extensions to offer, in order.
        subprotocols: Subprotocols to offer, in order.
        compression: ``"deflate"`` compresses messages. Off by default: audio in base64 shrinks by a
            quarter at the cost of some 30 us of our and 130 us of the server's time a 4 KB chunk.
        max_size: The largest message accepted, in bytes; None for no limit. Default 16 MiB.
        max_queue: Accepted, since the `websockets` library has it, and without effect: messages are
            read at once, and `read_limit` bounds what is held for receivers.
        write_limit: Bytes to be sent at which sending waits; or ``(high, low)``: at ``low`` it goes
            on. None for no limit. Default 32 KiB, and a quarter of it. For the async client alone.
        open_timeout: Seconds to connect and shake hands; None for no limit. Default 5, or the
            `timeout` of the client (that for reading) where it is less.
        close_timeout: Seconds to wait for the closing handshake; None for no limit. Default 2.
        ping_interval: Seconds between keep-alive pings; None for none. Default 10.
        ping_timeout: Seconds to wait for the answer to one, after which the connection counts as
            lost; None for no limit. Default 5.
        send_timeout: Seconds until a message must have left, after which the connection counts as
            lost; None for no limit. Default 5.
        inactivity_timeout: Seconds without any event of a context, or message to it, after which
            its receiver gets a `ContextInactiveError`; None for no limit. Default 30. Where there
            are no contexts, a server may be silent as long as the speaker is: it counts from the
            message that ends the conversation.
        read_limit: Bytes of events that were not received yet, over all contexts, at which reading
            from the network pauses; or ``(high, low)``: at ``low`` it goes on. None for no limit.
            Default 32 MiB, and a quarter of it. Each event counts half a kilobyte beyond its text.
        pause_timeout: Seconds that such a pause may keep others waiting: receivers of contexts
            without events, and senders whose message the server does not take. Then the context
            with the most bytes ends with a `SlowReceiverError`, and reading goes on. While
            no one waits, a pause has no end. Default 2.
        max_age: Seconds after which the socket is replaced by another, between two utterances; for
            sockets with contexts. None for never. Default 300.
    """

    ssl: tls.SSLContext | None
    proxy: ProxyTypes | bool | None
    extensions: Sequence[ClientExtensionFactory]
    subprotocols: Sequence[Subprotocol]
    compression: str | None
    max_size: int | None
    max_queue: int | tuple[int | None, int | None] | None
    write_limit: int | tuple[int, int | None] | None
    open_timeout: float | None
    close_timeout: float | None
    ping_interval: float | None
    ping_timeout: float | None
    send_timeout: float | None
    inactivity_timeout: float | None
    read_limit: int | tuple[int, int | None] | None
    pause_timeout: float
    max_age: float | None


_OPEN_TIMEOUT = 5.0
DEFAULTS: ConnectionOptions = {
    "compression": None,
    "max_size": 16 * 2**20,
    "open_timeout": _OPEN_TIMEOUT,
    "close_timeout": 2.0,
    "ping_interval": 10.0,
    "ping_timeout": 5.0,
}
"""The defaults of the transport; those of the session are those of `Bounds`."""


def client_defaults(client: network.Network, timeout: TimeoutTypes | Omit) -> ConnectionOptions:
    """Return the options that follow from those of the client.

    Args:
        client: Whom it trusts, and its proxy.
        timeout: Its time-out, of which that for reading bounds the opening of a WebSocket.
    """
    trust = client.ssl_context
    if trust is None and not client.trust_env:
        trust = network.load_trust(trust_env=False)
    read = timeout if isinstance(timeout, (int, float)) else getattr(timeout, "read", None)
    return {
        "ssl": trust,
        "proxy": client.proxy or client.trust_env,
        "open_timeout": min(read or _OPEN_TIMEOUT, _OPEN_TIMEOUT),
    }


def with_defaults(
    options: ConnectionOptions | None, client: ConnectionOptions | None = None
) -> ConnectionOptions:
    """Fill in what the caller left out, and check the rest.

    Args:
        options: The caller's options.
        client: What follows from the options of the client.

    Raises:
        TypeError: There is no such option, or it has another type.
        ValueError: It cannot have this value.
    """
    options = {**DEFAULTS, **(client or {}), **(options or {})}
    known = ConnectionOptions.__annotations__
    if unknown := sorted(options.keys() - known):
        raise TypeError(
            f"websocket_connection_options has no {unknown[0]!r}, only {', '.join(sorted(known))}"
        )
    if options.get("compression") not in (None, "deflate"):
        raise ValueError(
            "websocket_connection_options: compression is 'deflate' or None, not "
            f"{options.get('compression')!r}"
        )
    for name in ("open_timeout", "close_timeout", "ping_interval", "ping_timeout", "max_size"):
        positive(name, options.get(name))
    network.check_context(options.get("ssl"), "websocket_connection_options: ssl")
    proxy = options.get("proxy", True)
    if proxy is not None and not isinstance(proxy, bool):
        options["proxy"] = network.read_proxy(proxy, "websocket_connection_options: proxy")
    return options


@define(frozen=True, kw_only=True)
class Bounds:
    """What bounds a session in time and in memory; what has no limit is infinite.

    Attributes:
        high: Bytes of events not received yet at which reading pauses.
        low: Bytes at which it goes on.
        write_marks: Bytes to be sent at which sending waits, and at which it goes on.
        pause_timeout: Seconds that a pause may keep others waiting.
        send_timeout: Seconds until a message must have left.
        inactivity_timeout: Seconds that a context under way may hear nothing.
        max_age: Seconds after which a socket is replaced between two utterances.
    """

    high: float = 32 * 2**20
    low: float = 8 * 2**20
    write_marks: tuple[float, float] = (2**15, 2**13)
    pause_timeout: float = 2.0
    send_timeout: float = 5.0
    inactivity_timeout: float = 30.0
    max_age: float = 300.0

    @classmethod
    def of(cls, options: ConnectionOptions) -> Bounds:
        """Read them from the options of a connection.

        Args:
            options: The options; the defaults hold for what is left out.

        Raises:
            TypeError: A bound is no number.
            ValueError: A bound is not positive, or the low mark is above the high one.
        """
        high, low = _marks("read_limit", options.get("read_limit", 32 * 2**20))
        write_marks = _marks("write_limit", options.get("write_limit", 2**15))
        names = ("pause_timeout", "send_timeout", "inactivity_timeout", "max_age")
        times = {name: positive(name, options.get(name)) for name in names if name in options}
        return cls(high=high, low=low, write_marks=write_marks, **times)


def _marks(name: str, limit: int | tuple[int, int | None] | None) -> tuple[float, float]:
    """Check a limit in bytes, and give its marks: a high one, and a low one, a quarter by default.

    Raises:
        TypeError: It is neither a number nor two.
        ValueError: The high mark is not positive, or the low one is above it.
    """
    # Callers without a type checker may give a tuple of any length: that is no number.
    first, second = limit if isinstance(limit, tuple) and len(limit) == 2 else (limit, None)  # noqa: PLR2004
    high = positive(name, first)
    low = high / 4 if second is None else second and positive(name, second)
    if not 0 <= low <= high:
        rule = f"the low mark of {name} lies between 0 and the high one, {high:g}"
        raise ValueError(f"websocket_connection_options: {rule}, not at {low!r}")
    return high, low


def positive(name: str, value: object) -> float:
    """Check that an option is a number above 0; None stands for no limit.

    Args:
        name: The name of the option.
        value: Its value.

    Raises:
        TypeError: It is no number.
        ValueError: It is not positive, or too large.
    """
    if value is None:
        return NEVER
    unit = "bytes" if name in ("max_size", "read_limit", "write_limit") else "seconds"
    return check_number(f"websocket_connection_options: {name}", value, unit=unit)


# At debug level the library writes headers, key and all, whatever the level of our own logger.
_LOGGER = logging.Logger("cartesia.socket", logging.WARNING)  # noqa: LOG001 # see above
_LOGGER.parent = logging.getLogger("cartesia.socket")


# `Any`: the library's functions take arguments of many types, and the type of their factory is that
# of the library's own connection, which the library's documentation allows to wrap.
def connect_arguments(
    url: str,
    headers: Sequence[tuple[str, str]],
    transport: Callable[..., object],
    options: ConnectionOptions,
) -> dict[str, Any]:
    """Return what the library itself has to know to open a connection; the rest is ours.

    Where `options` has no ``ssl``, the certificates are read here, once: in an event loop, a thread
    should call this then.

    Args:
        url: Where to.
        headers: The headers of the handshake.
        transport: Makes the connection.
        options: How the connection is opened; every option that has a default is there.

    Raises:
        CartesiaError: The URL is none, certificates cannot be read, or the proxy cannot be used.
    """
    _check_url(url)
    arguments: dict[str, Any] = {}
    if url.lower().startswith("wss:"):
        arguments["ssl"] = trust = options.get("ssl") or network.load_trust()
        # Where HTTP/2 is offered as well, the server may choose it, and no WebSocket opens.
        trust.set_alpn_protocols(["http/1.1"])
    proxy = proxy_for(url, options)
    arguments["proxy"] = None if proxy is None else network.socket_proxy(proxy)
    if proxy is not None and proxy.url.scheme == "https":
        arguments["proxy_ssl"] = proxy.ssl_context or options.get("ssl") or network.load_trust()
    own = ("extensions", "subprotocols", "compression", "max_size", "open_timeout")
    return {
        "additional_headers": headers,
        "user_agent_header": None,
        "logger": _LOGGER,
        "create_connection": transport,
        **arguments,
        **{name: value for name, value in options.items() if name in own},
    }


def _check_url(url: str) -> None:
    """Check a URL; the library's errors, and their causes, would show a password in it."""
    with suppress(httpx.InvalidURL):
        if httpx.URL(url).scheme in ("ws", "wss") and httpx.URL(url).host:
            return
    shown = without_user(url.partition("?")[0])
    raise CartesiaError(f"{shown!r} is not a WebSocket URL: check base_url and websocket_base_url")


def proxy_for(url: str, options: ConnectionOptions) -> httpx.Proxy | None:
    """Return the proxy that a connection goes through; None where there is none.

    Args:
        url: Where the connection leads.
        options: How it is opened; checked by `with_defaults`.

    Raises:
        CartesiaError: The environment names something that is no address of a proxy.
    """
    proxy = options.get("proxy", True)
    if isinstance(proxy, httpx.Proxy):
        return proxy
    return network.environment_proxy(url) if proxy else None
