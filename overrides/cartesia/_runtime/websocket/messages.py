"""The messages of a socket: what its kind of socket says, and those of the caller's own."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Callable, Generic, NamedTuple, TypeVar, Union, cast
from uuid import uuid4

from attrs import define

from cartesia._runtime.codec import decode_json, encode_json
from cartesia._runtime.errors import WebSocketQueueFullError
from cartesia._runtime.model import Model

if TYPE_CHECKING:
    from cartesia._runtime.request import ArgumentCheck
    from cartesia._runtime.types import JSONObject

EventT_co = TypeVar("EventT_co", covariant=True)

Payload = Union[bytes, bytearray, memoryview]
"""What travels in one frame."""

_NOTHING: Mapping[str, object] = {}
_NO_CHECKS: Mapping[str, ArgumentCheck] = {}

# How many JSON messages of a conversation are sent again; each may replace what others had set.
_SETTINGS = 64


@define(frozen=True, kw_only=True)
class SocketSpec(Generic[EventT_co]):
    """What tells one socket of the API from another; generated from ``x-websocket``.

    Attributes:
        name: The name for errors and logs, such as ``TTS``.
        parse: Reads one event of the server.
        words: The commands of the client, where they are bare words; none where they are JSON.
        binary: Whether the client sends binary frames, which hold audio.
        key: The field that names a context; None where the socket carries one conversation only.
        finish: The message that ends the conversation of a socket without contexts.
        final: The fields of the event that has all audio before it in a final transcript.
        speech_start: The fields of the event that says that speech begins, where there is one.
        ends: The types of the events that end a context, or the conversation.
        cancel: The fields of the message that cancels a context, its key aside.
        close: The fields of the message that says "no more input", its key and settings aside.
        per_message: The fields that differ from message to message; all others are settings.
        defaults: Settings that the API wants and neither the context nor its messages named.
        required: Settings without which a message is not sent.
        exclusive: Fields of which a message has one at most.
        checks: What fields of the messages of a context must be, by their names.
    """

    name: str
    parse: Callable[[JSONObject], EventT_co]
    words: tuple[str, ...] = ()
    binary: bool = False
    key: str | None = None
    finish: Mapping[str, object] | str | None = None
    final: Mapping[str, object] | None = None
    speech_start: Mapping[str, object] | None = None
    ends: tuple[str, ...] = ()
    cancel: Mapping[str, object] = _NOTHING
    close: Mapping[str, object] = _NOTHING
    per_message: frozenset[str] = frozenset()
    defaults: Mapping[str, object] = _NOTHING
    required: frozenset[str] = frozenset()
    exclusive: tuple[str, ...] = ()
    checks: Mapping[str, ArgumentCheck] = _NO_CHECKS

    def is_finish(self, message: Mapping[str, object] | str) -> bool:
        """Return whether a message of the client ends the conversation."""
        finish = self.finish
        if isinstance(finish, Mapping) and isinstance(message, Mapping):
            return finish.items() <= message.items()
        return finish is not None and message == finish

    def is_cancel(self, message: Mapping[str, object]) -> bool:
        """Return whether a message of the client cancels its context."""
        return bool(self.cancel) and self.cancel.items() <= message.items()

    def is_last(self, message: Mapping[str, object]) -> bool:
        """Return whether a message of the client says that no more input follows.

        A field that is left out means what the closing message says: the API reads a missing
        ``continue`` as false. An empty text in the closing message is no condition, only a filler.
        """
        last = {name: value for name, value in self.close.items() if value != ""}
        return bool(last) and last.items() <= {**last, **message}.items()

    def read(self, data: JSONObject) -> EventT_co:
        """Read one event; what cannot be read as its type says becomes a plain object.

        Args:
            data: The JSON object as it came.

        Returns:
            The event. It never raises: an event must not be able to end the session.
        """
        try:
            return self.parse(data)
        except (AttributeError, KeyError, TypeError, ValueError):
            plain: EventT_co = Model.from_dict(data)  # type: ignore[assignment] # an unknown event
            return plain


class OutgoingMessage(NamedTuple):
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
    spec: SocketSpec[object], message: object, *, raw: bool = False
) -> OutgoingMessage:
    """Write a message in the form in which the socket takes it.

    Args:
        spec: The kind of socket.
        message: A command: a mapping or a model, or the word. If `raw`, bytes or text.
        raw: Whether it travels as it is.

    Raises:
        TypeError: The socket takes no such message.
        ValueError: It has no JSON form, or is none of the socket's words.
    """
    if spec.words and not raw and message not in spec.words:
        raise (ValueError if isinstance(message, str) else TypeError)(
            f"a command of the {spec.name} socket is one of the words {', '.join(spec.words)}, "
            f"not {message!r:.80}; send_raw() sends text and bytes as they are"
        )
    if isinstance(message, str) and (raw or spec.words):
        return OutgoingMessage(message.encode(), True, _read_text(spec, message))
    if raw:
        if not spec.binary:
            raise TypeError(f"the {spec.name} socket takes text only, not {type(message).__name__}")
        return OutgoingMessage(_octets(message), False, None)
    if isinstance(message, Model):
        message = message.to_dict()
    if not isinstance(message, Mapping):
        example = f" such as {spec.finish!r}" if spec.finish is not None else ""
        raise TypeError(
            f"a message of the {spec.name} socket is a JSON object{example}, as a dict or a model, "
            f"not {message!r:.80}; send_raw() sends text and bytes as they are"
        )
    fields = cast("Mapping[str, object]", message)
    if spec.key is not None and fields.get(spec.key) is None and not spec.is_cancel(fields):
        fields = {**fields, spec.key: str(uuid4())}
    return OutgoingMessage(encode_json(fields), True, fields)


def _read_text(spec: SocketSpec[object], text: str) -> Mapping[str, object] | str | None:
    """Read text of the caller's own, as far as it can be read."""
    if spec.words:
        return text
    try:
        read = decode_json(text)
    except ValueError:
        return None
    return cast("Mapping[str, object]", read) if isinstance(read, Mapping) else None


def _octets(data: object) -> Payload:
    """Return the bytes of any object that holds some, without copying them."""
    if isinstance(data, (bytes, bytearray)):
        return data
    try:
        view = memoryview(data)  # type: ignore[arg-type] # anything else is refused below
        # Samples of more than one byte would be counted instead of bytes.
        return view.cast("B") if view.nbytes else b""
    except TypeError as error:
        raise TypeError(f"send_raw() takes bytes or str, not {data!r:.80}: {error}") from error


class OutgoingQueue:
    """Messages that wait for a connection. The caller holds whatever lock is needed.

    Args:
        limit: How many bytes may wait.

    Attributes:
        limit: The same.
        waiting: How many bytes wait.
        items: The messages, the oldest first.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.waiting = 0
        self.items: deque[OutgoingMessage] = deque()

    def put(self, item: OutgoingMessage) -> None:
        """Keep a copy of a message.

        Raises:
            WebSocketQueueFullError: There is no room.
        """
        size = len(item.data)
        if self.waiting + size > self.limit:
            raise WebSocketQueueFullError(
                f"{self.waiting} bytes wait for a connection, and {size} more exceed the "
                f"{self.limit} that max_queue_size allows; this message was not kept"
            )
        self.append(item)

    def append(self, item: OutgoingMessage) -> None:
        """Keep a copy of a message, whether there is room or not."""
        self.waiting += len(item.data)
        self.items.append(item._replace(data=bytes(item.data)))

    def drop_first(self) -> OutgoingMessage:
        """Drop the oldest message, and give it."""
        item = self.items.popleft()
        self.waiting -= len(item.data)
        return item

    def unsent(self) -> list[bytes | str]:
        """Return all messages as their sender wrote them: text is str, audio is bytes."""
        return [bytes(data).decode() if text else bytes(data) for data, text, _ in self.items]


class Unfinalized:
    """What was sent since the last final transcript, for the connection after one that broke off.

    Args:
        spec: The kind of socket.
        limit: How many bytes are kept; the oldest are dropped for later ones.

    Attributes:
        lost: Bytes of audio that were dropped, and may hold speech without a final transcript.
    """

    def __init__(self, spec: SocketSpec[object], limit: int) -> None:
        self._spec = spec
        self._messages = OutgoingQueue(limit)
        self._settings: deque[OutgoingMessage] = deque(maxlen=_SETTINGS)
        # Where the server tells of the start of speech, there is none before it.
        self._has_speech = spec.speech_start is None
        self.lost = 0

    def put(self, item: OutgoingMessage) -> None:
        """Keep a copy of a message that is being sent."""
        if isinstance(item.message, Mapping):
            self._settings.append(item)
            return
        messages = self._messages
        messages.append(item)
        while messages.waiting > messages.limit:
            dropped = messages.drop_first()
            if self._has_speech and not dropped.text:
                self.lost += len(dropped.data)

    def hear(self, data: JSONObject) -> None:
        """See whether an event finalizes what was sent before it."""
        start, final = self._spec.speech_start, self._spec.final
        if start is not None and start.items() <= data.items():
            self._has_speech = True
        elif final is not None and final.items() <= data.items():
            self._has_speech = start is None
            self.lost = 0
            # The audio of the transcript, and the word that asked for it.
            while self._messages.items and not self._messages.drop_first().text:
                pass

    def resend(self) -> list[OutgoingMessage]:
        """Return all messages, to be sent again: what was set first, and then the rest in order."""
        self.lost = 0
        return [*self._settings, *self._messages.items]
