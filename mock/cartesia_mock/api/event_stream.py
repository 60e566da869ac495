"""Encoding of server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from cartesia_mock.api.jsontypes import JSONObject, compact_json

EVENT_STREAM = "text/event-stream"
NO_CACHE = {"cache-control": "no-cache"}


def encode_event(event: JSONObject) -> bytes:
    """Encode one event; its `type`, if it has one, is also the name of the event."""
    name = f"event: {event['type']}\n" if "type" in event else ""
    return f"{name}data: {compact_json(event)}\n\n".encode()


def event_stream_response(events: AsyncIterator[bytes]) -> Response:
    """Return a response that streams encoded events."""
    return StreamingResponse(events, media_type=EVENT_STREAM, headers=NO_CACHE)
