"""Text normalization: words as spoken, such as `twelve` for `12`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cartesia_mock.speech.markup import Word
from cartesia_mock.speech.tokenization import primary_subtag, split_words
from cartesia_mock.speech.utterance import TimedText

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


def normalized_timings(
    words: Sequence[Word], times: Sequence[TimedText], language: str
) -> list[TimedText]:
    """Return timestamps of the words of a passage as spoken.

    Args:
        words: The words of the passage.
        times: Their timestamps.
        language: Their language code; numbers are written out in English only.

    Returns:
        The words as spoken, each with its share of the time.
    """
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
            for each in _spoken_form(word, language)
        ]
        if spoken:
            found += TimedText("", times[at].start, times[until - 1].end).divided(spoken)
        at = until
    return found


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
