"""A request for speech, read and judged beyond its schema: model, voice, transcript, format."""

from __future__ import annotations

from dataclasses import dataclass

from cartesia_mock.call import Mock
from cartesia_mock.errors import APIError
from cartesia_mock.jsontypes import Fields, JSONObject
from cartesia_mock.pronunciation_dicts import read_respelling
from cartesia_mock.speaking import Manner, Phonemes, Words
from cartesia_mock.speech import ENGINE_RATE
from cartesia_mock.speech.audio import SAMPLE_BYTES, Container, Encoder, RawEncoding
from cartesia_mock.text import is_pronounceable

_SPEEDS = {"slow": 0.8, "normal": 1.0, "fast": 1.2}
_CONTAINERS: dict[str, Container] = {"raw": "raw", "wav": "wav", "mp3": "mp3"}
_ENCODINGS: dict[str, RawEncoding] = {
    "pcm_f32le": "pcm_f32le",
    "pcm_s16le": "pcm_s16le",
    "pcm_mulaw": "pcm_mulaw",
    "pcm_alaw": "pcm_alaw",
}
_DEFAULT_RATE = 44100
_DEFAULT_BIT_RATE = 128_000
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

    @property
    def bytes_a_second(self) -> float:
        """How many bytes one second of audio takes."""
        if self.container == "mp3" or self.encoding is None:
            return (self.bit_rate or _DEFAULT_BIT_RATE) / 8
        return SAMPLE_BYTES[self.encoding] * self.sample_rate

    def encoder(self) -> Encoder:
        """Give a fresh encoder of this format."""
        return Encoder(
            self.container,
            encoding=self.encoding,
            sample_rate=self.sample_rate,
            bit_rate=self.bit_rate,
            source_rate=ENGINE_RATE,
        )


def read_manner(fields: Fields, mock: Mock) -> Manner:
    """Read how a request wants its text spoken.

    Args:
        fields: The request, valid by its schema.
        mock: The server's parts.

    Returns:
        The manner.

    Raises:
        APIError: The voice or the pronunciation dictionary is unknown (404).
    """
    voice, language = mock.catalogue.speaker(fields.object("voice").text("id"))
    config = fields.object("generation_config")
    speed = config.number("speed")
    volume = config.number("volume")
    duration = fields.number("duration") or 0
    return Manner(
        voice=voice,
        language=fields.text("language") or language,
        speed=_SPEEDS.get(fields.text("speed"), 1.0) if speed is None else speed,
        volume=1.0 if volume is None else volume,
        respelling=read_respelling(fields.text("pronunciation_dict_id"), mock),
        longest=duration if duration > 0 else None,
        times_as_said=fields.flag("use_normalized_timestamps") is True,
    )


def read_format(fields: Fields) -> Format:
    """Read the output format of a request that is valid by its schema."""
    return make_format(fields.object("output_format"))


def make_format(wanted: Fields) -> Format:
    """Read an output format; what it leaves out is as in a WAV file of 16 bits and 44100 Hz."""
    return Format(
        container=_CONTAINERS.get(wanted.text("container"), "wav"),
        encoding=_ENCODINGS.get(wanted.text("encoding"), "pcm_s16le"),
        sample_rate=wanted.integer("sample_rate") or _DEFAULT_RATE,
        bit_rate=wanted.integer("bit_rate") or _DEFAULT_BIT_RATE,
    )


def check_model(model: str, mock: Mock, schema: str) -> None:
    """Refuse a model that the document neither lists nor leaves room for.

    Args:
        model: The model's name.
        mock: The server's parts.
        schema: JSON pointer to the list.

    Raises:
        APIError: There is no such model (400).
    """
    known = mock.document.enum(schema)
    if model not in known and not _has_room(mock, schema, model):
        raise APIError(
            400,
            "Invalid model",
            f"no model is called {model!r}; there are {', '.join(known)}",
            code="model_not_found",
        )


def check_language(language: str, mock: Mock, schema: str) -> None:
    """Refuse a language that the document neither lists nor leaves room for.

    Args:
        language: A language code, with a region or without.
        mock: The server's parts.
        schema: JSON pointer to the list.

    Raises:
        APIError: There is no such language (400).
    """
    known = mock.document.enum(schema)
    if language not in known and not _has_room(mock, schema, language):
        raise APIError(
            400, "Unsupported language", f"language: {language!r} is not one of {', '.join(known)}"
        )


def _has_room(mock: Mock, schema: str, value: str) -> bool:
    branches = mock.document.open_branches(schema)
    return any(not mock.schemas.problems(branch, value) for branch in branches)


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
