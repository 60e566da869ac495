"""Sessions without a socket, for the tests of the core."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from typing import TypeVar

from cartesia._runtime.model import Model
from cartesia._runtime.websocket.connection_options import Bounds
from cartesia._runtime.websocket.context_state import ContextRecord
from cartesia._runtime.websocket.flow import EventQueue
from cartesia._runtime.websocket.messages import OutgoingMessage, SocketSpec
from cartesia._runtime.websocket.session import Session
from tests.runtime.websocket.wordbook import TTS, VOICE

T = TypeVar("T")


class CountingNotifier:
    def __init__(self) -> None:
        self.notifications = 0

    def notify(self) -> None:
        self.notifications += 1


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def new_session(
    vocabulary: SocketSpec[Model] = TTS, clock: Clock | None = None, bounds: Bounds | None = None
) -> Session[Model]:
    ids = itertools.count(1)
    session = Session(
        vocabulary,
        notifier=CountingNotifier(),
        new_id=lambda: f"new-{next(ids)}",
        clock=clock or Clock(),
        bounds=bounds or Bounds(),
    )
    session.opened()
    return session


def open_context(
    session: Session[Model], context_id: str | None = None, **settings: object
) -> ContextRecord[Model]:
    return session.open_context(context_id, {"voice": VOICE, **settings}, CountingNotifier())


def say(
    session: Session[Model],
    record: ContextRecord[Model],
    text: str,
    *,
    last: bool | None = False,
    **settings: object,
) -> dict[str, object]:
    fields = {"transcript": text, "continue": None if last is None else not last, **settings}
    sent: dict[str, object] = json.loads(session.send(record, fields, None))
    return sent


def hear(session: Session[Model], *messages: str | bytes) -> None:
    for message in messages:
        session.receive(message.encode() if isinstance(message, str) else message, True)


def note(session: Session[Model], message: dict[str, object]) -> None:
    """Note a raw message as sent."""
    session.note_raw(OutgoingMessage(b"", True, message))


def taken(inbox: EventQueue[Model]) -> list[str]:
    return [str(taken.to_dict()["type"]) for taken in drain(inbox)]


def drain(inbox: EventQueue[T]) -> list[T]:
    items: list[T] = []
    with suppress(IndexError):
        while True:
            items.append(inbox.take())
    return items


def raw_kinds(session: Session[Model]) -> list[str]:
    return [str(message.event.to_dict()["type"]) for message in drain(session.raw)]
