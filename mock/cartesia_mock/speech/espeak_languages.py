"""The espeak-ng voice for each language."""

from __future__ import annotations

from collections.abc import Container

from cartesia_mock.speech.tokenization import primary_subtag

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
    # Regions without a voice use that of the nearest accent.
    "en-ie": "en-gb",
    "en-sg": "en-gb",
    "en-za": "en-gb",
    "es-bo": "es-419",
    "es-cl": "es-419",
    "es-co": "es-419",
    "es-us": "es-419",
    "fr-ca": "fr-fr",
    "pt-eu": "pt",
    "pt-pt": "pt",
    "es-mx": "es-419",
    # Languages without a voice use the voice of a language with a similar orthography.
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
    """Choose the voice language for a language.

    Args:
        language: Language code, with or without a region.
        available: Codes of the languages with voices, in lower case.

    Returns:
        One of `available`; American English when none fits.
    """
    code = language.strip().lower().replace("_", "-")
    for candidate in (
        _DEFAULTS.get(code, code),
        _DEFAULTS.get(primary_subtag(code), primary_subtag(code)),
    ):
        if candidate in available:
            return candidate
    return _FALLBACK
