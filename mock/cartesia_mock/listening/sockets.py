"""The WebSockets that listen: frames to a session, its messages to the socket."""

from __future__ import annotations

import asyncio
import json
import logging

from starlette.websockets import WebSocketDisconnect

from cartesia_mock.call import SocketCall
from cartesia_mock.errors import APIError, internal_error
from cartesia_mock.jsontypes import JSONObject

from .manual import ManualSession
from .query import read_silence, read_stream, read_thresholds
from .session import Session, error_event
from .turns import TurnSession

_log = logging.getLogger("cartesia_mock")
_IDLE = "connection idle timeout"


async def listen_until_told(call: SocketCall) -> None:
    """Run one socket that writes down what it hears when told to.

    Raises:
        APIError: The query asks for what there is not (400), or too many listen (429); the socket
            has not been accepted then.
    """
    mock, socket = call.mock, call.operation.socket
    commands = [] if socket is None else mock.document.enum(socket.client)
    await _run(call, ManualSession(mock.hearing, read_stream(call), read_silence(call), commands))


async def listen_to_turns(call: SocketCall) -> None:
    """Run one socket that tells the turns of a speaker apart.

    Raises:
        APIError: The query asks for what there is not (400), or too many listen (429); the socket
            has not been accepted then.
    """
    mock, socket = call.mock, call.operation.socket
    commands = "" if socket is None else socket.client
    thresholds = read_thresholds(call)
    stream = read_stream(call)
    await _run(call, TurnSession(mock.hearing, stream, thresholds, mock.schemas, commands))


async def _run(call: SocketCall, session: Session) -> None:
    with call.mock.listening.one():
        await call.websocket.accept()
        try:
            await _converse(call, session)
        except WebSocketDisconnect:
            return


async def _converse(call: SocketCall, session: Session) -> None:
    clock = asyncio.get_running_loop().time
    timeout = call.mock.settings.stt_idle_timeout
    await _send(call, session.begin())
    active_at = clock()
    while not session.is_over:
        idle_at = active_at + timeout
        due = min(session.due() or idle_at, idle_at)
        try:
            frame = await asyncio.wait_for(_receive(call), max(due - clock(), 0))
        except asyncio.TimeoutError:
            await _send(call, await asyncio.to_thread(session.tick, clock()))
            if clock() >= idle_at:
                await call.websocket.close(1000, _IDLE)
                return
            continue
        active_at = clock()
        await _send(call, await asyncio.to_thread(_handle, call, session, frame, active_at))
    await call.websocket.close(1000)


async def _receive(call: SocketCall) -> str | bytes:
    message = await call.websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text: str | None = message.get("text")
    data: bytes = message.get("bytes") or b""
    return data if text is None else text


def _handle(call: SocketCall, session: Session, frame: str | bytes, now: float) -> list[JSONObject]:
    try:
        return session.hear(frame, now) if isinstance(frame, bytes) else session.obey(frame)
    except APIError as error:
        return [error_event(error, call.request_id)]
    except Exception as error:  # noqa: BLE001  whatever it is, the client is told
        _log.exception("listening failed")
        return [error_event(internal_error(error), call.request_id)]


async def _send(call: SocketCall, messages: list[JSONObject]) -> None:
    for message in messages:
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        await call.websocket.send_text(text)
