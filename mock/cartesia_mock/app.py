"""The mock as one ASGI application: the parts, and which handler answers which operation."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from cartesia_mock import status, stt, tts, tts_socket, voices
from cartesia_mock.call import Handler, Mock, SocketHandler
from cartesia_mock.catalogue import Catalogue
from cartesia_mock.document import Document
from cartesia_mock.request_id import RequestID
from cartesia_mock.routing import NotFound, make_routes
from cartesia_mock.schemas import Schemas
from cartesia_mock.settings import Settings
from cartesia_mock.speech import Speech
from cartesia_mock.speech.hearing import Hearing, Memory

HANDLERS: dict[str, Handler] = {
    "client.get_status": status.get_status,
    "tts.generate": tts.generate,
    "tts.generate_sse": tts.generate_sse,
    "stt.transcribe": stt.transcribe,
    "voices.list": voices.list_voices,
    "voices.get": voices.get_voice,
}
"""What answers each operation, by operationId."""

SOCKETS: dict[str, SocketHandler] = {
    "tts.websocket_connect": tts_socket.converse,
}
"""What runs each WebSocket, by operationId."""


def make_mock(settings: Settings, document: Document, speech: Speech | None = None) -> Mock:
    """Put the parts of a mock together.

    Args:
        settings: How it behaves.
        document: The API that it serves.
        speech: What speaks; by default the engine that the settings name.

    Returns:
        The parts.
    """
    memory = Memory()
    engine = None if settings.engine == "auto" else settings.engine
    return Mock(
        settings=settings,
        document=document,
        schemas=Schemas(document),
        catalogue=Catalogue.load(),
        speech=speech or Speech(engine=engine),
        memory=memory,
        hearing=Hearing(memory),
    )


def make_app(mock: Mock) -> ASGIApp:
    """Make the application.

    Args:
        mock: Its parts.

    Returns:
        The ASGI application.

    Raises:
        DocumentError: An operation of the document has no handler.
    """

    async def openapi(_: Request) -> Response:
        return JSONResponse(mock.document.contents)

    routes = [
        *make_routes(mock, HANDLERS, SOCKETS),
        Route("/openapi.json", openapi),
        voices.preview_route(mock),
    ]
    return RequestID(Router(routes, redirect_slashes=False, default=NotFound(mock)))
