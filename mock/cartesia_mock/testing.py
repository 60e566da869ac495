"""The mock server inside a test: `with serve() as url:`."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from cartesia_mock.app import make_app, make_mock
from cartesia_mock.document import Document
from cartesia_mock.server import Server, listen
from cartesia_mock.settings import EngineChoice, Settings
from cartesia_mock.speech import Speech

_READY_SECONDS = 30


@contextmanager
def serve(
    *,
    api_key: str | None = None,
    engine: EngineChoice = "auto",
    first_chunk_ms: float = 0.0,
    realtime_factor: float = 0.0,
    idle_timeout: float = 300.0,
    context_expiry: float = 1.0,
    max_body_bytes: int = 16 * 1024 * 1024,
    document: Document | None = None,
    speech: Speech | None = None,
) -> Generator[str]:
    """Run a mock server on a free port of the loopback, in a thread of its own.

    Args:
        api_key: The only key that is let in, or None for any non-empty one.
        engine: What speaks.
        first_chunk_ms: Milliseconds from a request to its first audio.
        realtime_factor: Seconds for one second of audio; 0 is as fast as possible.
        idle_timeout: Seconds without a message after which a socket is closed.
        context_expiry: Seconds that an open context outlives its last audio.
        max_body_bytes: Largest request body that is read, in bytes.
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
        context_expiry=context_expiry,
        max_body_bytes=max_body_bytes,
    )
    app = make_app(make_mock(settings, document or Document.load(), speech))
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
