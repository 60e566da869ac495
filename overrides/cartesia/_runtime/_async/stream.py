"""A stream of typed events, given to the caller as each of them arrives."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Callable, Generic, TypeVar, cast

from cartesia._runtime._async.primitives import limited
from cartesia._runtime.codec import decode_json
from cartesia._runtime.errors import APIResponseValidationError, CartesiaError
from cartesia._runtime.sse import EventTooLargeError, ServerSentEvent, SSEDecoder

if TYPE_CHECKING:
    import sys
    from types import TracebackType

    import httpx

    from cartesia._runtime._async.body import AsyncBody
    from cartesia._runtime.types import JSONObject

    if sys.version_info >= (3, 11):
        from typing import Self
    else:
        from typing_extensions import Self

T = TypeVar("T")

_LAST_TYPES = ("done", "error")
_DRAIN_SECONDS = 0.25


class AsyncStream(Generic[T]):
    """The events of one answer, to iterate over.

    To stop early, close it, or use it as a context manager.

    The iteration ends after the event that says that all is done, or that something failed. If the
    answer ends without one, that is an error, as something was lost.

    Args:
        body: The body of the answer.
        parse: Makes an event out of its JSON object.
    """

    def __init__(self, body: AsyncBody, parse: Callable[[JSONObject], T]) -> None:
        self._body = body
        self._parse = parse
        self._decoder = SSEDecoder()
        self._waiting: deque[ServerSentEvent] = deque()
        self._finished = False
        self._silent_since: float | None = None
        self._most = 0
        self.skipped = 0
        """Events that were no JSON objects, and so were passed over."""

    @property
    def response(self) -> httpx.Response:
        """The response of the HTTP library beneath."""
        return self._body.response

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while not self._finished:
            while self._waiting:
                data = self._read(self._waiting.popleft())
                if data is not None:
                    self._silent_since = None
                    return self._parse(data)
            await self._receive()
        await self._drain()
        raise StopAsyncIteration

    def _read(self, event: ServerSentEvent) -> JSONObject | None:
        """Give the JSON object of an event, None if it is none; notice the last one."""
        try:
            data = decode_json(event.data)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            self.skipped += 1
            return None
        fields = cast("JSONObject", data)
        if event.name:
            # The object itself usually says its type; where it does not, the stream's own name
            # counts.
            fields.setdefault("type", event.name)
        # A type may be anything, also what has no hash.
        self._finished = fields.get("done") is True or fields.get("type") in _LAST_TYPES
        return fields

    async def _receive(self) -> None:
        if self._is_silent():
            from cartesia._runtime.explain import stalled

            await self._body.close()
            raise stalled(self._body.response, self._body.received)
        piece = await self._body.pull()
        if not piece:
            self._waiting.extend(self._decoder.finish())
            if self._waiting:
                return
            from cartesia._runtime.explain import ended_early

            raise ended_early(self._body.response, self._body.received)
        try:
            self._waiting.extend(self._decoder.feed(piece))
        except EventTooLargeError as error:
            await self._body.close()
            raise APIResponseValidationError(
                self._body.response, None, message=str(error)
            ) from error

    def _is_silent(self) -> bool:
        """Say whether the server has let the caller wait for longer than the read time-out.

        A server that says nothing but "I am here" is as silent as one that says nothing: the
        time-out of the connection does not notice it.
        """
        growth = self._decoder.event_bytes
        if self._silent_since is None or growth > self._most:
            self._silent_since, self._most = monotonic(), growth
            return False
        patience = self._body.response.request.extensions.get("timeout", {}).get("read")
        return patience is not None and monotonic() - self._silent_since > patience

    async def _drain(self) -> None:
        """Read what follows the last event, normally nothing: the connection can be used again.

        A server that does not come to an end keeps nobody waiting: its connection is closed.
        """
        response = self._body.response
        # Not where answers share a connection: closing one of them leaves it to the others.
        if not self._body.closed and response.http_version != "HTTP/2":
            # All events have been given out: whatever happens to the rest, nothing was lost.
            with suppress(CartesiaError):
                await limited(_DRAIN_SECONDS, response, self._drain_whole)
        await self._body.close()

    async def _drain_whole(self) -> None:
        while await self._body.pull():
            pass

    async def close(self) -> None:
        """End the stream early and give its connection back; a loop over it ends."""
        self._finished = True
        self._waiting.clear()
        await self._body.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
