# Derived by `make generate` (scripts/unasync.py) from
# tests/runtime/_async/test_responses.py
# Do not edit: change that file instead.
"""Answers as the caller sees them: read at once, in pieces, into files; whole, or with an error."""

from __future__ import annotations

import gc
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import cartesia
from tests.runtime._sync.tiny import Tiny, tiny
from tests.runtime.server import RawServer, Received, Step, Wire, answer, chunked, serve

WAV = b"RIFF" + struct.pack("<I", 36 + 100) + b"WAVEfmt " + bytes(128)
PIECES = [WAV[start : start + 48] for start in range(0, len(WAV), 48)]
AUDIO = "audio/wav"


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def server() -> Iterator[RawServer]:
    with serve(chunked(*PIECES, media_type=AUDIO)) as server:
        yield server


def test_audio_begins_with_the_first_byte_and_is_kept(tmp_path: Path) -> None:
    gate = threading.Event()
    with serve(chunked(*PIECES, media_type=AUDIO, gate=gate)) as server:
        with tiny(server.url) as client:
            speech = client.things.speak()
            pieces = speech.iter_bytes()
            assert pieces.__next__() == PIECES[0]
            assert not speech.is_closed
            gate.set()
            speech.write_to_file(tmp_path / "a.wav")
            assert speech.is_closed
            assert pieces.__next__() == PIECES[1]
            assert speech.read() == WAV
            rest = b"".join([piece for piece in pieces])
            assert PIECES[0] + PIECES[1] + rest == WAV
            assert b"".join([piece for piece in speech.iter_bytes(7)]) == WAV
            assert speech.parse() == WAV
            again = client.things.speak()
            for _ in range(2):
                assert [piece for piece in again.iter_bytes()] == PIECES
    assert (tmp_path / "a.wav").read_bytes() == WAV
    assert names(tmp_path) == ["a.wav"]


def test_what_a_response_tells(server: RawServer) -> None:
    with tiny(server.url) as client:
        speech = client.things.speak()
        with pytest.raises(RuntimeError):
            _ = speech.elapsed
        speech.read()
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


def test_text_lines_and_json() -> None:
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
        with tiny(server.url) as client:
            things = client.things.with_streaming_response
            with things.get("t") as response:
                assert [line for line in response.iter_lines()] == text.splitlines()
            with things.get("t") as response:
                assert "".join([part for part in response.iter_text(1)]) == text
            with things.get("t") as response:
                assert response.text() == text
            with things.get("t") as response:
                assert response.json() == [1]
            with things.get("t") as response:
                with pytest.raises(cartesia.APIResponseValidationError):
                    response.json()


def test_a_raw_response_gives_the_usual_result_too() -> None:
    with serve(answer(b'{"id": "t"}')) as server:
        with tiny(server.url) as client:
            response = client.things.with_raw_response.get("t")
            assert response.is_closed
            assert response.json() == {"id": "t"}
            thing = response.parse()
            assert thing.to_dict() == {"id": "t"}
            assert response.parse() is thing


def test_a_raw_binary_response_is_the_usual_one(server: RawServer) -> None:
    with tiny(server.url) as client:
        speech = client.things.with_raw_response.speak()
        assert speech.read() == WAV


def test_a_streamed_response_is_read_once(server: RawServer, tmp_path: Path) -> None:
    with tiny(server.url) as client:
        with client.things.with_streaming_response.speak() as speech:
            speech.stream_to_file(tmp_path / "a.wav", chunk_size=10)
            with pytest.raises(cartesia.CartesiaError, match="not kept"):
                speech.read()
            with pytest.raises(cartesia.CartesiaError, match="not kept"):
                speech.write_to_file(tmp_path / "b.wav")
        with client.things.with_streaming_response.speak() as speech:
            assert speech.read() == speech.read() == WAV
    assert (tmp_path / "a.wav").read_bytes() == WAV
    assert not (tmp_path / "b.wav").exists()


def test_a_streamed_response_is_parsed_when_asked() -> None:
    page = b'{"data": [{"id": "a"}], "has_more": false}'
    with serve(answer(b'{"id": "t"}'), answer(page)) as server:
        with tiny(server.url) as client:
            with client.things.with_streaming_response.get("t") as response:
                assert (response.parse()).to_dict() == {"id": "t"}
            with client.things.with_streaming_response.list() as listed:
                assert [thing.to_dict() for thing in (listed.parse()).data] == [{"id": "a"}]


def test_what_is_read_in_pieces_goes_on_where_it_was(server: RawServer) -> None:
    with tiny(server.url) as client, client.things.speak() as speech:
        for piece in speech.iter_bytes():
            assert piece == PIECES[0]
            break
        assert speech.read() == WAV


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
def test_half_an_audio_is_an_error(fault: Step, tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    target.write_bytes(b"older")
    with serve(fault) as server:
        with tiny(server.url, max_retries=2) as client:
            speech = client.things.speak()
            with pytest.raises(cartesia.TruncatedResponseError) as caught:
                speech.read()
            assert 0 < caught.value.bytes_received < len(WAV)
            with pytest.raises(cartesia.CartesiaError):
                speech.read()
            with pytest.raises(cartesia.TruncatedResponseError):
                (client.things.speak()).write_to_file(target)
            with client.things.with_streaming_response.speak() as streamed:
                with pytest.raises(cartesia.TruncatedResponseError):
                    streamed.stream_to_file(target)
            pieces = (client.things.speak()).iter_bytes()
            assert WAV.startswith(pieces.__next__())
            with pytest.raises(cartesia.TruncatedResponseError):
                [piece for piece in pieces]
    assert target.read_bytes() == b"older"
    assert names(tmp_path) == ["a.wav"]
    assert len(server.requests) == 4, "what has begun is not repeated"


def test_a_stalled_body_is_a_time_out(tmp_path: Path) -> None:
    with serve(chunked(*PIECES, media_type=AUDIO, stall=True)) as server:
        with tiny(server.url).with_options(timeout=0.1) as client:
            speech = client.things.speak()
            with pytest.raises(cartesia.APITimeoutError, match="stalled after 48 bytes"):
                speech.write_to_file(tmp_path / "a.wav")
            assert isinstance(speech.http_response, httpx.Response)
    assert names(tmp_path) == []


def test_a_response_that_was_closed_unread(server: RawServer) -> None:
    with tiny(server.url) as client:
        speech = client.things.speak()
        speech.close()
        speech.close()
        assert speech.is_closed
        with pytest.raises(cartesia.ClientClosedError, match="closed, or broke off, before"):
            speech.read()


def test_a_response_that_was_closed_beneath(server: RawServer) -> None:
    with tiny(server.url) as client:
        speech = client.things.speak()
        speech.http_response.close()
        with pytest.raises(cartesia.ClientClosedError):
            speech.read()


@pytest.mark.untraced
def test_responses_dropped_unread_do_not_hold_up_the_next_call() -> None:
    audio = chunked(*PIECES, media_type=AUDIO)
    with serve(audio) as server:
        one_at_a_time = httpx.Client(limits=httpx.Limits(max_connections=1))
        with Tiny(
            api_key="k", base_url=server.url, http_client=one_at_a_time, timeout=2.0
        ) as client:
            for _ in range(20):
                speech = client.things.speak()
                for _ in speech.iter_bytes():
                    break
                del speech
                gc.collect()
            assert (client.things.speak()).read() == WAV


def test_a_client_is_closed_with_what_was_dropped(server: RawServer) -> None:
    with tiny(server.url) as client:
        pool = client._requester.transport.pool()
        client.things.speak()
        gc.collect()
    assert not pool.abandoned


def test_no_two_readers(server: RawServer) -> None:
    with tiny(server.url) as client:
        speech = client.things.speak()
        speech._body._reading = True
        with pytest.raises(cartesia.CartesiaError, match="another task or thread"):
            speech.read()
        speech._body._reading = False
        assert speech.read() == WAV


def test_a_file_that_cannot_be_written(server: RawServer, tmp_path: Path) -> None:
    with tiny(server.url) as client:
        speech = client.things.speak()
        with pytest.raises(FileNotFoundError):
            speech.write_to_file(tmp_path / "nowhere" / "a.wav")
        assert speech.read() == WAV


def begin_and_break(wire: Wire, _: Received) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\ncontent-length: 99\r\n\r\nabc")
    wire.reset()


def test_a_reset_in_the_middle(tmp_path: Path) -> None:
    with serve(begin_and_break) as server:
        with tiny(server.url) as client:
            with pytest.raises(cartesia.APIConnectionError):
                (client.things.speak()).write_to_file(tmp_path / "a.wav")
    assert names(tmp_path) == []
