"""Words as they are said, where that is not as they are written: `twelve` for `12`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .markup import Word
from .utterance import Timed
from .words import primary, split_words

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
    r"(?P<before>\W*)(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(?P<part>\d+))?"
    r"(?P<kind>%|st|nd|rd|th|)(?P<after>\W*)"
)


def times_as_said(words: Sequence[Word], times: Sequence[Timed], language: str) -> list[Timed]:
    """Give the times of the words that are said for those of a passage.

    Args:
        words: The words of the passage.
        times: When each was said.
        language: Their language code; numbers are written out in English.

    Returns:
        The words as they are said, each with its share of the time.
    """
    found: list[Timed] = []
    at = 0
    while at < len(words):
        until = at + 1
        # Where several are replaced together, the first is spoken for all of them.
        while until < len(words) and not words[until].spoken:
            until += 1
        said = [
            each
            for word in split_words(words[at].spoken, language)
            for each in _said(word, language)
        ]
        if said:
            found += Timed("", times[at].start, times[until - 1].end).divided(said)
        at = until
    return found


def _said(word: str, language: str) -> list[str]:
    number = _NUMBER.fullmatch(word)
    if number is None or primary(language) != "en":
        return [word]
    said = list(_cardinal(int(number["whole"].replace(",", ""))))
    if number["part"]:
        said += ["point", *(_ONES[int(digit)] for digit in number["part"])]
    if number["kind"] == "%":
        said.append("percent")
    elif number["kind"]:
        said[-1] = _ordinal(said[-1])
    said[0] = number["before"] + said[0]
    said[-1] += number["after"]
    return said


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
