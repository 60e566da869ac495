"""Chunks, text and lines: nothing is lost, wherever the bytes are cut."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia._runtime.content import ByteChunker, LenientDecoder, LineDecoder, TextDecoder

T = TypeVar("T")


def run(decode: Callable[[bytes, bool], Sequence[T]], pieces: list[bytes]) -> list[T]:
    return [found for piece in pieces for found in decode(piece, False)] + [*decode(b"", True)]


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.lists(st.binary(min_size=1)), st.integers(1, 10))
def test_chunks_have_one_size(pieces: list[bytes], size: int) -> None:
    chunks = run(ByteChunker(size).decode, pieces)
    assert b"".join(chunks) == b"".join(pieces)
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(0 < len(chunk) <= size for chunk in chunks)


def test_a_chunk_is_given_as_soon_as_it_is_complete() -> None:
    chunker = ByteChunker(2)
    assert chunker.decode(b"a") == []
    assert chunker.decode(b"bcde") == [b"ab", b"cd"]
    assert chunker.decode(b"", final=True) == [b"e"]


def test_without_a_size_pieces_stay_as_they_come() -> None:
    assert run(ByteChunker(None).decode, [b"a", b"bc"]) == [b"a", b"bc"]


def test_a_size_that_is_none() -> None:
    with pytest.raises(ValueError, match="`chunk_size`"):
        ByteChunker(0)


TEXTS = st.text(st.sampled_from("aü\N{GRINNING FACE}\r\n\u2028"))


@given(TEXTS, st.integers(1, 3))
def test_text_may_be_cut_inside_a_character(text: str, size: int) -> None:
    pieces = cut(text.encode(), size)
    decoder = LenientDecoder("utf-8")
    assert "".join([*map(decoder.decode, pieces), decoder.decode(b"", final=True)]) == text
    found = run(TextDecoder(None, 2).decode, pieces)
    assert "".join(found) == text
    assert all(found)


@given(TEXTS, st.integers(1, 3))
def test_lines_may_be_cut_anywhere(text: str, size: int) -> None:
    # The line ends of `io`: CR, LF and CRLF, and no others.
    lines = [line.rstrip("\n") for line in io.StringIO(text, newline=None)]
    assert run(LineDecoder("utf-8").decode, cut(text.encode(), size)) == lines


def test_a_line_is_given_as_soon_as_it_is_complete() -> None:
    decoder = LineDecoder("utf-8")
    assert decoder.decode(b"one\ntw") == ["one"]
    assert decoder.decode(b"o\r\n\nth") == ["two", ""]
    assert decoder.decode(b"ree", final=True) == ["three"]


@pytest.mark.parametrize(
    "encoding", ["no-such-encoding", "base64", "undefined", "nul\0", "", None, "utf-8"]
)
def test_an_unusable_encoding_and_half_a_character(encoding: str | None) -> None:
    decoder = LenientDecoder(encoding)
    assert decoder.decode("aü".encode()[:2]) == "a"
    assert decoder.decode(b"", final=True) == "\ufffd"


def test_a_codec_that_raises_whatever_it_is_told() -> None:
    assert LenientDecoder("utf-16").decode(b"no byte order mark", final=True) != ""
    assert run(TextDecoder("idna").decode, [b"\xc3", b"\xbc"]) == ["ü"]


@pytest.mark.parametrize(
    ("encoding", "data", "text"),
    [
        ("latin-1", b"\xfc", "ü"),
        ("ISO-8859-15", b"\xa4", "€"),
        ("windows-1252", b"\x80", "€"),
        ("utf-16-le", "ü".encode("utf-16-le"), "ü"),
        ("UTF8", "ü".encode(), "ü"),
        ("us-ascii", b"a", "a"),
        ("gb18030", "你".encode("gb18030"), "你"),
        ("Shift_JIS", "あ".encode("shift_jis"), "あ"),
        ("euc-kr", "가".encode("euc_kr"), "가"),
        ("koi8-r", "я".encode("koi8-r"), "я"),
        ("big5", "你".encode("big5"), "你"),
        ("punycode", b"-abc", "-abc"),
        ("idna", b"xn--a", "xn--a"),
        ("utf-7", b"+AGE-", "+AGE-"),
        ("unicode_escape", b"\\u0061", "\\u0061"),
        ("rot13", b"a", "a"),
        ("base64", b"YQ==", "YQ=="),
        ("\x00", b"a", "a"),
        ("", b"a", "a"),
    ],
)
def test_common_character_sets_are_decoded_and_all_else_is_utf_8(
    encoding: str, data: bytes, text: str
) -> None:
    assert LenientDecoder(encoding).decode(data, final=True) == text
