"""Splitting transcripts into the words that get timestamps, in any language."""

from __future__ import annotations

import re

_UNSPACED = {"zh", "ja", "th", "yue", "lo", "km", "my", "bo"}
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f々"
_KATAKANA = r"\u30a0-\u30ff\uff66-\uff9f"
_HIRAGANA = r"\u3040-\u309f"
_CJK_PUNCTUATION = r"\u3001-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_THAI_LEAD = r"\u0e40-\u0e44"

_SPLITTERS = {
    # One Han character is one word, as in forced aligners for Mandarin; punctuation belongs to
    # the word before.
    "zh": re.compile(rf"[{_HAN}][{_CJK_PUNCTUATION}]*|[^{_HAN}]+"),
    # A stem in Han characters with its inflection in hiragana, or a run of one script.
    "ja": re.compile(
        rf"[{_HAN}]+[{_HIRAGANA}]*[{_CJK_PUNCTUATION}]*|[{_KATAKANA}]+[{_CJK_PUNCTUATION}]*"
        rf"|[{_HIRAGANA}]+[{_CJK_PUNCTUATION}]*|[^{_HAN}{_KATAKANA}{_HIRAGANA}]+"
    ),
    # Thai writes some vowels before their consonant: a syllable begins there.
    "th": re.compile(rf"[{_THAI_LEAD}]?[^{_THAI_LEAD}]+|[{_THAI_LEAD}]+"),
}


def is_unspaced(language: str) -> bool:
    """Return whether the language is written without spaces between its words."""
    return primary_subtag(language) in _UNSPACED


def primary_subtag(language: str) -> str:
    """Return the primary subtag of a language code: `en` of `en-GB`."""
    return re.split(r"[-_]", language.strip().lower(), maxsplit=1)[0]


def split_words(text: str, language: str = "en") -> list[str]:
    """Split a text into words: at spaces, or by script in languages without spaces.

    Args:
        text: The transcript.
        language: Its language code.

    Returns:
        The words with their punctuation, exactly as in the text.
    """
    splitter = _SPLITTERS.get(primary_subtag(language))
    tokens = text.split()
    if splitter is None:
        return tokens
    return [word for token in tokens for word in splitter.findall(token)]
