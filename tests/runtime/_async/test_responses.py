"""Answers as the caller sees them: read at once, in pieces, into files; whole, or with an error."""

from __future__ import annotations

import gc
import os
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import cartesia
from tests.runtime._async.tiny import AsyncTiny, tiny
from tests.runtime.server import RawServer, Received, Step, Wire, answer, chunked, serve

pytestmark = pytest.mark.anyio

WAV = b"RIFF" + struct.pack("<I", 36 + 100) + b"WAVEfmt " + bytes(128)
PIECES = [WAV[start : start + 48] for start in range(0, len(WAV), 48)]
AUDIO = "audio/wav"


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def server() -> Iterator[RawServer]:
    with serve(chunked(*PIECES, media_type=AUDIO)) as server:
        yield server


async def test_audio_begins_with_the_first_byte_and_is_kept(tmp_path: Path) -> None:
    gate = threading.Event()
    with serve(chunked(*PIECES, media_type=AUDIO, gate=gate)) as server:
        async with tiny(server.url) as client:
            speech = await client.things.speak()
            pieces = speech.iter_bytes()
            assert await pieces.__anext__() == PIECES[0]
            assert not speech.is_closed
            gate.set()
            await speech.write_to_file(tmp_path / "a.wav")
            assert speech.is_closed
            assert await pieces.__anext__() == PIECES[1]
            assert await speech.read() == WAV
            rest = b"".join([piece async for piece in pieces])
            assert PIECES[0] + PIECES[1] + rest == WAV
            assert b"".join([piece async for piece in speech.iter_bytes(7)]) == WAV
            assert await speech.parse() == WAV
            again = await client.things.speak()
            for _ in range(2):
                assert [piece async for piece in again.iter_bytes()] == PIECES
    assert (tmp_path / "a.wav").read_bytes() == WAV
    assert names(tmp_path) == ["a.wav"]


async def test_what_a_response_tells(server: RawServer) -> None:
    async with tiny(server.url) as client:
        speech = await client.things.speak()
        with pytest.raises(RuntimeError):
            _ = speech.elapsed
        await speech.read()
    assert speech.status_code == 200
    assert speech.headers["content-type"] == AUDIO
    assert str(speech.url) == f"{server.url}/speak"
    assert speech.method == "POST"
    assert speech.http_version == "HTTP/1.1"
    assert speech.http_request.url == speech.url
    assert speech.http_response.content == WAV
    assert speech.elapsed.total_seconds() > 0
    assert speech.retries_taken == 0
    assert repr(speech).endswith("BinaryAPIResponse [200 audio/wav]>")


async def test_text_lines_and_json() -> None:
    text = "eins\r\nzwei ü\rdrei\n\nvier"
    data = text.encode()
    pieces = [data[:5], data[5:13], data[13:14], data[14:]]
    steps = (
        chunked(*pieces, media_type="text/plain"),
        chunked(*pieces, media_type="text/plain"),
        chunked(*pieces, media_type="text/plain"),
        answer(b"[1]"),
        answer(b"[1"),
    )
    with serve(*steps) as server:
        async with tiny(server.url) as client:
            things = client.things.with_streaming_response
            async with things.get("t") as response:
                assert [line async for line in response.iter_lines()] == text.splitlines()
            async with things.get("t") as response:
                assert "".join([part async for part in response.iter_text(1)]) == text
            async with things.get("t") as response:
                assert await response.text() == text
            async with things.get("t") as response:
                assert await response.json() == [1]
            async with things.get("t") as response:
                with pytest.raises(cartesia.APIResponseValidationError):
                    await response.json()


async def test_a_raw_response_gives_the_usual_result_too() -> None:
    with serve(answer(b'{"id": "t"}')) as server:
        async with tiny(server.url) as client:
            response = await client.things.with_raw_response.get("t")
            assert response.is_closed
            assert await response.json() == {"id": "t"}
            thing = await response.parse()
            assert thing.to_dict() == {"id": "t"}
            assert await response.parse() is thing


async def test_a_raw_binary_response_is_the_usual_one(server: RawServer) -> None:
    async with tiny(server.url) as client:
        speech = await client.things.with_raw_response.speak()
        assert await speech.read() == WAV


async def test_a_streamed_response_is_read_once(server: RawServer, tmp_path: Path) -> None:
    async with tiny(server.url) as client:
        async with client.things.with_streaming_response.speak() as speech:
            await speech.stream_to_file(tmp_path / "a.wav", chunk_size=10)
            with pytest.raises(cartesia.CartesiaError, match="not kept"):
                await speech.read()
            with pytest.raises(cartesia.CartesiaError, match="not kept"):
                await speech.write_to_file(tmp_path / "b.wav")
        async with client.things.with_streaming_response.speak() as speech:
            assert await speech.read() == await speech.read() == WAV
    assert (tmp_path / "a.wav").read_bytes() == WAV
    assert not (tmp_path / "b.wav").exists()


async def test_a_streamed_response_is_parsed_when_asked() -> None:
    page = b'{"data": [{"id": "a"}], "has_more": false}'
    with serve(answer(b'{"id": "t"}'), answer(page)) as server:
        async with tiny(server.url) as client:
            async with client.things.with_streaming_response.get("t") as response:
                assert (await response.parse()).to_dict() == {"id": "t"}
            async with client.things.with_streaming_response.list() as listed:
                assert [thing.to_dict() for thing in (await listed.parse()).data] == [{"id": "a"}]


async def test_what_is_read_in_pieces_goes_on_where_it_was(server: RawServer) -> None:
    async with tiny(server.url) as client, await client.things.speak() as speech:
        async for piece in speech.iter_bytes():
            assert piece == PIECES[0]
            break
        assert await speech.read() == WAV


CUTS = {
    "a body shorter than announced": answer(
        WAV[:60], length=len(WAV), headers={"content-type": AUDIO}
    ),
    "a body without its last chunk": chunked(*PIECES[:2], media_type=AUDIO, cut=True),
    "a wav shorter than its header says": chunked(*PIECES[:2], media_type=AUDIO),
    "a wav shorter than its header says, in one piece": answer(
        WAV[:60], headers={"content-type": AUDIO}
    ),
}


@pytest.mark.parametrize("fault", CUTS.values(), ids=CUTS)
async def test_half_an_audio_is_an_error(fault: Step, tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    target.write_bytes(b"older")
    with serve(fault) as server:
        async with tiny(server.url, max_retries=2) as client:
            speech = await client.things.speak()
            with pytest.raises(cartesia.TruncatedResponseError) as caught:
                await speech.read()
            assert 0 < caught.value.bytes_received < len(WAV)
            with pytest.raises(cartesia.CartesiaError):
                await speech.read()
            with pytest.raises(cartesia.TruncatedResponseError):
                await (await client.things.speak()).write_to_file(target)
            async with client.things.with_streaming_response.speak() as streamed:
                with pytest.raises(cartesia.TruncatedResponseError):
                    await streamed.stream_to_file(target)
            pieces = (await client.things.speak()).iter_bytes()
            assert WAV.startswith(await pieces.__anext__())
            with pytest.raises(cartesia.TruncatedResponseError):
                [piece async for piece in pieces]
    assert target.read_bytes() == b"older"
    assert names(tmp_path) == ["a.wav"]
    assert len(server.requests) == 4, "what has begun is not repeated"


async def test_a_stalled_body_is_a_time_out(tmp_path: Path) -> None:
    with serve(chunked(*PIECES, media_type=AUDIO, stall=True)) as server:
        async with tiny(server.url).with_options(timeout=0.1) as client:
            speech = await client.things.speak()
            with pytest.raises(cartesia.APITimeoutError, match="stalled after 48 bytes"):
                await speech.write_to_file(tmp_path / "a.wav")
            assert isinstance(speech.http_response, httpx.Response)
    assert names(tmp_path) == []


async def test_a_response_that_was_closed_unread(server: RawServer) -> None:
    async with tiny(server.url) as client:
        speech = await client.things.speak()
        await speech.close()
        await speech.close()
        assert speech.is_closed
        with pytest.raises(cartesia.ClientClosedError, match="closed, or broke off, before"):
            await speech.read()


async def test_a_response_that_was_closed_beneath(server: RawServer) -> None:
    async with tiny(server.url) as client:
        speech = await client.things.speak()
        await speech.http_response.aclose()
        with pytest.raises(cartesia.ClientClosedError):
            await speech.read()


@pytest.mark.untraced
async def test_responses_dropped_unread_do_not_hold_up_the_next_call() -> None:
    audio = chunked(*PIECES, media_type=AUDIO)
    with serve(audio) as server:
        one_at_a_time = httpx.AsyncClient(limits=httpx.Limits(max_connections=1))
        async with AsyncTiny(
            api_key="k", base_url=server.url, http_client=one_at_a_time, timeout=2.0
        ) as client:
            for _ in range(20):
                speech = await client.things.speak()
                async for _ in speech.iter_bytes():
                    break
                del speech
                gc.collect()
            assert await (await client.things.speak()).read() == WAV


async def test_a_client_is_closed_with_what_was_dropped(server: RawServer) -> None:
    async with tiny(server.url) as client:
        pool = await client._requester.transport.pool()
        await client.things.speak()
        gc.collect()
    assert not pool.abandoned


async def test_no_two_readers(server: RawServer) -> None:
    async with tiny(server.url) as client:
        speech = await client.things.speak()
        speech._body._reading = True
        with pytest.raises(cartesia.CartesiaError, match="another task or thread"):
            await speech.read()
        speech._body._reading = False
        assert await speech.read() == WAV


async def test_a_file_that_cannot_be_written(server: RawServer, tmp_path: Path) -> None:
    async with tiny(server.url) as client:
        speech = await client.things.speak()
        with pytest.raises(FileNotFoundError):
            await speech.write_to_file(tmp_path / "nowhere" / "a.wav")
        if True:  # ASYNC
            # Else the event loop, with whoever is to read from it, waits for the reader.
            os.mkfifo(tmp_path / "pipe")
            with pytest.raises(ValueError, match="`path` is a pipe"):
                await speech.write_to_file(tmp_path / "pipe")
        assert await speech.read() == WAV


def begin_and_break(wire: Wire, _: Received) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\ncontent-length: 99\r\n\r\nabc")
    wire.reset()


async def test_a_reset_in_the_middle(tmp_path: Path) -> None:
    with serve(begin_and_break) as server:
        async with tiny(server.url) as client:
            with pytest.raises(cartesia.APIConnectionError):
                await (await client.things.speak()).write_to_file(tmp_path / "a.wav")
    assert names(tmp_path) == []
