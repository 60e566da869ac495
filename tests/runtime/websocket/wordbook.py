"""A vocabulary like that of the TTS socket, and short ways to write its messages."""

from __future__ import annotations

import json

from cartesia._runtime.model import ErrorEvent, Model
from cartesia._runtime.request import ArgumentCheck
from cartesia._runtime.types import JSONObject
from cartesia._runtime.websocket.messages import SocketSpec


def parse(data: JSONObject) -> Model:
    return (ErrorEvent if data["type"] == "error" else Model).from_dict(data)


TTS: SocketSpec[Model] = SocketSpec(
    name="TTS",
    parse=parse,
    key="context_id",
    ends=("done", "error"),
    cancel={"cancel": True},
    close={"transcript": "", "continue": False},
    per_message=frozenset({"transcript", "continue", "flush"}),
    defaults={"model_id": "sonic-latest"},
    required=frozenset({"model_id", "voice"}),
    checks={
        "transcript": ArgumentCheck("transcript", "string"),
        "continue": ArgumentCheck("continue", "boolean", optional=True, argument="continue_"),
        "language": ArgumentCheck("language", "string", optional=True),
    },
)

STT: SocketSpec[Model] = SocketSpec(
    name="STT", parse=parse, words=("finalize", "close", "done"), binary=True
)

# As the two sockets of the API have it: one takes words, the other JSON.
MANUAL: SocketSpec[Model] = SocketSpec(
    name="ManualFinalize",
    parse=parse,
    words=("finalize", "close", "done"),
    binary=True,
    finish="close",
    final={"type": "transcript", "is_final": True},
    ends=("done",),
)
AUTO: SocketSpec[Model] = SocketSpec(
    name="AutoFinalize",
    parse=parse,
    binary=True,
    finish={"type": "close"},
    final={"type": "turn.end"},
    speech_start={"type": "turn.start"},
)

VOICE = {"mode": "id", "id": "v"}


def event(kind: str, context_id: object = None, **fields: object) -> str:
    data: dict[str, object] = {"type": kind, **fields}
    if context_id is not None:
        data["context_id"] = context_id
    return json.dumps(data)
