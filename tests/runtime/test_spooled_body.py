"""Bodies that are kept: in memory, in a file, and not at all."""

from __future__ import annotations

import gc
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia import CartesiaError
from cartesia._runtime.storage import SpooledBody


def limit_memory(patch: pytest.MonkeyPatch, size: int) -> None:
    patch.setattr("cartesia._runtime.storage.MEMORY_BYTES", size)


@given(sizes=st.lists(st.integers(1, 40)), limit=st.integers(1, 100))
def test_all_is_given_back_as_it_came(sizes: list[int], limit: int) -> None:
    chunks = [bytes([number % 256]) * size for number, size in enumerate(sizes)]
    with pytest.MonkeyPatch.context() as patch:
        limit_memory(patch, limit)
        body = SpooledBody()
        offsets = [0]
        for chunk in chunks:
            body.append(chunk)
            offsets.append(offsets[-1] + len(chunk))
            # A reader may be anywhere while more is added.
            assert body.chunk(offsets[len(offsets) // 2 - 1])
        assert body.read(0, sum(sizes)) == b"".join(chunks)
        assert [body.chunk(offset) for offset in offsets[:-1]] == chunks


def refuse(**_: object) -> None:
    raise OSError(28, "No space left on device")


def test_what_a_disk_refuses_is_not_taken_for_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    limit_memory(monkeypatch, 3)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    body = SpooledBody()
    for chunk in (b"ab", b"cd", b"ef"):
        body.append(chunk)
    assert body.chunk(0) == b"ab"
    for offset in (2, 4):
        with pytest.raises(CartesiaError, match="No space left") as caught:
            body.chunk(offset)
        assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(CartesiaError, match="No space left"):
        body.read(0, 6)


def test_the_file_goes_with_what_it_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    limit_memory(monkeypatch, 1)
    body = SpooledBody()
    body.append(b"ab")
    body._file.fileno()  # there is one: it lies on the disk
    file = body._file
    del body
    gc.collect()
    assert file.closed


def test_a_file_that_breaks_later(monkeypatch: pytest.MonkeyPatch) -> None:
    body = SpooledBody()
    body.append(b"ab")
    body.append(b"cd")

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(body._file, "seek", fail)
    for _ in range(2):
        with pytest.raises(CartesiaError, match="Input/output error"):
            body.chunk(2)
    body.append(b"ef")
    monkeypatch.undo()
    with pytest.raises(CartesiaError, match="Input/output error"):
        body.read(0, 6)


def test_threads_that_read_what_was_kept_do_not_disturb_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit_memory(monkeypatch, 1)  # files give other threads way
    body = SpooledBody()
    pieces = [bytes([number]) * 5000 for number in range(256)]
    wrong: list[int] = []

    def read_again(upto: int) -> None:
        for _ in range(20):
            numbers = range(upto)
            wrong.extend(each for each in numbers if body.chunk(each * 5000) != pieces[each])

    with ThreadPoolExecutor(3) as pool:
        for number, piece in enumerate(pieces):
            body.append(piece)
            if number % 64 == 63:
                for _ in range(2):
                    pool.submit(read_again, number + 1)
    assert wrong == []
