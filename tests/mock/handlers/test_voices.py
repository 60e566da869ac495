"""The voice catalogue: pages, filters, one voice, previews."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cartesia_mock.speech.audio import decode
from tests.mock.helpers import VOICE


def listed(http: httpx.Client, query: str = "") -> dict[str, Any]:
    answer = http.get(f"/voices?{query}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def all_voices(http: httpx.Client, query: str = "") -> list[dict[str, Any]]:
    voices: list[dict[str, Any]] = listed(http, f"limit=100&{query}")["data"]
    return voices


def test_some_forty_voices_in_many_languages(http: httpx.Client) -> None:
    voices = all_voices(http)
    assert 38 <= len(voices) <= 52
    assert len({voice["language"] for voice in voices}) >= 20
    ids = [voice["id"] for voice in voices]
    assert len(set(ids)) == len(ids)
    assert {VOICE, "e07c00bc-4134-4eae-9ea4-1a55fb45746b"} <= set(ids)
    times = [voice["created_at"] for voice in voices]
    assert times == sorted(times, reverse=True)


def test_pages_forward(http: httpx.Client) -> None:
    everyone = [voice["id"] for voice in all_voices(http)]
    page = listed(http)
    assert len(page["data"]) == 10
    seen = [voice["id"] for voice in page["data"]]
    while page["has_more"]:
        assert page["next_page"] == seen[-1]
        page = listed(http, f"starting_after={page['next_page']}")
        seen += [voice["id"] for voice in page["data"]]
    assert page["next_page"] is None
    assert seen == everyone


def test_pages_backward(http: httpx.Client) -> None:
    everyone = [voice["id"] for voice in all_voices(http)]
    page = listed(http, f"limit=7&ending_before={everyone[-1]}")
    seen = [voice["id"] for voice in page["data"]]
    while page["has_more"]:
        assert page["next_page"] == seen[0]
        page = listed(http, f"limit=7&ending_before={page['next_page']}")
        seen = [voice["id"] for voice in page["data"]] + seen
    assert page["next_page"] is None
    assert seen == everyone[:-1]


def test_behind_the_last_voice_is_an_empty_page(http: httpx.Client) -> None:
    last = all_voices(http)[-1]["id"]
    page = listed(http, f"starting_after={last}")
    assert page == {"data": [], "has_more": False, "next_page": None}


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        (f"starting_after={VOICE}&ending_before={VOICE}", 400, "either starting_after or"),
        ("starting_after=nobody", 404, "starting_after: 'nobody' is not an item of this list"),
        ("ending_before=nobody", 404, "ending_before: 'nobody' is not an item of this list"),
        (f"starting_after={VOICE}&language=de", 404, "is not an item of this list"),
    ],
)
def test_bad_cursors_are_refused(http: httpx.Client, query: str, status: int, text: str) -> None:
    answer = http.get(f"/voices?{query}")
    assert answer.status_code == status
    assert text in answer.text


def test_search_looks_into_name_description_and_id(http: httpx.Client) -> None:
    one = next(voice for voice in all_voices(http) if voice["name"] == "Konrad")
    for text in ("konrad", "SONOROUS", one["id"][:13]):
        assert one["id"] in {voice["id"] for voice in all_voices(http, f"q={text}")}
    assert all_voices(http, "q=nothing+like+this") == []


def test_filters(http: httpx.Client) -> None:
    everyone = all_voices(http)
    own = all_voices(http, "is_owner=true")
    assert own
    assert all(voice["is_owner"] for voice in own)
    assert len(all_voices(http, "is_owner=false")) == len(everyone) - len(own)
    assert {voice["gender"] for voice in all_voices(http, "gender=masculine")} == {"masculine"}
    assert {voice["language"] for voice in all_voices(http, "language=ja")} == {"ja"}
    british = all_voices(http, "language=en_gb")
    assert british == all_voices(http, "language=en-GB")
    assert {voice["accent"] for voice in british} == {"British English"}


def test_one_voice(http: httpx.Client) -> None:
    voice = http.get(f"/voices/{VOICE}").json()
    assert voice["id"] == VOICE
    assert "preview_file_url" not in voice


def test_previews_are_there_when_asked_for_and_speak(http: httpx.Client) -> None:
    voice = http.get(f"/voices/{VOICE}?expand[]=preview_file_url").json()
    preview = http.get(voice["preview_file_url"])
    assert preview.headers["content-type"] == "audio/wav"
    samples, rate = decode(preview.content)
    assert 0.5 < len(samples) / rate < 10
    page = listed(http, "expand[]=preview_file_url&limit=2")
    assert all(each["preview_file_url"].endswith(".wav") for each in page["data"])


def test_previews_need_the_same_key(http: httpx.Client, bare: httpx.Client) -> None:
    address = http.get(f"/voices/{VOICE}?expand[]=preview_file_url").json()["preview_file_url"]
    assert bare.get(address).status_code == 401
    assert http.get(address.replace(VOICE, "nobody")).status_code == 404
