"""Bytes and text in other pieces: nothing is lost, whatever the cuts."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia._runtime.pieces import (
    ByteChunker,
    Cutter,
    LineCutter,
    LineSplitter,
    TextCutter,
    TextDecoder,
)


def run(cutter: Cutter[bytes], pieces: list[bytes]) -> list[bytes]:
    return [chunk for piece in pieces for chunk in cutter.feed(piece)] + list(cutter.finish())


@given(st.lists(st.binary(min_size=1)), st.integers(1, 10))
def test_chunks_have_one_size(pieces: list[bytes], size: int) -> None:
    chunks = run(ByteChunker(size), pieces)
    assert b"".join(chunks) == b"".join(pieces)
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(0 < len(chunk) <= size for chunk in chunks)


def test_without_a_size_pieces_stay_as_they_come() -> None:
    assert run(ByteChunker(None), [b"a", b"bc"]) == [b"a", b"bc"]


def test_a_size_that_is_none() -> None:
    with pytest.raises(ValueError, match="`chunk_size`"):
        ByteChunker(0)


TEXTS = st.text(st.sampled_from("aü\N{GRINNING FACE}\r\n\u2028"))


@given(TEXTS, st.integers(1, 3))
def test_text_may_be_cut_inside_a_character(text: str, size: int) -> None:
    data = text.encode()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    decoder = TextDecoder("utf-8")
    assert "".join([*map(decoder.feed, pieces), decoder.finish()]) == text
    cutter = TextCutter(None, 2)
    found = [each for piece in pieces for each in cutter.feed(piece)] + cutter.finish()
    assert "".join(found) == text
    assert all(found)


@given(TEXTS, st.integers(1, 3))
def test_lines_may_be_cut_anywhere(text: str, size: int) -> None:
    # The line ends of `io`: CR, LF and CRLF, and no others.
    lines = [line.rstrip("\n") for line in io.StringIO(text, newline=None)]
    splitter = LineSplitter()
    found = [
        line
        for start in range(0, len(text), size)
        for line in splitter.feed(text[start : start + size])
    ]
    assert found + splitter.finish() == lines
    data = text.encode()
    cutter = LineCutter("utf-8")
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert [line for piece in pieces for line in cutter.feed(piece)] + cutter.finish() == lines


def test_an_unknown_encoding_and_half_a_character() -> None:
    decoder = TextDecoder("no-such-encoding")
    assert decoder.feed("ü".encode()[:1]) == ""
    assert decoder.finish() == "\ufffd"
