"""Handlers: one function for each operation of the API, registered by operationId."""

from __future__ import annotations

from cartesia_mock.handlers import (
    agent_calls,
    agent_metrics,
    agents,
    fine_tuning,
    infill,
    pronunciation_dicts,
    service,
    stt_websockets,
    transcription,
    tts,
    tts_websocket,
    voice_changer,
    voices,
)
from cartesia_mock.http.api_request import Handler, WebSocketHandler

HANDLERS: dict[str, Handler] = {
    **service.HANDLERS,
    **tts.HANDLERS,
    **infill.HANDLERS,
    **voice_changer.HANDLERS,
    **transcription.HANDLERS,
    **voices.HANDLERS,
    **fine_tuning.HANDLERS,
    **pronunciation_dicts.HANDLERS,
    **agents.HANDLERS,
    **agent_calls.HANDLERS,
    **agent_metrics.HANDLERS,
}
"""Handlers of HTTP operations, by operationId."""

WEBSOCKET_HANDLERS: dict[str, WebSocketHandler] = {
    **tts_websocket.HANDLERS,
    **stt_websockets.HANDLERS,
}
"""Handlers of WebSocket operations, by operationId."""
