"""What the `websockets` library is given to open a connection, in asyncio or in threads."""

from __future__ import annotations

import logging
import os
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cartesia._runtime.websocket.connection_options import ConnectionOptions


class QuietLogger(logging.LoggerAdapter):  # type: ignore[type-arg] # generic only from Python 3.11 on
    """A logger that prints no traffic: at debug level the library writes headers, key and all."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 # the name is logging's
        """Refuse whatever is less than a warning."""
        return level >= logging.WARNING and super().isEnabledFor(level)


LOGGER = QuietLogger(logging.getLogger("cartesia.socket"), {})


# `Any`: the library's functions take arguments of many types.
def connect_options(options: ConnectionOptions) -> dict[str, Any]:
    """Pick what the library itself has to know to open a connection; the rest is ours.

    Args:
        options: How the connection is opened.
    """
    own = ("extensions", "subprotocols", "compression", "max_size", "open_timeout")
    return {name: value for name, value in options.items() if name in own}


def tls_context(url: str) -> ssl.SSLContext | None:
    """Give the TLS context for ``wss`` URLs: the authorities of the system, or the environment's.

    They are read once, which takes some 20 ms: in an event loop, a thread should do it.

    Args:
        url: The URL to connect to.

    Returns:
        The context; None for a connection without TLS.
    """
    if not url.lower().startswith("wss:"):
        return None
    return _read_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=1)
def _read_context(file: str | None, folder: str | None) -> ssl.SSLContext:
    del file, folder  # OpenSSL looks for them itself; another environment is another context
    return ssl.create_default_context()
