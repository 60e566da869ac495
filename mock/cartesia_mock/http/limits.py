"""Limits on what happens concurrently: at the limit, requests get 429 until something ends."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from cartesia_mock.api.http_errors import HTTPError


class ConcurrencyLimit:
    """A counter with a maximum; for use on the event loop.

    Args:
        limit: The maximum; None for no limit.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._active = 0

    def acquire(self) -> None:
        """Take a slot; raises HTTPError (429) when none is free."""
        if self._limit is not None and self._active >= self._limit:
            raise HTTPError(
                429,
                "Too many requests",
                f"{self._active} are going on at once, which is the limit: wait for one to end",
                code="concurrency_limited",
                headers={"retry-after": "1"},
            )
        self._active += 1

    def release(self) -> None:
        """Release a slot."""
        self._active -= 1

    @contextmanager
    def slot(self) -> Generator[None]:
        """Hold a slot for the duration of a `with` block."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def hold_until_sent(self, response: Response) -> Response:
        """Hold a slot until a response has been sent or the client has disconnected.

        Args:
            response: The response.

        Returns:
            A response that sends the given one and then releases the slot.

        Raises:
            HTTPError: No slot is free (429).
        """
        self.acquire()
        return _CountedResponse(response, self)


class _CountedResponse(Response):
    """A response that holds a slot of a limit until its end is sent."""

    def __init__(self, response: Response, limit: ConcurrencyLimit) -> None:
        super().__init__(status_code=response.status_code)
        self._response = response
        self._limit = limit
        self._holds_slot = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_release(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                # Before the end is sent: a client that has all of a response may send the next
                # request before this coroutine continues.
                self._release()
            await send(message)

        try:
            await self._response(scope, receive, send_and_release)
        finally:
            self._release()

    def _release(self) -> None:
        if self._holds_slot:
            self._holds_slot = False
            self._limit.release()
