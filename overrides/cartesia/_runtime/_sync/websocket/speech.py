# Derived by `make generate` (scripts/unasync.py) from
# overrides/cartesia/_runtime/_async/websocket/speech.py
# Do not edit: change that file instead.
"""One call from a text, perhaps still being written, to its speech."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Callable, Generic, TypeVar, cast

from attrs import define

from cartesia._runtime._sync.websocket.connection import ConnectionManager
from cartesia._runtime._sync.websocket.primitives import BackgroundTask, iterate_text
from cartesia._runtime.errors import CartesiaError
from cartesia._runtime.model import ErrorEvent
from cartesia._runtime.websocket.context_state import is_speakable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Self

    from cartesia._runtime._sync.websocket.context import Context
    from cartesia._runtime._sync.websocket.primitives import Transcript
    from cartesia._runtime.websocket.session import Stats

EventT_co = TypeVar("EventT_co", covariant=True)
ConnectionT = TypeVar("ConnectionT")

# Nothing that is waited for takes long, unless the caller's own text does.
_JOIN_TIMEOUT = 2.0


class SpeechStream(Generic[EventT_co]):
    """The events of one utterance, which come while its text is still being sent.

    Iterating begins it: a context is opened, and the text is sent as it comes. It ends with the
    event ``done``; an error event is raised. Leaving early, by ``break``, ``close`` or the end of
    the ``with`` block, stops the speech and the text; so does an error, which is raised again where
    the iteration goes on, and a wait that is cancelled. A connection that was given stays open. A
    text that pauses so long that its context expires goes on in another, with the same settings:
    its events have another id, and their timestamps begin at 0 again.

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
        source: ConnectionManager[ConnectionT] | ConnectionT,
        open_context: Callable[[ConnectionT], Context[EventT_co]],
        transcript: Transcript,
    ) -> None:
        _check_transcript(transcript)

        def begin() -> _Utterance[EventT_co]:
            if not isinstance(source, ConnectionManager):
                return _Utterance(open_context(source), transcript)
            # Checkers do not see that what is a manager is none of a connection's other types.
            manager = cast("ConnectionManager[ConnectionT]", source)
            connection = manager.__enter__()
            try:
                return _Utterance(open_context(connection), transcript, manager)
            except BaseException:
                manager.__exit__(None, None, None)
                raise

        self._begin_utterance = begin
        self._utterance: _Utterance[EventT_co] | None = None
        self._is_over = False
        self._failure: BaseException | None = None
        # For `_repr_html_`, which notebooks alone call: elsewhere audio would only take memory.
        self._heard: list[EventT_co] | None = [] if "IPython" in sys.modules else None

    @property
    def context_id(self) -> str | None:
        """The id of the context; None before the first event is asked for."""
        return None if self._utterance is None else self._utterance.context.context_id

    @property
    def stats(self) -> Stats | None:
        """What its connection has counted, such as `renewed`; None before the first event."""
        return None if self._utterance is None else self._utterance.context.stats

    @property
    def output_format(self) -> Mapping[str, object] | None:
        """The form of the audio, as it was requested; None before the first event is asked for."""
        if self._utterance is None:
            return None
        return cast("Mapping[str, object]", self._utterance.settings.get("output_format"))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> EventT_co:
        if self._is_over:
            raise StopIteration if self._failure is None else self._failure
        try:
            events = (self._begin()).events
            event = events.__next__()
            if self._heard is not None:
                self._heard.append(event)
            # What a context hands over before it raises it is raised here at once.
            return events.__next__() if isinstance(event, ErrorEvent) else event
        except StopIteration:
            self._failure = None if self._utterance is None else self._utterance.failure
        except Exception as error:
            if self._utterance is not None and self._utterance.record.queue.claimed:
                raise  # there is another receiver, which goes on
            self._failure = error
        except BaseException:
            self._failure = CartesiaError(
                "the speech was stopped when the wait for its next event was cancelled; "
                "a `timeout` of a context bounds a wait, and ends nothing"
            )
            self.close()
            raise
        self.close()
        raise StopIteration if self._failure is None else self._failure

    def close(self) -> None:
        """Stop the speech and its text, unless they are over; calling it again does nothing."""
        is_over, self._is_over = self._is_over, True
        if self._utterance is not None and not is_over:
            self._utterance.stop()

    def _begin(self) -> _Utterance[EventT_co]:
        """Return the utterance; begin it, when that was not done yet."""
        if self._utterance is None:
            self._utterance = self._begin_utterance()
            if self._is_over:  # it was closed meanwhile
                self._utterance.stop()
        return self._utterance

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _repr_html_(self) -> str | None:
        """Show a stream that was read to its end as a player, in a notebook."""
        from cartesia.audio import notebook_player

        return notebook_player(self, self._heard or [])

    def __del__(self) -> None:
        # A finalizer may run anywhere, so it only sets a flag: the pump does the rest.
        utterance: _Utterance[EventT_co] | None = getattr(self, "_utterance", None)
        if utterance is not None and not self._is_over:
            utterance.task.stop()


@define(eq=False, repr=False, slots=False)
class _Utterance(Generic[EventT_co]):
    """An utterance under way, and the task that sends its text.

    It does not hold the stream: one that is dropped is collected, which stops the task.

    Args:
        context: The context.
        transcript: The text.
        manager: What opened the connection for this utterance alone; None where it was given.

    Attributes:
        context: The context.
        record: What the session knows of it.
        settings: What the context was opened with.
        events: What is heard of it.
        task: The task.
        failure: What the text, or sending it, failed with.
        is_pulling: Whether the next piece of the text is being waited for.
    """

    context: Context[EventT_co]
    _transcript: Transcript
    _manager: ConnectionManager[object] | None = None
    failure: BaseException | None = None
    is_pulling: bool = False

    def __attrs_post_init__(self) -> None:
        self.record = self.context._record  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # it has no other user
        self.record.renews = True
        self.settings = self.record.with_settings({})
        self.events = self.context.receive()
        self.task = BackgroundTask(self.pump, "cartesia text pump")

    def pump(self, task: BackgroundTask) -> None:
        """Send the text as it comes; at the end of it, wait for the end of the speech.

        Args:
            task: The task that does it; it is stopped when the stream is left.
        """
        try:
            if isinstance(self._transcript, str):
                self.context._push_last(self._transcript)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # of this package
            else:
                self._push_pieces(iterate_text(self._transcript), task)
            task.wait_stopped()
        except BaseException as error:
            # The receiver is told, except where the context itself says why it ended.
            if not (self.record.state.is_end or task.is_stopped):
                self.failure = error
            if not isinstance(error, Exception):
                raise
        finally:
            self.end()

    def stop(self) -> None:
        """Stop the speech and its text, and wait until nothing is at work."""
        self.task.stop()
        self.end()
        # A thread that waits for the caller's own iterator cannot be interrupted.
        self.task.join(0 if self.is_pulling else _JOIN_TIMEOUT)

    def end(self) -> None:
        """Stop the speech, and close what was opened for it."""
        manager, self._manager = self._manager, None
        self.context.cancel()
        if manager is not None:
            manager.__exit__(None, None, None)

    def _push_pieces(self, pieces: Iterator[object], task: BackgroundTask) -> None:
        """Send each piece; the first ones are held back until there is something to say."""
        held = ""
        has_spoken = False
        try:
            while (piece := self._pull(pieces, task)) is not None:
                held += piece
                # A context that expired is followed by another, which has a first piece as well.
                # The API refuses a first piece of mere punctuation.
                if held and (self.record.sent or is_speakable(held)):
                    self.context.push(held)
                    held, has_spoken = "", True
            if task.is_stopped:
                return
            if held.strip() and not has_spoken:
                self.context.push(held)
            self.context.no_more_inputs()
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    def _pull(self, pieces: Iterator[object], task: BackgroundTask) -> str | None:
        """Wait for the next piece; None at the end, and where the task was stopped.

        A piece that is None is an empty one, as streams of language models have them.

        Raises:
            TypeError: It is no text.
        """
        self.is_pulling = True
        try:
            piece = "" if task.is_stopped else pieces.__next__()
        except StopIteration:
            return None
        finally:
            self.is_pulling = False
        if task.is_stopped:
            return None
        if not (piece is None or isinstance(piece, str)):
            raise TypeError(f"transcript must give str, not {piece!r:.80}")
        return piece or ""


def _check_transcript(transcript: object) -> None:
    """Check that a transcript can be spoken.

    Raises:
        TypeError: It is neither a text nor an iterator of texts.
        ValueError: It is empty.
    """
    kinds = (Iterable, Iterable)
    if isinstance(transcript, str):
        if not transcript.strip():
            raise ValueError("transcript is empty: there is nothing to say")
    elif isinstance(transcript, (bytes, bytearray)) or not isinstance(transcript, kinds):
        raise TypeError(f"transcript must be a str, or an iterator of str, not {transcript!r:.80}")
