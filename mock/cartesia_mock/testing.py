"""A mock server for tests: `with serve() as url:`."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import final

from cartesia_mock import missing_extra_message

try:
    from cartesia_mock.clock import Clock
    from cartesia_mock.document.openapi_document import APIDocument, bundled_document
    from cartesia_mock.server.application import Application, make_app, make_mock
    from cartesia_mock.server.certificates import certificate
    from cartesia_mock.server.journal import JournalEntry
    from cartesia_mock.server.uvicorn_server import Server, listen
    from cartesia_mock.settings import EngineChoice, MockSettings
    from cartesia_mock.speech import SpeechSynthesizer
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(missing_extra_message(error), name=error.name) from error

_READY_SECONDS = 30
_HOST = "127.0.0.1"


@final
class MockURL(str):
    """The base URL of a running mock server, with what tests need of the server.

    Attributes:
        certificate: File with the certificate (PEM) that clients have to trust; None without TLS.
    """

    __slots__ = ("_app", "certificate")

    certificate: Path | None
    _app: Application

    def __new__(cls, url: str, app: Application, certificate: Path | None) -> MockURL:
        """Create the URL."""
        self = super().__new__(cls, url)
        self._app = app
        self.certificate = certificate
        return self

    @property
    def requests(self) -> list[JournalEntry]:
        """The latest requests and WebSockets, oldest first, with what was wrong with each."""
        return self._app.journal.entries()

    def reset(self) -> None:
        """Return the server to the state of a new one: objects, clock, faults and requests."""
        self._app.reset()


@contextmanager
def serve(
    *,
    api_key: str | None = None,
    engine: EngineChoice = "auto",
    first_chunk_ms: float = 0.0,
    realtime_factor: float = 0.0,
    idle_timeout: float = 300.0,
    stt_idle_timeout: float = 180.0,
    context_expiry: float = 1.0,
    max_body_bytes: int = 16 * 1024 * 1024,
    max_transcript: int = 20_000,
    request_timeout: float = 60.0,
    certfile: Path | None = None,
    keyfile: Path | None = None,
    tls: bool = False,
    data: Path | None = None,
    any_voice: bool = False,
    examples: bool = False,
    tts_concurrency: int | None = None,
    tts_sockets: int | None = None,
    stt_concurrency: int | None = None,
    page_size: int = 10,
    max_export_rows: int = 100_000,
    token_seconds: int = 60,
    training_seconds: float = 60.0,
    clock: Clock | None = None,
    document: APIDocument | None = None,
    speech: SpeechSynthesizer | None = None,
) -> Generator[MockURL]:
    """Run a mock server on a free port of the loopback interface, in a separate thread.

    Args:
        api_key: The only valid API key, or None to accept any non-empty one.
        engine: The speech engine.
        first_chunk_ms: Milliseconds from a request to its first audio.
        realtime_factor: Seconds for one second of audio; 0 is as fast as possible.
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
        tts_sockets: Maximum of open TTS sockets; None is ten times `tts_concurrency`.
        stt_concurrency: Maximum of concurrent transcriptions, or None for no limit.
        page_size: Default number of items on a page.
        max_export_rows: Maximum number of rows in a CSV export.
        token_seconds: Default lifetime of an access token.
        training_seconds: Seconds from a fine-tune's creation to its end, by the clock.
        clock: The server's clock, for tests that advance it.
        document: The API to serve; the bundled document by default.
        speech: Synthesizes speech in place of `engine`.

    Yields:
        The base URL, such as `http://127.0.0.1:40123`. It is a `str` with the journal of requests.

    Raises:
        ValueError: A setting is out of its range.
        CertificateError: The certificate cannot be used.
        StorageError: The storage file cannot be used.
    """
    settings = MockSettings(
        api_key=api_key,
        engine=engine,
        first_chunk_ms=first_chunk_ms,
        realtime_factor=realtime_factor,
        idle_timeout=idle_timeout,
        stt_idle_timeout=stt_idle_timeout,
        context_expiry=context_expiry,
        max_body_bytes=max_body_bytes,
        max_transcript=max_transcript,
        request_timeout=request_timeout,
        certfile=certfile,
        keyfile=keyfile,
        tls=tls,
        data=data,
        any_voice=any_voice,
        examples=examples,
        tts_concurrency=tts_concurrency,
        tts_sockets=tts_sockets,
        stt_concurrency=stt_concurrency,
        page_size=page_size,
        max_export_rows=max_export_rows,
        token_seconds=token_seconds,
        training_seconds=training_seconds,
    )
    mock = make_mock(settings, document or bundled_document(), speech, clock)
    app = make_app(mock)
    ready = threading.Event()
    with (
        closing(mock.storage),
        certificate(settings, _HOST) as served,
        listen(_HOST, 0) as listener,
    ):
        server = Server(
            app,
            listener,
            lambda _: ready.set(),
            on_stop=mock.stop,
            certificate=served,
            request_timeout=settings.request_timeout,
        )
        thread = threading.Thread(target=server.run, name="cartesia-mock", daemon=True)
        thread.start()
        if not ready.wait(_READY_SECONDS):
            raise RuntimeError(f"the mock server was not ready within {_READY_SECONDS} seconds")
        try:
            yield MockURL(server.url, app, served.authority if served else None)
        finally:
            server.should_exit = True
            thread.join()
