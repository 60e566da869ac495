"""How much may go on at once: one more is refused until something ends."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cartesia_mock.errors import APIError


class Concurrency:
    """Counts what goes on at once; for use on the event loop.

    Args:
        limit: How much may; None for any number.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._active = 0

    def begin(self) -> None:
        """Note that one more begins; APIError (429) when there are as many as there may be."""
        if self._limit is not None and self._active >= self._limit:
            raise APIError(
                429,
                "Too many requests",
                f"{self._active} are going on at once, which is the limit: wait for one to end",
                code="concurrency_limited",
                headers={"retry-after": "1"},
            )
        self._active += 1

    def end(self) -> None:
        """Note that one has ended."""
        self._active -= 1

    @contextmanager
    def one(self) -> Generator[None]:
        """Count one for as long as the block runs."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def until_sent(self, response: Response) -> Response:
        """Count one until an answer has been sent, to its end or until the client leaves.

        Args:
            response: The answer.

        Returns:
            An answer that is the same, and is counted from now on.

        Raises:
            APIError: There are as many as there may be (429).
        """
        self.begin()
        return _Counted(response, self)


class _Counted(Response):
    """An answer that is counted until it has been sent."""

    def __init__(self, response: Response, concurrency: Concurrency) -> None:
        super().__init__(status_code=response.status_code)
        self._response = response
        self._concurrency = concurrency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._response(scope, receive, send)
        finally:
            self._concurrency.end()
