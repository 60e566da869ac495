"""Transcripts with tags: what is read, what is a pause, what is passed over."""

from __future__ import annotations

import pytest

from cartesia_mock.speech.markup import Passage, Pause, SpokenWord, parse_transcript, plain_text
from cartesia_mock.speech.tokenization import is_unspaced


def words(*texts: str) -> tuple[SpokenWord, ...]:
    return tuple(SpokenWord(text, text) for text in texts)


@pytest.mark.parametrize(
    ("transcript", "parts"),
    [
        ("one two", [Passage(words("one", "two"))]),
        ('one<break time="1s"/>two', [Passage(words("one")), Pause(1), Passage(words("two"))]),
        ("<break time='250ms' />", [Pause(0.25)]),
        ('<break time="soon"/>', [Pause(0.5)]),
        ("<break/>", [Pause(0.5)]),
        ('<break time="9999s"/>', [Pause(30)]),
        ('<speed ratio="1.2"/>fast', [Passage(words("fast"), speed=1.2)]),
        ('<speed ratio="nan"/>odd', [Passage(words("odd"), speed=0.25)]),
        ('<speed ratio="much"/>odd', [Passage(words("odd"))]),
        ('<volume ratio="0.5"/>low', [Passage(words("low"), volume=0.5)]),
        ('a <emotion value="angry"/>b', [Passage(words("a", "b"))]),
        ("<spell>A1</spell> b", [Passage((SpokenWord("A1", "A 1"), SpokenWord("b", "b")))]),
        ("3 < 4 and 5 > 4", [Passage(words("3", "<", "4", "and", "5", ">", "4"))]),
        ("<unfinished", [Passage(words("<unfinished"))]),
    ],
)
def test_transcript_is_read_in_parts(transcript: str, parts: list[Passage | Pause]) -> None:
    assert parse_transcript(transcript) == parts


@pytest.mark.parametrize(
    ("transcript", "text"),
    [
        (" no  tags ", "no  tags"),
        ('one<break time="1s"/>two', "one two"),
        ('<speed ratio="2"/> <spell>AB</spell> c', "AB c"),
    ],
)
def test_plain_text_has_no_tags(transcript: str, text: str) -> None:
    assert plain_text(transcript) == text


def test_languages_without_spaces_are_known() -> None:
    assert is_unspaced("zh-CN")
    assert is_unspaced("ja")
    assert not is_unspaced("en")


@pytest.mark.parametrize(
    "transcript",
    [
        "hi <" + " " * 100_000,
        "hi </" + " " * 100_000,
        "hi <a" + " " * 100_000,
        "hi <a" + " b" * 50_000,
        "hi <a " + "b" * 50_000 + " " * 50_000,
        "hi <a b='c'" + " " * 100_000,
        "hi " + "<a b='" * 20_000,
        "<" * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_tag_that_never_ends_takes_no_quadratic_time(transcript: str) -> None:
    # Quadratic time would be minutes, which is more than a test has.
    assert plain_text(transcript).startswith(transcript.split(maxsplit=1)[0])
    assert parse_transcript(transcript)
