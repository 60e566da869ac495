"""httpx clients with the limits and time-outs of this package, to which options can be added."""

from __future__ import annotations

from typing import Any

import httpx

from cartesia._runtime.http_defaults import DEFAULT_LIMITS, DEFAULT_TIMEOUT


def with_defaults(options: dict[str, Any]) -> dict[str, Any]:
    """Add the defaults of this package to the options of a client.

    Args:
        options: The options that the caller gave.

    Returns:
        All options.
    """
    return {"timeout": DEFAULT_TIMEOUT, "limits": DEFAULT_LIMITS, **options}


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
