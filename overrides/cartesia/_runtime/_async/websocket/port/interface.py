"""What a connection needs of a port: the one WebSocket beneath it, whatever library moves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Union

if TYPE_CHECKING:
    Payload = Union[bytes, bytearray, memoryview]


class AsyncPort(Protocol):
    """Moves whole messages over one open WebSocket; knows nothing of what they say."""

    async def receive(self) -> list[bytes]:
        """Give the messages that came, one at least; what nobody asks for waits in the network.

        Raises:
            PortClosed: There is none: the connection is closed.
        """
        ...

    async def send(self, data: Payload, *, text: bool) -> None:
        """Send one message.

        Args:
            data: The message.
            text: Whether it goes as a text frame.

        Raises:
            PortClosed: The connection is closed.
        """
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, within the bound.

        Args:
            code: The close code.
            reason: The close reason.
        """
        ...

    def abort(self) -> None:
        """Cut the connection, without a close frame."""
        ...
