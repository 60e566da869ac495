"""The arguments of handlers: the validated request, and the components of the mock server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, compact_json
from cartesia_mock.api.paging import page
from cartesia_mock.api.versions import Version
from cartesia_mock.clock import Clock
from cartesia_mock.document.known_values import KnownValues
from cartesia_mock.document.openapi_document import APIDocument, APIOperation
from cartesia_mock.document.schema_validation import SchemaValidator
from cartesia_mock.http.authentication import AccessTokens
from cartesia_mock.http.limits import ConcurrencyLimit
from cartesia_mock.settings import MockSettings
from cartesia_mock.speech import SpeechSynthesizer
from cartesia_mock.speech.recognition import FingerprintIndex, Transcriber
from cartesia_mock.storage import Storage
from cartesia_mock.storage.call_recordings import CallRecordings
from cartesia_mock.storage.voice_catalogue import VoiceCatalogue

if TYPE_CHECKING:
    from typing import TypeAlias  # new in Python 3.10


@dataclass(frozen=True)
class Mock:
    """The components of one mock server.

    Attributes:
        settings: Its settings.
        documents: The documents of the dates of the API that it serves, the oldest first.
        default_date: The date of a request that names none.
        document: The document of the date that it serves.
        schemas: Validates values against the document's schemas.
        known_values: The values of the document's open enumerations.
        clock: Its clock.
        storage: The stored objects.
        tokens: Issues and verifies access tokens.
        generation_limit: Limits concurrent generations.
        tts_socket_limit: Limits open TTS WebSockets.
        transcription_limit: Limits concurrent transcriptions.
        catalogue: The voices.
        synthesizer: Text to audio.
        fingerprints: All audio that was synthesized, for exact transcription.
        transcriber: Audio to text.
        call_recordings: The audio of agents' calls.
    """

    settings: MockSettings
    documents: Mapping[str, APIDocument]
    default_date: str
    document: APIDocument
    schemas: SchemaValidator
    known_values: KnownValues
    clock: Clock
    storage: Storage
    tokens: AccessTokens
    generation_limit: ConcurrencyLimit
    tts_socket_limit: ConcurrencyLimit
    transcription_limit: ConcurrencyLimit
    catalogue: VoiceCatalogue
    synthesizer: SpeechSynthesizer
    fingerprints: FingerprintIndex
    transcriber: Transcriber
    call_recordings: CallRecordings

    @property
    def dates(self) -> Sequence[str]:
        """The dates of the API that it serves, the oldest first."""
        return list(self.documents)

    def dated(self, document: APIDocument) -> Mock:
        """Return the same server with the document of another date."""
        return replace(
            self,
            document=document,
            schemas=SchemaValidator(document),
            known_values=KnownValues(document, self.documents.values()),
        )

    def stop(self) -> None:
        """End what runs in other processes, which nothing else would end."""
        self.transcriber.stop()


@dataclass(frozen=True)
class Upload:
    """A file of a multipart body."""

    filename: str
    content: bytes


@dataclass(frozen=True)
class APIRequest:
    """An HTTP request that is valid by the document.

    Attributes:
        mock: The server's components.
        http: The request as Starlette has it.
        operation: The operation that it calls.
        version: The API version that it is served by.
        id: Its identifier (UUID).
        path: Path parameters.
        query: Query parameters, by their names on the wire.
        body: Fields of the body, JSON or multipart.
        files: Files of a multipart body.
    """

    mock: Mock
    http: Request
    operation: APIOperation
    version: Version
    id: str
    path: JSONFields
    query: JSONFields
    body: JSONFields
    files: Mapping[str, Upload]

    @property
    def field_schemas(self) -> Mapping[str, str]:
        """The JSON pointers to the schemas of the fields of the body."""
        body = self.operation.body
        return self.mock.schemas.properties(next(iter(body.schemas.values()))) if body else {}

    @property
    def response_schema(self) -> str:
        """The JSON pointer to the schema of the response, which is JSON."""
        pointer, _ = self.mock.document.find(f"{self.operation.pointer}/responses/200")
        return f"{pointer}/content/application~1json/schema"

    def page(self, items: Sequence[JSONObject]) -> JSONObject:
        """Return the page of a list that the query asks for."""
        return page(items, self.query, self.mock.settings.page_size)

    def file(self, name: str) -> Upload:
        """Return a required file of the body; raises HTTPError (400) when it is missing."""
        if name not in self.files:
            raise HTTPError(400, "Invalid request", f"{name}: must be sent as a file")
        return self.files[name]


@dataclass(frozen=True)
class WebSocketRequest:
    """A WebSocket whose handshake is valid by the document, not yet accepted.

    Attributes:
        mock: The server's components.
        websocket: The WebSocket.
        operation: The operation that it calls.
        version: The API version that it is served by.
        id: Its identifier (UUID).
        parse_query: Returns the query parameters; raises HTTPError (400) when they are not valid.
    """

    mock: Mock
    websocket: WebSocket
    operation: APIOperation
    version: Version
    id: str
    parse_query: Callable[[], JSONFields]

    async def receive(self) -> str | bytes:
        """Wait for the next message of the client.

        Returns:
            A text, or the bytes of a binary message.

        Raises:
            WebSocketDisconnect: The client has closed the WebSocket.
        """
        message = await self.websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text: str | None = message.get("text")
        data: bytes = message.get("bytes") or b""
        return data if text is None else text

    async def send(self, message: JSONObject) -> None:
        """Send a message as JSON.

        Args:
            message: The message.

        Raises:
            WebSocketDisconnect: The WebSocket is closed.
        """
        if self.websocket.application_state is not WebSocketState.CONNECTED:
            raise WebSocketDisconnect(1006)
        await self.websocket.send_text(compact_json(message))


Handler: TypeAlias = Callable[[APIRequest], Awaitable[Response]]
WebSocketHandler: TypeAlias = Callable[[WebSocketRequest], Awaitable[None]]
