"""Audio as bytes: encoding, decoding and resampling."""

from __future__ import annotations

from cartesia_mock.speech.audio.audio_files import encode_as
from cartesia_mock.speech.audio.decode import UnreadableAudioError, decode
from cartesia_mock.speech.audio.encode import Container, Encoder, encode
from cartesia_mock.speech.audio.pcm import (
    PCM_ENCODINGS,
    SAMPLE_BYTES,
    PCMEncoding,
    RawEncoding,
    pack,
    unpack,
)
from cartesia_mock.speech.audio.resample import Resampler, resample, resampled_length
from cartesia_mock.speech.audio.wav_header import wav_header

__all__ = [
    "PCM_ENCODINGS",
    "SAMPLE_BYTES",
    "Container",
    "Encoder",
    "PCMEncoding",
    "RawEncoding",
    "Resampler",
    "UnreadableAudioError",
    "decode",
    "encode",
    "encode_as",
    "pack",
    "resample",
    "resampled_length",
    "unpack",
    "wav_header",
]
