"""The types that code written for this API imports, by the names it knows them under."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from cartesia import types
from cartesia_rest import models

NAMES = {
    "cartesia.types": """
        Voice VoiceMetadata VoiceLocale VoiceAccent VoiceSpecifier VoiceSpecifierParam
        SupportedLanguage Gender GenderPresentation LocalizeDialect LocalizeTargetLanguage Emotion
        GenerationConfig GenerationConfigParam GenerationRequest GenerationRequestParam ModelSpeed
        TTSModel InfillModel RawEncoding OutputFormatContainer RawOutputFormatParam
        WAVOutputFormatParam MP3OutputFormatParam TTSSSEEvent WebsocketResponse
        WebsocketClientEvent WebsocketClientEventParam WordTimestamps PhonemeTimestamps
        VoiceChangerSSEEvent STTBatchModel STTEncoding STTErrorResponse STTTranscribeResponse
        AccessTokenCreateResponse Dataset FineTune FineTuneBaseModel PronunciationDict
        PronunciationDictItem PronunciationDictItemParam AgentSummary AgentListResponse
        AgentListPhoneNumbersResponse AgentListTemplatesResponse GetStatusResponse
    """,
    "cartesia.types.agents": """
        AgentCall AgentTranscript Metric MetricListResponse Deployment DeploymentListResponse
    """,
    "cartesia.types.agents.metrics": "ResultListResponse ResultExportResponse",
    "cartesia.types.datasets": "FileListResponse",
    "cartesia.types.stt": """
        STTAutoFinalizeConnected STTAutoFinalizeModel STTAutoFinalizeTurnStart
        STTAutoFinalizeTurnUpdate STTAutoFinalizeTurnEagerEnd STTAutoFinalizeTurnResume
        STTAutoFinalizeTurnEnd STTAutoFinalizeWebsocketRequest STTAutoFinalizeWebsocketResponse
        STTManualFinalizeModel STTManualFinalizeTranscriptResponse
        STTManualFinalizeFlushDoneResponse STTManualFinalizeDoneResponse
        STTManualFinalizeWebsocketRequest STTManualFinalizeWebsocketResponse
    """,
}
PLACES = [(module, name) for module, names in NAMES.items() for name in names.split()]


@pytest.mark.parametrize(("module", "name"), PLACES)
def test_a_type_is_where_it_is_looked_for(module: str, name: str) -> None:
    found = import_module(module)
    assert name in found.__all__
    assert getattr(found, name) is not None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AgentListPhoneNumbersResponse", list[models.PhoneNumber]),
        ("DeploymentListResponse", list[models.Deployment]),
        ("FileListResponse", models.DatasetFile),
        ("ResultListResponse", models.MetricResult),
        ("ResultExportResponse", str),
    ],
)
def test_an_alias_is_what_the_method_gives(name: str, meant: object) -> None:
    assert getattr(types, name) == meant
    assert name in dir(types)


def test_the_inner_modules_offer_what_they_list_and_what_the_whole_has() -> None:
    for module in ("agents", "agents.metrics", "datasets", "stt"):
        found = import_module(f"cartesia.types.{module}")
        for name in found.__all__:
            assert getattr(types, name) is getattr(found, name)


def test_inner_modules_need_no_import_of_their_own() -> None:
    code = "import cartesia; print(cartesia.types.agents.metrics_are_elsewhere)"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert "module 'cartesia.types.agents' has no attribute" in done.stderr
