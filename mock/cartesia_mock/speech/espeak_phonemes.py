"""IPA in the notation of espeak-ng, for its English voices."""

from __future__ import annotations

from collections.abc import Sequence

# ruff: noqa: RUF001  the symbols of IPA look like letters

_NAMES = {
    "θ": "T",
    "ð": "D",
    "ʃ": "S",
    "ʒ": "Z",
    "ŋ": "N",
    "ɡ": "g",
    "ɹ": "r",
    "ɾ": "t#",
    "ʔ": "?",
    "tʃ": "tS",
    "dʒ": "dZ",
    "i": "i:",
    "ɪ": "I",
    "e": "eI",
    "eɪ": "eI",
    "ɛ": "E",
    "æ": "a",
    "a": "a",
    "ɑ": "A:",
    "ɒ": "0",
    "ɔ": "O:",
    "o": "oU",
    "oʊ": "oU",
    "əʊ": "oU",
    "ʊ": "U",
    "u": "u:",
    "ʌ": "V",
    "ə": "@",
    "ɚ": "3",
    "ɜ": "3:",
    "ɝ": "3:",
    "aɪ": "aI",
    "aʊ": "aU",
    "ɔɪ": "OI",
    "ˈ": "'",
    "ˌ": ",",
}
_SAME = set("bdfhjklmnprstvwzg")
_LENGTH = "ː:"
_TIES = str.maketrans("", "", "\u0361\u035c")


def espeak_phonemes(phonemes: Sequence[str]) -> str:
    """Return the word that espeak-ng reads as these phonemes.

    Args:
        phonemes: IPA symbols, with stress marks before the vowels; unknown ones are left out.

    Returns:
        The word, such as `[[t'Est]]`.
    """
    return f"[[{''.join(map(_name, phonemes))}]]"


def _name(phoneme: str) -> str:
    plain = phoneme.translate(_TIES).rstrip(_LENGTH)
    stress = plain[: len(plain) - len(plain.lstrip("ˈˌ"))]
    rest = plain[len(stress) :]
    marks = "".join(_NAMES[mark] for mark in stress)
    if rest in _SAME:
        return marks + rest
    return marks + _NAMES.get(rest, "")
