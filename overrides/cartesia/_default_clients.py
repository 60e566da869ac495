"""HTTP clients with the limits and time-outs that this package uses, to be given other options."""

from __future__ import annotations

from typing import Any

import httpx

from cartesia._runtime.options import (
    DEFAULT_CONNECT_SECONDS,
    DEFAULT_TIMEOUT_SECONDS,
    MAX_CONNECTIONS,
    MAX_KEPT_ALIVE_CONNECTIONS,
)


def with_defaults(options: dict[str, Any]) -> dict[str, Any]:
    """Put the options of a client over our defaults.

    Args:
        options: What the caller gave.

    Returns:
        All options.
    """
    defaults = {
        "timeout": httpx.Timeout(DEFAULT_TIMEOUT_SECONDS, connect=DEFAULT_CONNECT_SECONDS),
        "limits": httpx.Limits(
            max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_KEPT_ALIVE_CONNECTIONS
        ),
    }
    return {**defaults, **options}


class DefaultHttpxClient(httpx.Client):
    """An `httpx.Client` with the defaults of `cartesia.Cartesia`.

    Args:
        options: Any options of `httpx.Client`, such as ``proxy`` or ``verify``.
    """

    def __init__(self, **options: Any) -> None:  # `Any`: whatever httpx takes
        super().__init__(**with_defaults(options))


class DefaultAsyncHttpxClient(httpx.AsyncClient):
    """An `httpx.AsyncClient` with the defaults of `cartesia.AsyncCartesia`.

    Args:
        options: Any options of `httpx.AsyncClient`, such as ``proxy`` or ``verify``.
    """

    def __init__(self, **options: Any) -> None:  # `Any`: whatever httpx takes
        super().__init__(**with_defaults(options))
