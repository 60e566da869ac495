"""The settings of one mock server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EngineChoice = Literal["auto", "espeak", "tone"]


@dataclass(frozen=True)
class Settings:
    """How one mock server behaves; every field is an option of the command line.

    Attributes:
        api_key: The only key that is let in, or None for any non-empty one.
        engine: What speaks: espeak-ng, a tone for each word, or the best that is installed.
        first_chunk_ms: Milliseconds from a request to its first audio.
        realtime_factor: Seconds that one second of audio takes to be sent (1 is real time, 0 is as
            fast as possible).
        idle_timeout: Seconds without a message after which a socket is closed.
        context_expiry: Seconds that an open context outlives its last audio.
        max_body_bytes: Largest request body that is read, in bytes.
    """

    api_key: str | None = None
    engine: EngineChoice = "auto"
    first_chunk_ms: float = 40.0
    realtime_factor: float = 0.1
    idle_timeout: float = 300.0
    context_expiry: float = 1.0
    max_body_bytes: int = 128 * 1024 * 1024
