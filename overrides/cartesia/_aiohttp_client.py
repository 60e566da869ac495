"""An HTTP client on aiohttp, which is faster where many calls are under way at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cartesia._core.errors import CartesiaError
from cartesia._default_clients import with_defaults

if TYPE_CHECKING:
    from httpx import AsyncClient as _Base  # of which the other one is a kind

_missing: ImportError | None = None

if not TYPE_CHECKING:
    try:
        from httpx_aiohttp import HttpxAiohttpClient as _Base
    except ImportError as error:
        _Base, _missing = object, error


class DefaultAioHttpClient(_Base):
    """An `httpx.AsyncClient` on aiohttp, with the defaults of `cartesia.AsyncCartesia`.

    Args:
        options: Any options of `httpx.AsyncClient`, such as ``proxy`` or ``verify``.

    Raises:
        CartesiaError: The extra ``aiohttp`` is not installed.
    """

    def __init__(self, **options: Any) -> None:  # `Any`: whatever httpx takes
        if _missing is not None:
            raise CartesiaError(
                "DefaultAioHttpClient needs the extra 'aiohttp' (httpx-aiohttp): "
                "pip install 'cartesia-openapi[aiohttp]'"
            ) from _missing
        super().__init__(**with_defaults(options))
