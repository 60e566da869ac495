"""A request for speech, read and judged beyond its schema: model, voice, transcript, format."""

from __future__ import annotations

from dataclasses import dataclass

from cartesia_mock.call import Mock
from cartesia_mock.catalogue import traits
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject
from cartesia_mock.speaking import Manner, Phonemes, Words
from cartesia_mock.speech import ENGINE_RATE
from cartesia_mock.speech.audio import Container, Encoder, RawEncoding
from cartesia_mock.speech.words import primary
from cartesia_mock.text import is_pronounceable
from cartesia_mock.versions import Version

_SPEEDS = {"slow": 0.8, "normal": 1.0, "fast": 1.2}
_CONTAINERS: dict[str, Container] = {"raw": "raw", "wav": "wav", "mp3": "mp3"}
_ENCODINGS: dict[str, RawEncoding] = {
    "pcm_f32le": "pcm_f32le",
    "pcm_s16le": "pcm_s16le",
    "pcm_mulaw": "pcm_mulaw",
    "pcm_alaw": "pcm_alaw",
}
_EMPTY = "transcript empty or contains only punctuation"


@dataclass(frozen=True)
class Format:
    """What the audio is to be encoded as.

    Attributes:
        container: `raw`, `wav` or `mp3`.
        encoding: How samples are written, for `raw` and `wav`.
        sample_rate: In Hz.
        bit_rate: In bits a second, for `mp3`.
    """

    container: Container
    encoding: RawEncoding | None
    sample_rate: int
    bit_rate: int | None

    def encoder(self) -> Encoder:
        """Give a fresh encoder of this format."""
        return Encoder(
            self.container,
            encoding=self.encoding,
            sample_rate=self.sample_rate,
            bit_rate=self.bit_rate,
            source_rate=ENGINE_RATE,
        )


def read_manner(fields: Fields, mock: Mock, version: Version) -> Manner:
    """Read how a request wants its text spoken.

    Args:
        fields: The request, valid by its schema.
        mock: The server's parts.
        version: The API version that it speaks.

    Returns:
        The manner.

    Raises:
        APIError: The voice is unknown (404, or 400).
    """
    voice = Fields(mock.catalogue.get(fields.object("voice").text("id"), version))
    config = fields.object("generation_config")
    speed = config.number("speed")
    volume = config.number("volume")
    return Manner(
        voice=traits(voice),
        language=fields.text("language") or voice.text("language"),
        speed=_SPEEDS.get(fields.text("speed"), 1.0) if speed is None else speed,
        volume=1.0 if volume is None else volume,
    )


def read_format(fields: Fields) -> Format:
    """Read the output format of a request that is valid by its schema."""
    wanted = fields.object("output_format")
    return Format(
        container=_CONTAINERS[wanted.text("container")],
        encoding=_ENCODINGS.get(wanted.text("encoding")),
        sample_rate=wanted.integer("sample_rate") or ENGINE_RATE,
        bit_rate=wanted.integer("bit_rate"),
    )


def check_model(model: str, mock: Mock, schema: str) -> None:
    """Refuse a model that is of no family of those in the document's open list.

    Args:
        model: The model's name.
        mock: The server's parts.
        schema: JSON pointer to the list.

    Raises:
        APIError: There is no such model (400).
    """
    known = mock.document.enum(schema)
    families = {name.partition("-")[0] for name in known}
    if model.partition("-")[0] not in families:
        raise APIError(
            400,
            "Invalid model",
            f"no model is called {model!r}; there are {', '.join(known)}",
            code="model_not_found",
        )


def check_language(language: str, mock: Mock, schema: str) -> None:
    """Refuse a language that is not in the document's open list, whatever its region.

    Args:
        language: A language code, or nothing.
        mock: The server's parts.
        schema: JSON pointer to the list.

    Raises:
        APIError: There is no such language (400).
    """
    known = mock.document.enum(schema)
    if language and primary(language) not in known:
        raise APIError(
            400, "Unsupported language", f"language: {language!r} is not one of {', '.join(known)}"
        )


def check_transcript(transcript: str) -> None:
    """Refuse a transcript without anything to speak (400)."""
    if not is_pronounceable(transcript):
        raise APIError(400, _EMPTY, f"first transcript is {transcript[:40]!r}: send some words")


def word_times(words: Words) -> JSONObject:
    """Give `word_timestamps` as the API does: three parallel lists."""
    return {
        "words": [word.text for word in words.times],
        "start": [round(word.start, 4) for word in words.times],
        "end": [round(word.end, 4) for word in words.times],
    }


def phoneme_times(phonemes: Phonemes) -> JSONObject:
    """Give `phoneme_timestamps` as the API does: three parallel lists."""
    return {
        "phonemes": [phoneme.text for phoneme in phonemes.times],
        "start": [round(phoneme.start, 4) for phoneme in phonemes.times],
        "end": [round(phoneme.end, 4) for phoneme in phonemes.times],
    }
