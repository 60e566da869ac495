"""The wrapper that the older `tts.websocket()` gives: one request, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar, overload

from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.websocket.legacy_output import LegacyOutput, join_outputs, read_output

if TYPE_CHECKING:
    import sys
    from collections.abc import AsyncIterator, Mapping
    from types import TracebackType

    from cartesia._runtime._async.websocket.connection import AsyncConnectionManager
    from cartesia._runtime._async.websocket.context import AsyncContext

    if sys.version_info >= (3, 11):
        from typing import Self
    else:
        from typing_extensions import Self

ContextT = TypeVar("ContextT", bound="AsyncContext[object]")
ContextT_co = TypeVar("ContextT_co", bound="AsyncContext[object]", covariant=True)


class Opens(Protocol[ContextT_co]):
    """A connection that opens contexts."""

    def context(self, context_id: str | None = None) -> ContextT_co:
        """Open a context."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""
        ...


class AsyncLegacyWebSocket(Generic[ContextT]):
    """A connected socket that speaks one request at a time, as older code expects it.

    Args:
        manager: Opens the connection.
    """

    def __init__(self, manager: AsyncConnectionManager[Opens[ContextT]]) -> None:
        self._manager = manager
        self._connection: Opens[ContextT] | None = None

    async def connect(self) -> Self:
        """Connect; does nothing when it is connected.

        Returns:
            Itself, connected.

        Raises:
            APIConnectionError: The server could not be reached, or refused.
        """
        if self._connection is None:
            self._connection = await self._manager.enter()
        return self

    async def close(self) -> None:
        """Close the connection; `connect` opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def context(self, context_id: str | None = None) -> ContextT:
        """Open a context, to send several texts for one answer.

        Args:
            context_id: Its id; without it a new one is made.
        """
        if self._connection is None:
            raise CartesiaError("this socket is closed: call connect() first")
        return self._connection.context(context_id)

    @overload
    async def send(
        self,
        *,
        model_id: str,
        transcript: str,
        output_format: Mapping[str, object],
        voice: Mapping[str, object],
        context_id: str | None = None,
        stream: Literal[True] = True,
        **extra: object,
    ) -> AsyncIterator[LegacyOutput]: ...

    @overload
    async def send(
        self,
        *,
        model_id: str,
        transcript: str,
        output_format: Mapping[str, object],
        voice: Mapping[str, object],
        context_id: str | None = None,
        stream: Literal[False],
        **extra: object,
    ) -> LegacyOutput: ...

    async def send(
        self,
        *,
        model_id: str,
        transcript: str,
        output_format: Mapping[str, object],
        voice: Mapping[str, object],
        context_id: str | None = None,
        stream: bool = True,
        **extra: object,
    ) -> AsyncIterator[LegacyOutput] | LegacyOutput:
        """Speak a text.

        Args:
            model_id: The model.
            transcript: The text.
            output_format: The format of the audio.
            voice: The voice.
            context_id: The id of the answer; without it a new one is made.
            stream: Whether to give the answer piece by piece.
            extra: Further fields of the request.

        Returns:
            An iterator over the pieces, or the whole answer in one.

        Raises:
            RuntimeError: The server answers with an error.
            WebSocketConnectionClosedError: The connection was lost.
        """
        context = self.context(context_id)
        fields = {
            "model_id": model_id,
            "transcript": transcript,
            "output_format": output_format,
            "voice": voice,
            "continue": False,
            **extra,
        }
        # Generated contexts name the fields of `send`; this one passes on whatever it is given.
        await context._send(fields)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        pieces = _pieces(context)
        if stream:
            return pieces
        return join_outputs(context.context_id, [piece async for piece in pieces])

    async def __aenter__(self) -> Self:
        return await self.connect()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.close()


async def _pieces(context: AsyncContext[object]) -> AsyncIterator[LegacyOutput]:
    async for event in context.receive():
        piece = read_output(event)
        if piece is not None:
            yield piece
