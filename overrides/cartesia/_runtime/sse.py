"""Server-sent events, decoded from bytes without doing I/O.

Follows https://html.spec.whatwg.org/multipage/server-sent-events.html, "Parsing an event stream"
and "Interpreting an event stream". ``id`` and ``retry`` are for reconnecting, which no stream of
speech can do, so those fields are skipped as comments are.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

MAX_EVENT_BYTES = 64 * 1024 * 1024

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ServerSentEvent(NamedTuple):
    """One event.

    Attributes:
        name: The ``event`` field, empty when there was none.
        data: The ``data`` fields, joined by line feeds.
    """

    name: str
    data: bytes


class EventTooLargeError(Exception):
    """An event grew over the limit."""


class SSEDecoder:
    """Decodes a stream of events. Give it bytes as they come, cut anywhere; it gives whole events.

    The standard drops an event that has not ended (with a blank line) when the stream does. Feed a
    stream that came to a proper end its line ends, since nothing else of the event is missing.

    Args:
        max_event_bytes: The most that one event may hold.
    """

    def __init__(self, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_event_bytes = max_event_bytes
        self._line = bytearray()
        """The line that has not ended yet."""
        self._after_cr = False
        self._at_start = True
        self._name = ""
        self._data: list[bytes] = []
        self._data_bytes = 0

    @property
    def event_bytes(self) -> int:
        """Bytes that are there of an event that has not ended; comments are none."""
        return self._data_bytes + (len(self._line) if b"data".startswith(self._line[:4]) else 0)

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Take bytes.

        Args:
            chunk: The next bytes of the stream.

        Returns:
            The events that are whole now.

        Raises:
            EventTooLargeError: An event is larger than allowed; the stream is of no more use.
        """
        events: list[ServerSentEvent] = []
        for line in self._whole_lines(chunk):
            # First the spellings that nearly all lines of streams have.
            if line[:6] == b"data: ":
                self._data.append(line[6:-1])
                self._data_bytes += len(line)
            elif line[:7] == b"event: ":
                self._name = line[7:-1].decode("utf-8", "replace")
            elif line == b"\n":
                # "If the data buffer is an empty string, set the data buffer and the event type
                # buffer to the empty string and return": a name alone makes no event.
                if self._data:
                    events.append(ServerSentEvent(self._name, b"\n".join(self._data)))
                    self._data = []
                    self._data_bytes = 0
                self._name = ""
            else:
                self._take_field(line)
        if len(self._line) + self._data_bytes > self._max_event_bytes:
            raise EventTooLargeError(f"an event is larger than {self._max_event_bytes} bytes")
        return events

    def _whole_lines(self, chunk: bytes) -> Iterator[bytes]:
        """Return the lines that end in this chunk, with an LF; keep what follows for the next."""
        # "\r\n" is one line end even where the two arrive apart.
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            # Of bytes: at LF, CR and CRLF only, as the standard wants.
            chunk = b"\n".join(chunk.splitlines()) + (b"\n" if chunk[-1] in b"\r\n" else b"")
        rest = chunk[chunk.rfind(b"\n") + 1 :]
        if rest == chunk:
            self._line += chunk
            return iter(())
        chunk = b"".join((self._line, chunk))
        chunk = chunk.removeprefix(_BYTE_ORDER_MARK if self._at_start else b"")
        self._at_start = False
        self._line = bytearray(rest)
        # Lines one at a time, used while they are in the processor's cache, in C code. Only the
        # rest has no line end, so none of them is equal to it.
        return iter(BytesIO(chunk).readline, rest)

    def _take_field(self, line: bytes) -> None:
        # No colon: the whole line is the field's name. A line that begins with one is a comment.
        field, _, value = line[:-1].partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._data_bytes += len(line)
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
