"""Text of standard input, which is spoken while it is still being written."""

from __future__ import annotations

import codecs
import os
import threading
from collections import deque
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

_STDIN = 0
_READ_BYTES = 65536


class IncomingText:
    """Reads text in a thread, and gives it to one speech after the other.

    A speech ends a second after its last sound, as its context expires, if no text comes meanwhile;
    text that comes later is for another one.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pieces: deque[str] = deque()
        self._is_over = False
        self._failure: Exception | None = None
        self._taker = 0
        # A daemon, since nothing wakes it while it waits for text.
        threading.Thread(target=self._read, daemon=True).start()

    def speeches(self) -> Iterator[Iterator[str]]:
        """Give the pieces of one speech after the other; each ends those before it.

        Yields:
            The pieces, as they come.

        Raises:
            BadParameter: There is no text.
            UnicodeDecodeError: It is no text.
        """
        if not self._wait():
            raise typer.BadParameter("no text came from standard input")
        while True:
            yield self._take_all(self._taker)
            if not self._wait():
                return

    def read(self) -> str:
        """Give the whole text, when it has ended."""
        return "".join(piece for speech in self.speeches() for piece in speech)

    def _wait(self) -> bool:
        """Wait for something to say; False at the end."""
        with self._changed:
            self._taker += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_over or any(map(str.strip, self._pieces)))
            if self._failure is not None:
                raise self._failure
            return any(map(str.strip, self._pieces))

    def _take_all(self, taker: int) -> Iterator[str]:
        while (piece := self._take(taker)) is not None:
            is_sent = False
            try:
                yield piece
                is_sent = True
            finally:
                if not is_sent:  # the speech was over before
                    with self._changed:
                        self._pieces.appendleft(piece)

    def _take(self, taker: int) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._pieces or self._is_over or self._taker != taker)
            if self._taker != taker or not self._pieces:
                return None
            return self._pieces.popleft()

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            # Not `sys.stdin`, whose lock this thread would still hold when the program ends.
            while data := os.read(_STDIN, _READ_BYTES):
                self._put(decoder.decode(data))
            self._put(decoder.decode(b"", final=True))
        except (OSError, UnicodeDecodeError) as error:
            self._failure = error
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _put(self, text: str) -> None:
        with self._changed:
            if text:
                self._pieces.append(text)
            self._changed.notify_all()
