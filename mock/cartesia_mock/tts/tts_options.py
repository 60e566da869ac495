"""The options of a generation request beyond its schema: voice, output format, transcript."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cartesia_mock.api.http_errors import HTTPError, not_implemented
from cartesia_mock.api.jsontypes import JSONFields, as_list, as_object
from cartesia_mock.http.api_request import Mock
from cartesia_mock.http.request_validation import check_known_value
from cartesia_mock.speech import (
    ENGINE_RATE,
    Pronunciation,
    PronunciationDictionary,
    Samples,
    VoiceTraits,
)
from cartesia_mock.speech.audio import SAMPLE_BYTES, Container, Encoder, RawEncoding, encode
from cartesia_mock.speech.normalization import AUTO, OFF
from cartesia_mock.speech.sentences import is_pronounceable
from cartesia_mock.storage.accents import accents
from cartesia_mock.tts.streaming import Prosody, SynthesisOptions

EMPTY_TRANSCRIPT = "transcript empty or contains only punctuation"
"""Title of the error for a transcript without a word."""
_MEDIA_TYPES = {"raw": "audio/pcm", "wav": "audio/wav", "mp3": "audio/mpeg"}

_SPEEDS = {"slow": 0.8, "normal": 1.0, "fast": 1.2}
_CONTAINERS: dict[str, Container] = {"raw": "raw", "wav": "wav", "mp3": "mp3"}
_ENCODINGS: dict[str, RawEncoding] = {
    "pcm_f32le": "pcm_f32le",
    "pcm_s16le": "pcm_s16le",
    "pcm_mulaw": "pcm_mulaw",
    "pcm_alaw": "pcm_alaw",
}
_EMBEDDING_LANGUAGE = "en"
_LIVELY = """
    happy excited enthusiastic elated euphoric triumphant amazed surprised flirtatious
    joking/comedic curious proud
"""
_TENSE = """
    angry mad outraged frustrated agitated threatened disgusted contempt alarmed panicked scared
    anxious
"""
_LOW = """
    sad dejected melancholic disappointed hurt guilty bored tired rejected nostalgic wistful
    apologetic hesitant insecure resigned
"""
_MOODS = {
    _LIVELY: Prosody(speed=1.1, pitch=0.25),
    _TENSE: Prosody(speed=1.15, volume=1.3, pitch=0.12),
    _LOW: Prosody(speed=0.88, volume=0.85, pitch=-0.2),
}
_FEELINGS = {name: prosody for names, prosody in _MOODS.items() for name in names.split()}
"""How emotions sound; all others sound as the voice does."""
_REGION = re.compile(r"[-_]")
_BEFORE_SONIC_3_6 = re.compile(r"sonic(-(2|3|3\.5|english|multilingual|turbo|preview))?(-20|$)")
"""Models that speak languages, but not the locales of regions, and match words in any case."""
_FIELDS = ("container", "encoding", "sample_rate", "bit_rate")
_DEFAULT_RATE = 44100
_DEFAULT_BIT_RATE = 128_000


@dataclass(frozen=True)
class OutputFormat:
    """The format of audio in a response.

    Attributes:
        container: `raw`, `wav` or `mp3`.
        encoding: Sample encoding of `raw` and `wav`.
        sample_rate: In Hz.
        bit_rate: In bits a second, for `mp3`.
    """

    container: Container
    encoding: RawEncoding | None
    sample_rate: int
    bit_rate: int | None

    @property
    def bytes_a_second(self) -> float:
        """Size of one second of audio in bytes."""
        if self.container == "mp3" or self.encoding is None:
            return (self.bit_rate or _DEFAULT_BIT_RATE) / 8
        return SAMPLE_BYTES[self.encoding] * self.sample_rate

    @property
    def media_type(self) -> str:
        """Its media type."""
        return _MEDIA_TYPES[self.container]

    def encoder(self) -> Encoder:
        """Return a new encoder for audio of the engines."""
        return Encoder(
            self.container,
            encoding=self.encoding,
            sample_rate=self.sample_rate,
            bit_rate=self.bit_rate,
            source_rate=ENGINE_RATE,
        )

    def encode(self, samples: Samples, rate: int) -> bytes:
        """Encode a complete sound of `rate` Hz."""
        return encode(
            samples,
            rate,
            self.container,
            encoding=self.encoding,
            sample_rate=self.sample_rate,
            bit_rate=self.bit_rate,
        )


def parse_synthesis_options(fields: JSONFields, mock: Mock) -> SynthesisOptions:
    """Parse how a request wants its text to be spoken.

    Args:
        fields: The request, valid by its schema.
        mock: The server's components.

    Returns:
        The options.

    Raises:
        HTTPError: The voice or the pronunciation dictionary is unknown (404).
    """
    voice, native = _parse_voice(fields, mock)
    duration = fields.number("duration") or 0
    return SynthesisOptions(
        voice=voice,
        language=_spoken_locale(fields, native),
        prosody=parse_prosody(fields, fields.object("generation_config")),
        pronunciations=_load_dictionary(fields, mock),
        normalization=fields.text("normalization", AUTO),
        max_seconds=duration if duration > 0 else None,
        normalized_timings=fields.flag("use_normalized_timestamps") is True,
    )


def parse_prosody(fields: JSONFields, config: JSONFields) -> Prosody:
    """Parse speed, volume and emotion.

    Args:
        fields: The request, valid by its schema.
        config: The `generation_config` that applies to the text.

    Returns:
        The prosody of the text. An emotion changes speed, volume and pitch.
    """
    feeling = _FEELINGS.get(config.text("emotion").lower(), Prosody())
    speed = config.number("speed")
    volume = config.number("volume")
    if speed is None:
        speed = _SPEEDS.get(fields.text("speed"), 1.0)
    return Prosody(
        speed=feeling.speed * speed,
        volume=feeling.volume * (1.0 if volume is None else volume),
        pitch=feeling.pitch,
    )


def check_settings(fields: JSONFields, mock: Mock, schemas: Mapping[str, str]) -> None:
    """Check what the schema of a request for speech leaves open.

    Args:
        fields: The request, valid by its schema, with known values.
        mock: The server's components.
        schemas: JSON pointers to the schemas of its fields.

    Raises:
        HTTPError: The normalization is unknown, or the model is too old for the locale (400).
    """
    model, locale = fields.text("model_id"), fields.text("locale")
    if "locale" in schemas and _REGION.search(locale) and _BEFORE_SONIC_3_6.match(model):
        message = f"locale: {locale!r} needs sonic-3.6 or later, not {model}"
        raise HTTPError(400, "Unsupported locale", message)
    if "normalization" in schemas and fields.has("normalization"):
        known = [AUTO, OFF, *mock.known_values.of(schemas["locale"])]
        check_known_value("normalization", fields.text("normalization"), known)


def _spoken_locale(fields: JSONFields, native: str) -> str:
    """Return the locale of the speech: as asked for, else the native one of the voice."""
    if accent := accents().get(fields.text("accent")):
        return accent.locale
    wanted = fields.text("locale") or fields.text("language")
    return native if not wanted or native.startswith(f"{wanted}-") else wanted


def _parse_voice(fields: JSONFields, mock: Mock) -> tuple[VoiceTraits, str]:
    """Return the traits of a voice and its locale; an embedding has traits from its numbers."""
    if voice_id := fields.text("voice"):
        return mock.catalogue.synthesis_voice(voice_id)
    voice = fields.object("voice")
    embedding = as_list(voice.data.get("embedding"))
    if embedding and not voice.has("id"):
        return VoiceTraits.of_unknown(json.dumps(embedding)), _EMBEDDING_LANGUAGE
    return mock.catalogue.synthesis_voice(voice.text("id"))


def parse_output_format(fields: JSONFields) -> OutputFormat:
    """Parse the output format of a request.

    Args:
        fields: The request, valid by its schema. The format is the object `output_format`, or the
            flat form fields `output_format[container]` and so on.

    Returns:
        The format; by default that of a WAV file of 16 bits and 44100 Hz.

    Raises:
        HTTPError: The document has the container or the encoding, and the mock does not (501).
    """
    wanted = fields.object("output_format")
    if not wanted.data:
        wanted = JSONFields({name: fields.data.get(f"output_format[{name}]") for name in _FIELDS})
    for name, known in (("container", _CONTAINERS), ("encoding", _ENCODINGS)):
        value = wanted.text(name)
        if value and value not in known:
            raise not_implemented(f"the {name} {value!r}: use {', '.join(known)}")
    return OutputFormat(
        container=_CONTAINERS.get(wanted.text("container"), "wav"),
        encoding=_ENCODINGS.get(wanted.text("encoding"), "pcm_s16le"),
        sample_rate=wanted.integer("sample_rate") or _DEFAULT_RATE,
        bit_rate=wanted.integer("bit_rate") or _DEFAULT_BIT_RATE,
    )


def check_transcript(transcript: str, mock: Mock) -> None:
    """Reject a transcript without a word, or with too many characters (400)."""
    check_transcript_length(len(transcript), mock.settings.max_transcript)
    if not is_pronounceable(transcript):
        message = f"first transcript is {transcript[:40]!r}: send some words"
        raise HTTPError(400, EMPTY_TRANSCRIPT, message)


def check_transcript_length(characters: int, limit: int) -> None:
    """Reject a transcript with more characters than the limit (400)."""
    if characters > limit:
        message = f"it has {characters} characters: send at most {limit} in a request or a context"
        raise HTTPError(400, "Transcript too long", message)


def _load_dictionary(fields: JSONFields, mock: Mock) -> PronunciationDictionary | None:
    """Load the pronunciation dictionary that a request names; None for none."""
    dictionary_id = fields.text("pronunciation_dict_id")
    if not dictionary_id or mock.settings.examples:
        return None
    stored = as_list(mock.storage.dictionaries.get(dictionary_id)["items"])
    items = [JSONFields(as_object(item)) for item in stored]
    may_match_case = not _BEFORE_SONIC_3_6.match(fields.text("model_id"))
    return PronunciationDictionary(
        Pronunciation(
            item.text("text"),
            item.text("alias"),
            may_match_case and item.flag("case_sensitive") is True,
        )
        for item in items
    )
