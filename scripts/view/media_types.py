"""How the body of a response is read, by its media type."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from scripts.view.document import Document, mapping


class MediaKind(Enum):
    """How a body of some media type is read."""

    EVENTS = "events"
    JSON = "JSON"
    TEXT = "text"
    BYTES = "bytes"
    """Anything else: audio, images, archives."""


def media_kind(media: str) -> MediaKind:
    """Return how a body of a media type is read."""
    plain = media.partition(";")[0].strip().lower()
    if plain == "text/event-stream":
        return MediaKind.EVENTS
    if plain == "application/json" or plain.endswith("+json"):
        return MediaKind.JSON
    return MediaKind.TEXT if plain.startswith("text/") else MediaKind.BYTES


def binary_media_types(document: Document) -> Iterator[str]:
    """Yield the media type of each binary response."""
    for operation in document.operations:
        responses = mapping(operation.node, "responses")
        for status in responses:
            response, _ = document.resolve(mapping(responses, status))
            for media in mapping(response, "content"):
                if media_kind(media) is MediaKind.BYTES:
                    yield media
