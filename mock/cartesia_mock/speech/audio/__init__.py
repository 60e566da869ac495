"""Sound as bytes: encoding for answers, decoding of uploads, sample rates."""

from __future__ import annotations

from .decode import UnreadableAudio, decode
from .encode import Container, Encoder, encode
from .pcm import PCM_ENCODINGS, SAMPLE_BYTES, PCMEncoding, RawEncoding, pack, unpack
from .resample import Resampler, resample, resampled_length
from .wav import wav_header

__all__ = [
    "PCM_ENCODINGS",
    "SAMPLE_BYTES",
    "Container",
    "Encoder",
    "PCMEncoding",
    "RawEncoding",
    "Resampler",
    "UnreadableAudio",
    "decode",
    "encode",
    "pack",
    "resample",
    "resampled_length",
    "unpack",
    "wav_header",
]
