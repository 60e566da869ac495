"""The handler of the TTS WebSocket: one task receives, and one task per context speaks."""

from __future__ import annotations

import asyncio
import logging
import uuid

from starlette.websockets import WebSocketDisconnect

from cartesia_mock.api.http_errors import HTTPError, internal_error, not_implemented
from cartesia_mock.api.jsontypes import JSONFields, JSONObject, JSONValue, as_object, parse_json
from cartesia_mock.document.openapi_document import WebSocketSpec
from cartesia_mock.http.api_request import WebSocketHandler, WebSocketRequest
from cartesia_mock.http.request_validation import check_json_size, check_known_values
from cartesia_mock.tts.stream_events import stream_event
from cartesia_mock.tts.streaming import SpeechStreamer
from cartesia_mock.tts.tts_contexts import FlushDone, Speak, TTSContext, TTSContexts
from cartesia_mock.tts.tts_options import (
    OutputFormat,
    check_settings,
    parse_output_format,
    parse_prosody,
    parse_synthesis_options,
)

_log = logging.getLogger("cartesia_mock")
_MAX_SHOWN = 80  # Characters of a message in an error.
_IDLE_REASON = "connection idle timeout"


async def serve_tts(request: WebSocketRequest) -> None:
    """Serve one TTS WebSocket until either side closes it.

    Raises:
        HTTPError: The query is not valid (400), or too many are open (429). This one has not been
            accepted.
    """
    request.parse_query()
    if request.operation.socket is not None:
        with request.mock.tts_socket_limit.slot():
            await _TTSSocket(request, request.operation.socket).run()


class _TTSSocket:
    """One connection: its contexts and the tasks that perform them."""

    def __init__(self, request: WebSocketRequest, messages: WebSocketSpec) -> None:
        self._request = request
        self._messages = messages
        self._generation_schema = messages.request or messages.client
        fields = JSONFields(messages.context)
        self._contexts = TTSContexts(
            [*fields.texts("per_message"), *fields.texts("may_change")],
            request.mock.settings.context_expiry,
            max_characters=request.mock.settings.max_transcript,
            first_flush_id=request.version.first_flush_id,
        )
        self._tasks: dict[str, _ContextTask] = {}
        self._loop = asyncio.get_running_loop()
        self._active_at = self._loop.time()

    async def run(self) -> None:
        await self._request.websocket.accept()
        try:
            while True:
                text = await self._receive()
                if text is None:
                    return
                await self._handle(text)
        except WebSocketDisconnect:
            return
        finally:
            tasks = list(self._tasks.values())
            for each in tasks:
                each.task.cancel()
                each.streamer.index()
            await asyncio.gather(*(each.task for each in tasks), return_exceptions=True)

    async def send(self, event: JSONObject) -> None:
        self._active_at = self._loop.time()
        await self._request.send(event)

    async def fail(self, error: HTTPError, context_id: str | None) -> None:
        """Send an error; one with a context ends that context only."""
        if context_id is not None:
            self._contexts.end(context_id)
            context_task = self._tasks.pop(context_id, None)
            if context_task is not None and context_task.task is not asyncio.current_task():
                context_task.task.cancel()
        await self.send(error.event(self._request.id, context_id))

    def end(self, context_id: str) -> None:
        self._contexts.end(context_id)
        self._tasks.pop(context_id, None)

    async def _receive(self) -> str | bytes | None:
        """Return the next message, or None when the idle timeout has passed."""
        timeout = self._request.mock.settings.idle_timeout
        while True:
            remaining = self._active_at + timeout - self._loop.time()
            if remaining <= 0:
                await self._request.websocket.close(1000, _IDLE_REASON)
                return None
            try:
                message = await asyncio.wait_for(self._request.receive(), remaining)
            except asyncio.TimeoutError:
                continue
            self._active_at = self._loop.time()
            return message

    async def _handle(self, text: str | bytes) -> None:
        context_id: str | None = None
        try:
            value = _parse(text)
            message = JSONFields(as_object(value))
            context_id = message.text("context_id") or None
            is_cancel = "cancel" in message.data
            if self._is_unsupported(value, is_cancel=is_cancel):
                raise not_implemented(f"this message: {str(text)[:_MAX_SHOWN]}")
            if is_cancel:
                self._cancel(message.text("context_id"))
            else:
                if not message.has("context_id"):  # Earlier versions need not name it.
                    context_id = message.data["context_id"] = str(uuid.uuid4())
                self._generate(message)
        except HTTPError as error:
            await self.fail(error, context_id)

    def _is_unsupported(self, value: JSONValue, *, is_cancel: bool) -> bool:
        """Return whether a message is valid by the document, and of no type handled here.

        Raises:
            HTTPError: The message is not valid (400).
        """
        schemas = self._request.mock.schemas
        client_schema = self._messages.client
        # Errors of the union would be about all branches: validate by the relevant one.
        schema = client_schema if is_cancel else self._generation_schema
        problems = schemas.problems(schema, value)
        if problems and schemas.problems(client_schema, value):
            raise HTTPError(400, "Invalid request", "; ".join(problems))
        return bool(problems)

    def _generate(self, message: JSONFields) -> None:
        mock = self._request.mock
        schemas = mock.schemas.properties(self._generation_schema)
        context_id = message.text("context_id")
        context_task = self._tasks.get(context_id)
        if context_task is not None:
            self._contexts.receive(message, self._loop.time())
            context_task.wake.set()
            return
        check_known_values(message, schemas, mock)
        check_settings(message, mock, schemas)
        options, output = parse_synthesis_options(message, mock), parse_output_format(message)
        with mock.generation_limit.slot():  # Refuse before there is a context.
            context = self._contexts.receive(message, self._loop.time())
        mock.generation_limit.acquire()
        streamer = SpeechStreamer(mock, options)
        context_task = _ContextTask(self, context, streamer, output)
        self._tasks[context_id] = context_task
        context_task.task.add_done_callback(lambda _: mock.generation_limit.release())

    def _cancel(self, context_id: str) -> None:
        if self._contexts.cancel(context_id) is not None:
            self._tasks[context_id].wake.set()


def _parse(text: str | bytes) -> JSONValue:
    if isinstance(text, bytes):
        raise HTTPError(400, "Invalid message", "send JSON in text frames, not binary ones")
    check_json_size(len(text))
    try:
        return parse_json(text)
    except ValueError as error:
        raise HTTPError(400, "Invalid JSON", f"it cannot be read: {error}") from None


class _ContextTask:
    """The task that performs the steps of one context."""

    def __init__(
        self,
        socket: _TTSSocket,
        context: TTSContext,
        streamer: SpeechStreamer,
        output: OutputFormat,
    ) -> None:
        self.wake = asyncio.Event()
        self.streamer = streamer
        self._socket = socket
        self._context = context
        self._output = output
        self._settings = JSONFields(context.settings)
        self._loop = asyncio.get_running_loop()
        self.task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        context = self._context
        try:
            while not context.is_over:
                step = context.take()
                if step is None:
                    await self._wait()
                    continue
                if isinstance(step, Speak):
                    await self._speak(step)
                elif isinstance(step, FlushDone):
                    flush: JSONObject = {"flush_done": True, "flush_id": step.flush_id}
                    await self._send({"type": "flush_done", **flush})
                else:
                    await self._finish()
                    return
                context.finished(step, self._loop.time())
            self._socket.end(context.id)
        except WebSocketDisconnect:
            return
        except HTTPError as error:
            await self._socket.fail(error, context.id)
        except Exception as error:  # noqa: BLE001  every failure is reported to the client
            _log.exception("context %s failed", context.id)
            await self._socket.fail(internal_error(error), context.id)

    async def _wait(self) -> None:
        """Wait for a message, or until the context's deadline."""
        self.wake.clear()
        deadline = self._context.next_deadline()
        timeout = None if deadline is None else max(deadline - self._loop.time(), 0)
        try:
            await asyncio.wait_for(self.wake.wait(), timeout)
        except asyncio.TimeoutError:
            self._context.on_deadline(self._loop.time())

    async def _speak(self, step: Speak) -> None:
        sent_at = self._loop.time()
        items = self.streamer.stream(
            step.text,
            self._output.encoder(),
            prosody=parse_prosody(self._settings, JSONFields(step.config)),
            last=self._context.is_last,
            stop=lambda: self._context.is_cancelled,
        )
        async for item in items:
            event = stream_event(item, self._settings, self._loop.time() - sent_at)
            if event is not None:
                await self._send(event | {"flush_id": step.flush_id})
                sent_at = self._loop.time()

    async def _finish(self) -> None:
        await self.streamer.index()
        self._socket.end(self._context.id)
        await self._send({"type": "done", "done": True})

    async def _send(self, event: JSONObject) -> None:
        common: JSONObject = {"context_id": self._context.id, "status_code": 206, "done": False}
        await self._socket.send(common | event)


HANDLERS: dict[str, WebSocketHandler] = {"tts.websocket_connect": serve_tts}
"""Handlers by operationId."""
