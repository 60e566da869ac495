"""One call from a text, perhaps still being written, to its speech."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Generic, Protocol, TypeVar, cast

from cartesia._runtime._async.websocket.manager import AsyncConnectionManager
from cartesia._runtime._async.websocket.primitives import Feeder, TextSource, check_transcript
from cartesia._runtime.websocket.leading import is_speakable

if TYPE_CHECKING:
    import sys
    from types import TracebackType

    from cartesia._runtime._async.websocket.context import AsyncEvents
    from cartesia._runtime._async.websocket.primitives import Transcript

    if sys.version_info >= (3, 11):
        from typing import Self
    else:
        from typing_extensions import Self

EventT_co = TypeVar("EventT_co", covariant=True)
ConnectionT = TypeVar("ConnectionT")

# Nothing that is waited for takes long, unless the caller's own text does.
_FEEDER_ENDS_WITHIN = 2.0
_ALIVE = ("open", "finishing")


class Speaks(Protocol[EventT_co]):
    """The context of an utterance."""

    @property
    def context_id(self) -> str:
        """Its id."""
        ...

    @property
    def state(self) -> str:
        """Where it stands."""
        ...

    async def push(self, transcript: str, *, continue_: bool | None = True) -> None:
        """Send text."""
        ...

    async def no_more_inputs(self) -> None:
        """Say that no more text follows."""
        ...

    async def cancel(self) -> None:
        """Stop."""
        ...

    def receive(self, timeout: float | None = None) -> AsyncEvents[EventT_co]:
        """Iterate over the events."""
        ...


class _Closes(Protocol):
    """The part of a manager that does not depend on its connection."""

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None: ...


class AsyncSpeechStream(Generic[EventT_co]):
    """The events of one utterance, which come while its text is still being sent.

    Iterating begins it: a context is opened, and the text is sent as it comes. It ends with the
    event ``done`` or ``error``. Leaving early, by ``break``, ``close`` or the end of the
    ``with`` block, stops the speech and the text; so does any error. A connection that was given
    stays open.

    Args:
        source: Opens a connection for this utterance alone; or a connection that is open.
        open_context: Opens the context of the utterance.
        transcript: The text, or an iterator over its pieces. An iterator that blocks is given a
            thread of its own. It is closed when the stream is left early.

    Raises:
        TypeError: `transcript` is neither a text nor an iterator of texts.
        ValueError: It is empty.
    """

    def __init__(
        self,
        source: AsyncConnectionManager[ConnectionT] | ConnectionT,
        open_context: Callable[[ConnectionT], Speaks[EventT_co]],
        transcript: Transcript,
    ) -> None:
        check_transcript(transcript)

        async def begin() -> _Utterance[EventT_co]:
            if not isinstance(source, AsyncConnectionManager):
                return _Utterance(open_context(source), transcript)
            # Checkers do not see that what is a manager is none of a connection's other types.
            manager = cast("AsyncConnectionManager[ConnectionT]", source)
            connection = await manager.__aenter__()
            try:
                return _Utterance(open_context(connection), transcript, manager)
            except BaseException:
                await manager.__aexit__(None, None, None)
                raise

        self._begin_utterance = begin
        self._utterance: _Utterance[EventT_co] | None = None
        self._events: AsyncEvents[EventT_co] | None = None
        self._feeder: Feeder | None = None
        self._is_over = False

    @property
    def context_id(self) -> str | None:
        """The id of the context; None before the first event is asked for."""
        return None if self._utterance is None else self._utterance.context.context_id

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EventT_co:
        if self._is_over:
            raise StopAsyncIteration
        try:
            events = await self._begin()
            return await events.__anext__()
        except StopAsyncIteration:
            failure = None if self._utterance is None else self._utterance.failure
        except BaseException:
            await self.aclose()
            raise
        await self.aclose()
        raise StopAsyncIteration if failure is None else failure

    async def aclose(self) -> None:
        """Stop the speech and its text, unless they are over; calling it again does nothing."""
        if self._is_over:
            return
        self._is_over = True
        if self._events is not None:
            await self._events.aclose()
        if self._utterance is not None and self._feeder is not None:
            self._feeder.stop()
            await self._utterance.end()
            if True:  # ASYNC
                await self._feeder.join(_FEEDER_ENDS_WITHIN)
            else:  # SYNC
                # Nobody can interrupt a thread that waits for the caller's own iterator.
                self._feeder.join(0 if self._utterance.is_pulling else _FEEDER_ENDS_WITHIN)

    async def _begin(self) -> AsyncEvents[EventT_co]:
        """Give the events of the utterance; begin it, when that was not done yet."""
        if self._events is None:
            self._utterance = utterance = await self._begin_utterance()
            self._events = utterance.context.receive()
            # It must not hold this object: whoever drops the stream would never be rid of it.
            self._feeder = Feeder(utterance.feed, "cartesia feeder")
        return self._events

    async def __aenter__(self) -> Self:
        try:
            await self._begin()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        # A finalizer may run anywhere, so it only leaves word: the feeder does the rest.
        feeder: Feeder | None = getattr(self, "_feeder", None)
        if feeder is not None and not self._is_over:
            feeder.stop()


class _Utterance(Generic[EventT_co]):
    """What the stream and the feeder of its text share.

    Args:
        context: The context.
        transcript: The text.
        manager: What opened the connection for this utterance alone; None where it was given.

    Attributes:
        context: The context.
        failure: What the text, or sending it, failed with.
        is_pulling: Whether the next piece of the text is being waited for.
    """

    def __init__(
        self, context: Speaks[EventT_co], transcript: Transcript, manager: _Closes | None = None
    ) -> None:
        self.context = context
        self.failure: BaseException | None = None
        self.is_pulling = False
        self._transcript = transcript
        self._manager = manager

    async def feed(self, feeder: Feeder) -> None:
        """Send the text as it comes; at the end of it, wait for the end of the speech.

        Args:
            feeder: Whoever does it; it is stopped when nobody receives any more.
        """
        try:
            if isinstance(self._transcript, str):
                await self.context.push(self._transcript, continue_=False)
            else:
                await self._push_pieces(TextSource(self._transcript), feeder)
            await feeder.rest()
        except BaseException as error:
            # Whoever receives is told, except where the context itself tells him why it ended.
            if self.context.state in _ALIVE and not feeder.is_stopped:
                self.failure = error
            if not isinstance(error, Exception):
                raise
        finally:
            await self.end()

    async def end(self) -> None:
        """Stop the speech, and close what was opened for it."""
        manager, self._manager = self._manager, None
        await self.context.cancel()
        if manager is not None:
            await manager.__aexit__(None, None, None)

    async def _push_pieces(self, source: TextSource, feeder: Feeder) -> None:
        """Send each piece; the first ones are held back until there is something to say."""
        held = ""
        has_spoken = False
        try:
            while True:
                piece = await self._pull(source, feeder)
                if feeder.is_stopped:
                    return
                if piece is None:
                    break
                held += piece
                has_spoken = has_spoken or is_speakable(held)
                if has_spoken and held:
                    await self.context.push(held)
                    held = ""
            if held.strip():
                await self.context.push(held)
            await self.context.no_more_inputs()
        finally:
            await source.close()

    async def _pull(self, source: TextSource, feeder: Feeder) -> str | None:
        self.is_pulling = True
        try:
            return None if feeder.is_stopped else await source.next()
        finally:
            self.is_pulling = False
