"""Languages that voices are brought into: their dialects, and the locale of each."""

from __future__ import annotations

from cartesia_mock.jsontypes import JSONValue

_DIALECTS = {
    "en": {"us": "US", "uk": "GB", "au": "AU", "in": "IN", "so": "US"},
    "es": {"pe": "ES", "mx": "MX"},
    "pt": {"br": "BR", "eu": "PT"},
    "fr": {"eu": "FR", "ca": "CA"},
}
"""Language -> dialect -> the country where it is at home; the first is the usual one."""

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
"""Country of a language where it is not written like the language."""


def dialects(language: str) -> list[str]:
    """Give the dialects that a language can be spoken in: none for most."""
    return list(_DIALECTS.get(language, {}))


def country(language: str, dialect: str = "") -> str:
    """Give the country (ISO 3166-1) where a language, or a dialect of it, is at home."""
    places = _DIALECTS.get(language, {})
    usual = next(iter(places.values()), _COUNTRIES.get(language, language.upper()))
    return places.get(dialect, usual)


def locales(language: str, dialect: str = "") -> list[JSONValue]:
    """Give the locales of a voice as the API does: its native one.

    Args:
        language: Language code.
        dialect: A dialect of it, or nothing.

    Returns:
        One locale; none for a language whose code has not two letters.
    """
    if len(language) != 2 or not (language.isascii() and language.islower()):  # noqa: PLR2004
        return []
    return [{"locale": f"{language}-{country(language, dialect)}", "is_native": True}]


def spoken_language(language: str, dialect: str) -> str:
    """Give the language code that a voice reads by: with its dialect, where it has one."""
    return f"{language}-{dialect}" if dialect else language
