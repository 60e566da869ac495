# Derived by `make generate` (scripts/unasync.py) from
# tests/overrides/_async/test_voices.py
# Do not edit: change that file instead.
"""The voice catalogue: pages, single voices and response prefixes."""

from __future__ import annotations

from datetime import datetime

import pytest

from cartesia import Cartesia
from cartesia.types import Voice
from tests.overrides.speaking import OTHER_VOICE, VOICE


def test_iterating_walks_all_pages(client: Cartesia) -> None:
    voices = [voice for voice in client.voices.list(limit=7)]
    assert len(voices) >= 35
    assert len({voice.id for voice in voices}) == len(voices)
    assert {VOICE, OTHER_VOICE} <= {voice.id for voice in voices}


def test_pages_by_hand(client: Cartesia) -> None:
    page = client.voices.list(limit=30)
    assert len(page.data) == 30
    assert page.has_next_page()
    following = page.get_next_page()
    assert following.data
    assert not {voice.id for voice in page.data} & {voice.id for voice in following.data}
    assert not following.has_next_page()
    with pytest.raises(RuntimeError):
        following.get_next_page()
    pages = [each for each in (client.voices.list(limit=30)).iter_pages()]
    assert [len(each.data) for each in pages] == [30, len(following.data)]


def test_backward(client: Cartesia) -> None:
    first, second = (client.voices.list(limit=2)).data
    page = client.voices.list(ending_before=second.id, limit=5)
    assert [voice.id for voice in page.data] == [first.id]


def test_get(client: Cartesia) -> None:
    voice = client.voices.get(VOICE)
    assert isinstance(voice, Voice)
    assert voice.id == VOICE
    assert isinstance(voice.created_at, datetime)
    assert voice.preview_file_url is None
    expanded = client.voices.get(VOICE, expand=["preview_file_url"])
    assert expanded.preview_file_url


def test_filters_reach_the_server(client: Cartesia) -> None:
    found = [voice for voice in client.voices.list(gender="feminine", limit=100)]
    assert found
    assert {voice.gender for voice in found} == {"feminine"}


def test_raw_and_streaming_prefixes(client: Cartesia) -> None:
    raw = client.voices.with_raw_response.get(VOICE)
    assert raw.status_code == 200
    assert raw.headers["x-request-id"]
    assert (raw.parse()).id == VOICE
    listed = client.voices.with_raw_response.list(limit=5)
    assert len((listed.parse()).data) == 5
    with client.voices.with_streaming_response.get(VOICE) as response:
        assert (response.parse()).id == VOICE
    everything = client.with_raw_response.voices.get(VOICE)
    assert everything.http_response.status_code == 200


def test_status(client: Cartesia) -> None:
    status = client.get_status()
    assert status.ok is True
    assert status.version


def test_extras_win(client: Cartesia) -> None:
    page = client.voices.list(limit=5, extra_query={"limit": 3})
    assert len(page.data) == 3
