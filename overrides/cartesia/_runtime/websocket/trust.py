"""Whom WebSockets over TLS trust."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache


def trusted(url: str) -> ssl.SSLContext | None:
    """Give the authorities that are trusted: those of the system, or of the environment.

    They are read once, which takes some 20 ms: more than all else of connecting, and in an event
    loop nothing else would go on meanwhile. So there it is a thread's work.

    Args:
        url: Where to; only ``wss`` needs them.

    Returns:
        The context; None for a connection without TLS.
    """
    if not url.lower().startswith("wss:"):
        return None
    return _read(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=1)
def _read(file: str | None, folder: str | None) -> ssl.SSLContext:
    del file, folder  # OpenSSL looks for them itself; another environment is another context
    return ssl.create_default_context()
