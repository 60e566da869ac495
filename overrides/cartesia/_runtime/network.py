"""Which servers connections trust, and which proxy they use: the same for HTTP and WebSockets."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.options import Secret, without_user
from cartesia._runtime.types import httpx, ssl

if TYPE_CHECKING:
    from cartesia._runtime.types import ProxyTypes


class Network(NamedTuple):
    """What all connections of a client have in common.

    Attributes:
        ssl_context: Verifies servers; None for the authorities of `load_trust`.
        proxy: The proxy of all connections; None for those that the environment names.
        trust_env: Whether the environment counts.
        is_known: Whether HTTP follows this, too: not with an HTTP client that does not tell.
    """

    ssl_context: ssl.SSLContext | None = None
    proxy: httpx.Proxy | None = None
    trust_env: bool = True
    is_known: bool = True

    @classmethod
    def of(cls, http_client: httpx.Client | httpx.AsyncClient) -> Network:
        """Return what is known of the caller's own HTTP client.

        Args:
            http_client: The client; those of this package tell what they were made with.
        """
        network = getattr(http_client, "network", None)
        if isinstance(network, cls):
            return network
        return cls(trust_env=http_client.trust_env, is_known=False)

    def replaced(self, ssl_context: ssl.SSLContext | None, proxy: ProxyTypes | None) -> Network:
        """Return the same with other settings.

        Args:
            ssl_context: Verifies servers; None for no change.
            proxy: The proxy; None for no change.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: `proxy` is no address of a proxy.
        """
        check_context(ssl_context, "`ssl_context`")
        read = self.proxy if proxy is None else read_proxy(proxy, "`proxy`")
        return self._replace(ssl_context=ssl_context or self.ssl_context, proxy=read)

    def proxy_for(self, url: str | httpx.URL) -> httpx.Proxy | None:
        """Return the proxy for a URL, whose scheme may be that of a WebSocket; None for none.

        Args:
            url: The URL.

        Raises:
            CartesiaError: The environment names something that is no address of a proxy.
        """
        return self.proxy or (environment_proxy(url) if self.trust_env else None)


def check_context(value: object, argument: str) -> None:
    """Check that an argument is a TLS context, or None.

    Raises:
        TypeError: It is not.
    """
    if value is not None and not isinstance(value, ssl.SSLContext):
        raise TypeError(
            f"{argument} must be an ssl.SSLContext, such as ssl.create_default_context(cafile=...)"
            f" makes, not {type(value).__name__}"
        )


def load_trust(*, trust_env: bool = True) -> ssl.SSLContext:
    """Return a TLS context with the authorities of the environment, else those of certifi.

    They are read once, which takes some 20 ms: in an event loop, a thread should do it.

    Args:
        trust_env: Whether ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` count, as they do for httpx.

    Raises:
        CartesiaError: They cannot be read.
    """
    variables = ("SSL_CERT_FILE", "SSL_CERT_DIR") if trust_env else ()
    found = ((name, os.environ[name]) for name in variables if os.environ.get(name))
    return _load(*next(found, ()))


@lru_cache(maxsize=4)
def _load(variable: str = "", path: str = "") -> ssl.SSLContext:
    from certifi import where

    try:
        if variable == "SSL_CERT_DIR":
            os.scandir(path).close()  # OpenSSL accepts one that does not exist
            context = ssl.create_default_context(capath=path)
        else:
            context = ssl.create_default_context(cafile=path or where())
    except OSError as error:
        raise CartesiaError(
            f"the CA certificates in {path or where()!r} cannot be read ({error}); "
            "see SSL_CERT_FILE and SSL_CERT_DIR in the environment"
        ) from error
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    context.set_alpn_protocols(["http/1.1"])
    return context


def read_proxy(proxy: ProxyTypes, argument: str) -> httpx.Proxy:
    """Read the address of a proxy.

    Args:
        proxy: Its URL, or what httpx makes of one. Without a scheme it is an HTTP proxy.
        argument: Where it comes from, for errors, which show no password.

    Raises:
        ValueError: It is no address of a proxy.
    """
    if isinstance(proxy, httpx.Proxy):
        return proxy
    text = Secret(proxy)
    with suppress(ValueError, httpx.InvalidURL):
        read = httpx.Proxy(text if "://" in text else f"http://{text}")
        if read.url.host:
            return read
    raise ValueError(
        f"{argument} must be the URL of a proxy, which begins with http://, https://, "
        f"socks5:// or socks5h://, not {without_user(text)!r:.80}"
    )


def environment_proxy(url: str | httpx.URL) -> httpx.Proxy | None:
    """Return the proxy that the environment, or the system, names for a URL, as httpx reads it.

    Args:
        url: The URL; ``ws`` counts as ``http``, and ``wss`` as ``https``.

    Raises:
        CartesiaError: It names something that is no address of a proxy.
    """
    from urllib.request import getproxies

    settings = {name: Secret(value) for name, value in getproxies().items()}
    if not settings:
        return None
    url = httpx.URL(str(url).partition("?")[0])  # as it may be shown
    scheme = {"ws": "http", "wss": "https"}.get(url.scheme, url.scheme)
    address = settings.get(scheme) or settings.get("all")
    exempt = (entry.strip() for entry in settings.get("no", "").split(","))
    if not address or any(_is_exempt(entry, url, scheme) for entry in exempt if entry):
        return None
    try:
        return read_proxy(address, f"{scheme.upper()}_PROXY or ALL_PROXY in the environment")
    except ValueError as error:
        raise CartesiaError(str(error)) from None


def _is_exempt(entry: str, url: httpx.URL, scheme: str) -> bool:
    """Return whether an entry of ``NO_PROXY`` is about a URL."""
    from ipaddress import ip_address

    is_exact = entry.lower() in ("*", "localhost") or "://" in entry
    host = entry if is_exact else f"*{entry}"  # a name stands for those below it, too
    with suppress(ValueError):
        version = ip_address(entry.partition("/")[0]).version
        host = entry if version == 4 else f"[{entry}]"  # noqa: PLR2004
    try:
        pattern = httpx.URL(host if "://" in host else f"all://{host}")
    except httpx.InvalidURL:
        return False
    if pattern.scheme not in ("all", scheme) or pattern.port not in (None, url.port):
        return False
    suffix = pattern.host.removeprefix("*")
    is_below = suffix != pattern.host and url.host.endswith(f".{suffix.removeprefix('.')}")
    return is_below or suffix in ("", url.host)


def socket_proxy(proxy: httpx.Proxy) -> str:
    """Write the URL of a proxy as the `websockets` library takes it.

    Args:
        proxy: The proxy.

    Raises:
        CartesiaError: It has headers of its own.
    """
    if proxy.headers:
        raise CartesiaError(
            "a WebSocket cannot send the `headers` of an httpx.Proxy; "
            "give the user and the password in its URL, or as `auth`"
        )
    user = "" if proxy.auth is None else f"{':'.join(quote(text, '') for text in proxy.auth)}@"
    # As with httpx, the proxy looks up the host.
    scheme = proxy.url.scheme.replace("socks5h", "socks5").replace("socks5", "socks5h")
    return Secret(f"{scheme}://{user}{proxy.url.netloc.decode('ascii')}")
