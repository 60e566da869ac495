"""Words as they are said: numbers written out, respelled and spelled words."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cartesia_mock.speech import Respelling, Speech

SPEECH = Speech(engine="tone")


def said(text: str, language: str = "en", respelling: Respelling | None = None) -> list[str]:
    utterance = SPEECH.say(text, language=language, respelling=respelling)
    times = utterance.said
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(times))
    assert times[0].start == utterance.words[0].start
    assert times[-1].end == utterance.words[-1].end
    return [word.text for word in times]


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("0", "zero"),
        ("13,", "thirteen,"),
        ("(40)", "(forty)"),
        ("99", "ninety-nine"),
        ("100", "one hundred"),
        ("2024", "two thousand twenty-four"),
        ("1,000,007!", "one million seven!"),
        ("5300000012", "five billion three hundred million twelve"),
        ("3.05", "three point zero five"),
        ("50%.", "fifty percent."),
        ("1st", "first"),
        ("20th", "twentieth"),
        ("42nd", "forty-second"),
        ("100th", "one hundredth"),
        ("A4", "A4"),
        ("1234567890123", "1234567890123"),
    ],
)
def test_numbers_are_written_out(written: str, spoken: str) -> None:
    assert said(f"Say {written} now.") == ["Say", *spoken.split(), "now."]


def test_numbers_of_other_languages_stay() -> None:
    assert said("Tor 12 bitte.", "de") == ["Tor", "12", "bitte."]


def test_respelled_and_spelled_words_are_as_they_are_said() -> None:
    respelling = Respelling([("New York", "the city"), ("SQL", "sequel")])
    assert said("New York runs SQL.", respelling=respelling) == ["the", "city", "runs", "sequel."]
    assert said("Call <spell>AB1</spell> now.") == ["Call", "A", "B", "one", "now."]
