"""The voice catalogue: public voices and the user's own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from pathlib import Path

from cartesia_mock.api.http_errors import HTTPError
from cartesia_mock.api.jsontypes import (
    JSONFields,
    JSONObject,
    JSONValue,
    as_list,
    as_object,
    parse_json,
)
from cartesia_mock.clock import Clock, format_timestamp
from cartesia_mock.speech import Gender, VoiceTraits
from cartesia_mock.storage import Storage
from cartesia_mock.storage.accents import Accent
from cartesia_mock.storage.dialects import country, locales, spoken_language

_VOICES = Path(__file__).with_name("voices.json")
_UNKNOWN_LANGUAGE = "en"
_GENDERS: dict[str, Gender] = {"masculine": "masculine", "feminine": "feminine"}


class VoiceCatalogue:
    """The owned voices, followed by the public ones.

    Args:
        public: The public voices as the API returns them, newest first.
        storage: Stores the owned voices.
        clock: Decides whether a voice of a fine-tune is available yet.
        any_id: Whether unknown identifiers are accepted, too.
        any_voice: Whether an unknown voice speaks, if its identifier is a UUID.
    """

    def __init__(
        self,
        public: list[JSONObject],
        storage: Storage,
        clock: Clock,
        *,
        any_id: bool = False,
        any_voice: bool = False,
    ) -> None:
        self._public = {JSONFields(voice).text("id"): voice for voice in public}
        self._owned = storage.voices
        self._clock = clock
        self._any_id = any_id
        self._any_voice = any_voice

    @classmethod
    def load(
        cls, storage: Storage, clock: Clock, *, any_id: bool = False, any_voice: bool = False
    ) -> VoiceCatalogue:
        """Load the voices of the package; the owned ones are added to a new storage."""
        public = _package_voices(is_owner=False)
        catalogue = cls(public, storage, clock, any_id=any_id, any_voice=any_voice)
        if storage.is_new:
            catalogue.add_seed()
        return catalogue

    def add_seed(self) -> None:
        """Add the owned voices of the package."""
        for voice in _package_voices(is_owner=True):
            self.add(voice, _public_traits(JSONFields(voice)))

    def get(self, voice_id: str) -> JSONObject:
        """Return a voice as the API does; raises HTTPError (404) for an unknown one."""
        own = self._find_owned(voice_id)
        return self._get_public(voice_id) if own is None else as_object(own["voice"])

    def synthesis_voice(self, voice_id: str) -> tuple[VoiceTraits, str]:
        """Return what synthesis needs to know of a voice.

        Args:
            voice_id: Its identifier.

        Returns:
            Its traits, and its language code with the dialect or the country.

        Raises:
            HTTPError: The voice is unknown (404).
        """
        own = self._find_owned(voice_id)
        if own is None:
            if self._any_voice and voice_id not in self._public and _is_uuid(voice_id):
                return VoiceTraits.of_unknown(voice_id), _UNKNOWN_LANGUAGE
            voice = JSONFields(self._get_public(voice_id))
            return _public_traits(voice), _native_locale(voice)
        fields = JSONFields(own)
        language = _native_locale(fields.object("voice"))
        traits = fields.object("traits")
        voice_traits = VoiceTraits(
            gender=_GENDERS.get(traits.text("gender"), "gender_neutral"),
            pitch=traits.number("pitch") or 0.0,
            pace=traits.number("pace") or 1.0,
            variant=traits.integer("variant") or 1,
        )
        dialect = fields.text("dialect")
        if dialect:
            language = spoken_language(fields.object("voice").text("language"), dialect)
        return voice_traits, language

    def add(
        self,
        voice: JSONObject,
        traits: VoiceTraits,
        *,
        dialect: str = "",
        clip: bytes | None = None,
        fine_tune: str | None = None,
        available_at: float = 0.0,
    ) -> None:
        """Add an owned voice.

        Args:
            voice: The voice as the API returns it.
            traits: Its audible properties.
            dialect: Its dialect.
            clip: The recording that it was cloned from.
            fine_tune: Identifier of the fine-tune that it belongs to.
            available_at: When it becomes available, by the server's clock (seconds since 1970).
        """
        body: JSONObject = {
            "voice": voice,
            "traits": dataclasses.asdict(traits),
            "dialect": dialect,
            "available_at": available_at,
        }
        self._owned.add(JSONFields(voice).text("id"), body, parent=fine_tune, content=clip)

    def change(self, voice_id: str, changes: JSONObject) -> JSONObject:
        """Change an owned voice.

        Args:
            voice_id: Its identifier.
            changes: The changed fields.

        Returns:
            The changed voice.

        Raises:
            HTTPError: The voice is public (403) or unknown (404).
        """
        voice = as_object(self._owned_record(voice_id)["voice"]) | changes
        self._owned.change(voice_id, {"voice": voice})
        return voice

    def remove(self, voice_id: str) -> None:
        """Delete an owned voice; raises HTTPError (403, 404) as `change` does."""
        self._owned_record(voice_id)
        self._owned.remove(voice_id)

    def clip(self, voice_id: str) -> bytes | None:
        """Return the recording that a voice was cloned from, or None."""
        return self._owned.content(voice_id)

    def search(self, query: JSONFields) -> list[JSONObject]:
        """Return the voices that match a query.

        Args:
            query: `q` (in name, description or id), `is_owner`, `gender`, `language` (`en`, or a
                locale as `en-GB`).

        Returns:
            The voices, newest first.
        """
        voices = [*self.owned(), *self._public.values()]
        return [voice for voice in voices if _matches(JSONFields(voice), query)]

    def owned(self, *, fine_tune: str | None = None) -> list[JSONObject]:
        """Return the owned voices, newest first: all, or those of a fine-tune."""
        records = self._owned.list(parent=fine_tune)
        return [as_object(record["voice"]) for record in records if self._is_available(record)]

    def _find_owned(self, voice_id: str) -> JSONObject | None:
        record = self._owned.find(voice_id)
        return record if record is not None and self._is_available(record) else None

    def _owned_record(self, voice_id: str) -> JSONObject:
        record = self._find_owned(voice_id)
        if record is None:
            self._get_public(voice_id)
            raise HTTPError(
                403, "Forbidden", f"voice {voice_id!r} is public: change voices of your own"
            )
        return record

    def _is_available(self, record: JSONObject) -> bool:
        return (JSONFields(record).number("available_at") or 0.0) <= self._clock.seconds()

    def _get_public(self, voice_id: str) -> JSONObject:
        voice = self._public.get(voice_id)
        if voice is None and self._any_id:
            return next(iter(self._public.values())) | {"id": voice_id}
        if voice is None:
            raise HTTPError(
                404,
                "Voice not found",
                f"no voice has the id {voice_id!r}; GET /voices lists those that there are",
                code="voice_not_found",
            )
        return voice


def new_voice(
    fields: JSONFields,
    gender: Gender,
    created_at: dt.datetime,
    *,
    dialect: str = "",
    accent: Accent | None = None,
) -> JSONObject:
    """Return a new owned voice as the API does.

    Args:
        fields: Its `name`, `description`, `language`, `accent`, `tagline` and `access[type]`.
        gender: Its gender.
        created_at: When it is created.
        dialect: Its dialect.
        accent: Its accent, if the catalogue has it.

    Returns:
        The voice.
    """
    language = fields.text("language") or (accent.language if accent else "")
    voice_locales = locales(language, dialect)
    voice_country = country(language, dialect) if voice_locales else None
    if accent and accent.language == language and not dialect:
        native: JSONValue = {"locale": accent.locale, "is_native": True}
        voice_locales = as_list([native])
        voice_country = accent.locale.partition("-")[2]
    return {
        "id": str(uuid.uuid4()),
        "is_owner": True,
        "is_public": fields.text("access[type]") == "public",
        "tagline": fields.text("tagline"),
        "name": fields.text("name"),
        "description": fields.text("description"),
        "created_at": format_timestamp(created_at),
        "language": language,
        "gender": gender,
        "locales": voice_locales,
        "accent": accent.name if accent else fields.text("accent") or None,
        "country": voice_country,
    }


def _native_locale(voice: JSONFields) -> str:
    """Return the native locale of a voice; its language where it has none."""
    for item in as_list(voice.data.get("locales")):
        locale = JSONFields(as_object(item))
        if locale.flag("is_native"):
            return locale.text("locale")
    return voice.text("language")


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _package_voices(*, is_owner: bool) -> list[JSONObject]:
    voices = [as_object(voice) for voice in as_list(parse_json(_VOICES.read_bytes()))]
    return [voice for voice in voices if JSONFields(voice).flag("is_owner") == is_owner]


def _public_traits(voice: JSONFields) -> VoiceTraits:
    gender = _GENDERS.get(voice.text("gender"), "gender_neutral")
    return VoiceTraits.of(voice.text("id"), gender)


def _matches(voice: JSONFields, query: JSONFields) -> bool:
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


def _speaks(voice: JSONFields, language: str) -> bool:
    locales = [
        JSONFields(as_object(locale)).text("locale").lower()
        for locale in as_list(voice.data.get("locales"))
    ]
    return not language or any(
        locale == language or locale.split("-")[0] == language for locale in locales
    )
