# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/websocket/_async/writing.py
# Do not edit: change that file instead.
"""Texts that are still being written, for the tests of speech."""

from __future__ import annotations

from collections.abc import Iterator

from cartesia._runtime._sync.websocket.connection import ConnectionManager
from cartesia._runtime._sync.websocket.speech import SpeechStream
from cartesia._runtime.model import Model
from tests.runtime.websocket._sync.primitives import Flag
from tests.runtime.websocket._sync.speech import (
    Speech,
    SpeechContext,
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

    def write(self) -> Iterator[str]:
        try:
            for piece in self.pieces:
                self.given += 1
                yield piece
            if self.waits:
                self.go_on.wait()
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
    source: ConnectionManager[Speech] | Speech,
    transcript: object,
    context_id: str | None = "c",
    timeout: float | None = 10,
) -> SpeechStream[Model]:
    def open_context(connection: Speech) -> SpeechContext:
        return connection.context(context_id, timeout=timeout)

    return SpeechStream(source, open_context, transcript)  # type: ignore[arg-type] # also what is none


def types(stream: SpeechStream[Model]) -> list[object]:
    return [piece.to_dict().get("type") for piece in stream]
