"""Pronunciation dictionaries: words that are spoken differently than written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from cartesia_mock.speech.markup import Passage, Word
from cartesia_mock.speech.tokenization import primary_subtag, split_words

_Key = tuple[str, ...]


class PronunciationDictionary:
    """A pronunciation dictionary, which ignores case and surrounding punctuation.

    Args:
        items: Pairs of one or more words as written and their replacement. The last pair for the
            same words takes precedence.
    """

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        self._items = list(items)
        self._tables: dict[str, dict[_Key, str]] = {}

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

    def _table(self, language: str) -> dict[_Key, str]:
        if language not in self._tables:
            keys = ((_key(split_words(text, language)), spoken) for text, spoken in self._items)
            self._tables[language] = {key: spoken for key, spoken in keys if any(key)}
        return self._tables[language]


def _with_replacements(
    words: Sequence[Word], table: dict[_Key, str], longest: int
) -> Iterator[Word]:
    keys = _key([word.text for word in words])
    at = 0
    while at < len(words):
        for count in range(min(longest, len(words) - at), 0, -1):
            spoken = table.get(keys[at : at + count])
            if spoken is not None:
                last = words[at + count - 1].text
                tail = last[len(last.rstrip(_PUNCTUATION)) :]
                yield Word(words[at].text, spoken + tail)
                yield from (Word(word.text, "") for word in words[at + 1 : at + count])
                at += count
                break
        else:
            yield words[at]
            at += 1


_PUNCTUATION = (
    ".,;:!?\"'()[]{}\u2026\u3002\u3001\uff01\uff1f\uff1b\uff1a\u201c\u201d\u2018\u2019\u00ab\u00bb"
)


def _key(words: Iterable[str]) -> _Key:
    return tuple(word.strip(_PUNCTUATION).casefold() for word in words)
