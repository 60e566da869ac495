"""Pronunciation dictionaries: words that are spoken differently than written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cartesia_mock.speech.markup import Passage, SpokenWord
from cartesia_mock.speech.tokenization import primary_subtag, split_words

_Key = tuple[str, ...]


class Pronunciation(NamedTuple):
    """One or more words, and what is spoken in their place.

    Attributes:
        text: The words as written.
        spoken: Their replacement.
        is_case_sensitive: Whether upper and lower case must match.
    """

    text: str
    spoken: str
    is_case_sensitive: bool = False


class PronunciationDictionary:
    """A pronunciation dictionary, which ignores surrounding punctuation.

    Args:
        items: Its items. The last one that matches the same words takes precedence.
    """

    def __init__(self, items: Iterable[Pronunciation]) -> None:
        self._items = list(items)
        self._tables: dict[str, _Table] = {}

    def __bool__(self) -> bool:
        return bool(self._items)

    def apply(self, passage: Passage, language: str) -> Passage:
        """Apply the dictionary to a passage.

        Args:
            passage: The words.
            language: Their language code, which decides how words are split.

        Returns:
            The same words with their spoken forms replaced. Of several words that are replaced
            together, only the first has a spoken form.
        """
        table = self._table(primary_subtag(language))
        longest = max(map(len, table), default=0)
        words = tuple(_with_replacements(passage.words, table, longest)) if table else passage.words
        return dataclasses.replace(passage, words=words)

    def _table(self, language: str) -> _Table:
        if language not in self._tables:
            table: _Table = {}
            for item in reversed(self._items):
                key = _key(split_words(item.text, language))
                if any(key):
                    table.setdefault(_folded(key), []).append((key, item))
            self._tables[language] = table
        return self._tables[language]


_Table = dict[_Key, list[tuple[_Key, Pronunciation]]]
"""The items by their words in lower case, each with its words as written; the last item first."""


def _with_replacements(
    words: Sequence[SpokenWord], table: _Table, longest: int
) -> Iterator[SpokenWord]:
    keys = _key([word.text for word in words])
    at = 0
    while at < len(words):
        for count in range(min(longest, len(words) - at), 0, -1):
            spoken = _spoken(table, keys[at : at + count])
            if spoken is not None:
                last = words[at + count - 1].text
                tail = last[len(last.rstrip(_PUNCTUATION)) :]
                yield SpokenWord(words[at].text, spoken + tail)
                yield from (SpokenWord(word.text, "") for word in words[at + 1 : at + count])
                at += count
                break
        else:
            yield words[at]
            at += 1


_PUNCTUATION = (
    ".,;:!?\"'()[]{}\u2026\u3002\u3001\uff01\uff1f\uff1b\uff1a\u201c\u201d\u2018\u2019\u00ab\u00bb"
)


def _spoken(table: _Table, key: _Key) -> str | None:
    for written, item in table.get(_folded(key), ()):
        if written == key or not item.is_case_sensitive:
            return item.spoken
    return None


def _key(words: Iterable[str]) -> _Key:
    return tuple(word.strip(_PUNCTUATION) for word in words)


def _folded(key: _Key) -> _Key:
    return tuple(word.casefold() for word in key)
