"""Splitting transcripts into sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_mock.speech.sentences import complete_length, is_pronounceable, split_sentences


@pytest.mark.parametrize(
    ("transcript", "sentences"),
    [
        ("One. Two! Three?", ["One.", " Two!", " Three?"]),
        ("No end", ["No end"]),
        ("Pi is 3.14 now.", ["Pi is 3.14 now."]),
        ('"Why?" he said. "Go."', ['"Why?"', " he said.", ' "Go."']),
        ("Wait... what?!", ["Wait...", " what?!"]),
        ("你好。再见。", ["你好。", "再见。"]),
        ("One\nTwo", ["One\n", "Two"]),
        ("... Hm.", ["... Hm."]),
        ("Hm. ...", ["Hm. ..."]),
        ('A. <break time="1s"/> B.', ['A. <break time="1s"/> B.']),
        ("", [""]),
    ],
)
def test_transcripts_are_split_after_sentences(transcript: str, sentences: list[str]) -> None:
    assert split_sentences(transcript) == sentences


@given(st.text(alphabet="ab .!?\n。<>3\"'", max_size=60))
def test_nothing_is_lost_and_every_sentence_can_be_spoken(transcript: str) -> None:
    sentences = split_sentences(transcript)
    assert "".join(sentences) == transcript
    assert all(map(is_pronounceable, sentences)) or not is_pronounceable(transcript)


@given(st.text(alphabet="ab .!?\n。<>3\"'", max_size=60))
def test_a_complete_part_ends_where_a_sentence_does(buffer: str) -> None:
    complete = buffer[: complete_length(buffer)]
    assert not complete or complete.rstrip(" \n\"'")[-1:] in set(".!?。\n") or "\n" in complete


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", True),
        ("7", True),
        ("é", True),
        ("你", True),
        ("?!", False),
        ("", False),
        ("😀", False),
    ],
)
def test_is_pronounceable(text: str, expected: bool) -> None:
    assert is_pronounceable(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "hi" + "!" * 100_000 + "x",
        "hi " + "! " * 50_000,
        "! " * 50_000 + "hi",
        "hi " + '!"' * 50_000,
    ],
    ids=lambda text: text[:5],
)
def test_punctuation_takes_no_quadratic_time(text: str) -> None:
    # Quadratic time would be minutes, which is more than a test has.
    assert "".join(split_sentences(text)) == text
    assert complete_length(text) <= len(text)
