"""Owned voices: cloned, changed, localized, deleted."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from cartesia_mock.document.openapi_document import BUNDLED_DOCUMENT, APIDocument
from cartesia_mock.speech.audio import decode
from cartesia_mock.speech.voice_analysis import measure_pitch
from cartesia_mock.testing import serve
from tests.mock.helpers import HEADERS, NEW, NO_TLS, VOICE, speech_wav

LOCALIZE = {
    "voice_id": VOICE,
    "name": "Katie abroad",
    "description": "The same, elsewhere.",
    "language": "fr",
    "original_speaker_gender": "female",
}


def clone(api: httpx.Client, clip: bytes | None = None, **fields: str) -> dict[str, Any]:
    files = {"clip": ("clip.wav", clip or speech_wav("This is how I speak."))}
    answer = api.post(
        "/voices/clone", data={"name": "Mira", "language": "en"} | fields, files=files
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def speak(api: httpx.Client, voice: str, **fields: Any) -> bytes:
    answer = api.post(
        "/tts/bytes",
        json={
            "model_id": "sonic-3",
            "transcript": "The kettle is on.",
            "voice": {"mode": "id", "id": voice},
            "output_format": {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 16000},
        }
        | fields,
    )
    assert answer.status_code == 200, answer.text
    return answer.content


def test_a_clone_is_listed_first_and_speaks(api: httpx.Client) -> None:
    made = clone(api, description="In a small room.", accent="Irish English")
    assert made["user_id"]
    voice = api.get(f"/voices/{made['id']}").json()
    assert voice["is_owner"]
    assert (voice["is_public"], voice["gender"]) == (False, "feminine")  # 162 Hz and up
    assert voice["accent"] == "Irish English"
    assert voice["locales"] == [{"locale": "en-IE", "is_native": True}]
    assert api.get("/voices?limit=1").json()["data"] == [voice]
    assert voice in api.get("/voices?is_owner=true").json()["data"]
    assert len(decode(speak(api, made["id"]))[0]) > 8000


def test_a_clone_sounds_as_its_clip_does(api: httpx.Client) -> None:
    pitches: list[float] = []
    for pitch in (0.0, 0.9):
        made = clone(api, speech_wav("Listen to me, this is how I speak.", pitch=pitch))
        pitches.append(measure_pitch(*decode(speak(api, made["id"]))) or 0.0)
    assert pitches[1] > 1.2 * pitches[0]


def test_a_clone_has_the_pace_and_timbre_of_its_base_voice(api: httpx.Client) -> None:
    clip = speech_wav("This is how I speak.")
    alone = speak(api, clone(api, clip)["id"])
    based = speak(api, clone(api, clip, base_voice_id=VOICE)["id"])
    assert alone != based
    answer = api.post(
        "/voices/clone",
        data={"name": "x", "language": "en", "base_voice_id": "nobody"},
        files={"clip": clip},
    )
    assert answer.status_code == 404


def test_the_clip_is_kept_and_is_the_preview(api: httpx.Client) -> None:
    clip = speech_wav("This is how I speak.")
    made = clone(api, clip)
    url = api.get(f"/voices/{made['id']}?expand[]=preview_file_url").json()["preview_file_url"]
    heard, rate = decode(api.get(url).content)
    assert (len(heard), rate) == (len(decode(clip)[0]), 16000)


@pytest.mark.parametrize(
    ("fields", "files", "text"),
    [
        ({"name": "x", "language": "en"}, {"clip": b"no audio"}, "Invalid audio: clip:"),
        ({"name": "x", "language": "en"}, {"clip": b""}, "clip: the audio is empty"),
        ({"name": "x", "language": "en", "clip": "text"}, {"x": b""}, "must be sent as a file"),
        ({"name": "x", "language": "klingon"}, {"clip": b"x"}, "Unsupported language"),
        ({"language": "en"}, {"clip": b"x"}, "name: is required"),
    ],
)
def test_invalid_clones_are_refused(
    api: httpx.Client, fields: dict[str, str], files: dict[str, bytes], text: str
) -> None:
    answer = api.post("/voices/clone", data=fields, files=files)
    assert answer.status_code == 400
    assert text in answer.text


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("male", "masculine"),
        ("female", "feminine"),
        ("gender_neutral", "gender_neutral"),
        (None, None),
    ],
)
def test_both_names_of_a_gender_are_accepted(
    api: httpx.Client, sent: str | None, read: str | None
) -> None:
    path = f"/voices/{clone(api)['id']}"
    assert api.patch(path, json={"gender": sent}).json()["gender"] == read
    assert api.get(path).json()["gender"] == read


def test_an_update_leaves_alone_what_it_leaves_out(api: httpx.Client) -> None:
    path = f"/voices/{clone(api, accent='Irish English')['id']}"
    before = api.get(path).json()
    assert api.patch(path, json={}).json() == before
    changed = api.patch(path, json={"name": "Mira, at home"}).json()
    assert changed == before | {"name": "Mira, at home"}
    assert api.patch(path, json={"accent": None}).json()["accent"] is None


@pytest.fixture
def widened() -> dict[str, Any]:
    """The document, with a new field of voices that may be set, and one that is required."""
    contents: dict[str, Any] = json.loads(BUNDLED_DOCUMENT.read_text("utf-8"))
    schemas = contents["components"]["schemas"]
    for name in ("Voice", "VoiceUpdateRequest"):
        schemas[name]["properties"]["motto"] = {"type": "string"}
    schemas["Voice"]["properties"]["age"] = {"type": "integer"}
    schemas["Voice"]["required"].append("age")
    for path, method in (("/voices", "get"), ("/voices/{id}", "get"), ("/voices/{id}", "patch")):
        responses = contents["paths"][path][method]["responses"]
        for example in responses["200"]["content"]["application/json"]["examples"].values():
            for voice in example["value"].get("data", [example["value"]]):
                voice["age"] = 40
    return contents


def test_an_update_stores_a_field_that_is_new_in_the_document(widened: dict[str, Any]) -> None:
    with (
        serve(engine="tone", document=APIDocument(widened)) as url,
        httpx.Client(base_url=url, headers=HEADERS, verify=NO_TLS) as api,
    ):
        made = clone(api)
        changed = api.patch(f"/voices/{made['id']}", json={"motto": "Onwards."})
        assert changed.json()["motto"] == "Onwards."
        assert api.get(f"/voices/{made['id']}").json()["motto"] == "Onwards."


def test_every_voice_has_a_field_that_is_newly_required(widened: dict[str, Any]) -> None:
    with (
        serve(engine="tone", document=APIDocument(widened)) as url,
        httpx.Client(base_url=url, headers=HEADERS, verify=NO_TLS) as api,
    ):
        one = api.get(f"/voices/{VOICE}")
        assert one.json()["age"] == 40
        assert {voice["age"] for voice in api.get("/voices").json()["data"]} == {40}
        changed = api.patch(f"/voices/{clone(api)['id']}", json={"name": "Ida"}).json()
        assert (changed["name"], changed["age"]) == ("Ida", 40)


def test_a_deleted_voice_is_gone(api: httpx.Client) -> None:
    made = clone(api)
    path = f"/voices/{made['id']}"
    assert api.delete(path).status_code == 204
    for method in ("GET", "DELETE"):
        assert api.request(method, path).status_code == 404
    assert api.patch(path, json={}).status_code == 404
    assert made["id"] not in api.get("/voices?is_owner=true").text


def test_public_voices_cannot_be_changed(api: httpx.Client) -> None:
    api.headers["cartesia-version"] = NEW
    before = api.get(f"/voices/{VOICE}").json()
    assert api.patch(f"/voices/{VOICE}", json={"name": "Mine"}).status_code == 403
    assert api.delete(f"/voices/{VOICE}").status_code == 403
    assert api.get(f"/voices/{VOICE}").json() == before


@pytest.mark.parametrize(
    ("language", "dialect", "locale"),
    [
        ("fr", None, "fr-FR"),
        ("fr", "ca", "fr-CA"),
        ("en", "uk", "en-GB"),
        ("pt", "eu", "pt-PT"),
        ("de", None, "de-DE"),
        ("ja", None, "ja-JP"),
    ],
)
def test_a_voice_is_localized(
    api: httpx.Client, language: str, dialect: str | None, locale: str
) -> None:
    body = LOCALIZE | {"language": language, "dialect": dialect}
    made = api.post("/voices/localize", json=body).json()
    voice = api.get(f"/voices/{made['id']}").json()
    assert voice["language"] == language
    assert voice["locales"] == [{"locale": locale, "is_native": True}]
    assert voice["gender"] == "feminine"
    assert speak(api, made["id"])


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"dialect": "uk"}, 400, "dialect: 'uk' is none of the language 'fr': there are eu, ca"),
        ({"language": "de", "dialect": "eu"}, 400, "there is none"),
        ({"language": "la"}, 400, "language: 'la' is not one of"),
        ({"voice_id": "nobody"}, 404, "Voice not found"),
        ({"original_speaker_gender": "masculine"}, 400, "is not one of male, female"),
    ],
)
def test_invalid_localizations_are_refused(
    api: httpx.Client, changes: dict[str, str], status: int, text: str
) -> None:
    answer = api.post("/voices/localize", json=LOCALIZE | changes)
    assert answer.status_code == status
    assert text in answer.text
