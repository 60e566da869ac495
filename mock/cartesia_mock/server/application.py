"""The ASGI application: the components of a mock, and its routes and middleware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from cartesia_mock.api.error_responses import with_error_responses
from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.request_id import RequestIDMiddleware
from cartesia_mock.api.versions import connection_date, served_date
from cartesia_mock.clock import Clock
from cartesia_mock.document.known_values import KnownValues
from cartesia_mock.document.openapi_document import APIDocument
from cartesia_mock.document.schema_validation import SchemaValidator
from cartesia_mock.faults.endpoints import fault_routes
from cartesia_mock.faults.middleware import FaultMiddleware
from cartesia_mock.faults.registry import FaultRegistry
from cartesia_mock.handlers.registration import http_handlers, websocket_handlers
from cartesia_mock.handlers.voices import preview_route
from cartesia_mock.http.api_request import Mock
from cartesia_mock.http.authentication import AccessTokens
from cartesia_mock.http.limits import ConcurrencyLimit
from cartesia_mock.http.routing import NotFoundApp, make_routes
from cartesia_mock.server.admin import CLOCK_OFFSET_NOTE, admin_routes
from cartesia_mock.server.admin_guard import AdminGuard
from cartesia_mock.server.journal import Journal, JournalMiddleware
from cartesia_mock.settings import MockSettings
from cartesia_mock.speech import SpeechSynthesizer
from cartesia_mock.speech.recognition import FingerprintIndex, Transcriber
from cartesia_mock.storage import Database, Storage
from cartesia_mock.storage.call_recordings import CallRecordings
from cartesia_mock.storage.seed import seed_agents
from cartesia_mock.storage.voice_catalogue import VoiceCatalogue


def make_mock(
    settings: MockSettings,
    document: APIDocument,
    synthesizer: SpeechSynthesizer | None = None,
    clock: Clock | None = None,
) -> Mock:
    """Create the components of a mock server.

    Args:
        settings: Its settings.
        document: The API that it serves.
        synthesizer: Synthesizes speech; by default with the engine of the settings.
        clock: Its clock, which is advanced by the stored offset.

    Returns:
        The components.

    Raises:
        StorageError: The storage file cannot be used.
    """
    database = Database(settings.data)
    storage = Storage(database)
    clock = clock or Clock()
    clock.advance(float(storage.note(CLOCK_OFFSET_NOTE) or 0.0))
    with database.transaction():
        catalogue = VoiceCatalogue.load(
            storage, clock, any_id=settings.examples, any_voice=settings.any_voice
        )
        if storage.is_new:
            seed_agents(storage)
    fingerprints = FingerprintIndex()
    engine = None if settings.engine == "auto" else settings.engine
    synthesizer = synthesizer or SpeechSynthesizer(engine=engine)
    documents = {date: document.dated(date) for date in document.dates}
    return Mock(
        settings=settings,
        documents=documents,
        default_date=document.version,
        document=document,
        schemas=SchemaValidator(document),
        known_values=KnownValues(document, documents.values()),
        clock=clock,
        storage=storage,
        tokens=AccessTokens(storage, clock, settings.token_seconds),
        generation_limit=ConcurrencyLimit(settings.tts_concurrency),
        tts_socket_limit=ConcurrencyLimit(settings.tts_socket_limit),
        transcription_limit=ConcurrencyLimit(settings.stt_concurrency),
        catalogue=catalogue,
        synthesizer=synthesizer,
        fingerprints=fingerprints,
        transcriber=Transcriber(fingerprints),
        call_recordings=CallRecordings(synthesizer, fingerprints, catalogue),
    )


@dataclass(frozen=True)
class Application:
    """The ASGI application of a mock, and what tests need of it.

    Attributes:
        mock: Its components.
        journal: The requests that it got.
        faults: The armed faults.
        app: Its middleware and routes.
    """

    mock: Mock
    journal: Journal
    faults: FaultRegistry
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        await self.app(scope, receive, send)

    def reset(self) -> None:
        """Return to the state of a new server: stored objects, clock, faults and journal."""
        _reset(self.mock, self.journal, self.faults)


def make_app(mock: Mock) -> Application:
    """Create the application.

    Args:
        mock: Its components.

    Returns:
        The ASGI application.

    Raises:
        InvalidDocumentError: An operation of the document has neither a handler nor an example, or
            a handler has lost its operation.
    """
    journal, registry = Journal(), FaultRegistry()
    mocks = {date: mock.dated(document) for date, document in mock.documents.items()}
    routes = [
        *admin_routes(mock, journal, lambda: _reset(mock, journal, registry)),
        *fault_routes(registry, mock.document.version),
        openapi_route(mock),
        preview_route(mock),
    ]
    router = Router(routes, redirect_slashes=False, default=_DatedApp(mock, mocks))
    faulty = FaultMiddleware(router, registry, mock.document.version)
    app = RequestIDMiddleware(JournalMiddleware(AdminGuard(faulty, mock), journal))
    return Application(mock, journal, registry, app)


def _reset(mock: Mock, journal: Journal, faults: FaultRegistry) -> None:
    faults.armed.clear()
    mock.clock.reset()
    mock.storage.clear()
    mock.storage.write_note(CLOCK_OFFSET_NOTE, str(mock.clock.offset))
    mock.catalogue.add_seed()
    mock.call_recordings.clear()
    seed_agents(mock.storage)
    journal.clear()


def openapi_route(mock: Mock) -> Route:
    """Return the route of the document: `/openapi.json`, or with `?version=` that of another date.

    Args:
        mock: The server's components.
    """

    async def openapi(request: Request) -> Response:
        wanted = request.query_params.get("version", mock.default_date)
        try:
            date = served_date(wanted, mock.dates)
        except ValueError as error:
            raise HTTPError(400, "Invalid API version", f"version: {error}") from None
        return JSONResponse(mock.documents[date].contents)

    return Route("/openapi.json", with_error_responses(openapi, mock.default_date))


class _DatedApp:
    """Serves each request by the document of its date.

    Args:
        mock: The server's components, for the default date.
        mocks: The same for each date.
    """

    def __init__(self, mock: Mock, mocks: Mapping[str, Mock]) -> None:
        self._mock = mock
        self._routers = {date: _router(each) for date, each in mocks.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mock = self._mock
        date = connection_date(HTTPConnection(scope), mock.default_date, mock.dates)
        await self._routers[date](scope, receive, send)


def _router(mock: Mock) -> ASGIApp:
    routes = make_routes(
        mock,
        http_handlers(mock.document, examples=mock.settings.examples),
        websocket_handlers(mock.document),
    )
    return Router(routes, redirect_slashes=False, default=NotFoundApp(mock))
