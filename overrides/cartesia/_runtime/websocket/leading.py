"""What a text may begin with: the API refuses a first piece that is nothing but punctuation."""

from __future__ import annotations

import unicodedata

# Punctuation, separators, and control characters such as line breaks.
_SILENT = frozenset("PZC")


def is_speakable(text: str) -> bool:
    """Tell whether a text holds anything to say.

    Args:
        text: The text. Symbols, such as a currency sign, are said; punctuation is not.
    """
    return any(unicodedata.category(character)[0] not in _SILENT for character in text)
