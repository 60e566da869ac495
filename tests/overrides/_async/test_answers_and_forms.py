"""Answers that are a list or text, forms with objects in them, and older names, over the wire."""

from __future__ import annotations

import pytest

from cartesia import APIResponseValidationError, AsyncCartesia, AsyncStream
from cartesia.types import PhoneNumber
from tests.runtime.server import answer, chunked, serve

pytestmark = pytest.mark.anyio

NUMBERS = (
    b'[{"agent_id": "a1", "number": "+1555", "new": 1}, {"agent_id": "a1", "number": "+1556"}]'
)


async def test_a_list_is_a_list_of_objects_whatever_the_form_of_the_answer() -> None:
    with serve(answer(NUMBERS)) as server:
        async with AsyncCartesia(api_key="k", base_url=server.url) as client:
            numbers = await client.agents.list_phone_numbers("a1")
            assert [type(one) for one in numbers] == [PhoneNumber, PhoneNumber]
            assert numbers[0].to_dict() == {"agent_id": "a1", "number": "+1555", "new": 1}
            raw = await client.agents.with_raw_response.list_phone_numbers("a1")
            assert raw.status_code == 200
            assert await raw.parse() == numbers
            streaming = client.with_streaming_response.agents.list_phone_numbers("a1")
            async with streaming as response:
                assert await response.parse() == numbers


@pytest.mark.parametrize("body", [b'{"data": []}', b"null", b"<p>"])
async def test_what_is_no_list_is_an_error(body: bytes) -> None:
    with serve(answer(body)) as server:
        async with AsyncCartesia(api_key="k", base_url=server.url) as client:
            with pytest.raises(APIResponseValidationError, match="JSON"):
                await client.agents.deployments.list("a1")


async def test_exports_are_text() -> None:
    with serve(answer(b"id,value\n1,2\n", headers={"content-type": "text/csv"})) as server:
        async with AsyncCartesia(api_key="k", base_url=server.url) as client:
            assert await client.agents.metrics.results.export(agent_id="a1") == "id,value\n1,2\n"
    (got,) = server.requests
    assert (got.target, got.headers["accept"]) == (
        "/agents/metrics/results/export?agent_id=a1",
        "text/csv",
    )


async def test_an_object_in_a_form_becomes_one_part_a_field() -> None:
    with serve(answer(b"audio", headers={"content-type": "audio/wav"})) as server:
        async with AsyncCartesia(api_key="k", base_url=server.url) as client:
            speech = await client.tts.infill(
                model_id="sonic-3",
                transcript="in between",
                voice_id="v1",
                left_audio=b"left",
                output_format={"container": "mp3", "sample_rate": 44100, "bit_rate": 128000},
            )
            assert await speech.read() == b"audio"
    (got,) = server.requests
    for name, value in (("container", "mp3"), ("sample_rate", "44100"), ("bit_rate", "128000")):
        assert f'name="output_format[{name}]"\r\n\r\n{value}\r\n'.encode() in got.body
    assert b'name="left_audio"; filename="upload"' in got.body
    assert b"right_audio" not in got.body


async def test_older_names_of_the_voice_changer_do_what_the_newer_do() -> None:
    events = b'data: {"status_code": 206, "done": false, "data": "AAE=", "sample_rate": 8000}\n\n'
    events += b'data: {"status_code": 200, "done": true}\n\n'
    steps = (
        answer(b"audio", headers={"content-type": "audio/wav"}),
        chunked(events, media_type="text/event-stream"),
    )
    with serve(*steps) as server:
        async with AsyncCartesia(api_key="k", base_url=server.url) as client:
            changed = await client.voice_changer.change_voice_bytes(clip=b"x", voice_id="v1")
            assert await changed.read() == b"audio"
            stream = await client.voice_changer.change_voice_sse(
                clip=b"x", voice_id="v1", output_format_container="raw"
            )
            assert isinstance(stream, AsyncStream)
            assert [event.done async for event in stream] == [False, True]
    assert [got.target for got in server.requests] == ["/voice-changer/bytes", "/voice-changer/sse"]
    assert b'name="output_format[container]"\r\n\r\nraw' in server.requests[1].body
    assert b'name="voice[id]"\r\n\r\nv1' in server.requests[1].body
