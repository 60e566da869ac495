"""The voices that the mock knows, everybody's and the caller's own, and how they are found."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from cartesia_mock.clock import Clock
from cartesia_mock.dialects import spoken_language
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject, as_list, as_object, parse_json
from cartesia_mock.speech import Gender, VoiceTraits
from cartesia_mock.state import State

_BUNDLED = Path(__file__).with_name("voices.json")
_GENDERS: dict[str, Gender] = {"masculine": "masculine", "feminine": "feminine"}


class Catalogue:
    """The voices of everybody, and before them the caller's own.

    Args:
        public: Everybody's voices as the API gives them, newest first.
        state: Where the caller's own are kept.
        clock: Says which of them are there yet.
        any_id: Whether every identifier is that of some voice.
    """

    def __init__(
        self, public: list[JSONObject], state: State, clock: Clock, *, any_id: bool = False
    ) -> None:
        self._public = {Fields(voice).text("id"): voice for voice in public}
        self._own = state.voices
        self._clock = clock
        self._any_id = any_id

    @classmethod
    def load(cls, state: State, clock: Clock, *, any_id: bool = False) -> Catalogue:
        """Read the voices that came with the package; those of the caller go into a new state."""
        voices = [as_object(voice) for voice in as_list(parse_json(_BUNDLED.read_bytes()))]
        public = [voice for voice in voices if not Fields(voice).flag("is_owner")]
        catalogue = cls(public, state, clock, any_id=any_id)
        if state.is_new:
            for voice in voices:
                if Fields(voice).flag("is_owner"):
                    catalogue.add(voice, _public_traits(Fields(voice)))
        return catalogue

    def get(self, voice_id: str) -> JSONObject:
        """Give one voice as the API does; APIError (404) where there is none."""
        own = self._find_own(voice_id)
        return self._get_public(voice_id) if own is None else as_object(own["voice"])

    def speaker(self, voice_id: str) -> tuple[VoiceTraits, str]:
        """Say how a voice sounds, and which language it speaks, with its dialect.

        Args:
            voice_id: Its identifier.

        Returns:
            Its traits and its language code.

        Raises:
            APIError: There is none (404).
        """
        own = self._find_own(voice_id)
        if own is None:
            voice = Fields(self._get_public(voice_id))
            return _public_traits(voice), voice.text("language")
        fields = Fields(own)
        language = fields.object("voice").text("language")
        traits = fields.object("traits")
        sound = VoiceTraits(
            gender=_GENDERS.get(traits.text("gender"), "gender_neutral"),
            pitch=traits.number("pitch") or 0.0,
            pace=traits.number("pace") or 1.0,
            variant=traits.integer("variant") or 1,
        )
        return sound, spoken_language(language, fields.text("dialect"))

    def add(
        self,
        voice: JSONObject,
        traits: VoiceTraits,
        *,
        dialect: str = "",
        clip: bytes | None = None,
        fine_tune: str | None = None,
        there_at: float = 0.0,
    ) -> None:
        """Keep a voice of the caller's own.

        Args:
            voice: The voice as the API gives it.
            traits: How it sounds.
            dialect: Which dialect of its language it speaks.
            clip: The recording that it was made from.
            fine_tune: Identifier of the fine-tune that it comes out of.
            there_at: From when on it is there, by the server's clock (seconds since 1970).
        """
        body: JSONObject = {
            "voice": voice,
            "traits": dataclasses.asdict(traits),
            "dialect": dialect,
            "there_at": there_at,
        }
        self._own.add(Fields(voice).text("id"), body, parent=fine_tune, content=clip)

    def change(self, voice_id: str, changes: JSONObject) -> JSONObject:
        """Change a voice of the caller's own.

        Args:
            voice_id: Its identifier.
            changes: The fields of the voice that change.

        Returns:
            The voice as it is now.

        Raises:
            APIError: It is everybody's (403), or there is none (404).
        """
        voice = as_object(self._own_record(voice_id)["voice"]) | changes
        self._own.change(voice_id, {"voice": voice})
        return voice

    def remove(self, voice_id: str) -> None:
        """Delete a voice of the caller's own; APIError (403, 404) as for `change`."""
        self._own_record(voice_id)
        self._own.remove(voice_id)

    def clip(self, voice_id: str) -> bytes | None:
        """Give the recording that a voice was made from, where it was."""
        return self._own.content(voice_id)

    def search(self, query: Fields) -> list[JSONObject]:
        """Give the voices that a listing asks for.

        Args:
            query: `q` (in name, description or id), `is_owner`, `gender`, `language` (`en`, or a
                locale as `en-GB`).

        Returns:
            The voices, newest first.
        """
        voices = [*self.own(), *self._public.values()]
        return [voice for voice in voices if _fits(Fields(voice), query)]

    def own(self, *, fine_tune: str | None = None) -> list[JSONObject]:
        """Give the caller's own voices, newest first; only those of a fine-tune if one is named."""
        records = self._own.list(parent=fine_tune)
        return [as_object(record["voice"]) for record in records if self._is_there(record)]

    def _find_own(self, voice_id: str) -> JSONObject | None:
        record = self._own.find(voice_id)
        return record if record is not None and self._is_there(record) else None

    def _own_record(self, voice_id: str) -> JSONObject:
        record = self._find_own(voice_id)
        if record is None:
            self._get_public(voice_id)
            raise APIError(
                403, "Forbidden", f"voice {voice_id!r} is everybody's: change voices of your own"
            )
        return record

    def _is_there(self, record: JSONObject) -> bool:
        return (Fields(record).number("there_at") or 0.0) <= self._clock.seconds()

    def _get_public(self, voice_id: str) -> JSONObject:
        voice = self._public.get(voice_id)
        if voice is None and self._any_id:
            return next(iter(self._public.values())) | {"id": voice_id}
        if voice is None:
            raise APIError(
                404,
                "Voice not found",
                f"no voice has the id {voice_id!r}; GET /voices lists those that there are",
                code="voice_not_found",
            )
        return voice


def _public_traits(voice: Fields) -> VoiceTraits:
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
