# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_truncation.py
# Do not edit: change that file instead.
"""Audio that does not come whole: cut, short, stalled, from every method that hands it over."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import cartesia
from cartesia import Cartesia
from tests.faults._sync.calls import VOICE, WAV, connect, speak
from tests.faults.page import Caller
from tests.faults.server import AUDIO, PIECES, SPOKEN, chunk, head, hold, raw
from tests.runtime.server import Received, Step, Wire, answer, chunked, serve

GROUP = "Audio over HTTP"
PACKED = gzip.compress(SPOKEN, 0)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def reset_in_the_middle(wire: Wire, _: Received) -> None:
    wire.send(head(AUDIO) + chunk(PIECES[0]))
    wire.reset()


def read(client: Cartesia, path: Path) -> None:
    (speak(client)).read()


def read_pieces(client: Cartesia, path: Path) -> None:
    heard = b""
    try:
        for piece in (speak(client)).iter_bytes():
            heard += piece
    finally:
        assert SPOKEN.startswith(heard)
        assert len(heard) < len(SPOKEN)


def write(client: Cartesia, path: Path) -> None:
    (speak(client)).write_to_file(path)


def stream(client: Cartesia, path: Path) -> None:
    (speak(client)).stream_to_file(path, chunk_size=100)


def read_streamed(client: Cartesia, path: Path) -> None:
    with client.tts.with_streaming_response.generate(
        model_id="sonic-3", transcript="Hello.", voice=VOICE, output_format=WAV
    ) as response:
        for _ in response.iter_bytes():
            pass


def write_streamed(client: Cartesia, path: Path) -> None:
    with client.tts.with_streaming_response.generate(
        model_id="sonic-3", transcript="Hello.", voice=VOICE, output_format=WAV
    ) as response:
        response.stream_to_file(path)


CONSUMERS = [read, read_pieces, write, stream, read_streamed, write_streamed]


def cases(fault: str, step: Step, kind: type[cartesia.CartesiaError]) -> list[object]:
    mark = pytest.mark.fault(GROUP, fault)
    return [pytest.param(consume, step, kind, marks=mark) for consume in CONSUMERS]


@pytest.mark.parametrize(
    ("consume", "step", "kind"),
    [
        *cases(
            "The connection is closed before the announced length",
            answer(SPOKEN[:2000], length=len(SPOKEN), headers={"content-type": AUDIO}),
            cartesia.TruncatedResponseError,
        ),
        *cases(
            "The connection is closed between two chunks",
            chunked(*PIECES[:2], media_type=AUDIO, cut=True),
            cartesia.TruncatedResponseError,
        ),
        *cases(
            "The connection is closed inside of a chunk",
            raw(head(AUDIO), b"3e8\r\n" + SPOKEN[:500], close=True),
            cartesia.TruncatedResponseError,
        ),
        *cases(
            "The connection is reset",
            reset_in_the_middle,
            cartesia.TruncatedResponseError,
        ),
        *cases(
            "A chunk's length is no number",
            raw(head(AUDIO) + chunk(PIECES[0]) + b"nonsense\r\n", close=True),
            cartesia.TruncatedResponseError,
        ),
        *cases(
            "The answer ends properly, but the WAV is shorter than its header says",
            chunked(*PIECES[:2], media_type=AUDIO),
            cartesia.TruncatedResponseError,
        ),
        *cases(
            "The answer ends properly inside of the header of a WAV",
            chunked(SPOKEN[:11], media_type="Audio/Wav; rate=8000"),
            cartesia.TruncatedResponseError,
        ),
        *cases(
            "The answer ends properly, and there is no WAV in it",
            answer(headers={"content-type": AUDIO}),
            cartesia.TruncatedResponseError,
        ),
        *cases(
            "The connection is closed in the middle of compressed audio",
            answer(
                PACKED[:2000],
                length=len(PACKED),
                headers={"content-type": AUDIO, "content-encoding": "gzip"},
            ),
            cartesia.TruncatedResponseError,
        ),
        *cases(
            "The answer ends properly, but what is compressed in it does not",
            answer(
                gzip.compress(SPOKEN)[:-12],
                headers={"content-type": AUDIO, "content-encoding": "gzip"},
            ),
            cartesia.TruncatedResponseError,
        ),
        *cases(
            "No byte comes any more",
            hold(head(AUDIO) + chunk(PIECES[0])),
            cartesia.APITimeoutError,
        ),
    ],
)
@pytest.mark.untraced
def test_audio_that_is_not_whole(
    consume: Callable[[Cartesia, Path], None],
    step: Step,
    kind: type[cartesia.CartesiaError],
    caller: Caller,
    tmp_path: Path,
) -> None:
    timeout = 1.0 if kind is cartesia.APITimeoutError else 30.0
    with serve(step) as server:
        with connect(server.url, timeout=timeout, max_retries=2) as client:
            with caller.raises(kind) as caught:
                consume(client, tmp_path / "speech.wav")
    assert names(tmp_path) == [], "there is the whole file, or none"
    assert len(server.requests) == 1, "what has begun is not repeated"
    assert server.requests[0].headers["accept-encoding"] == "identity"
    error = caught.value
    assert isinstance(error, cartesia.APIConnectionError)
    assert not isinstance(error, httpx.HTTPError)
    if isinstance(error, cartesia.TruncatedResponseError):
        assert error.bytes_received < len(SPOKEN)
        assert error.bytes_expected is None or error.bytes_received < error.bytes_expected
        assert server.url in str(error)


@pytest.mark.fault(GROUP, "Half of the audio was handed over, and the rest is cut")
def test_what_was_cut_stays_cut(caller: Caller) -> None:
    with serve(chunked(*PIECES[:2], media_type=AUDIO, cut=True)) as server:
        with connect(server.url) as client:
            speech = speak(client)
            with pytest.raises(cartesia.TruncatedResponseError):
                speech.read()
            with caller.raises(cartesia.TruncatedResponseError):
                speech.read()
            with pytest.raises(cartesia.TruncatedResponseError):
                for _ in speech.iter_bytes():
                    pass


@pytest.mark.fault(GROUP, "A WAV that was too short is asked for again")
def test_what_was_short_stays_short(caller: Caller, tmp_path: Path) -> None:
    with serve(chunked(*PIECES[:2], media_type=AUDIO)) as server:
        with connect(server.url) as client:
            speech = speak(client)
            pieces = speech.iter_bytes()
            with pytest.raises(cartesia.TruncatedResponseError):
                for _ in pieces:
                    pass
            with pytest.raises(cartesia.TruncatedResponseError):
                pieces.__next__()
            with pytest.raises(cartesia.TruncatedResponseError):
                speech.write_to_file(tmp_path / "speech.wav")
            with caller.raises(cartesia.TruncatedResponseError):
                speech.read()
    assert names(tmp_path) == []


@pytest.mark.fault(GROUP, "An unfinished file of an earlier call is in the way of the cut one")
def test_a_file_that_was_there_stays(caller: Caller, tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    path.write_bytes(b"older")
    with serve(chunked(*PIECES[:2], media_type=AUDIO, cut=True)) as server:
        with connect(server.url) as client:
            with pytest.raises(cartesia.TruncatedResponseError):
                (speak(client)).write_to_file(path)
    assert path.read_bytes() == b"older"
    assert names(tmp_path) == ["speech.wav"]
    caller.sees("the error, and the older file untouched")
