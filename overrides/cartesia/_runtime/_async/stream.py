"""A stream of typed server-sent events."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from time import monotonic
from typing import TYPE_CHECKING, Callable, TypeVar, cast

from cartesia._runtime.codec import decode_json
from cartesia._runtime.content import NOT_KEPT, shorten
from cartesia._runtime.errors import APIResponseValidationError, CartesiaError, hide_credentials
from cartesia._runtime.sse import EventTooLargeError, ServerSentEvent, SSEDecoder

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Self

    from cartesia._runtime._async.body import AsyncBody
    from cartesia._runtime.types import JSONObject

T = TypeVar("T")

_SHOWN_CHARACTERS = 100


class AsyncStream(AsyncIterator[T]):
    """Iterates over the events of one response.

    To stop early, close it, or use it as a context manager.

    The iteration ends after the event that says that all is done. An event that reports an error is
    returned like any other; if the iteration goes on after it, the error is raised. Where the
    response ends without such an event, or has one that is not JSON, an error is raised, too.

    Args:
        body: The body of the response.
        parse: Parses the JSON object of an event.

    Raises:
        CartesiaError: The body was read before, and not kept.
    """

    def __init__(self, body: AsyncBody, parse: Callable[[JSONObject], T]) -> None:
        self._body = body
        self._parse = parse
        self._decoder = SSEDecoder()
        self._events: deque[ServerSentEvent] = deque()
        self._finished = False
        self._idle_since: float | None = None
        self._event_bytes = 0
        self._error: JSONObject | None = None
        # Of a raw response that was read before.
        if body.received and not body.kept:
            raise CartesiaError(NOT_KEPT)
        self._events.extend(self._decoder.feed(body.kept))

    @property
    def response(self) -> httpx.Response:
        """The response as httpx has it; its request has no credentials."""
        return hide_credentials(self._body.response)

    async def __anext__(self) -> T:
        while not self._finished:
            while self._events:
                event = self._events.popleft()
                data = self._decode(event)
                if data is None:
                    raise await self._refuse(event)
                return self._parse(data)
            await self._receive()
        await self._body.close()
        if self._error is not None:
            from cartesia._runtime.explain import explain_event

            raise explain_event(self._error, self.response)
        raise StopAsyncIteration

    def _decode(self, event: ServerSentEvent) -> JSONObject | None:
        """Return the JSON object of an event, None if it is none; notice the last event."""
        name, text = event
        try:
            data = decode_json(text)
        except ValueError:
            return None
        if not isinstance(data, dict):
            return None
        fields = cast("JSONObject", data)
        # Usually the object itself has a type; the name of the event stands in for it.
        kind = fields.setdefault("type", name) if name else fields.get("type")
        # Compared, not looked up in a set: a type may be any value, even an unhashable one.
        if kind in ("done", "error") or fields.get("done") is True:
            self._finished = True
            self._body.complete()
            if kind == "error" or fields.get("error"):
                self._error = fields
        return fields

    async def _refuse(self, event: ServerSentEvent) -> CartesiaError:
        """End the stream at an event that is not JSON, and make the error for it."""
        if self._body.closed:  # the body has ended inside of this event
            return self._truncated()
        await self._body.close()
        self._events.clear()
        shown = shorten(event.data.decode("utf-8", "replace"), _SHOWN_CHARACTERS)
        text = f"an event of the stream is not a JSON object: {shown}"
        return APIResponseValidationError(self.response, None, message=text)

    def _truncated(self) -> CartesiaError:
        from cartesia._runtime.explain import truncated

        return truncated(self.response, self._body.received, detail=", without the last event")

    async def _receive(self) -> None:
        began = monotonic()
        data = await self._body.receive()
        try:
            # At the end, of the last event only the blank line behind it may be missing.
            self._events.extend(self._decoder.feed(data or b"\n\n"))
        except EventTooLargeError as error:
            await self._body.close()
            raise APIResponseValidationError(self.response, None, message=str(error)) from error
        if self._events:
            self._idle_since = None
        elif not data:
            raise self._truncated()
        elif self._is_stalled(began):
            await self._body.close()
            from cartesia._runtime.explain import stalled

            raise stalled(self._body.response, self._body.received)

    def _is_stalled(self, began: float) -> bool:
        """Return whether no event has made progress for longer than the read time-out.

        The time-out of the connection does not notice a server that sends nothing but comments.

        Args:
            began: When the wait for the last bytes began, as `monotonic` tells it.
        """
        if self._idle_since is None:
            self._idle_since, self._event_bytes = began, 0
        event_bytes = self._decoder.event_bytes
        if event_bytes > self._event_bytes:
            self._idle_since, self._event_bytes = monotonic(), event_bytes
        timeout = self._body.response.request.extensions.get("timeout", {}).get("read")
        return timeout is not None and monotonic() - self._idle_since > timeout

    async def close(self) -> None:
        """End the stream early and give its connection back; an iteration over it ends.

        One that waits for an event, in another task or thread, raises `ClientClosedError`.
        """
        self._finished = True
        self._error = None
        self._events.clear()
        await self._body.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()
