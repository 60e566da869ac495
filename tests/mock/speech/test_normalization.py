"""Words as spoken: numbers written out, replaced and spelled words."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cartesia_mock.speech import Pronunciation, PronunciationDictionary, SpeechSynthesizer

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
    pronunciations = PronunciationDictionary(
        [Pronunciation("New York", "the city"), Pronunciation("SQL", "sequel")]
    )
    assert spoken_words("New York runs SQL.", pronunciations=pronunciations) == [
        "the",
        "city",
        "runs",
        "sequel.",
    ]
    assert spoken_words("Call <spell>AB1</spell> now.") == ["Call", "A", "B", "one", "now."]


def phonemes(text: str, language: str, normalization: str = "auto") -> str:
    """Say what is heard."""
    speech = SpeechSynthesizer(engine="espeak")
    said = speech.synthesize(text, language=language, normalization=normalization)
    return "".join(each.text for each in said.phonemes)


@pytest.mark.parametrize(
    ("written", "language", "normalization", "spoken"),
    [
        ("Gate 12, please.", "en", "off", "Gate 1 2, please."),
        ("It is 1,024.50.", "en", "off", "It is 1 0 2 4 5 0."),
        ("Tor 12 bitte.", "de", "off", "Tor 1 2 bitte."),
        ("No digits.", "en", "off", "No digits."),
        ("Tor 12 bitte.", "de", "en-US", "Tor twelve bitte."),
        ("Tor 3.5 bitte.", "de", "en", "Tor three point five bitte."),
        ("Tor 12 bitte.", "de", "de-DE", "Tor 12 bitte."),
        ("Gate 12, please.", "en", "de", "Gate 12, please."),
    ],
)
def test_numbers_are_heard_by_the_rules_of_the_normalization(
    written: str, language: str, normalization: str, spoken: str
) -> None:
    assert phonemes(written, language, normalization) == phonemes(spoken, language)


def test_a_normalization_is_heard_at_all() -> None:
    off = phonemes("Gate 12, please.", "en", "off")
    assert off != phonemes("Gate 12, please.", "en")
    english = phonemes("Tor 12 bitte.", "de", "en")
    assert english != phonemes("Tor 12 bitte.", "de")


@pytest.mark.parametrize(
    ("language", "normalization", "words"),
    [
        ("en", "auto", ["Gate", "twelve,", "please."]),
        ("en", "off", ["Gate", "12,", "please."]),
        ("en", "en-GB", ["Gate", "twelve,", "please."]),
        ("de", "en", ["Gate", "twelve,", "please."]),
        ("de", "auto", ["Gate", "12,", "please."]),
    ],
)
def test_normalized_words_follow_the_normalization(
    language: str, normalization: str, words: list[str]
) -> None:
    said = SPEECH.synthesize("Gate 12, please.", language=language, normalization=normalization)
    assert [each.text for each in said.normalized_words] == words
    assert [each.text for each in said.words] == ["Gate", "12,", "please."]


def test_spelled_phonemes_stay_as_they_are_without_normalization() -> None:
    said = SPEECH.synthesize("<<t|w|ʌ|12>> 34", normalization="off")
    assert [each.text for each in said.words] == ["<<t|w|ʌ|12>>", "34"]
    assert len(said.phonemes) > 0
