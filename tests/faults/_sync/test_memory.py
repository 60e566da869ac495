# Derived by `make generate` (scripts/unasync.py) from
# tests/faults/_async/test_memory.py
# Do not edit: change that file instead.
"""Long audio and long streams are handled in little memory."""

from __future__ import annotations

import gc
import tracemalloc
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import IO, Any

import pytest

import cartesia
from cartesia import Cartesia
from tests.faults._sync.calls import connect, speak, watch
from tests.faults.page import Caller
from tests.faults.server import DONE, EVENTS, chunk, head
from tests.runtime.server import Received, Wire, serve

GROUP = "Long answers"
MEGABYTE = 1024 * 1024
LENGTH = 100 * MEGABYTE
BLOCK = bytes(range(256)) * 4096


def long_audio(wire: Wire, request: Received) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\ncontent-type: audio/pcm\r\ncontent-length: %d\r\n\r\n" % LENGTH)
    for _ in range(LENGTH // MEGABYTE):
        wire.send(BLOCK)


def long_stream(wire: Wire, request: Received) -> None:
    wire.send(head(EVENTS))
    event = b'data: {"type": "chunk", "data": "' + b"QUJD" * 1000 + b'"}\n\n'
    many = chunk(event * 100)
    for _ in range(100):
        wire.send(many)
    wire.send(chunk(DONE) + b"0\r\n\r\n")


@cache
def expected() -> str:
    """Return the digest of the whole answer."""
    return sha256(BLOCK * (LENGTH // MEGABYTE)).hexdigest()


def digest(speech: cartesia.BinaryAPIResponse) -> str:
    heard = sha256()
    for piece in speech.iter_bytes():
        heard.update(piece)
    return heard.hexdigest()


@pytest.mark.untraced
@pytest.mark.timeout(300)
@pytest.mark.fault(GROUP, "100 MB are written to a file, and read again")
def test_a_long_answer(caller: Caller, tmp_path: Path) -> None:
    path = tmp_path / "speech.pcm"
    with serve(long_audio) as server:
        with connect(server.url) as client:
            gc.collect()
            tracemalloc.start()
            speech = speak(client)
            speech.write_to_file(path)
            again = digest(speech)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            del speech
            gc.collect()
    assert file_digest(path) == again == expected()
    assert peak < 20 * MEGABYTE
    caller.sees("the audio, both times, in less than 20 MB of memory")


def file_digest(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(MEGABYTE):
            found.update(block)
    return found.hexdigest()


TEMPORARY_FILE: Any = TemporaryFile  # before a test replaces it


@pytest.mark.timeout(300)
@pytest.mark.fault(GROUP, "The disk has no room for what memory does not keep")
def test_no_room(caller: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    path = tmp_path / "speech.pcm"
    with serve(long_audio) as server:
        with connect(server.url) as client:
            speech = speak(client)
            speech.write_to_file(path)
            with caller.raises(cartesia.CartesiaError, match="disk refused it"):
                speech.read()
    assert file_digest(path) == expected()


def refuse(**options: Any) -> IO[bytes]:
    """Refuse what belongs on the disk for temporary files, and nothing on others."""
    if options.get("dir") is None:
        raise OSError(28, "No space left on device", gettempdir())
    made: IO[bytes] = TEMPORARY_FILE(**options)
    return made


@pytest.mark.untraced
@pytest.mark.timeout(300)
@pytest.mark.fault(GROUP, "A stream of 10,000 events, 40 MB in all")
def test_a_long_stream(caller: Caller) -> None:
    with serve(long_stream) as server:
        with connect(server.url) as client:
            gc.collect()
            tracemalloc.start()
            count = count_events(client)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
    assert count == 10_001
    assert peak < 10 * MEGABYTE
    caller.sees("the events, in less than 10 MB of memory")


def count_events(client: Cartesia) -> int:
    count = 0
    for _ in watch(client):
        count += 1
    return count
