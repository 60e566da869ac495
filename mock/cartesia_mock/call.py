"""What a handler is given: the validated request, and the mock that answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from cartesia_mock.catalogue import Catalogue
from cartesia_mock.clock import Clock
from cartesia_mock.document import Document, Operation
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields
from cartesia_mock.limits import Concurrency
from cartesia_mock.recordings import Recordings
from cartesia_mock.schemas import Schemas
from cartesia_mock.settings import Settings
from cartesia_mock.speech import Speech
from cartesia_mock.speech.hearing import Hearing, Memory
from cartesia_mock.state import State
from cartesia_mock.tokens import Tokens
from cartesia_mock.versions import Version


@dataclass(frozen=True)
class Mock:
    """One mock server's parts.

    Attributes:
        settings: How it behaves.
        document: The API that it serves.
        schemas: The document's schemas, ready to judge values.
        clock: Its time.
        state: What it was told.
        tokens: Makes and reads access tokens.
        speaking: What speaks at once.
        conversing: TTS sockets that are open at once.
        listening: What listens at once.
        catalogue: Its voices.
        speech: What speaks.
        memory: Everything that it has said.
        hearing: What understands audio.
        recordings: What speaks calls.
    """

    settings: Settings
    document: Document
    schemas: Schemas
    clock: Clock
    state: State
    tokens: Tokens
    speaking: Concurrency
    conversing: Concurrency
    listening: Concurrency
    catalogue: Catalogue
    speech: Speech
    memory: Memory
    hearing: Hearing
    recordings: Recordings


@dataclass(frozen=True)
class Upload:
    """A file of a multipart body."""

    filename: str
    content: bytes


@dataclass(frozen=True)
class Call:
    """One request, valid by the document.

    Attributes:
        mock: The server's parts.
        request: The request itself.
        operation: What it asks for.
        version: The API version that it speaks.
        request_id: Its identifier (UUID).
        path: Path parameters.
        query: Query parameters, by their names on the wire.
        body: Fields of the body, JSON or multipart.
        files: Files of a multipart body.
    """

    mock: Mock
    request: Request
    operation: Operation
    version: Version
    request_id: str
    path: Fields
    query: Fields
    body: Fields
    files: Mapping[str, Upload]

    def field_schema(self, name: str) -> str:
        """Give the JSON pointer to the schema of a field of the body."""
        body = self.operation.body
        schema = next(iter(body.schemas.values())) if body else ""
        return self.mock.schemas.properties(schema)[name]

    def file(self, name: str) -> Upload:
        """Give a file of the body that must be there."""
        if name not in self.files:
            raise APIError(400, "Invalid request", f"{name}: must be sent as a file")
        return self.files[name]


@dataclass(frozen=True)
class SocketCall:
    """One WebSocket whose handshake is valid by the document, not yet accepted.

    Attributes:
        mock: The server's parts.
        websocket: The socket.
        operation: What it asks for.
        version: The API version that it speaks.
        request_id: Its identifier (UUID).
        query: Query parameters.
    """

    mock: Mock
    websocket: WebSocket
    operation: Operation
    version: Version
    request_id: str
    query: Fields


Handler: TypeAlias = Callable[[Call], Awaitable[Response]]
SocketHandler: TypeAlias = Callable[[SocketCall], Awaitable[None]]
