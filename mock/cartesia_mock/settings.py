"""The settings of one mock server."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

EngineChoice = Literal["auto", "espeak", "tone"]


AMOUNT = "a number from 0 up"
COUNT = "a whole number from 1 up"


def is_amount(value: object) -> bool:
    """Return whether a value is a finite number from 0 up."""
    return isinstance(value, (int, float)) and 0 <= value < float("inf")


def is_count(value: object) -> bool:
    """Return whether a value is a whole number from 1 up."""
    return isinstance(value, int) and value >= 1


@dataclass(frozen=True)
class MockSettings:
    """The settings of one mock server; every field is a command-line option.

    Attributes:
        api_key: The only valid API key, or None to accept any non-empty one.
        engine: The speech engine: espeak-ng, a tone for each word, or the best that is installed.
        first_chunk_ms: Milliseconds from a request to its first audio.
        realtime_factor: Seconds in which one second of audio is sent (1 is real time, 0 is as fast
            as possible).
        idle_timeout: Seconds without a message after which a TTS socket is closed.
        stt_idle_timeout: Seconds without a message after which an STT socket is closed.
        context_expiry: Seconds after its last audio until an open context expires.
        max_body_bytes: Maximum size of a request body in bytes.
        max_transcript: Maximum number of characters of a transcript, or of all texts of a context.
        request_timeout: Seconds within which a client must have sent a whole request.
        certfile: Certificate chain (PEM) to serve TLS with, or None.
        keyfile: Its private key (PEM); None if it is in `certfile`.
        tls: Whether to serve TLS with a certificate that is made at the start.
        data: Storage file; None stores everything in memory.
        any_voice: Whether a voice that is in no catalogue speaks, if its identifier is a UUID.
        examples: Whether every operation responds with its example, for any identifier.
        tts_concurrency: Maximum of concurrent generations, or None for no limit.
        tts_sockets: Maximum of open TTS sockets; None is ten times `tts_concurrency`, as in the
            API.
        stt_concurrency: Maximum of concurrent transcriptions, or None for no limit.
        page_size: Default number of items on a page.
        max_export_rows: Maximum number of rows in a CSV export.
        token_seconds: Default lifetime of an access token.
        training_seconds: Seconds from a fine-tune's creation to its end, by the server's clock.

    Raises:
        ValueError: A setting is out of its range; the message names it.
    """

    api_key: str | None = None
    engine: EngineChoice = "auto"
    first_chunk_ms: float = 40.0
    realtime_factor: float = 0.1
    idle_timeout: float = 300.0
    stt_idle_timeout: float = 180.0
    context_expiry: float = 1.0
    max_body_bytes: int = 128 * 1024 * 1024
    max_transcript: int = 20_000
    request_timeout: float = 60.0
    certfile: Path | None = None
    keyfile: Path | None = None
    tls: bool = False
    data: Path | None = None
    any_voice: bool = False
    examples: bool = False
    tts_concurrency: int | None = None
    tts_sockets: int | None = None
    stt_concurrency: int | None = None
    page_size: int = 10
    max_export_rows: int = 100_000
    token_seconds: int = 60
    training_seconds: float = 60.0

    def __post_init__(self) -> None:
        """Check the settings."""
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type == "float" and not is_amount(value):
                raise ValueError(f"{field.name}: {value!r} is not {AMOUNT}")
            is_counted = field.type == "int" or (field.type == "int | None" and value is not None)
            if is_counted and not is_count(value):
                raise ValueError(f"{field.name}: {value!r} is not {COUNT}")
        if self.engine not in get_args(EngineChoice):
            known = ", ".join(get_args(EngineChoice))
            raise ValueError(f"engine: {self.engine!r} is not one of {known}")

    @property
    def tts_socket_limit(self) -> int | None:
        """Maximum of open TTS sockets, or None for no limit."""
        if self.tts_sockets is None and self.tts_concurrency is not None:
            return _SOCKETS_PER_GENERATION * self.tts_concurrency
        return self.tts_sockets


_SOCKETS_PER_GENERATION = 10
