"""The voices that the mock knows, and how they are found."""

from __future__ import annotations

import uuid
from pathlib import Path

from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject, as_list, as_object, parse_json
from cartesia_mock.speech import Gender, VoiceTraits
from cartesia_mock.versions import Version

_BUNDLED = Path(__file__).with_name("voices.json")
_GENDERS: dict[str, Gender] = {"masculine": "masculine", "feminine": "feminine"}


class Catalogue:
    """The voices, newest first.

    Args:
        voices: Voices as the API gives them, without `preview_file_url`.
    """

    def __init__(self, voices: list[JSONObject]) -> None:
        self._voices = {Fields(voice).text("id"): voice for voice in voices}

    @classmethod
    def load(cls) -> Catalogue:
        """Read the voices that came with the package."""
        voices = as_list(parse_json(_BUNDLED.read_bytes()))
        return cls([as_object(voice) for voice in voices])

    def get(self, voice_id: str, version: Version) -> JSONObject:
        """Give one voice.

        Args:
            voice_id: Its identifier.
            version: The API version of the request.

        Returns:
            The voice.

        Raises:
            APIError: There is none (404), or before 2026-03-01 the id is no UUID (400).
        """
        voice = self._voices.get(voice_id)
        if voice is not None:
            return voice
        malformed = not version.has_structured_errors and not _is_uuid(voice_id)
        raise APIError(
            400 if malformed else 404,
            "Voice not found",
            f"no voice has the id {voice_id!r}; GET /voices lists those that there are",
            code="voice_not_found",
        )

    def search(self, query: Fields) -> list[JSONObject]:
        """Give the voices that a listing asks for.

        Args:
            query: `q` (in name, description or id), `is_owner`, `gender`, `language` (`en`, or a
                locale as `en-GB`).

        Returns:
            The voices, newest first.
        """
        return [voice for voice in self._voices.values() if _fits(Fields(voice), query)]


def traits(voice: Fields) -> VoiceTraits:
    """Say how a voice of the catalogue sounds."""
    gender = _GENDERS.get(voice.text("gender"), "gender_neutral")
    return VoiceTraits.of(voice.text("id"), gender)


def _fits(voice: Fields, query: Fields) -> bool:
    wanted = query.text("q").lower()
    if wanted and not any(
        wanted in voice.text(name).lower() for name in ("name", "description", "id")
    ):
        return False
    is_owner = query.flag("is_owner")
    if is_owner is not None and voice.flag("is_owner") != is_owner:
        return False
    if query.text("gender") and voice.text("gender") != query.text("gender"):
        return False
    return _speaks(voice, query.text("language").lower().replace("_", "-"))


def _speaks(voice: Fields, language: str) -> bool:
    locales = [
        Fields(as_object(locale)).text("locale").lower()
        for locale in as_list(voice.data.get("locales"))
    ]
    return not language or any(
        locale == language or locale.split("-")[0] == language for locale in locales
    )


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
