"""The HTTP clients that this package makes, and their defaults: timeouts, limits and TLS."""

from __future__ import annotations

import ssl
import sys
import threading
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import httpx

from cartesia._runtime.network import Network, load_trust, read_proxy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

T = TypeVar("T")

_stream_classes: dict[tuple[type, type], type] = {}

DEFAULT_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
DEFAULT_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)


class LazyTLSContext(ssl.SSLContext):
    """A context that verifies as httpx's own does, and loads the CA certificates at first use.

    Loading them takes longer than everything else that an HTTP client needs at its start, and
    connections without TLS need none. Until then this context has no certificates at all, so code
    that uses it in another way than by the methods below rejects every server. It offers HTTP/1.1.
    """

    def __new__(cls) -> Self:
        """Make a context for clients."""
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:  # `Any`: only passed on
        """Begin TLS over a socket; the arguments are those of `ssl.SSLContext.wrap_socket`."""
        return load_trust().wrap_socket(*args, **options)

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:  # `Any`: only passed on
        """Begin TLS over buffers; the arguments are those of `ssl.SSLContext.wrap_bio`."""
        return load_trust().wrap_bio(*args, **options)


def send_only_what_is_given(http: object, options: Mapping[str, object]) -> None:
    """Have an HTTP client send no headers of its own, and keep no cookies.

    Each request brings its headers, and httpx would merge its own into them. Cookies of one key
    must not be sent with another one: a `CookieJar` that keeps none would do, but httpx makes a
    request of `urllib` for it, of all headers, after each call.

    Args:
        http: The HTTP client, of httpx or httpx2.
        options: The options that it was made with; what the caller gave is sent.
    """
    client = cast("httpx.Client", http)
    if "headers" not in options:
        client.headers.clear()
    if "cookies" not in options:
        vars(client.cookies)["extract_cookies"] = _keep_nothing


def _keep_nothing(_: httpx.Response) -> None:
    """Take the place of `httpx.Cookies.extract_cookies`."""


def and_of_httpx2(kind: type[T]) -> tuple[type[T], ...]:
    """Return a class of httpx and, where httpx2 was imported, the class of that name there.

    Args:
        kind: The class.

    Returns:
        The classes, for `isinstance` and ``except``.
    """
    httpx2 = sys.modules.get("httpx2")
    return (kind,) if httpx2 is None else (kind, getattr(httpx2, kind.__name__))


def wrap_stream(
    response: httpx.Response, kind: type[object], wrapper: type, *arguments: object
) -> None:
    """Wrap the body of a response, unless a hook of the caller's own HTTP client has read it.

    Args:
        response: The response.
        kind: The class of httpx that its body must have; in httpx2, the one of that name there.
        wrapper: The class to wrap it in, whose first argument is the body.
        arguments: Its further arguments.
    """
    for base in and_of_httpx2(kind):
        if isinstance(response.stream, base):
            both = _stream_classes.get((wrapper, base))
            if both is None:
                both = type(wrapper.__name__, (wrapper, base), {})
                _stream_classes[wrapper, base] = both
            response.stream = cast("httpx.SyncByteStream", both(response.stream, *arguments))


def use_reentrant_locks(http: httpx.AsyncClient | httpx.Client) -> None:
    """Replace the lock of each connection pool by one that its own thread can acquire again.

    An interrupt, or a finalizer, that comes while a thread holds the lock makes httpcore acquire it
    again in that thread, for good: https://github.com/encode/httpcore/issues/996. And the lock that
    it has is acquired in Python code, where an interrupt can leave it held.

    Args:
        http: The HTTP client.
    """
    transports = [getattr(http, "_transport", None), *getattr(http, "_mounts", {}).values()]
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        if pool is not None and hasattr(pool, "_optional_thread_lock"):
            pool._optional_thread_lock = threading.RLock()  # noqa: SLF001  # see above


class WithDefaults:
    """Makes an HTTP client with the defaults of this package.

    Args:
        options: The options that the caller gave.

    Attributes:
        network: What the client was made with, so that WebSockets go the same way.
    """

    def __init__(self, **options: Any) -> None:  # `Any`: whatever httpx takes
        options = {"timeout": DEFAULT_TIMEOUT, "limits": DEFAULT_LIMITS, **options}
        verify, cert = options.pop("verify", True), options.pop("cert", None)
        trust_env, proxy = options.get("trust_env", True), options.pop("proxy", None)
        make = partial(httpx.create_ssl_context, verify=verify, cert=cert, trust_env=trust_env)
        trust = load_trust(trust_env=trust_env) if (verify, cert) == (True, None) else make()
        # httpcore offers HTTP/2 in the context, and a WebSocket must not.
        own_trust = make() if options.get("http2") else trust
        proxy = None if proxy is None else read_proxy(proxy, "`proxy`")
        self.network = Network(trust, proxy, trust_env)
        if proxy is not None and proxy.url.scheme == "https":
            proxy = copy(proxy)  # which may be the caller's
            proxy.ssl_context = proxy.ssl_context or own_trust
        super().__init__(**{**options, "verify": own_trust, "proxy": proxy})
        send_only_what_is_given(self, options)


class DefaultHttpxClient(WithDefaults, httpx.Client):
    """An `httpx.Client` with the defaults of `cartesia.Cartesia`.

    It sends no headers of its own, such as ``user-agent``, and keeps no cookies, unless
    ``headers`` and ``cookies`` are given, if only ``{}``.

    Args:
        options: Any options of `httpx.Client`, such as ``proxy`` or ``verify``, which
            WebSockets follow, too.
    """


class DefaultAsyncHttpxClient(WithDefaults, httpx.AsyncClient):
    """An `httpx.AsyncClient` with the defaults of `cartesia.AsyncCartesia`.

    It sends no headers of its own, such as ``user-agent``, and keeps no cookies, unless
    ``headers`` and ``cookies`` are given, if only ``{}``.

    Args:
        options: Any options of `httpx.AsyncClient`, such as ``proxy`` or ``verify``, which
            WebSockets follow, too.
    """
