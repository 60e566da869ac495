"""Words that are to be said as something else is written: a pronunciation dictionary at work."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from .markup import Passage, Word
from .words import primary, split_words

_Key = tuple[str, ...]


class Respelling:
    """A dictionary of words, read without regard to case and to the punctuation around them.

    Args:
        items: Each a word or several as they stand in a text, and what to say for them. Of two for
            the same words the later counts.
    """

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        self._items = list(items)
        self._tables: dict[str, dict[_Key, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._items)

    def apply(self, passage: Passage, language: str) -> Passage:
        """Respell a passage.

        Args:
            passage: The words.
            language: Their language code: it decides what a word is.

        Returns:
            The same words, some of which are spoken otherwise. Where several words are replaced
            together, the first is spoken for all of them.
        """
        table = self._table(primary(language))
        longest = max(map(len, table), default=0)
        words = tuple(_respelled(passage.words, table, longest)) if table else passage.words
        return dataclasses.replace(passage, words=words)

    def _table(self, language: str) -> dict[_Key, str]:
        if language not in self._tables:
            keys = ((_key(split_words(text, language)), spoken) for text, spoken in self._items)
            self._tables[language] = {key: spoken for key, spoken in keys if any(key)}
        return self._tables[language]


def _respelled(words: Sequence[Word], table: dict[_Key, str], longest: int) -> Iterator[Word]:
    keys = _key([word.text for word in words])
    at = 0
    while at < len(words):
        for count in range(min(longest, len(words) - at), 0, -1):
            spoken = table.get(keys[at : at + count])
            if spoken is not None:
                last = words[at + count - 1].text
                tail = last[len(last.rstrip(_MARKS)) :]
                yield Word(words[at].text, spoken + tail)
                yield from (Word(word.text, "") for word in words[at + 1 : at + count])
                at += count
                break
        else:
            yield words[at]
            at += 1


_MARKS = (
    ".,;:!?\"'()[]{}\u2026\u3002\u3001\uff01\uff1f\uff1b\uff1a\u201c\u201d\u2018\u2019\u00ab\u00bb"
)


def _key(words: Iterable[str]) -> _Key:
    return tuple(word.strip(_MARKS).casefold() for word in words)
