"""The settings of one mock server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
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
        idle_timeout: Seconds without a message after which a TTS socket is closed.
        stt_idle_timeout: Seconds without a message after which an STT socket is closed.
        context_expiry: Seconds that an open context outlives its last audio.
        max_body_bytes: Largest request body that is read, in bytes.
        data: File that keeps what the server was told; None keeps it as long as the server runs.
        examples: Whether every operation answers with its example and any identifier exists.
        tts_concurrency: Most generations at once, or None for any number.
        tts_sockets: Most TTS sockets at once; None is ten for each generation that may go on at
            once, as the API has it.
        stt_concurrency: Most transcriptions at once, or None for any number.
        page_size: Items on a page of a list when a request does not say.
        max_export_rows: Most rows of an exported table.
        token_seconds: Lifetime of an access token when a request does not say.
        training_seconds: Seconds from a fine-tune's creation to its end, by the server's clock.
    """

    api_key: str | None = None
    engine: EngineChoice = "auto"
    first_chunk_ms: float = 40.0
    realtime_factor: float = 0.1
    idle_timeout: float = 300.0
    stt_idle_timeout: float = 20.0
    context_expiry: float = 1.0
    max_body_bytes: int = 128 * 1024 * 1024
    data: Path | None = None
    examples: bool = False
    tts_concurrency: int | None = None
    tts_sockets: int | None = None
    stt_concurrency: int | None = None
    page_size: int = 10
    max_export_rows: int = 100_000
    token_seconds: int = 60
    training_seconds: float = 60.0

    @property
    def most_tts_sockets(self) -> int | None:
        """Most TTS sockets at once, or None for any number."""
        if self.tts_sockets is None and self.tts_concurrency is not None:
            return _SOCKETS_FOR_EACH * self.tts_concurrency
        return self.tts_sockets


_SOCKETS_FOR_EACH = 10
