"""Models of answers that lack required fields: what is there is read, what is not is told."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from cartesia import types
from cartesia._runtime import codec
from cartesia._runtime.codec import decode_json
from cartesia._runtime.model import Model


@pytest.fixture(params=["orjson", "json"])
def voice(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> types.Voice:
    """Read a voice of which the server sent two fields alone, by either codec."""
    if request.param == "json":
        monkeypatch.setattr(codec, "_loads", json.loads)
    data = decode_json(b'{"name": "Ada", "new": 1}')
    assert isinstance(data, dict)
    return types.Voice.from_dict(data)


def test_a_required_field_that_was_not_sent_raises_an_attribute_error_that_says_so(
    voice: types.Voice,
) -> None:
    for name in ("id", "is_owner", "created_at"):
        with pytest.raises(AttributeError, match=f"the server did not send `{name}`.*Voice"):
            getattr(voice, name)
        assert not hasattr(voice, name)
        assert getattr(voice, name, "else") == "else"


def test_the_rest_of_an_incomplete_model_works(voice: types.Voice) -> None:
    assert voice.name == "Ada"
    assert voice.gender is None
    assert voice.new == 1  # type: ignore[attr-defined]
    assert repr(voice) == "Voice(name='Ada', new=1)"
    assert voice.to_dict() == {"name": "Ada", "new": 1}
    assert voice.to_json() == '{"name":"Ada","new":1}'
    assert voice.model_fields_set == {"name", "new"}
    assert "id" not in voice.model_dump()
    for same in (copy.copy(voice), copy.deepcopy(voice), pickle.loads(pickle.dumps(voice))):  # noqa: S301  # our own
        assert same == voice
        assert not hasattr(same, "id")


def test_a_field_that_was_not_sent_can_be_set(voice: types.Voice) -> None:
    voice.id = "v"
    assert voice.id == "v"
    assert voice.to_dict() == {"id": "v", "name": "Ada", "new": 1}


def test_null_is_what_the_server_sent() -> None:
    assert types.Voice.from_dict({"id": None}).id is None


def test_a_misspelt_attribute_is_another_error(voice: types.Voice) -> None:
    with pytest.raises(AttributeError, match="'Voice' object has no attribute 'nmae'"):
        _ = voice.nmae  # type: ignore[attr-defined]


def test_a_property_names_the_field_that_it_needs() -> None:
    chunk = types.TTSSSEChunk.from_dict({"type": "chunk"})
    with pytest.raises(AttributeError, match="the server did not send `data`"):
        _ = chunk.audio
    item = types.PronunciationDictItem.from_dict({"text": "a"})
    with pytest.raises(AttributeError, match="the server did not send `alias`"):
        _ = item.pronunciation
    assert types.PronunciationDictItem.from_dict({"pronunciation": "b"}).alias == "b"


def test_a_constant_has_its_value_even_if_it_was_not_sent() -> None:
    chunk = types.TTSSSEChunk.from_dict({"data": ""})
    assert (chunk.type, chunk.done) == ("chunk", False)
    assert chunk.to_dict() == {"data": ""}


def test_a_model_inside_may_be_incomplete() -> None:
    page = types.Voice.from_dict({"id": "v", "locales": [{"code": "en"}]})
    assert page.locales is not None
    (locale,) = page.locales
    assert isinstance(locale, Model)
    assert locale.to_dict() == {"code": "en"}
    with pytest.raises(AttributeError, match="the server did not send"):
        _ = locale.is_native
