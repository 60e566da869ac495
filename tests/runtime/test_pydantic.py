"""Models as fields of pydantic's models, and the methods that they have in common with these."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timezone
from typing import Any

import pydantic
import pytest

from cartesia import types
from cartesia._runtime.model import Model

DATA: dict[str, Any] = {
    "id": "v",
    "is_owner": False,
    "is_public": True,
    "name": "Ada",
    "description": "",
    "created_at": "2026-01-02T03:04:05Z",
    "language": "en",
    "gender": None,
    "locales": [{"locale": "en-GB", "is_native": True}],
    "new": {"deep": [1]},
}
CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


class Answer(pydantic.BaseModel):
    """What an application answers with."""

    voice: types.Voice
    others: list[types.Voice] = []
    maybe: types.GenerationConfig | None = None


def test_a_model_is_a_field_of_a_pydantic_model() -> None:
    voice = types.Voice.from_dict(DATA)
    answer = Answer(voice=voice, others=[voice])
    assert answer.voice is voice
    dumped = answer.model_dump()
    assert dumped["voice"]["created_at"] == CREATED
    assert dumped["voice"]["new"] == {"deep": [1]}
    written = json.loads(answer.model_dump_json(exclude_none=True))
    assert written["others"][0]["created_at"] == "2026-01-02T03:04:05+00:00"
    assert "gender" not in written["voice"]
    assert Answer.model_validate_json(answer.model_dump_json()).voice.created_at == CREATED


def test_pydantic_reads_objects_and_names_what_is_missing() -> None:
    answer = Answer.model_validate({"voice": DATA, "maybe": {"speed": 1.5}})
    assert isinstance(answer.voice, types.Voice)
    assert answer.maybe == types.GenerationConfig(speed=1.5)
    with pytest.raises(pydantic.ValidationError, match="Voice lacks the required id, is_owner"):
        Answer.model_validate({"voice": {"name": "Ada"}})
    with pytest.raises(pydantic.ValidationError, match="Voice is made from a dict, not from 5"):
        Answer.model_validate({"voice": 5})


def test_pydantic_makes_a_json_schema_as_fastapi_needs_it() -> None:
    for mode in ("validation", "serialization"):
        schema = Answer.model_json_schema(mode=mode)
        assert schema["properties"]["voice"]["title"] == "Voice"
    adapter = pydantic.TypeAdapter(list[types.Voice])
    assert adapter.json_schema()["items"]["type"] == "object"
    assert json.loads(adapter.dump_json([types.Voice.from_dict(DATA)]))[0]["name"] == "Ada"


def test_model_dump_keeps_python_values_or_gives_those_of_json() -> None:
    voice = types.Voice.from_dict(DATA)
    dumped = voice.model_dump()
    assert dumped["created_at"] == CREATED
    assert dumped["locales"] == [{"locale": "en-GB", "is_native": True}]
    assert dumped["gender"] is None
    assert "accent" in dumped
    assert voice.model_dump(mode="json")["created_at"] == "2026-01-02T03:04:05+00:00"
    assert "accent" not in voice.model_dump(exclude_unset=True)
    assert voice.model_dump(exclude_unset=True)["gender"] is None
    assert "gender" not in voice.model_dump(exclude_none=True)
    failed = types.WebsocketError.from_dict({"error": "no"})
    assert failed.model_dump(exclude_none=True)["legacy_error"] == "no"
    assert failed.model_dump(by_alias=True, exclude_none=True)["error"] == "no"


def test_model_dump_json_is_what_json_reads() -> None:
    voice = types.Voice.from_dict(DATA)
    assert json.loads(voice.model_dump_json()) == voice.model_dump(mode="json")
    assert json.loads(voice.model_dump_json(indent=2, exclude_none=True))["new"] == {"deep": [1]}
    assert "\n  " in voice.model_dump_json(indent=2)


def test_model_validate_reads_objects_texts_and_models() -> None:
    voice = types.Voice.model_validate(DATA)
    assert voice == types.Voice.from_dict(DATA)
    assert types.Voice.model_validate(voice) is voice
    with pytest.raises(ValueError, match="lacks the required"):
        types.Voice.model_validate({})


def test_model_copy_changes_the_copy_alone() -> None:
    voice = types.Voice.from_dict(DATA)
    made = voice.model_copy(update={"name": "Eve"})
    assert (made.name, voice.name) == ("Eve", "Ada")
    assert made.to_dict() == {**DATA, "name": "Eve"}
    assert made.locales is voice.locales
    assert voice.model_copy(deep=True).locales is not voice.locales


def test_dict_gives_the_attributes_as_fastapi_asks_for_them() -> None:
    assert dict(Model.from_dict({"a": 1})) == {"a": 1}
    assert dict(types.Voice.from_dict(DATA))["created_at"] == CREATED


def test_pydantic_is_not_imported_unless_the_application_does() -> None:
    program = (
        "import json, sys; from cartesia import types; v = types.Voice.model_validate(json.loads(sys.argv[1]));"
        "v.model_dump_json(); v.model_copy(); sys.exit('pydantic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, json.dumps(DATA)], check=True)  # noqa: S603  # our own


def test_fastapi_answers_with_a_model() -> None:
    # A part of the tools of development, which need Python 3.11.
    fastapi = pytest.importorskip("fastapi")
    testing = pytest.importorskip("starlette.testclient")

    def voice() -> types.Voice:
        return types.Voice.from_dict(DATA)

    app = fastapi.FastAPI()
    app.add_api_route("/voice", voice)
    with testing.TestClient(app) as client:
        found = client.get("/voice").json()
        assert (found["name"], found["new"]) == ("Ada", {"deep": [1]})
        described = client.get("/openapi.json").json()["paths"]["/voice"]["get"]["responses"]["200"]
    schema = described["content"]["application/json"]["schema"]
    assert (schema["type"], schema["additionalProperties"]) == ("object", True)
