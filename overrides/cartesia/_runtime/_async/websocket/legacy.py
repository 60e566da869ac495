"""The wrapper that the older `tts.websocket()` gives: one request, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar, overload

from attrs import define, fields

from cartesia._runtime.errors import CartesiaError, LegacyWebSocketError
from cartesia._runtime.model import ErrorEvent, Model

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from typing_extensions import Self

    from cartesia._runtime._async.websocket.connection import AsyncConnectionManager
    from cartesia._runtime._async.websocket.context import AsyncContext
    from cartesia._runtime.types import JSONObject

ContextT = TypeVar("ContextT", bound="AsyncContext[object]")
ContextT_co = TypeVar("ContextT_co", bound="AsyncContext[object]", covariant=True)


@define
class LegacyOutput:
    """One piece of an answer, or the whole of it.

    Attributes:
        audio: The samples, as asked for.
        word_timestamps: When each word is spoken.
        phoneme_timestamps: When each phoneme is spoken.
        context_id: The context it belongs to.
        flush_done: Whether a flush ends here.
        flush_id: Which flush.
    """

    audio: bytes | None = None
    word_timestamps: object | None = None
    phoneme_timestamps: object | None = None
    context_id: str | None = None
    flush_done: bool | None = None
    flush_id: int | None = None


class Opens(Protocol[ContextT_co]):
    """A connection that opens contexts."""

    def context(self, context_id: str | None = None) -> ContextT_co:
        """Open a context."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""


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
        self, *, context_id: str | None = None, stream: Literal[True] = True, **fields: object
    ) -> AsyncIterator[LegacyOutput]: ...

    @overload
    async def send(
        self, *, context_id: str | None = None, stream: Literal[False], **fields: object
    ) -> LegacyOutput: ...

    async def send(
        self, *, context_id: str | None = None, stream: bool = True, **fields: object
    ) -> AsyncIterator[LegacyOutput] | LegacyOutput:
        """Speak a text.

        Args:
            context_id: The id of the answer; without it a new one is made.
            stream: Whether to give the answer piece by piece.
            fields: The fields of the request: ``model_id``, the model; ``transcript``, the text;
                ``output_format``, the format of the audio; ``voice``, the voice; and any others.

        Returns:
            An iterator over the pieces, or the whole answer in one.

        Raises:
            RuntimeError: The server answers with an error.
            WebSocketConnectionClosedError: The connection was lost.
        """
        context = self.context(context_id)
        # Generated contexts name the fields of `send`; this one passes on whatever it is given.
        await context._send({"continue": False, **fields})  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        pieces = _pieces(context)
        if stream:
            return pieces
        return _join_outputs(context.context_id, [piece async for piece in pieces])

    async def __aenter__(self) -> Self:
        return await self.connect()

    async def __aexit__(self, *exc: object) -> None:
        await self.close()


async def _pieces(context: AsyncContext[object]) -> AsyncIterator[LegacyOutput]:
    """Read the events of a context, up to the one that says done.

    Args:
        context: The context.

    Raises:
        LegacyWebSocketError: An event says that something failed.
    """
    async for event in context.receive():
        kind = getattr(event, "type", None)
        if kind == "error":
            said = event.error if isinstance(event, ErrorEvent) else repr(event)
            raise LegacyWebSocketError(f"the server could not speak: {said}")
        if kind != "done":
            names = (field.name for field in fields(LegacyOutput))
            yield LegacyOutput(*(getattr(event, name, None) for name in names))


def _join_outputs(context_id: str, pieces: Sequence[LegacyOutput]) -> LegacyOutput:
    """Join the pieces of an answer: audio end to end, timestamps one after the other.

    Args:
        context_id: The context.
        pieces: The pieces, in order.
    """
    return LegacyOutput(
        audio=b"".join(piece.audio for piece in pieces if piece.audio),
        word_timestamps=_join_lists(piece.word_timestamps for piece in pieces),
        phoneme_timestamps=_join_lists(piece.phoneme_timestamps for piece in pieces),
        context_id=context_id,
    )


def _join_lists(parts: Iterable[object | None]) -> Model | None:
    """Join objects of parallel lists, field by field."""
    joined: JSONObject = {}
    for part in parts:
        if isinstance(part, Model):
            for name, values in part.to_dict().items():
                if isinstance(values, list):
                    joined.setdefault(name, []).extend(values)
    return Model.from_dict(joined) if joined else None
