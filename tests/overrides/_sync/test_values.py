# Derived by `make generate` (scripts/unasync.py) from
# tests/overrides/_async/test_values.py
# Do not edit: change that file instead.
"""Values as callers have them: None, ids as objects, numbers of other libraries, keys with spaces."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, cast
from uuid import UUID

import numpy as np
import pytest

from cartesia import AuthenticationError, Cartesia, omit, types
from cartesia_rest.resources.tts import _GENERATE as GENERATE
from tests.runtime.server import Received, answer, serve

VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
UUID_ = UUID(VOICE)
MODEL = types.Voice.from_dict({"id": VOICE, "name": "Ada"})
RAW: types.RawOutputFormatParam = {
    "container": "raw",
    "encoding": "pcm_s16le",
    "sample_rate": 8000,
}
Speaks: dict[str, Any] = {"model_id": "sonic-3", "transcript": "Hi.", "output_format": RAW}


def sent(call: Callable[[Cartesia], object], *, kind: str = "audio/pcm") -> Received:
    with serve(answer(b"{}", headers={"content-type": kind})) as server:
        with Cartesia(api_key="k", base_url=server.url) as client:
            call(client)
    return server.requests[0]


def body_of(call: Callable[[Cartesia], object]) -> Any:
    return json.loads((sent(call)).body)


JSON = "application/json"


def test_none_is_left_out_where_the_api_has_no_null() -> None:
    received = sent(
        lambda client: client.voices.update(VOICE, name=None, description=None, accent=None),
        kind=JSON,
    )
    assert json.loads(received.body) == {"accent": None}, "the API has null for this one"


def test_none_of_every_argument_is_sent_only_where_the_document_has_null() -> None:
    given = dict.fromkeys(("language", "generation_config", "save", "speed", "duration"))
    body = body_of(lambda client: client.tts.generate(**Speaks, voice=VOICE, **given))  # type: ignore[arg-type]
    nullable = GENERATE.nullable
    assert nullable is not None
    assert body.keys() & given.keys() == nullable & given.keys()
    assert "speed" not in body


def test_none_inside_of_an_argument_is_left_out_as_well() -> None:
    config = cast("types.GenerationConfigParam", {"speed": 1.5, "emotion": None})
    body = body_of(
        lambda client: client.tts.generate(**Speaks, voice=VOICE, generation_config=config)
    )
    assert body["generation_config"] == {"speed": 1.5}
    assert body["voice"] == {"mode": "id", "id": VOICE}


def test_none_is_sent_as_null_where_the_api_has_it_and_where_the_caller_insists() -> None:
    received = sent(
        lambda client: client.access_token.create(
            grants=cast("types.AccessTokenGrantsParam", {"tts": True, "stt": None}),
            expires_in=None,
            extra_body={"new": None, "deep": {"new": None}},
        ),
        kind=JSON,
    )
    assert json.loads(received.body) == {
        "grants": {"tts": True, "stt": None},
        "expires_in": None,
        "new": None,
        "deep": {"new": None},
    }
    received = sent(lambda client: client.voices.update(VOICE, accent=None), kind=JSON)
    assert json.loads(received.body) == {"accent": None}
    own = sent(
        lambda client: client.post("/x", cast_to=object, body={"a": None}),
        kind=JSON,
    )
    assert json.loads(own.body) == {"a": None}


def test_none_is_left_out_of_forms_and_queries() -> None:
    form = sent(
        lambda client: client.tts.infill(
            model_id="sonic-3", transcript="a", voice_id=VOICE, language="en", left_audio=b"RIFF",
            output_format=cast("Any", {"container": "wav", "sample_rate": None}),
        )
    )  # fmt: skip
    assert b"None" not in form.body
    assert b"null" not in form.body
    assert b"sample_rate" not in form.body


@pytest.mark.parametrize("voice", [VOICE, UUID_, MODEL], ids=["str", "UUID", "Voice"])
def test_an_id_may_be_a_uuid_or_a_voice(voice: Any) -> None:
    got = sent(lambda client: client.voices.get(voice), kind=JSON)
    assert got.target == f"/voices/{VOICE}"
    body = body_of(lambda client: client.tts.generate(**Speaks, voice=voice))
    assert body["voice"] == {"mode": "id", "id": VOICE}
    form = sent(
        lambda client: client.tts.infill(
            model_id="sonic-3", transcript="a", voice_id=voice, language="en", left_audio=b"RIFF"
        )
    )
    assert f'name="voice_id"\r\n\r\n{VOICE}\r\n'.encode() in form.body
    body = body_of(
        lambda client: client.tts.generate(**Speaks, voice=VOICE, pronunciation_dict_id=voice)
    )
    assert body["pronunciation_dict_id"] == VOICE


def test_a_specifier_of_a_voice_is_sent_as_it_is() -> None:
    for voice in (types.VoiceSpecifier(id=VOICE), {"mode": "id", "id": VOICE}):
        body = body_of(lambda client, v=voice: client.tts.generate(**Speaks, voice=v))  # type: ignore[misc]
        assert body["voice"] == {"mode": "id", "id": VOICE}


def test_an_object_without_an_id_is_refused_by_name() -> None:
    with Cartesia(api_key="k") as client:
        with pytest.raises(TypeError, match="`id` must be a str"):
            client.voices.get(cast("str", types.Voice.from_dict({"name": "x"})))
        with pytest.raises(TypeError, match="`voice` must be an id, a dict or a model"):
            client.tts.generate(**Speaks, voice=cast("str", 5))
        with pytest.raises(TypeError, match="`pronunciation_dict_id` must be a str"):
            client.tts.generate(
                **Speaks, voice=VOICE, pronunciation_dict_id=cast("str", {"id": VOICE})
            )


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (np.float32(1.5), 1.5),
        (np.float64(0.25), 0.25),
        (np.int64(2), 2),
        (Decimal("1.25"), 1.25),
        (Decimal(2), 2),
        (np.array([1, 2]), [1, 2]),
        (np.bool_(True), True),
    ],
)
def test_numbers_of_numpy_and_decimals_are_sent_as_numbers(value: Any, number: object) -> None:
    body = body_of(
        lambda client: client.tts.generate(
            **Speaks, voice=VOICE, generation_config={"speed": value}, extra_body={"more": value}
        )
    )
    assert body["generation_config"] == {"speed": number}
    assert body["more"] == number
    if not isinstance(number, (bool, list)):
        body = body_of(lambda client: client.tts.generate(**Speaks, voice=VOICE, duration=value))
        assert body["duration"] == number
    numbers = number if isinstance(number, list) else [number]
    shown = ["true" if each is True else str(each) for each in numbers]
    got = sent(
        lambda client: client.get("/x", cast_to=object, options={"params": {"n": value}}), kind=JSON
    )
    assert got.target == "/x?" + "&".join(f"n={text}" for text in shown)


def test_numbers_that_are_none_are_refused() -> None:
    with Cartesia(api_key="k") as client:
        for value in (Decimal("NaN"), np.float32("inf"), Decimal("Infinity")):
            with pytest.raises(ValueError, match="`duration`: JSON cannot represent NaN or inf"):
                client.tts.generate(**Speaks, voice=VOICE, duration=cast("float", value))


def test_a_key_may_have_spaces_inside_but_not_around_it() -> None:
    with serve(answer(b"{}")) as server:
        with Cartesia(token="My Token", base_url=server.url) as client:
            client.voices.get(VOICE)
        with Cartesia(api_key="My Key", base_url=server.url) as client:
            client.voices.get(VOICE)
    assert [request.headers["authorization"] for request in server.requests] == [
        "Bearer My Token",
        "Bearer My Key",
    ]
    for bad in (" k", "k ", "k\n", "a\nb", "a\tb", "a\x00b", "k\u00e9"):
        for name in ("api_key", "token"):
            with pytest.raises(ValueError, match=f"`{name}` .*strip") as caught:
                Cartesia(**{name: bad})  # type: ignore[arg-type]
            assert bad.strip() not in str(caught.value).replace(name, "") or bad.strip() == "k"


def test_what_a_call_does_not_name_is_that_of_the_client() -> None:
    with serve(*[answer(b'{"data": []}')] * 3) as server:
        with Cartesia(api_key="k", base_url=server.url, default_query={"limit": 3}) as client:
            client.voices.list()
            client.voices.list(limit=5)
            client.voices.list(extra_query={"limit": omit})
    assert [got.target for got in server.requests] == [
        "/voices?limit=3",
        "/voices?limit=5",
        "/voices",
    ]


def test_a_content_type_for_all_calls_does_not_break_an_upload() -> None:
    headers = {"Content-Type": "application/json"}
    with serve(answer(b'{"text": ""}')) as server:
        with Cartesia(api_key="k", base_url=server.url, default_headers=headers) as client:
            client.stt.transcribe(file=b"audio", model="ink-whisper")
    assert server.requests[0].headers["content-type"].startswith("multipart/form-data")


class Limit(IntEnum):
    TEN = 10


class Order(Enum):
    NEWEST = "desc"


def test_an_enum_in_a_query_is_its_value() -> None:
    with serve(answer(b'{"data": []}')) as server:
        with Cartesia(api_key="k", base_url=server.url) as client:
            client.voices.list(limit=Limit.TEN, extra_query={"order": Order.NEWEST})
    assert server.requests[0].target == "/voices?limit=10&order=desc"


def test_a_user_of_one_host_is_not_sent_to_another() -> None:
    """A handshake that is refused shows what it had."""
    refusal = answer(b"", status=401)
    with serve(refusal) as sockets:
        address = sockets.url.replace("http", "ws")
        with Cartesia(
            api_key="k", base_url="https://user:password@gateway", websocket_base_url=address
        ) as client:
            with pytest.raises(AuthenticationError):
                client.tts.websocket_connect().enter()
    assert sockets.requests[0].headers["authorization"] == "Bearer k"
    with serve(refusal) as sockets:
        address = sockets.url.replace("http://", "ws://user:password@")
        with Cartesia(
            api_key="k", base_url="https://gateway", websocket_base_url=address
        ) as client:
            with pytest.raises(AuthenticationError) as caught:
                client.tts.websocket_connect().enter()
    assert sockets.requests[0].headers["authorization"] == "Basic dXNlcjpwYXNzd29yZA=="
    assert "api_key" not in str(caught.value)


def test_a_key_that_was_not_sent_is_not_blamed() -> None:
    with serve(*[answer(b"", status=401)] * 2) as server:
        with Cartesia(api_key="k", base_url=server.url) as client:
            with pytest.raises(AuthenticationError, match="signed with the argument `api_key`"):
                client.voices.list()
            other = {"Authorization": "Bearer other"}
            with pytest.raises(AuthenticationError, match="credentials in its headers"):
                client.voices.list(extra_headers=other)
