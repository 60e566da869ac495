"""Handlers of the STT WebSockets: frames to a session, and its messages to the WebSocket."""

from __future__ import annotations

import asyncio
import logging
from typing import Union

from starlette.websockets import WebSocketDisconnect

from cartesia_mock.api.http_errors import HTTPError, internal_error
from cartesia_mock.api.jsontypes import JSONFields, JSONObject
from cartesia_mock.http.api_request import WebSocketHandler, WebSocketRequest
from cartesia_mock.speech.audio import PCM_ENCODINGS, SAMPLE_BYTES, PCMEncoding
from cartesia_mock.stt.manual_session import ManualSession, SilenceOptions, StreamOptions
from cartesia_mock.stt.pcm_reader import SILENCE_LEVEL
from cartesia_mock.stt.turn_detection import TurnThresholds
from cartesia_mock.stt.turn_session import TurnSession

_log = logging.getLogger("cartesia_mock")
_IDLE_REASON = "connection idle timeout"
_DEFAULT_LANGUAGE = "en"
_MAX_KEYTERM_CHARACTERS = 1200
_SAMPLE_RATES = range(1000, 384_001)
_ENCODINGS: dict[str, PCMEncoding] = {name: name for name in PCM_ENCODINGS}
_DEFAULT_SILENCE_SECONDS = 1.0
_MAX_FRAME_SECONDS = 120

_Session = Union[ManualSession, TurnSession]


async def serve_manual_finalize(request: WebSocketRequest) -> None:
    """Serve one WebSocket whose client decides when a text is final.

    Raises:
        HTTPError: The query is not valid (400), or too many WebSockets are open (429). This one
            has not been accepted.
    """
    mock, socket = request.mock, request.operation.socket
    commands = [] if socket is None else mock.document.enum(socket.client)
    query = request.parse_query()
    stream, silence = _stream_options(request, query), _silence_options(query)
    with mock.transcription_limit.slot():
        await request.websocket.accept()
        await _run(request, ManualSession(mock.transcriber, stream, silence, commands))


async def serve_turn_detection(request: WebSocketRequest) -> None:
    """Serve one WebSocket that detects the turns of a speaker.

    Its settings are checked once it is open: an `error` event in place of `connected` tells what
    is wrong with them.

    Raises:
        HTTPError: Too many WebSockets are open (429). This one has not been accepted.
    """
    with request.mock.transcription_limit.slot():
        await request.websocket.accept()
        try:
            session = _turn_session(request)
        except HTTPError as error:
            await request.send(_error_event(error, request.id))
            await request.websocket.close(1000)
            return
        await _run(request, session)


def _turn_session(request: WebSocketRequest) -> TurnSession:
    mock, socket = request.mock, request.operation.socket
    query = request.parse_query()
    commands = "" if socket is None else socket.client
    thresholds = TurnThresholds().updated(query, "turn_")
    stream = _stream_options(request, query)
    return TurnSession(mock.transcriber, stream, thresholds, mock.schemas, commands)


async def _run(request: WebSocketRequest, session: _Session) -> None:
    try:
        await _exchange(request, session)
    except WebSocketDisconnect:
        return


async def _exchange(request: WebSocketRequest, session: _Session) -> None:
    clock = asyncio.get_running_loop().time
    timeout = request.mock.settings.stt_idle_timeout
    await _send(request, session.start_messages())
    active_at = clock()
    while not session.is_over:
        idle_at = active_at + timeout
        deadline = min(session.next_deadline() or idle_at, idle_at)
        try:
            frame = await asyncio.wait_for(request.receive(), max(deadline - clock(), 0))
        except asyncio.TimeoutError:
            await _send(request, await asyncio.to_thread(session.on_deadline, clock()))
            if clock() >= idle_at:
                await request.websocket.close(1000, _IDLE_REASON)
                return
            continue
        active_at = clock()
        await _send(request, await asyncio.to_thread(_handle, request, session, frame, active_at))
    await request.websocket.close(1000)


async def _send(request: WebSocketRequest, messages: list[JSONObject]) -> None:
    for message in messages:
        await request.send(message)


def _handle(
    request: WebSocketRequest, session: _Session, frame: str | bytes, now: float
) -> list[JSONObject]:
    try:
        if isinstance(frame, bytes):
            _check_frame(session.stream, len(frame))
            return session.receive_audio(frame, now)
        return session.receive_command(frame)
    except HTTPError as error:
        return [_error_event(error, request.id)]
    except Exception as error:  # noqa: BLE001  every failure is reported to the client
        _log.exception("transcription failed")
        return [_error_event(internal_error(error), request.id)]


def _check_frame(stream: StreamOptions, size: int) -> None:
    """Reject a frame whose transcription would take long, since nothing could end it (413)."""
    seconds = size / SAMPLE_BYTES[stream.encoding] / stream.rate
    if seconds > _MAX_FRAME_SECONDS:
        message = f"{seconds:.0f} seconds of audio: send at most {_MAX_FRAME_SECONDS} in a message"
        raise HTTPError(413, "Message too large", message)


def _error_event(error: HTTPError, request_id: str) -> JSONObject:
    event: JSONObject = {
        "type": "error",
        "status_code": error.status,
        "title": error.title,
        "message": error.message,
        "request_id": request_id,
    }
    if error.code is not None:
        event["error_code"] = error.code
    return event


def _stream_options(request: WebSocketRequest, query: JSONFields) -> StreamOptions:
    """Parse the query's encoding, sample rate and language, and check its key terms."""
    rate = query.integer("sample_rate") or 0
    if rate not in _SAMPLE_RATES:
        raise HTTPError(
            400,
            "Invalid sample rate",
            f"sample_rate: {rate} is out of range: use 1000 to 384000 Hz",
        )
    characters = sum(map(len, query.texts("keyterm")))
    if characters > _MAX_KEYTERM_CHARACTERS:
        raise HTTPError(
            400,
            "Too many key terms",
            f"keyterm: {characters} characters in all: send {_MAX_KEYTERM_CHARACTERS} at most",
        )
    language = query.text("language", _DEFAULT_LANGUAGE)
    return StreamOptions(request.id, _ENCODINGS[query.text("encoding")], rate, language)


def _silence_options(query: JSONFields) -> SilenceOptions:
    """Parse when silence makes a text final: only ink-whisper has parameters for it."""
    volume = query.number("min_volume")
    seconds = query.number("max_silence_duration_secs")
    if not query.text("model").startswith("ink-whisper") or volume is seconds is None:
        return SilenceOptions()
    return SilenceOptions(
        SILENCE_LEVEL if volume is None else volume,
        _DEFAULT_SILENCE_SECONDS if seconds is None else seconds,
    )


HANDLERS: dict[str, WebSocketHandler] = {
    "stt.manual_finalize.websocket": serve_manual_finalize,
    "stt.auto_finalize.websocket": serve_turn_detection,
}
"""Handlers by operationId."""
