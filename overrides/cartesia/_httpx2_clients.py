"""HTTP clients over httpx2, the successor of httpx, which needs less processor time for a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cartesia._runtime.errors import missing_extra
from cartesia._runtime.http_clients import DEFAULT_LIMITS, DEFAULT_TIMEOUT, send_only_what_is_given

_missing: ImportError | None = None

if TYPE_CHECKING:
    import httpx2
    from httpx2 import AsyncClient, Client
else:
    try:
        import httpx2
        from httpx2 import AsyncClient, Client
    except ImportError as error:
        AsyncClient, Client, _missing = object, object, error


class _WithDefaults:
    def __init__(self, **options: Any) -> None:  # `Any`: whatever httpx2 takes
        if _missing is not None:
            name = f"{type(self).__name__}, which runs on Python 3.11 or newer,"
            raise missing_extra(name, "httpx2") from _missing
        timeout = httpx2.Timeout(**DEFAULT_TIMEOUT.as_dict())
        limits = httpx2.Limits(**vars(DEFAULT_LIMITS))
        super().__init__(**{"timeout": timeout, "limits": limits, **options})
        send_only_what_is_given(self, options)


class DefaultHttpx2Client(_WithDefaults, Client):
    """An `httpx2.Client` with the defaults of `cartesia.Cartesia`.

    It sends no headers of its own, such as ``user-agent``, and keeps no cookies, unless
    ``headers`` and ``cookies`` are given, if only ``{}``.

    Args:
        options: Any options of `httpx2.Client`, such as ``proxy`` or ``verify``.

    Raises:
        CartesiaError: The extra ``httpx2`` is not installed.
    """


class DefaultAsyncHttpx2Client(_WithDefaults, AsyncClient):
    """An `httpx2.AsyncClient` with the defaults of `cartesia.AsyncCartesia`.

    It sends no headers of its own, such as ``user-agent``, and keeps no cookies, unless
    ``headers`` and ``cookies`` are given, if only ``{}``.

    Args:
        options: Any options of `httpx2.AsyncClient`, such as ``proxy`` or ``verify``.

    Raises:
        CartesiaError: The extra ``httpx2`` is not installed.
    """
