"""Dialects and locales of the languages that voices are localized into."""

from __future__ import annotations

from cartesia_mock.api.jsontypes import JSONValue

_DIALECTS = {
    "en": {"us": "US", "uk": "GB", "au": "AU", "in": "IN", "so": "US"},
    "es": {"pe": "ES", "mx": "MX"},
    "pt": {"br": "BR", "eu": "PT"},
    "fr": {"eu": "FR", "ca": "CA"},
}
"""Country of each dialect of a language; the first dialect is the default."""

_COUNTRIES = {
    "ar": "AE",
    "cs": "CZ",
    "da": "DK",
    "de": "DE",
    "el": "GR",
    "he": "IL",
    "hi": "IN",
    "ja": "JP",
    "ka": "GE",
    "ko": "KR",
    "ms": "MY",
    "sv": "SE",
    "ta": "IN",
    "te": "IN",
    "tl": "PH",
    "uk": "UA",
    "vi": "VN",
    "zh": "CN",
    "bn": "IN",
    "gu": "IN",
    "kn": "IN",
    "ml": "IN",
    "mr": "IN",
    "pa": "IN",
}
"""Country of a language whose code differs from the country code."""


def dialects(language: str) -> list[str]:
    """Return the dialects of a language; most have none."""
    return list(_DIALECTS.get(language, {}))


def country(language: str, dialect: str = "") -> str:
    """Return the country (ISO 3166-1) of a language or of one of its dialects."""
    places = _DIALECTS.get(language, {})
    default = next(iter(places.values()), _COUNTRIES.get(language, language.upper()))
    return places.get(dialect, default)


def locales(language: str, dialect: str = "") -> list[JSONValue]:
    """Return the locales of a voice as the API does: its native one.

    Args:
        language: Language code.
        dialect: A dialect of it, or an empty string.

    Returns:
        One locale; none for a language code that has not two letters.
    """
    if len(language) != 2 or not (language.isascii() and language.islower()):  # noqa: PLR2004
        return []
    return [{"locale": f"{language}-{country(language, dialect)}", "is_native": True}]


def spoken_language(language: str, dialect: str) -> str:
    """Return the language code for synthesis: with the dialect, if any."""
    return f"{language}-{dialect}" if dialect else language
