"""What the benchmark server answers, encoded before anybody measures."""

from __future__ import annotations

import base64
import json
import random

_RANDOM = random.Random(4)  # noqa: S311  # the same noise for everybody

CONTEXT_ID_BYTES = 36
"""Every client of the benchmark names its contexts with a UUID."""

VOICE: dict[str, object] = {
    "id": "6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
    "is_owner": False,
    "is_public": True,
    "access": "public",
    "visibility": "all",
    "name": "Tessa",
    "tagline": "Kind companion",
    "description": "Friendly, young and clear, for long conversations and companions.",
    "created_at": "2025-04-01T12:30:00.123456+00:00",
    "language": "en",
    "gender": "feminine",
    "country": "US",
    "accent": "southern-us",
    "locales": [
        {"locale": "en-US", "is_native": True},
        {"locale": "es-MX", "is_native": False},
    ],
}
"""A voice with the fields of all versions of the API, so that every client finds its own."""

VOICE_JSON = json.dumps(VOICE).encode()
PAGE_JSON = json.dumps(
    {
        "data": [{**VOICE, "id": f"6ccbfb76-1fc6-48f7-b71d-{n:012d}"} for n in range(100)],
        "has_more": True,
        "next_page": "6ccbfb76-1fc6-48f7-b71d-000000000099",
    }
).encode()
TRANSCRIPT_JSON = json.dumps({"text": "hello", "language": "en", "duration": 1.0}).encode()

AUDIO_4K = _RANDOM.randbytes(2955)
"""The audio of a message of 4,096 bytes."""

AUDIO_20K = _RANDOM.randbytes(15243)
"""The audio of a message of 20,480 bytes."""

AUDIO_100_MS = _RANDOM.randbytes(4800)
"""A tenth of a second of samples, of 16 bits, 24,000 a second."""

SPEECH_20K = _RANDOM.randbytes(20_000)
"""The body of a short generation."""


def chunk_message(context_id: str, audio: bytes) -> bytes:
    """Write a chunk as the server sends it over a WebSocket.

    Args:
        context_id: Its context.
        audio: The audio in it.

    Returns:
        The JSON text.
    """
    return json.dumps(
        {
            "type": "chunk",
            "data": base64.b64encode(audio).decode(),
            "done": False,
            "status_code": 206,
            "step_time": 12.34,  # where `stamped` looks for it
            "context_id": context_id,
        }
    ).encode()


_STAMP = b"12.34"


def live_message(context_id: str) -> bytes:
    """Write a chunk of a live call, for `stamped` to finish.

    Args:
        context_id: Its context.

    Returns:
        The JSON text.
    """
    return chunk_message(context_id, AUDIO_100_MS)


def stamped(message: bytes, seconds: float) -> bytes:
    """Write a time into a message.

    Args:
        message: The message of a chunk.
        seconds: The time, which the client finds in ``step_time``.

    Returns:
        The JSON text.
    """
    return message.replace(_STAMP, b"%.6f" % seconds)


def done_message(context_id: str) -> bytes:
    """Write the end of a context.

    Args:
        context_id: Its context.

    Returns:
        The JSON text.
    """
    return json.dumps(
        {"type": "done", "done": True, "status_code": 206, "context_id": context_id}
    ).encode()


def sse_event(name: str, data: bytes) -> bytes:
    """Write a server-sent event.

    Args:
        name: Its type.
        data: Its JSON text.

    Returns:
        The event with the blank line that ends it.
    """
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
