"""Words as spoken: numbers written out, replaced and spelled words."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cartesia_mock.speech import PronunciationDictionary, SpeechSynthesizer

SPEECH = SpeechSynthesizer(engine="tone")


def spoken_words(
    text: str, language: str = "en", pronunciations: PronunciationDictionary | None = None
) -> list[str]:
    utterance = SPEECH.synthesize(text, language=language, pronunciations=pronunciations)
    times = utterance.normalized_words
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
        ("1,234,567,890,123", "1,234,567,890,123"),
        ("1" + ",000" * 2000, "1" + ",000" * 2000),
    ],
)
def test_numbers_are_written_out(written: str, spoken: str) -> None:
    assert spoken_words(f"Say {written} now.") == ["Say", *spoken.split(), "now."]


def test_numbers_of_other_languages_stay() -> None:
    assert spoken_words("Tor 12 bitte.", "de") == ["Tor", "12", "bitte."]


def test_replaced_and_spelled_words_are_as_spoken() -> None:
    pronunciations = PronunciationDictionary([("New York", "the city"), ("SQL", "sequel")])
    assert spoken_words("New York runs SQL.", pronunciations=pronunciations) == [
        "the",
        "city",
        "runs",
        "sequel.",
    ]
    assert spoken_words("Call <spell>AB1</spell> now.") == ["Call", "A", "B", "one", "now."]
