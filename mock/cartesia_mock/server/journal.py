"""The journal of requests: what clients sent, and why it was refused."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartesia_mock.api.jsontypes import JSONFields, JSONObject, as_object, parse_json
from cartesia_mock.api.request_id import request_id
from cartesia_mock.api.versions import VERSION_HEADER, VERSION_QUERY
from cartesia_mock.server.admin_guard import ADMIN_PREFIX

_log = logging.getLogger("cartesia_mock.requests")

_MAX_ENTRIES = 500
_MAX_BODY = 16 * 1024
_MAX_MESSAGES = 100
_MAX_ERRORS = 20
_MAX_TEXT = 2 * 1024
_MAX_LINE = 1000
_CREDENTIALS = {"api_key", "access_token"}
_ERROR_STATUS = 400
_JSON_ERRORS = ('{"type":"error"', '{"type": "error"')
_SSE_ERROR = b"event: error\n"


@dataclass
class JournalEntry:
    """One request or WebSocket.

    Attributes:
        id: Its identifier, the `x-request-id` of the response.
        method: `GET`, `POST`, ..., or `WEBSOCKET`.
        path: Its path.
        query: Its query parameters, without credentials.
        version: The API version that it names; empty for none.
        body: The JSON of its body; empty for other bodies. The first 16 KiB.
        messages: The texts that a WebSocket received, each up to 2 KiB; the last 100.
        audio_bytes: Number of bytes that a WebSocket received in binary frames.
        status: Status of the response; 101 for a WebSocket, None while there is no response.
        errors: Why it was refused: the text of an error response, or of the last 20 error events.
    """

    id: str
    method: str
    path: str
    query: dict[str, str]
    version: str
    body: str = ""
    messages: list[str] = field(default_factory=list[str])
    audio_bytes: int = 0
    status: int | None = None
    errors: list[str] = field(default_factory=list[str])

    def as_json(self) -> JSONObject:
        """Return the entry as `GET /_mock/requests` does."""
        return {
            "id": self.id,
            "method": self.method,
            "path": self.path,
            "query": {**self.query},
            "version": self.version,
            "body": self.body,
            "messages": [*self.messages],
            "audio_bytes": self.audio_bytes,
            "status": self.status,
            "errors": [*self.errors],
        }


class Journal:
    """The latest requests, at most 500; may be read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[JournalEntry] = deque(maxlen=_MAX_ENTRIES)

    def entries(self) -> list[JournalEntry]:
        """Return the entries, oldest first."""
        with self._lock:
            return list(self._entries)

    def add(self, entry: JournalEntry) -> None:
        """Add an entry; the oldest one is removed if there are too many."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._entries.clear()


class JournalMiddleware:
    """ASGI middleware that writes the journal, and logs a line for each request and refusal.

    Requests to `/_mock` are not in the journal; refused ones are logged.

    Args:
        app: The application.
        journal: The journal.
    """

    def __init__(self, app: ASGIApp, journal: Journal) -> None:
        self._app = app
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        recorder = _Recorder(scope, receive, send)
        if not recorder.is_admin:
            self._journal.add(recorder.entry)
        await self._app(scope, recorder.receive, recorder.send)


class _Recorder:
    """Records the messages of one request or WebSocket."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        version = Headers(scope=scope).get(VERSION_HEADER, "")
        self.entry = JournalEntry(
            id=request_id(connection),
            method=scope.get("method", "WEBSOCKET"),
            path=scope["path"],
            query={name: value for name, value in query if name not in _CREDENTIALS},
            version=dict(query).get(VERSION_QUERY, version),
        )
        self.is_admin = scope["path"].startswith(ADMIN_PREFIX)
        self._is_json = "json" in connection.headers.get("content-type", "")
        self._receive = receive
        self._send = send
        self._refusal = ""

    async def receive(self) -> Message:
        message = await self._receive()
        entry = self.entry
        if message["type"] == "http.request" and self._is_json and len(entry.body) < _MAX_BODY:
            text = message.get("body", b"")[:_MAX_BODY].decode("utf-8", "replace")
            entry.body = (entry.body + text)[:_MAX_BODY]
        elif message["type"] == "websocket.receive":
            text = message.get("text")
            if text is None:
                entry.audio_bytes += len(message.get("bytes") or b"")
            else:
                entry.messages.append(text[:_MAX_TEXT])
                del entry.messages[:-_MAX_MESSAGES]
        return message

    async def send(self, message: Message) -> None:
        kind: str = message["type"]
        if kind in {"http.response.start", "websocket.http.response.start"}:
            self._begin(message["status"])
        elif kind == "websocket.accept":
            self._begin(101)
        elif kind in {"http.response.body", "websocket.http.response.body"}:
            self._record_body(message.get("body", b""), is_last=not message.get("more_body"))
        elif kind == "websocket.send":
            text = message.get("text") or ""
            if text.startswith(_JSON_ERRORS):
                self._refuse(_error_text(text))
        await self._send(message)

    def _begin(self, status: int) -> None:
        self.entry.status = status
        if status < _ERROR_STATUS and not self.is_admin:
            _log.info("%s %s %d", self.entry.method, _printable(self.entry.path), status)

    def _record_body(self, body: bytes, *, is_last: bool) -> None:
        if (self.entry.status or 0) < _ERROR_STATUS:
            if body.startswith(_SSE_ERROR):
                _, _, data = body.partition(b"data: ")
                self._refuse(_error_text(data.decode("utf-8", "replace")))
            return
        self._refusal = (self._refusal + body.decode("utf-8", "replace"))[:_MAX_TEXT]
        if is_last:
            self._refuse(_error_text(self._refusal))

    def _refuse(self, reason: str) -> None:
        entry = self.entry
        entry.errors.append(reason[:_MAX_TEXT])
        del entry.errors[:-_MAX_ERRORS]
        line = f"{entry.method} {_printable(entry.path)} {entry.status}: {_printable(reason)}"
        _log.warning("%s", line[:_MAX_LINE])


def _error_text(text: str) -> str:
    """Return the text of an error in any of the shapes of the API."""
    try:
        fields = JSONFields(as_object(parse_json(text)))
    except ValueError:
        return text
    title, message = fields.text("title"), fields.text("message")
    if title and message:
        return f"{title}: {message}"
    return message or fields.text("error") or text


def _printable(text: str) -> str:
    """Escape control characters: a terminal would act on them."""
    return text if text.isprintable() else json.dumps(text)[1:-1]
