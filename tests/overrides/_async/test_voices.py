"""The voice catalogue: pages, single voices and response prefixes."""

from __future__ import annotations

from datetime import datetime

import pytest

from cartesia import AsyncCartesia
from cartesia.types import Voice
from tests.overrides.speaking import OTHER_VOICE, VOICE

pytestmark = pytest.mark.anyio


async def test_iterating_walks_all_pages(client: AsyncCartesia) -> None:
    voices = [voice async for voice in client.voices.list(limit=7)]
    assert len(voices) >= 35
    assert len({voice.id for voice in voices}) == len(voices)
    assert {VOICE, OTHER_VOICE} <= {voice.id for voice in voices}


async def test_pages_by_hand(client: AsyncCartesia) -> None:
    page = await client.voices.list(limit=30)
    assert len(page.data) == 30
    assert page.has_next_page()
    following = await page.get_next_page()
    assert following.data
    assert not {voice.id for voice in page.data} & {voice.id for voice in following.data}
    assert not following.has_next_page()
    with pytest.raises(RuntimeError):
        await following.get_next_page()
    pages = [each async for each in (await client.voices.list(limit=30)).iter_pages()]
    assert [len(each.data) for each in pages] == [30, len(following.data)]


async def test_backward(client: AsyncCartesia) -> None:
    first, second = (await client.voices.list(limit=2)).data
    page = await client.voices.list(ending_before=second.id, limit=5)
    assert [voice.id for voice in page.data] == [first.id]


async def test_get(client: AsyncCartesia) -> None:
    voice = await client.voices.get(VOICE)
    assert isinstance(voice, Voice)
    assert voice.id == VOICE
    assert isinstance(voice.created_at, datetime)
    assert voice.preview_file_url is None
    expanded = await client.voices.get(VOICE, expand=["preview_file_url"])
    assert expanded.preview_file_url


async def test_filters_reach_the_server(client: AsyncCartesia) -> None:
    found = [voice async for voice in client.voices.list(gender="feminine", limit=100)]
    assert found
    assert {voice.gender for voice in found} == {"feminine"}


async def test_raw_and_streaming_prefixes(client: AsyncCartesia) -> None:
    raw = await client.voices.with_raw_response.get(VOICE)
    assert raw.status_code == 200
    assert raw.headers["x-request-id"]
    assert (await raw.parse()).id == VOICE
    listed = await client.voices.with_raw_response.list(limit=5)
    assert len((await listed.parse()).data) == 5
    async with client.voices.with_streaming_response.get(VOICE) as response:
        assert (await response.parse()).id == VOICE
    everything = await client.with_raw_response.voices.get(VOICE)
    assert everything.http_response.status_code == 200


async def test_status(client: AsyncCartesia) -> None:
    status = await client.get_status()
    assert status.ok is True
    assert status.version


async def test_extras_win(client: AsyncCartesia) -> None:
    page = await client.voices.list(limit=5, extra_query={"limit": 3})
    assert len(page.data) == 3
