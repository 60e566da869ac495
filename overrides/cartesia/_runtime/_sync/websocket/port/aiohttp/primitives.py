"""There is no port over aiohttp for threads; the twin of this module is the one for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cartesia._runtime.errors import CartesiaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cartesia._runtime._sync.websocket.port.interface import Port
    from cartesia._runtime.websocket.options import ConnectionOptions


def open_port(url: str, headers: Sequence[tuple[str, str]], options: ConnectionOptions) -> Port:
    """Refuse.

    Args:
        url: Where to.
        headers: The headers of the handshake.
        options: How.

    Raises:
        CartesiaError: Always.
    """
    del url, headers, options
    raise CartesiaError(
        "websocket_connection_options: the transport 'aiohttp' is that of AsyncCartesia; "
        "for Cartesia leave it out"
    )
