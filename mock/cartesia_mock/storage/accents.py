"""The catalogue of accents: their ids, names and locales."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from cartesia_mock.api.jsontypes import JSONFields, JSONObject, as_list, as_object, parse_json

_ACCENTS = Path(__file__).with_name("accents.json")


@dataclass(frozen=True)
class Accent:
    """One accent.

    Attributes:
        id: Its id, by which it is named from 2026-08-14 on.
        name: Its name, by which it was named before.
        language: Language code.
        locale: Language and country.
        is_locale_default: Whether its locale has this accent where none is named.
        is_localizable: Whether a voice can be localized to it.
    """

    id: str
    name: str
    language: str
    locale: str
    is_locale_default: bool
    is_localizable: bool

    def to_json(self) -> JSONObject:
        """Return it as the API does."""
        return asdict(self)


@cache
def accents() -> dict[str, Accent]:
    """Return every accent by its id."""
    found: dict[str, Accent] = {}
    for item in as_list(parse_json(_ACCENTS.read_bytes())):
        fields = JSONFields(as_object(item))
        found[fields.text("id")] = Accent(
            id=fields.text("id"),
            name=fields.text("name"),
            language=fields.text("language"),
            locale=fields.text("locale"),
            is_locale_default=fields.flag("is_locale_default") is True,
            is_localizable=fields.flag("is_localizable") is True,
        )
    return found


def find_accent(text: str) -> Accent | None:
    """Return the accent of an id or a name."""
    known = accents()
    return known.get(text) or next((each for each in known.values() if each.name == text), None)


def are_ids(listed: Collection[str]) -> bool:
    """Return whether an enumeration of accents lists ids, and not names."""
    return not accents().keys().isdisjoint(listed)


def written_accent(text: str, listed: Collection[str]) -> str:
    """Return an accent as an enumeration writes it: by its id or by its name."""
    accent = find_accent(text)
    if accent is None:
        return text
    return accent.id if are_ids(listed) else accent.name
