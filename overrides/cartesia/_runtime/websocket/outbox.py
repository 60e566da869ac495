"""Messages of the caller's own: how they are written, and the queue of those that must wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Union, cast

from cartesia._runtime.codec import decode_json, encode_json
from cartesia._runtime.errors import WebSocketQueueFullError
from cartesia._runtime.model import Model

if TYPE_CHECKING:
    from cartesia._runtime.websocket.vocabulary import Vocabulary

Payload = Union[bytes, bytearray, memoryview]
"""What travels in one frame."""


class Outgoing(NamedTuple):
    """One message of the caller's own.

    Attributes:
        data: What travels.
        text: Whether it goes as a text frame.
        message: What it says: the JSON object, or the word; None for audio.
    """

    data: Payload
    text: bool
    message: Mapping[str, object] | str | None


def write_message(
    vocabulary: Vocabulary[object], message: object, *, raw: bool = False
) -> Outgoing:
    """Write a message in the form in which the socket takes it.

    Args:
        vocabulary: The vocabulary of the socket.
        message: A command: a mapping or a model, or the word. If `raw`, bytes or text.
        raw: Whether it travels as it is.

    Raises:
        TypeError: The socket takes no such message.
        ValueError: It has no JSON form.
    """
    name = vocabulary.name
    if raw and isinstance(message, str):
        return Outgoing(message.encode(), True, _read_back(vocabulary, message))
    if raw:
        if not vocabulary.binary:
            raise TypeError(f"the {name} socket takes text alone, not {type(message).__name__}")
        return Outgoing(_octets(message), False, None)
    if vocabulary.text == "word":
        if not isinstance(message, str):
            raise TypeError(f"a command of the {name} socket is a word, not {message!r:.80}")
        return Outgoing(message.encode(), True, message)
    if isinstance(message, Model):
        message = message.to_dict()
    if not isinstance(message, Mapping):
        raise TypeError(
            f"a message of the {name} socket is a JSON object, as a dict or a model, "
            f"not {message!r:.80}; send_raw() sends text and bytes as they are"
        )
    fields = cast("Mapping[str, object]", message)
    return Outgoing(encode_json(fields), True, fields)


def _read_back(vocabulary: Vocabulary[object], text: str) -> Mapping[str, object] | str | None:
    """Read what the caller wrote himself, as far as it can be read."""
    if vocabulary.text == "word":
        return text
    try:
        read = decode_json(text)
    except ValueError:
        return None
    return cast("Mapping[str, object]", read) if isinstance(read, Mapping) else None


def _octets(data: object) -> Payload:
    """Give the bytes of whatever holds some, copying nothing."""
    if isinstance(data, (bytes, bytearray)):
        return data
    try:
        view = memoryview(data)  # type: ignore[arg-type] # whatever is none is told so
        # Samples of more than one byte would be counted instead of bytes.
        return view.cast("B") if view.nbytes else b""
    except TypeError as error:
        raise TypeError(f"send_raw() takes bytes or str, not {data!r:.80}: {error}") from error


class Outbox:
    """The queue. Its user holds whatever lock is needed.

    Args:
        limit: How many bytes may wait.
    """

    __slots__ = ("_items", "limit", "waiting")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.waiting = 0
        self._items: deque[Outgoing] = deque()

    def __bool__(self) -> bool:
        return bool(self._items)

    def put(self, item: Outgoing) -> None:
        """Keep a message; its bytes are copied, so that the caller may use his buffer again.

        Raises:
            WebSocketQueueFullError: There is no room.
        """
        size = len(item.data)
        if self.waiting + size > self.limit:
            raise WebSocketQueueFullError(
                f"{self.waiting} bytes wait for a connection, and {size} more exceed the "
                f"{self.limit} that max_queue_size allows; this message was not kept"
            )
        self.waiting += size
        self._items.append(item._replace(data=bytes(item.data)))

    def move_to(self, other: Outbox) -> None:
        """Put all messages behind those of another box, whatever its limit says."""
        other._items.extend(self._items)
        other.waiting += self.waiting
        self._items.clear()
        self.waiting = 0

    def first(self) -> Outgoing:
        """Give the oldest message; it stays."""
        return self._items[0]

    def drop_first(self) -> None:
        """Drop the oldest message."""
        self.waiting -= len(self._items.popleft().data)

    def unsent(self) -> list[bytes | str]:
        """Give all messages as their sender wrote them: text is str, audio is bytes."""
        return [
            bytes(item.data).decode() if item.text else bytes(item.data) for item in self._items
        ]
