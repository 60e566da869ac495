"""The HTTP clients that this package makes, and their defaults: timeouts, limits and TLS."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import httpx

from cartesia._runtime.network import Network, load_trust, read_proxy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self

DEFAULT_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
DEFAULT_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)


class LazyTLSContext(ssl.SSLContext):
    """A context that verifies as httpx's own does, and loads the CA certificates at first use.

    Loading them takes longer than everything else that an HTTP client needs at its start, and
    connections without TLS need none. Until then this context has no certificates at all, so code
    that uses it in another way than by the methods below rejects every server.
    """

    _loaded: ssl.SSLContext | None = None
    _alpn_protocols: list[str] | None = None

    def __new__(cls) -> Self:
        """Make a context for clients."""
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def _load(self) -> ssl.SSLContext:
        if self._loaded is None:
            self._loaded = load_trust()
            if self._alpn_protocols is not None:
                self._loaded.set_alpn_protocols(self._alpn_protocols)
        return self._loaded

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Set the protocols to offer.

        Nothing is loaded for it: httpcore calls this in the event loop, but `wrap_bio` in a thread.

        Args:
            alpn_protocols: Their names.
        """
        self._alpn_protocols = list(alpn_protocols)
        if self._loaded is not None:
            self._loaded.set_alpn_protocols(self._alpn_protocols)

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:  # `Any`: only passed on
        """Begin TLS over a socket; the arguments are those of `ssl.SSLContext.wrap_socket`."""
        return self._load().wrap_socket(*args, **options)

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:  # `Any`: only passed on
        """Begin TLS over buffers; the arguments are those of `ssl.SSLContext.wrap_bio`."""
        return self._load().wrap_bio(*args, **options)


def with_defaults(options: dict[str, Any]) -> dict[str, Any]:
    """Add the defaults of this package to the options of a client.

    Args:
        options: The options that the caller gave.

    Returns:
        All options.
    """
    options = {"timeout": DEFAULT_TIMEOUT, "limits": DEFAULT_LIMITS, "verify": True, **options}
    trust_env = options.get("trust_env", True)
    verify, cert = options["verify"], options.pop("cert", None)
    if options.get("http2") or (verify, cert) != (True, None):
        # A context of its own: HTTP/2 has other protocols offered in it.
        options["verify"] = httpx.create_ssl_context(verify, cert, trust_env)
    else:
        options["verify"] = load_trust(trust_env=trust_env)
    if options.get("proxy") is not None:
        options["proxy"] = read_proxy(options["proxy"], "`proxy`")
    return options


def network_made_with(options: dict[str, Any]) -> Network:
    """Say what a client was made with, so that WebSockets go the same way.

    Args:
        options: All options of the client.
    """
    return Network(options["verify"], options.get("proxy"), options.get("trust_env", True))


class DefaultHttpxClient(httpx.Client):
    """An `httpx.Client` with the defaults of `cartesia.Cartesia`.

    Args:
        options: Any options of `httpx.Client`, such as ``proxy`` or ``verify``, which
            WebSockets follow, too.
    """

    def __init__(self, **options: Any) -> None:  # `Any`: whatever httpx takes
        options = with_defaults(options)
        super().__init__(**options)
        self.network = network_made_with(options)


class DefaultAsyncHttpxClient(httpx.AsyncClient):
    """An `httpx.AsyncClient` with the defaults of `cartesia.AsyncCartesia`.

    Args:
        options: Any options of `httpx.AsyncClient`, such as ``proxy`` or ``verify``, which
            WebSockets follow, too.
    """

    def __init__(self, **options: Any) -> None:  # `Any`: whatever httpx takes
        options = with_defaults(options)
        super().__init__(**options)
        self.network = network_made_with(options)
