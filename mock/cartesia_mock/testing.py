"""The mock server inside a test: `with serve() as url:`."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from cartesia_mock.extra import name_the_extra

try:
    from cartesia_mock.app import make_app, make_mock
    from cartesia_mock.clock import Clock
    from cartesia_mock.document import Document
    from cartesia_mock.server import Server, listen
    from cartesia_mock.settings import EngineChoice, Settings
    from cartesia_mock.speech import Speech
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(name_the_extra(error), name=error.name) from error

_READY_SECONDS = 30


@contextmanager
def serve(
    *,
    api_key: str | None = None,
    engine: EngineChoice = "auto",
    first_chunk_ms: float = 0.0,
    realtime_factor: float = 0.0,
    idle_timeout: float = 300.0,
    stt_idle_timeout: float = 20.0,
    context_expiry: float = 1.0,
    max_body_bytes: int = 16 * 1024 * 1024,
    data: Path | None = None,
    examples: bool = False,
    tts_concurrency: int | None = None,
    tts_sockets: int | None = None,
    stt_concurrency: int | None = None,
    page_size: int = 10,
    max_export_rows: int = 100_000,
    token_seconds: int = 60,
    training_seconds: float = 60.0,
    clock: Clock | None = None,
    document: Document | None = None,
    speech: Speech | None = None,
) -> Generator[str]:
    """Run a mock server on a free port of the loopback, in a thread of its own.

    Args:
        api_key: The only key that is let in, or None for any non-empty one.
        engine: What speaks.
        first_chunk_ms: Milliseconds from a request to its first audio.
        realtime_factor: Seconds for one second of audio; 0 is as fast as possible.
        idle_timeout: Seconds without a message after which a TTS socket is closed.
        stt_idle_timeout: Seconds without a message after which an STT socket is closed.
        context_expiry: Seconds that an open context outlives its last audio.
        max_body_bytes: Largest request body that is read, in bytes.
        data: File that keeps what the server was told; None forgets it at the end.
        examples: Whether every operation answers with its example and any identifier exists.
        tts_concurrency: Most generations at once, or None for any number.
        tts_sockets: Most TTS sockets at once; None is ten times `tts_concurrency`.
        stt_concurrency: Most transcriptions at once, or None for any number.
        page_size: Items on a page of a list when a request does not say.
        max_export_rows: Most rows of an exported table.
        token_seconds: Lifetime of an access token when a request does not say.
        training_seconds: Seconds from a fine-tune's creation to its end, by the clock.
        clock: The server's clock, for tests that put it forward.
        document: The API to serve; the bundled document by default.
        speech: What speaks, in place of an engine.

    Yields:
        The base URL, such as `http://127.0.0.1:40123`.
    """
    settings = Settings(
        api_key=api_key,
        engine=engine,
        first_chunk_ms=first_chunk_ms,
        realtime_factor=realtime_factor,
        idle_timeout=idle_timeout,
        stt_idle_timeout=stt_idle_timeout,
        context_expiry=context_expiry,
        max_body_bytes=max_body_bytes,
        data=data,
        examples=examples,
        tts_concurrency=tts_concurrency,
        tts_sockets=tts_sockets,
        stt_concurrency=stt_concurrency,
        page_size=page_size,
        max_export_rows=max_export_rows,
        token_seconds=token_seconds,
        training_seconds=training_seconds,
    )
    mock = make_mock(settings, document or Document.load(), speech, clock)
    app = make_app(mock)
    ready = threading.Event()
    server = Server(app, listen("127.0.0.1", 0), lambda _: ready.set())
    thread = threading.Thread(target=server.run, name="cartesia-mock", daemon=True)
    thread.start()
    if not ready.wait(_READY_SECONDS):
        raise RuntimeError(f"the mock server was not ready within {_READY_SECONDS} seconds")
    try:
        yield server.url
    finally:
        server.should_exit = True
        thread.join()
        mock.state.close()
