"""The WebSocket that speaks: one task reads, one task for each context sends."""

from __future__ import annotations

import asyncio
import base64
import json
import logging

from starlette.websockets import WebSocketDisconnect, WebSocketState

from cartesia_mock.call import SocketCall
from cartesia_mock.contexts import Context, Contexts, Flushed, Speak
from cartesia_mock.document import Socket
from cartesia_mock.errors import APIError, internal_error
from cartesia_mock.generation import (
    Format,
    check_language,
    check_model,
    phoneme_times,
    read_format,
    read_manner,
    word_times,
)
from cartesia_mock.jsontypes import Fields, JSONObject, JSONValue, as_object, parse_json
from cartesia_mock.speaking import Audio, Frame, Speaker, Words

_log = logging.getLogger("cartesia_mock")
_IDLE = "connection idle timeout"


async def converse(call: SocketCall) -> None:
    """Run one TTS socket until either side closes it.

    Raises:
        APIError: Too many are open (429); this one has not been accepted then.
    """
    if call.operation.socket is not None:
        with call.mock.conversing.one():
            await _Conversation(call, call.operation.socket).run()


class _Conversation:
    """One connection: its contexts and the tasks that perform them."""

    def __init__(self, call: SocketCall, socket: Socket) -> None:
        self._call = call
        self._socket = socket
        self._request = socket.request or socket.client
        self._contexts = Contexts(
            Fields(socket.context).texts("per_message"), call.mock.settings.context_expiry
        )
        self._performances: dict[str, _Performance] = {}
        self._loop = asyncio.get_running_loop()
        self._active_at = self._loop.time()

    async def run(self) -> None:
        await self._call.websocket.accept()
        try:
            while True:
                text = await self._receive()
                if text is None:
                    return
                await self._handle(text)
        except WebSocketDisconnect:
            return
        finally:
            performances = list(self._performances.values())
            for performance in performances:
                performance.task.cancel()
                performance.speaker.remember()
            await asyncio.gather(*(each.task for each in performances), return_exceptions=True)

    async def send(self, event: JSONObject) -> None:
        if self._call.websocket.application_state is not WebSocketState.CONNECTED:
            raise WebSocketDisconnect(1006)
        self._active_at = self._loop.time()
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        await self._call.websocket.send_text(text)

    async def fail(self, error: APIError, context_id: str | None) -> None:
        """Send an error; one with a context ends that context only."""
        if context_id is not None:
            self._contexts.end(context_id)
            performance = self._performances.pop(context_id, None)
            if performance is not None and performance.task is not asyncio.current_task():
                performance.task.cancel()
        await self.send(error.event(self._call.version, self._call.request_id, context_id))

    def end(self, context_id: str) -> None:
        self._contexts.end(context_id)
        self._performances.pop(context_id, None)

    async def _receive(self) -> str | bytes | None:
        """Give the next message, or None after the connection has been idle for too long."""
        timeout = self._call.mock.settings.idle_timeout
        while True:
            rest = self._active_at + timeout - self._loop.time()
            if rest <= 0:
                await self._call.websocket.close(1000, _IDLE)
                return None
            try:
                message = await asyncio.wait_for(self._call.websocket.receive(), rest)
            except asyncio.TimeoutError:
                continue
            self._active_at = self._loop.time()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            text: str | None = message.get("text")
            return message["bytes"] if text is None else text

    async def _handle(self, text: str | bytes) -> None:
        context_id: str | None = None
        try:
            value = _parse(text)
            message = Fields(as_object(value))
            context_id = message.text("context_id") or None
            is_cancel = "cancel" in message.data
            if self._is_other(value, is_cancel=is_cancel):
                return
            if is_cancel:
                self._cancel(message.text("context_id"))
            else:
                self._generate(message)
        except APIError as error:
            await self.fail(error, context_id)

    def _is_other(self, value: JSONValue, *, is_cancel: bool) -> bool:
        """Say whether a message is of a kind that came into the document later.

        Raises:
            APIError: It is of no kind (400).
        """
        schemas = self._call.mock.schemas
        # A union's error would speak of all branches: judge by the one that is meant.
        problems = schemas.problems(self._socket.client if is_cancel else self._request, value)
        if problems and schemas.problems(self._socket.client, value):
            raise APIError(400, "Invalid request", "; ".join(problems))
        return bool(problems)

    def _generate(self, message: Fields) -> None:
        mock = self._call.mock
        schemas = mock.schemas.properties(self._request)
        context_id = message.text("context_id")
        performance = self._performances.get(context_id)
        if performance is None:
            check_model(message.text("model_id"), mock, schemas["model_id"])
            if message.has("language"):
                check_language(message.text("language"), mock, schemas["language"])
            manner = read_manner(message, mock)
            with mock.speaking.one():  # Or refuse, before there is a context.
                context = self._contexts.receive(message, self._loop.time())
            mock.speaking.begin()
            performance = _Performance(self, context, Speaker(mock, manner), read_format(message))
            self._performances[context_id] = performance
            performance.task.add_done_callback(lambda _: mock.speaking.end())
        else:
            self._contexts.receive(message, self._loop.time())
            performance.wake.set()

    def _cancel(self, context_id: str) -> None:
        context = self._contexts.cancel(context_id)
        if context is None:
            return
        self._performances[context_id].wake.set()


def _parse(text: str | bytes) -> JSONValue:
    if isinstance(text, bytes):
        raise APIError(400, "Invalid message", "send JSON in text frames, not binary ones")
    try:
        return parse_json(text)
    except ValueError as error:
        raise APIError(400, "Invalid JSON", f"it cannot be read: {error}") from None


class _Performance:
    """The task that performs the steps of one context."""

    def __init__(
        self, conversation: _Conversation, context: Context, speaker: Speaker, output: Format
    ) -> None:
        self.wake = asyncio.Event()
        self._conversation = conversation
        self._context = context
        self.speaker = speaker
        self._output = output
        self._settings = Fields(context.settings)
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
                elif isinstance(step, Flushed):
                    event: JSONObject = {"flush_done": True, "flush_id": step.flush_id}
                    await self._send("flush_done", event)
                else:
                    await self._finish()
                    return
                context.finished(step, self._loop.time())
            self._conversation.end(context.id)
        except WebSocketDisconnect:
            return
        except Exception as error:  # noqa: BLE001  whatever it is, the client is told
            _log.exception("context %s failed", context.id)
            await self._conversation.fail(internal_error(error), context.id)

    async def _wait(self) -> None:
        """Wait for a message, or until the context has something to do by itself."""
        self.wake.clear()
        due = self._context.due()
        timeout = None if due is None else max(due - self._loop.time(), 0)
        try:
            await asyncio.wait_for(self.wake.wait(), timeout)
        except asyncio.TimeoutError:
            self._context.tick(self._loop.time())

    async def _speak(self, step: Speak) -> None:
        before = self._loop.time()
        frames = self.speaker.speak(
            step.text,
            self._output.encoder(),
            last=self._context.is_last,
            stop=lambda: self._context.is_cancelled,
        )
        async for frame in frames:
            event = self._event(frame, (self._loop.time() - before) * 1000)
            if event is not None:
                kind, fields = event
                await self._send(kind, fields | {"flush_id": step.flush_id})
                before = self._loop.time()

    async def _finish(self) -> None:
        await self.speaker.remember()
        self._conversation.end(self._context.id)
        await self._send("done", {"done": True})

    async def _send(self, kind: str, fields: JSONObject) -> None:
        event: JSONObject = {
            "type": kind,
            "context_id": self._context.id,
            "status_code": 206,
            "done": False,
        }
        await self._conversation.send(event | fields)

    def _event(self, frame: Frame, step_time: float) -> tuple[str, JSONObject] | None:
        if isinstance(frame, Audio):
            data = base64.b64encode(frame.data).decode()
            return "chunk", {"data": data, "step_time": round(step_time, 3)}
        if isinstance(frame, Words):
            if not self._settings.flag("add_timestamps"):
                return None
            return "timestamps", {"word_timestamps": word_times(frame)}
        if not self._settings.flag("add_phoneme_timestamps"):
            return None
        return "phoneme_timestamps", {"phoneme_timestamps": phoneme_times(frame)}
