"""What tells one socket of the API from another, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Callable, Generic, Literal, TypeVar, cast

from attrs import define

from cartesia._runtime.model import Model

if TYPE_CHECKING:
    from cartesia._runtime.types import JSONObject

EventT_co = TypeVar("EventT_co", covariant=True)

_NOTHING: Mapping[str, object] = {}


@define(frozen=True, kw_only=True)
class Vocabulary(Generic[EventT_co]):
    """The vocabulary of one socket; generated from ``x-websocket`` in the document.

    Attributes:
        name: The name for errors and logs, such as ``TTS``.
        parse: Reads one event of the server.
        text: What the client's text frames are: JSON objects, or bare words.
        binary: Whether the client sends binary frames, which hold audio.
        key: The field that names a context; None where the socket carries one conversation only.
        finish: The message that ends the conversation of a socket without contexts.
        ends: The types of the events that end a context, or the conversation.
        cancel: The fields of the message that cancels a context, its key aside.
        close: The fields of the message that says "no more input", its key and settings aside.
        per_message: The fields that differ from message to message; all others are settings.
        defaults: Settings that the API wants and neither the context nor its messages named.
        required: Settings without which a message is not sent.
    """

    name: str
    parse: Callable[[JSONObject], EventT_co]
    text: Literal["json", "word"] = "json"
    binary: bool = False
    key: str | None = None
    finish: object | None = None
    ends: frozenset[str] = frozenset()
    cancel: Mapping[str, object] = _NOTHING
    close: Mapping[str, object] = _NOTHING
    per_message: frozenset[str] = frozenset()
    defaults: Mapping[str, object] = _NOTHING
    required: frozenset[str] = frozenset()

    def is_finish(self, message: Mapping[str, object] | str) -> bool:
        """Tell whether a message of the client ends the conversation."""
        finish = self.finish
        if isinstance(finish, Mapping) and isinstance(message, Mapping):
            wanted = cast("Mapping[str, object]", finish)
            return all(message.get(name) == value for name, value in wanted.items())
        return finish is not None and message == finish

    def is_cancel(self, message: Mapping[str, object]) -> bool:
        """Tell whether a message of the client cancels its context."""
        return bool(self.cancel) and all(
            message.get(name) == value for name, value in self.cancel.items()
        )

    def is_last(self, message: Mapping[str, object]) -> bool:
        """Tell whether a message of the client says that no more input follows.

        A field that is left out means what the closing message says: the API reads a missing
        ``continue`` as false. An empty text in the closing message is no condition, only a filler.
        """
        conditions = [(name, value) for name, value in self.close.items() if value != ""]
        return bool(conditions) and all(
            message.get(name, value) == value for name, value in conditions
        )

    def is_end(self, kind: object) -> bool:
        """Tell whether events of a type end their context; a type may be any JSON at all."""
        return isinstance(kind, str) and kind in self.ends

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
            plain: EventT_co = Model.from_dict(data)  # type: ignore[assignment]  # decision 16
            return plain
