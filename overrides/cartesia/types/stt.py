"""The types of the sockets that listen."""

from __future__ import annotations

from cartesia_rest.models import (
    STTAutoFinalizeClose,
    STTAutoFinalizeConfig,
    STTAutoFinalizeConnected,
    STTAutoFinalizeModel,
    STTAutoFinalizeTurnConfig,
    STTAutoFinalizeTurnEagerEnd,
    STTAutoFinalizeTurnEnd,
    STTAutoFinalizeTurnResume,
    STTAutoFinalizeTurnStart,
    STTAutoFinalizeTurnUpdate,
    STTAutoFinalizeWebsocketRequest,
    STTAutoFinalizeWebsocketResponse,
    STTErrorResponse,
    STTManualFinalizeDoneResponse,
    STTManualFinalizeFlushDoneResponse,
    STTManualFinalizeModel,
    STTManualFinalizeTranscriptResponse,
    STTManualFinalizeWebsocketRequest,
    STTManualFinalizeWebsocketResponse,
    STTWord,
)
from cartesia_rest.params import (
    STTAutoFinalizeCloseParam,
    STTAutoFinalizeConfigParam,
    STTAutoFinalizeTurnConfigParam,
    STTAutoFinalizeWebsocketRequestParam,
)

__all__ = [
    "STTAutoFinalizeClose",
    "STTAutoFinalizeCloseParam",
    "STTAutoFinalizeConfig",
    "STTAutoFinalizeConfigParam",
    "STTAutoFinalizeConnected",
    "STTAutoFinalizeModel",
    "STTAutoFinalizeTurnConfig",
    "STTAutoFinalizeTurnConfigParam",
    "STTAutoFinalizeTurnEagerEnd",
    "STTAutoFinalizeTurnEnd",
    "STTAutoFinalizeTurnResume",
    "STTAutoFinalizeTurnStart",
    "STTAutoFinalizeTurnUpdate",
    "STTAutoFinalizeWebsocketRequest",
    "STTAutoFinalizeWebsocketRequestParam",
    "STTAutoFinalizeWebsocketResponse",
    "STTErrorResponse",
    "STTManualFinalizeDoneResponse",
    "STTManualFinalizeFlushDoneResponse",
    "STTManualFinalizeModel",
    "STTManualFinalizeTranscriptResponse",
    "STTManualFinalizeWebsocketRequest",
    "STTManualFinalizeWebsocketResponse",
    "STTWord",
]
