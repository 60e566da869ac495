"""Every date at once: each request is judged by the document of its date, and answered in its shapes."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from cartesia_mock.document.openapi_document import APIDocument
from tests.mock.helpers import HEADERS, NEW, OLD, VOICE, Connect, read_until_end, speech_wav

DATES = ["2024-06-10", "2024-11-13", "2025-04-16", OLD, "2026-03-01", NEW]
LISTED = ", ".join(DATES)
RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000}


def of(version: str) -> dict[str, str]:
    """Return the headers of a request of a version."""
    return {**HEADERS, "cartesia-version": version}


def cloned(api: httpx.Client, version: str, **fields: str) -> dict[str, Any]:
    """Clone a voice, and give what the mock says of it."""
    fields = {"name": "Mine", "language": "en", **fields}
    clip = {"clip": ("clip.wav", speech_wav("Hello there."))}
    answer = api.post("/voices/clone", data=fields, files=clip, headers=of(version))
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (OLD, {"is_public": True}),
        ("2025-12-31", {"is_public": True}),  # served as the date before it
        ("2026-03-01", {"access": {"type": "public"}, "tagline": ""}),
        (NEW, {"access": "public", "visibility": "all", "tagline": ""}),
    ],
)
def test_a_voice_has_the_shape_of_the_date(
    http: httpx.Client, version: str, fields: dict[str, Any]
) -> None:
    for path in (f"/voices/{VOICE}", "/voices?limit=1"):
        found = http.get(path, headers=of(version)).json()
        voice = found["data"][0] if "data" in found else found
        all_shapes = {"is_public", "access", "visibility", "tagline"}
        if path.startswith("/voices/"):
            assert {name: voice[name] for name in all_shapes & voice.keys()} == fields
        assert all_shapes & voice.keys() == fields.keys()


@pytest.mark.parametrize(("version", "accent"), [(OLD, "British English"), (NEW, "british")])
def test_an_accent_is_named_as_the_date_does(http: httpx.Client, version: str, accent: str) -> None:
    voices = http.get("/voices?q=Imogen", headers=of(version)).json()["data"]
    assert [voice["accent"] for voice in voices] == [accent]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("2024-06-09", "there is no version 2024-06-09"),
        ("tomorrow", "'tomorrow' is not a date of the form YYYY-MM-DD"),
        ("2026-13-01", "'2026-13-01' is not a date of the form YYYY-MM-DD"),
    ],
)
def test_an_unknown_or_malformed_date_is_told_with_the_list(
    http: httpx.Client, version: str, said: str
) -> None:
    answer = http.get("/voices", headers=of(version))
    assert answer.status_code == 400
    assert answer.text.startswith(f"Invalid API version: Cartesia-Version: {said}; there are ")
    assert answer.text.endswith(LISTED)


def test_a_date_after_the_newest_is_unknown_too(http: httpx.Client) -> None:
    answer = http.get("/voices", headers=of("2026-08-15")).json()
    assert answer["title"] == "Invalid API version"
    message = f"Cartesia-Version: there is no version 2026-08-15; there are {LISTED}"
    assert answer["message"] == message


@pytest.mark.parametrize("version", DATES)
def test_the_document_of_each_date_is_served(
    http: httpx.Client, document: APIDocument, version: str
) -> None:
    served = http.get("/openapi.json", params={"version": version}).json()
    assert served["info"]["version"] == version
    assert served == document.dated(version).contents


def test_the_document_of_an_unknown_date_is_told_with_the_list(http: httpx.Client) -> None:
    answer = http.get("/openapi.json", params={"version": "2030-01-01"})
    assert answer.status_code == 400
    assert f"version: there is no version 2030-01-01; there are {LISTED}" in answer.text


def test_operations_are_there_from_their_date_on(http: httpx.Client) -> None:
    assert http.get("/accents", headers=of(OLD)).status_code == 404
    listed = http.get("/accents", headers=of(NEW)).json()["accents"]
    assert len({accent["id"] for accent in listed}) == 79
    british = next(accent for accent in listed if accent["id"] == "british")
    assert british == {
        "id": "british",
        "name": "British English",
        "language": "en",
        "locale": "en-GB",
        "is_locale_default": True,
        "is_localizable": True,
    }


def test_accents_are_those_of_the_document(http: httpx.Client, document: APIDocument) -> None:
    dated = document.dated(NEW)
    listed = {each["id"] for each in http.get("/accents", headers=of(NEW)).json()["accents"]}
    assert listed == set(dated.enum("/components/schemas/VoiceAccent"))
    assert set(dated.enum("/components/schemas/AttachVoiceAccent")) < listed


def test_accents_of_a_cloned_voice_come_and_go(api: httpx.Client) -> None:
    path = f"/voices/{cloned(api, NEW, accent='irish')['id']}/accents"
    assert api.get(path.removesuffix("/accents"), headers=of(NEW)).json()["locales"] == [
        {"locale": "en-IE", "is_native": True}
    ]
    added = api.patch(path, json={"accents": ["british", "castilian"]}, headers=of(NEW)).json()
    assert added["locales"] == [
        {"locale": "en-IE", "is_native": True},
        {"locale": "en-GB", "is_native": False},
        {"locale": "es-ES", "is_native": False},
    ]
    assert api.delete(f"{path}/british", headers=of(NEW)).json()["locales"] == [
        {"locale": "en-IE", "is_native": True},
        {"locale": "es-ES", "is_native": False},
    ]
    native = api.delete(f"{path}/irish", headers=of(NEW))
    assert (native.status_code, native.json()["title"]) == (400, "Native accent")
    gone = api.delete(f"{path}/british", headers=of(NEW))
    assert (gone.status_code, gone.json()["title"]) == (404, "Accent not found")


def test_a_voice_has_ten_accents_at_most(api: httpx.Client, document: APIDocument) -> None:
    path = f"/voices/{cloned(api, NEW)['id']}/accents"
    ids = document.dated(NEW).enum("/components/schemas/AttachVoiceAccent")
    assert api.patch(path, json={"accents": ids[:9]}, headers=of(NEW)).status_code == 200
    assert api.patch(path, json={"accents": ids[:1]}, headers=of(NEW)).status_code == 200
    refused = api.patch(path, json={"accents": ids[9:10]}, headers=of(NEW))
    assert (refused.status_code, refused.json()["title"]) == (400, "Too many accents")


def test_only_own_clones_take_accents(api: httpx.Client) -> None:
    public = api.patch(f"/voices/{VOICE}/accents", json={"accents": ["irish"]}, headers=of(NEW))
    assert public.status_code == 400  # no accent that can be added
    public = api.patch(f"/voices/{VOICE}/accents", json={"accents": ["british"]}, headers=of(NEW))
    assert public.status_code == 403
    body = {"voice_id": VOICE, "name": "Mina", "accent": "mexican"}
    localized = api.post("/voices/localize", json=body, headers=of(NEW)).json()
    path = f"/voices/{localized['id']}/accents"
    refused = api.patch(path, json={"accents": ["british"]}, headers=of(NEW))
    assert (refused.status_code, refused.json()["title"]) == (400, "Not a cloned voice")


def test_a_voice_is_localized_to_an_accent(api: httpx.Client) -> None:
    body = {"voice_id": VOICE, "name": "Mina", "accent": "mexican", "tagline": "On the phone"}
    made = api.post("/voices/localize", json=body, headers=of(NEW)).json()
    assert (made["language"], made["tagline"], made["access"]) == ("es", "On the phone", "private")
    voice = api.get(f"/voices/{made['id']}", headers=of(NEW)).json()
    assert voice["locales"] == [{"locale": "es-MX", "is_native": True}]
    assert (voice["accent"], voice["country"]) == ("mexican", "MX")
    older = api.get(f"/voices/{made['id']}", headers=of(OLD)).json()
    assert older["accent"] == "Mexican Spanish"


@pytest.mark.parametrize(
    ("accent", "said"),
    [
        (
            "Mexican Spanish",
            "accent: 'Mexican Spanish' is not an accent; GET /accents lists their ids",
        ),
        ("martian", "accent: 'martian' is not an accent; GET /accents lists their ids"),
        ("zagreb", "accent: no voice can be localized to 'zagreb'"),
    ],
)
def test_names_and_unknown_ids_of_accents_are_refused(
    api: httpx.Client, accent: str, said: str
) -> None:
    body = {"voice_id": VOICE, "name": "Mina", "accent": accent}
    refused = api.post("/voices/localize", json=body, headers=of(NEW))
    assert refused.status_code == 400
    assert refused.json()["message"].startswith(said)
    if "no accent" in said:
        clip = {"clip": ("clip.wav", speech_wav("Hello."))}
        fields = {"name": "Mine", "language": "en", "accent": accent}
        refused = api.post("/voices/clone", data=fields, files=clip, headers=of(NEW))
        assert refused.json()["message"] == said


def test_access_may_be_chosen_where_the_date_has_it(api: httpx.Client) -> None:
    made = cloned(api, "2026-03-01", **{"access[type]": "public"})
    assert made["access"] == {"type": "public"}
    assert api.get(f"/voices/{made['id']}", headers=of(OLD)).json()["is_public"] is True


@pytest.mark.anyio
async def test_the_date_of_the_query_wins_on_a_socket(open_socket: Connect) -> None:
    message = {
        "model_id": "sonic-3.6",
        "transcript": "Hello.",
        "voice": VOICE,
        "output_format": RAW,
        "context_id": "c",
    }
    for header, query, ending in ((OLD, NEW, "done"), (NEW, OLD, "error")):
        path = f"/tts/websocket?cartesia_version={query}"
        async with open_socket(path, version=header) as socket:
            await socket.send(json.dumps(message))
            assert (await read_until_end(socket, "c"))[-1]["type"] == ending
