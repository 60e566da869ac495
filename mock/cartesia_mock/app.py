"""The mock as one ASGI application: the parts, and which handler answers which operation."""

from __future__ import annotations

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from cartesia_mock import (
    access_token,
    admin,
    agents,
    datasets,
    examples,
    fine_tunes,
    infill,
    own_voices,
    pronunciation_dicts,
    status,
    stt,
    tts,
    tts_socket,
    voice_changer,
    voices,
)
from cartesia_mock.agents.seed import sow
from cartesia_mock.call import Handler, Mock, SocketHandler
from cartesia_mock.catalogue import Catalogue
from cartesia_mock.clock import Clock
from cartesia_mock.document import Document, DocumentError
from cartesia_mock.faults.admin import fault_routes
from cartesia_mock.faults.desk import Desk
from cartesia_mock.faults.middleware import Faults
from cartesia_mock.limits import Concurrency
from cartesia_mock.listening.sockets import listen_to_turns, listen_until_told
from cartesia_mock.recordings import Recordings
from cartesia_mock.request_id import RequestID
from cartesia_mock.routing import NotFound, make_routes
from cartesia_mock.schemas import Schemas
from cartesia_mock.settings import Settings
from cartesia_mock.speech import Speech
from cartesia_mock.speech.hearing import Hearing, Memory
from cartesia_mock.state import Database, State
from cartesia_mock.tokens import Tokens

HANDLERS: dict[str, Handler] = {
    "client.get_status": status.get_status,
    "tts.generate": tts.generate,
    "tts.generate_sse": tts.generate_sse,
    "stt.transcribe": stt.transcribe,
    "voices.list": voices.list_voices,
    "voices.get": voices.get_voice,
    **own_voices.HANDLERS,
    **infill.HANDLERS,
    **voice_changer.HANDLERS,
    **access_token.HANDLERS,
    **datasets.HANDLERS,
    **fine_tunes.HANDLERS,
    **pronunciation_dicts.HANDLERS,
    **agents.HANDLERS,
}
"""What answers each operation, by operationId."""

SOCKETS: dict[str, SocketHandler] = {
    "tts.websocket_connect": tts_socket.converse,
    "stt.manual_finalize.websocket": listen_until_told,
    "stt.auto_finalize.websocket": listen_to_turns,
}
"""What runs each WebSocket, by operationId."""


def make_mock(
    settings: Settings,
    document: Document,
    speech: Speech | None = None,
    clock: Clock | None = None,
) -> Mock:
    """Put the parts of a mock together.

    Args:
        settings: How it behaves.
        document: The API that it serves.
        speech: What speaks; by default the engine that the settings name.
        clock: Its time, which is put forward by as much as the state remembers.

    Returns:
        The parts.

    Raises:
        StateError: The file that is to keep the state cannot be used.
    """
    database = Database(settings.data)
    state = State(database)
    clock = clock or Clock()
    clock.advance(float(state.note(admin.CLOCK_NOTE) or 0.0))
    with database.transaction():
        catalogue = Catalogue.load(state, clock, any_id=settings.examples)
        if state.is_new:
            sow(state)
    memory = Memory()
    engine = None if settings.engine == "auto" else settings.engine
    speech = speech or Speech(engine=engine)
    return Mock(
        settings=settings,
        document=document,
        schemas=Schemas(document),
        clock=clock,
        state=state,
        tokens=Tokens(state, clock, settings.token_seconds),
        speaking=Concurrency(settings.tts_concurrency),
        conversing=Concurrency(settings.most_tts_sockets),
        listening=Concurrency(settings.stt_concurrency),
        catalogue=catalogue,
        speech=speech,
        memory=memory,
        hearing=Hearing(memory),
        recordings=Recordings(speech, memory, catalogue),
    )


def make_app(mock: Mock) -> ASGIApp:
    """Make the application.

    Args:
        mock: Its parts.

    Returns:
        The ASGI application.

    Raises:
        DocumentError: An operation of the document has neither a handler nor an example.
    """

    async def openapi(_: Request) -> Response:
        return JSONResponse(mock.document.contents)

    desk = Desk()
    routes = [
        *make_routes(mock, _handlers(mock), SOCKETS),
        *admin.routes(mock),
        *fault_routes(desk, mock.document.version),
        Route("/openapi.json", openapi),
        voices.preview_route(mock),
    ]
    router = Router(routes, redirect_slashes=False, default=NotFound(mock))
    return RequestID(Faults(router, desk, mock.document.version))


def _handlers(mock: Mock) -> dict[str, Handler]:
    """Give what answers each operation: what is new in the document is answered by its example."""
    by_example: dict[str, Handler] = {}
    for operation in mock.document.operations:
        with suppress(DocumentError):
            examples.success(mock.document, operation)
            by_example[operation.id] = examples.answer
    return by_example if mock.settings.examples else {**by_example, **HANDLERS}
