"""Which espeak-ng voice reads which language."""

from __future__ import annotations

from collections.abc import Container

from .words import primary

_DEFAULTS = {
    "en": "en-us",
    "fr": "fr-fr",
    "pt": "pt-br",
    "zh": "cmn",
    "no": "nb",
    "nn": "nb",
    "en-au": "en-gb",
    "en-in": "en-gb",
    "en-uk": "en-gb",
    "en-nz": "en-gb",
    "fr-ca": "fr-fr",
    "pt-eu": "pt",
    "pt-pt": "pt",
    "es-mx": "es-419",
    # There is no voice for these: the nearest spelling is read by its neighbour.
    "tl": "id",
    "fil": "id",
    "jw": "id",
    "su": "id",
    "gl": "pt",
    "oc": "ca",
    "yi": "de",
    "lo": "th",
    "tg": "fa",
    "ps": "fa",
}
_FALLBACK = "en-us"


def espeak_language(language: str, available: Container[str]) -> str:
    """Choose the voice language that reads a language best.

    Args:
        language: Language code, with a region or without.
        available: Codes that espeak-ng has voices for, in lower case.

    Returns:
        One of `available`, or American English when nothing is near.
    """
    code = language.strip().lower().replace("_", "-")
    for candidate in (_DEFAULTS.get(code, code), _DEFAULTS.get(primary(code), primary(code))):
        if candidate in available:
            return candidate
    return _FALLBACK
