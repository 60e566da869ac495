"""Parsing without I/O: a chunk of a WebSocket with its audio decoded, and a voice."""

from __future__ import annotations

import json
from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.benchmarks import payloads
from tests.benchmarks.works.base import VOICE_ID, Run, processor

_SMALL = payloads.chunk_message(VOICE_ID, payloads.AUDIO_4K)
_LARGE = payloads.chunk_message(VOICE_ID, payloads.AUDIO_20K)


@dataclass(slots=True)
class _Chunk:
    type: str
    data: str
    done: bool
    status_code: int
    step_time: float
    context_id: str


@dataclass(slots=True)
class _Locale:
    locale: str
    is_native: bool


@dataclass(slots=True)
class _Voice:
    id: str
    is_owner: bool
    is_public: bool
    name: str
    description: str
    created_at: datetime
    language: str
    gender: str
    country: str
    accent: str
    locales: list[_Locale]


def _chunk(message: bytes) -> Run:
    """Parse with our package: the two steps that a session takes, and the caller's own."""
    from cartesia._runtime.codec import decode_json
    from cartesia_rest.models import parse_websocket_response

    def parse() -> None:
        # The message of a chunk, which is an object that has audio.
        event: Any = parse_websocket_response(decode_json(message))  # type: ignore[arg-type]
        assert event.audio

    return processor(parse)


def _vendor_chunk(message: bytes) -> Run:
    from cartesia.lib import _tts  # type: ignore[import-not-found]  # the vendor's alone has it

    connection = _tts.TTSResourceConnection(None)

    def parse() -> None:
        assert connection.parse_event(message).audio

    return processor(parse)


def _raw_chunk(message: bytes) -> Run:
    import orjson
    import pybase64

    loads: Callable[[bytes], dict[str, Any]] = orjson.loads

    def parse() -> None:
        get = loads(message).get
        chunk = _Chunk(
            get("type"),  # type: ignore[arg-type]  # here and below: the message has them all
            get("data"),  # type: ignore[arg-type]
            get("done"),  # type: ignore[arg-type]
            get("status_code"),  # type: ignore[arg-type]
            get("step_time"),  # type: ignore[arg-type]
            get("context_id"),  # type: ignore[arg-type]
        )
        assert pybase64.b64decode(chunk.data, validate=True)

    return processor(parse)


def _plain_chunk(message: bytes) -> Run:
    def parse() -> None:
        assert a2b_base64(json.loads(message)["data"])

    return processor(parse)


def chunk_4k(_: str) -> Run:
    """Parse a message of 4 KB."""
    return _chunk(_SMALL)


def vendor_chunk_4k(_: str) -> Run:
    """Parse a message of 4 KB as the vendor's connection does."""
    return _vendor_chunk(_SMALL)


def raw_chunk_4k(_: str) -> Run:
    """Parse a message of 4 KB with orjson and pybase64."""
    return _raw_chunk(_SMALL)


def plain_chunk_4k(_: str) -> Run:
    """Parse a message of 4 KB with the standard library."""
    return _plain_chunk(_SMALL)


def chunk_20k(_: str) -> Run:
    """Parse a message of 20 KB."""
    return _chunk(_LARGE)


def vendor_chunk_20k(_: str) -> Run:
    """Parse a message of 20 KB as the vendor's connection does."""
    return _vendor_chunk(_LARGE)


def raw_chunk_20k(_: str) -> Run:
    """Parse a message of 20 KB with orjson and pybase64."""
    return _raw_chunk(_LARGE)


def plain_chunk_20k(_: str) -> Run:
    """Parse a message of 20 KB with the standard library."""
    return _plain_chunk(_LARGE)


def voice(_: str) -> Run:
    """Make a voice of its JSON object."""
    from cartesia_rest.models import Voice

    data = json.loads(payloads.VOICE_JSON)
    return processor(lambda: Voice.from_dict(data))


def vendor_voice(_: str) -> Run:
    """Make a voice of its JSON object as the vendor's package does."""
    from cartesia.types import Voice

    data = json.loads(payloads.VOICE_JSON)
    construct: Callable[..., object] = Voice.construct  # type: ignore[attr-defined]  # the vendor's
    return processor(lambda: construct(**data))


def raw_voice(_: str) -> Run:
    """Make a voice of its JSON object by hand."""
    data = json.loads(payloads.VOICE_JSON)

    def parse() -> _Voice:
        return _Voice(
            data["id"],
            data["is_owner"],
            data["is_public"],
            data["name"],
            data["description"],
            datetime.fromisoformat(data["created_at"]),
            data["language"],
            data["gender"],
            data["country"],
            data["accent"],
            [_Locale(item["locale"], item["is_native"]) for item in data["locales"]],
        )

    return processor(parse)
