"""Bytes that are kept: in memory, in a file, and not at all."""

from __future__ import annotations

import gc
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia import CartesiaError
from cartesia._runtime.kept import Kept


@given(sizes=st.lists(st.integers(0, 40)), limit=st.integers(0, 100))
def test_all_is_given_back(sizes: list[int], limit: int) -> None:
    pieces = [bytes([number % 256]) * size for number, size in enumerate(sizes) if size]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cartesia._runtime.kept.MEMORY_BYTES", limit)
        patch.setattr("cartesia._runtime.kept._FILE_PIECE_BYTES", 7)
        kept = Kept()
        for piece in pieces:
            kept.add(piece)
        assert kept.whole() == b"".join(pieces)
        found = b""
        number = 0
        while len(found) < len(b"".join(pieces)):
            found += kept.piece(number, len(found))
            number += 1
    assert found == b"".join(pieces)


def test_what_a_disk_refuses_is_not_taken_for_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cartesia._runtime.kept.MEMORY_BYTES", 3)

    def refuse(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    kept = Kept()
    for piece in (b"ab", b"cd", b"ef"):
        kept.add(piece)
    assert kept.piece(0, 0) == b"ab"
    with pytest.raises(CartesiaError, match="No space left"):
        kept.piece(1, 2)
    with pytest.raises(CartesiaError, match="No space left"):
        kept.whole()


def test_the_file_goes_with_what_it_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cartesia._runtime.kept.MEMORY_BYTES", 0)
    kept = Kept()
    kept.add(b"ab")
    file = kept._file
    assert file is not None
    del kept
    gc.collect()
    assert file.closed
