"""Strict clients refuse what the document does not promise, and nothing that it does."""

from __future__ import annotations

import copy
import json
from typing import cast

import pytest
from hypothesis import given, settings

from cartesia import AsyncCartesia, Cartesia
from cartesia._runtime.errors import APIResponseValidationError
from cartesia._runtime.model import Model
from cartesia._runtime.strict import find_fault
from cartesia_rest import models
from scripts.bundle import JSON
from scripts.view import shapes
from scripts.view.shapes import SchemaKind, Shape
from tests.contract.instances import document, instances
from tests.runtime.server import answer, chunked, serve

VOICE = {
    "id": "v1",
    "is_owner": True,
    "is_public": False,
    "name": "Ann",
    "description": "Calm.",
    "created_at": "2025-05-02T09:30:00Z",
    "language": "xx",
    "gender": None,
    "locales": [{"locale": "en-GB", "is_native": True}],
    "unknown": 1,
}
MODELS = sorted(
    name
    for name in document().schemas.keys() - (document().bodies - document().referred)
    if document().kind(name) is SchemaKind.MODEL
)


@pytest.mark.parametrize("name", MODELS)
def test_nothing_that_the_document_allows_is_refused(name: str) -> None:
    kind = cast("type[Model]", getattr(models, name))

    @settings(max_examples=15, deadline=None, database=None)
    @given(instances({"$ref": f"#/components/schemas/{name}"}, further=True))
    def check(made: JSON) -> None:
        assert isinstance(made, dict)
        assert find_fault(kind.from_dict(json.loads(json.dumps(made)))) is None

    check()


def alternatives(shape: Shape) -> tuple[Shape, ...]:
    return shape.members if isinstance(shape, shapes.AnyOf) else (shape,)


@pytest.mark.parametrize("name", MODELS)
def test_a_required_field_that_is_missing_is_named(name: str) -> None:
    kind = cast("type[Model]", getattr(models, name))
    fault = find_fault(kind.from_dict({}))
    required = [
        item.wire
        for item in document().component_properties(name).values()
        if item.required and shapes.NONE not in alternatives(document().shape(item.schema))
    ]
    if required:
        assert fault is not None
        assert any(f"`{wire}` must be" in fault for wire in required)
        assert fault.endswith("is missing or null")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": 5}, "`name` must be str, but is 5"),
        ({"is_owner": 1}, "`is_owner` must be bool, but is 1"),
        ({"created_at": "soon"}, "`created_at` must be datetime, but is 'soon'"),
        ({"gender": "loud"}, "`gender` must be GenderPresentation or None, but is 'loud'"),
        ({"language": 5}, "`language` must be SupportedLanguage or str, but is 5"),
        ({"locales": {}}, "`locales` must be list[VoiceLocale] or None, but is {}"),
        ({"locales": ["en"]}, "`locales[0]` must be VoiceLocale, but is 'en'"),
        ({"locales": [{"locale": "en", "is_native": 0}]}, "`locales[0].is_native` must be bool"),
        ({"name": "x" * 5, "description": ["y" * 99]}, "`description` must be str, but is ['yyy"),
    ],
)
def test_the_place_of_what_differs_is_named(change: dict[str, object], said: str) -> None:
    voice = {**copy.deepcopy(VOICE), **change}
    fault = find_fault(models.Voice.from_dict(voice))
    assert fault is not None
    assert fault.startswith(said)


def test_values_of_maps_and_fixed_values_are_looked_at() -> None:
    call = {"id": "t", "name": "n", "arguments": {"city": 5}}
    assert find_fault(models.AgentToolCall.from_dict(call)) == (
        "`arguments.city` must be str, but is 5"
    )
    done = {"type": "done", "done": 1, "status_code": 200}
    assert find_fault(models.TTSSSEDone.from_dict(done)) == "`done` must be one of True, but is 1"
    assert find_fault(5) == "`the whole of it` must be an object, but is 5"
    assert find_fault([models.Voice.from_dict(VOICE), "x"], "data") == (
        "`data[1]` must be an object, but is 'x'"
    )


def test_a_strict_client_refuses_what_the_usual_one_takes() -> None:
    wrong = json.dumps({**VOICE, "name": 5}).encode()
    page = json.dumps({"data": [VOICE, {**VOICE, "name": 5}], "has_more": False}).encode()
    with (
        serve(answer(wrong), answer(wrong), answer(page), answer(b"[5]"), answer(wrong)) as server,
        Cartesia(api_key="k", base_url=server.url) as usual,
    ):
        assert usual.voices.get("v1").name == 5  # type: ignore[comparison-overlap]  # wrong
        strict = usual.with_options(_strict_response_validation=True)
        with pytest.raises(APIResponseValidationError, match="`name` must be str") as caught:
            strict.with_options(max_retries=0).voices.get("v1")
        assert caught.value.body == {**VOICE, "name": 5}
        with pytest.raises(APIResponseValidationError, match=r"`data\[1\].name` must be str"):
            strict.voices.list()
        with pytest.raises(APIResponseValidationError, match=r"`\[0\]` must be an object"):
            strict.agents.list_phone_numbers("a1")
        with pytest.raises(APIResponseValidationError, match="`name` must be str"):
            strict.get("/voices/v1", cast_to=models.Voice)


EVENTS = (
    b'data: {"type": "news", "text": 5}\n\n',
    b'data: {"type": "chunk", "done": false, "status_code": "206", "data": "", "step_time": 1}\n\n',
)


@pytest.mark.anyio
async def test_events_of_a_strict_client_are_looked_at_but_new_kinds_pass() -> None:
    with serve(chunked(*EVENTS, media_type="text/event-stream")) as server:
        async with AsyncCartesia(
            api_key="k", base_url=server.url, _strict_response_validation=True
        ) as client:
            stream = await client.tts.generate_sse(
                model_id="sonic-3",
                transcript="Hi.",
                voice="v1",
                output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
            )
            async with stream:
                assert (await stream.__anext__()).type == "news"  # type: ignore[comparison-overlap]  # new
                with pytest.raises(APIResponseValidationError, match="`status_code` must be int"):
                    await stream.__anext__()
