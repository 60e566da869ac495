"""Modules and calls of code that was written for the vendor's package."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import cartesia_rest.models
import cartesia_rest.resources
from cartesia import AsyncCartesia, Cartesia
from tests.overrides.speaking import MODEL, SENTENCE, VOICE, WAV


@pytest.mark.parametrize(
    ("module", "name", "same"),
    [
        ("cartesia.resources.tts", "TTSResource", "tts"),
        ("cartesia.resources.voices", "AsyncVoicesResource", "voices"),
        ("cartesia.resources.agents.calls", "CallsResource", "agents_calls"),
        ("cartesia.resources.agents", "AgentsResource", "agents"),
    ],
)
def test_resources_are_those_of_the_client(module: str, name: str, same: str) -> None:
    found = getattr(import_module(module), name)
    assert found is getattr(getattr(cartesia_rest.resources, same), name)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("cartesia.types.voice", "Voice"),
        ("cartesia.types.generation_config", "GenerationConfig"),
        ("cartesia.types.agents.deployment", "Deployment"),
        ("cartesia.types.tts_sse_event", "TTSSSEEvent"),
    ],
)
def test_types_are_those_of_the_package(module: str, name: str) -> None:
    assert getattr(import_module(module), name) is getattr(cartesia_rest.models, name)


def test_parameters_of_a_method_are_a_dictionary() -> None:
    found = import_module("cartesia.types.tts_generate_params").TTSGenerateParams
    assert found(model_id="sonic-3", transcript="Hi.") == {
        "model_id": "sonic-3",
        "transcript": "Hi.",
    }
    with pytest.raises(AttributeError):
        _ = import_module("cartesia.types.tts_generate_params").Nonsense


@pytest.mark.parametrize("module", ["cartesia.types.nonsense", "cartesia.resources.nonsense"])
def test_what_is_not_there_is_not_found(module: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="nonsense"):
        import_module(module)


def test_a_module_is_imported_by_its_name_alone() -> None:
    code = "import cartesia.resources.tts; print(cartesia.resources.tts.AsyncTTSResource.__name__)"
    done = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "AsyncTTSResource\n"


def test_the_key_may_be_the_first_argument() -> None:
    assert Cartesia("key").api_key == AsyncCartesia("key").api_key == "key"
    assert Cartesia("key").copy(api_key="other").api_key == "other"


@pytest.mark.anyio
async def test_the_older_name_for_bytes_can_be_awaited_for_the_response(mock_url: str) -> None:
    async with AsyncCartesia("good", base_url=mock_url) as client:
        with pytest.warns(DeprecationWarning, match="generate"):
            audio = client.tts.bytes(
                model_id=MODEL, transcript=SENTENCE, voice=VOICE, output_format=WAV
            )
        response = await audio
        assert (await response.read())[:4] == b"RIFF"
