"""Texts that are still being written, for the tests of speech."""

from __future__ import annotations

from collections.abc import AsyncIterator

from cartesia._runtime._async.websocket.connection import AsyncConnectionManager
from cartesia._runtime._async.websocket.speech import AsyncSpeechStream
from cartesia._runtime.model import Model
from tests.runtime.websocket._async.primitives import Flag
from tests.runtime.websocket._async.speech import (
    AsyncSpeech,
    AsyncSpeechContext,
)


class Text:
    """A text that is being written: its pieces, and what became of whoever writes it."""

    def __init__(self, *pieces: str, fails: Exception | None = None) -> None:
        self.pieces = pieces
        self.fails = fails
        self.given = 0
        self.closed = Flag()
        self.go_on = Flag()
        self.waits = False

    async def write(self) -> AsyncIterator[str]:
        try:
            for piece in self.pieces:
                self.given += 1
                yield piece
            if self.waits:
                await self.go_on.wait()
                yield "more"
            if self.fails is not None:
                raise self.fails
        finally:
            self.closed.raise_()


def waiting(*pieces: str) -> Text:
    text = Text(*pieces)
    text.waits = True
    return text


def speak(
    source: AsyncConnectionManager[AsyncSpeech] | AsyncSpeech,
    transcript: object,
    context_id: str | None = "c",
    timeout: float | None = 10,
) -> AsyncSpeechStream[Model]:
    def open_context(connection: AsyncSpeech) -> AsyncSpeechContext:
        return connection.context(context_id, timeout=timeout)

    return AsyncSpeechStream(source, open_context, transcript)  # type: ignore[arg-type] # also what is none


async def types(stream: AsyncSpeechStream[Model]) -> list[object]:
    return [piece.to_dict().get("type") async for piece in stream]
