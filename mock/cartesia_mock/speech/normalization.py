"""Text normalization: words as spoken, such as `twelve` for `12`, and by which rules."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from cartesia_mock.speech.markup import Passage, SpokenWord
from cartesia_mock.speech.tokenization import primary_subtag, split_words
from cartesia_mock.speech.utterance import TimedText

AUTO, OFF = "auto", "off"
"""Normalization by the language of the text, and none. Others are codes of languages."""

# fmt: off
_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]
# fmt: on
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_THOUSANDS = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_NUMBER = re.compile(
    r"(?P<before>\W*)(?P<whole>\d{1,3}(?:,\d{3}){1,3}|\d{1,12})(?:\.(?P<part>\d+))?"
    r"(?P<kind>%|st|nd|rd|th|)(?P<after>\W*)"
)


_BETWEEN_DIGITS = re.compile(r"(?<=\d)\W?(?=\d)")


def spoken_passage(passage: Passage, language: str, normalization: str) -> Passage:
    """Return a passage with its numbers as they are to be spoken.

    Args:
        passage: The words. An engine speaks the numbers in them in its language.
        language: Their language code.
        normalization: `auto`, `off` (numbers are spoken digit by digit), or a language code. Of
            other languages than that of the words only the numbers of English are known.

    Returns:
        The same words; those with numbers have another spoken form, if need be.
    """
    if normalization == OFF:
        words = [_replaced(word, _BETWEEN_DIGITS.sub(" ", word.spoken)) for word in passage.words]
    elif primary_subtag(normalization) == "en" != primary_subtag(language):
        words = [_replaced(word, _written_out(word, language)) for word in passage.words]
    else:
        return passage
    return dataclasses.replace(passage, words=tuple(words))


def normalized_timings(
    words: Sequence[SpokenWord],
    times: Sequence[TimedText],
    language: str,
    normalization: str = AUTO,
) -> list[TimedText]:
    """Return timestamps of the words of a passage as spoken.

    Args:
        words: The words of the passage.
        times: Their timestamps.
        language: Their language code; numbers are written out in English only.
        normalization: `auto`, `off` (numbers are not written out), or the code of the language in
            which they are.

    Returns:
        The words as spoken, each with its share of the time.
    """
    rules = language if normalization == AUTO else normalization
    found: list[TimedText] = []
    at = 0
    while at < len(words):
        until = at + 1
        # Of several words that are replaced together, only the first is spoken.
        while until < len(words) and not words[until].spoken:
            until += 1
        spoken = [
            each
            for word in split_words(words[at].spoken, language)
            for each in _spoken_form(word, rules)
        ]
        if spoken:
            found += TimedText("", times[at].start, times[until - 1].end).divided(spoken)
        at = until
    return found


def _replaced(word: SpokenWord, spoken: str) -> SpokenWord:
    return word if word.phonemes else dataclasses.replace(word, spoken=spoken)


def _written_out(word: SpokenWord, language: str) -> str:
    words = split_words(word.spoken, language)
    return " ".join(each for part in words for each in _spoken_form(part, "en"))


def _spoken_form(word: str, language: str) -> list[str]:
    number = _NUMBER.fullmatch(word)
    if number is None or primary_subtag(language) != "en":
        return [word]
    spoken = list(_cardinal(int(number["whole"].replace(",", ""))))
    if number["part"]:
        spoken += ["point", *(_ONES[int(digit)] for digit in number["part"])]
    if number["kind"] == "%":
        spoken.append("percent")
    elif number["kind"]:
        spoken[-1] = _ordinal(spoken[-1])
    spoken[0] = number["before"] + spoken[0]
    spoken[-1] += number["after"]
    return spoken


def _cardinal(number: int) -> Iterator[str]:
    for size, name in _THOUSANDS:
        if number >= size:
            yield from _cardinal(number // size)
            yield name
            number %= size
            if not number:
                return
    if number < len(_ONES):
        yield _ONES[number]
        return
    tens, one = divmod(number, 10)
    yield _TENS[tens - 2] + (f"-{_ONES[one]}" if one else "")


def _ordinal(word: str) -> str:
    start, dash, last = word.rpartition("-")
    if last.endswith("y"):
        return f"{start}{dash}{last[:-1]}ieth"
    return f"{start}{dash}{_ORDINALS.get(last, last + 'th')}"
