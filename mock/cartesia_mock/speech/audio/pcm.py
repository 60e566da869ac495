"""PCM: samples to bytes and back, in the six headerless encodings of the API."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cartesia_mock.speech.utterance import Samples

RawEncoding = Literal["pcm_f32le", "pcm_s16le", "pcm_mulaw", "pcm_alaw"]
"""Encodings of synthesized audio."""
PCMEncoding = Literal["pcm_s16le", "pcm_s32le", "pcm_f16le", "pcm_f32le", "pcm_mulaw", "pcm_alaw"]
"""Encodings of audio for transcription."""

SAMPLE_BYTES: dict[PCMEncoding, int] = {
    "pcm_s16le": 2,
    "pcm_s32le": 4,
    "pcm_f16le": 2,
    "pcm_f32le": 4,
    "pcm_mulaw": 1,
    "pcm_alaw": 1,
}
PCM_ENCODINGS: tuple[PCMEncoding, ...] = get_args(PCMEncoding)

_MULAW_BIAS = 33
_MULAW_MAX = 8158


def pack(samples: Samples, encoding: PCMEncoding) -> bytes:
    """Convert samples to bytes.

    Args:
        samples: Mono samples, clipped to -1 to 1.
        encoding: One of `PCM_ENCODINGS`.

    Returns:
        `SAMPLE_BYTES[encoding]` bytes for each sample.
    """
    bounded = np.clip(samples, -1.0, 1.0).astype(np.float64)
    if encoding == "pcm_f32le":
        return bounded.astype("<f4").tobytes()
    if encoding == "pcm_f16le":
        return bounded.astype("<f2").tobytes()
    if encoding == "pcm_s32le":
        return np.rint(bounded * (2**31 - 1)).astype("<i4").tobytes()
    linear = np.rint(bounded * (2**15 - 1)).astype("<i2")
    if encoding == "pcm_s16le":
        return linear.tobytes()
    return (_to_mulaw(linear) if encoding == "pcm_mulaw" else _to_alaw(linear)).tobytes()


def unpack(data: bytes, encoding: PCMEncoding) -> Samples:
    """Convert bytes to samples; an incomplete sample at the end is ignored.

    Args:
        data: Headerless audio.
        encoding: One of `PCM_ENCODINGS`.

    Returns:
        Mono samples between -1 and 1; NaN becomes 0.
    """
    whole = data[: len(data) - len(data) % SAMPLE_BYTES[encoding]]
    if encoding in ("pcm_f32le", "pcm_f16le"):
        floats = np.frombuffer(whole, "<f4" if encoding == "pcm_f32le" else "<f2")
        finite = np.nan_to_num(floats.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
        return np.clip(finite, -1.0, 1.0)
    if encoding == "pcm_s32le":
        return (np.frombuffer(whole, "<i4") / 2**31).astype(np.float32)
    if encoding == "pcm_s16le":
        return (np.frombuffer(whole, "<i2") / 2**15).astype(np.float32)
    codes = np.frombuffer(whole, np.uint8)
    table = _MULAW_TABLE if encoding == "pcm_mulaw" else _ALAW_TABLE
    samples: Samples = table[codes]
    return samples


def _segment(size: NDArray[np.int32], first: int) -> NDArray[np.int32]:
    """Return how often a value must be halved to be less than `first`."""
    limits = first << np.arange(8, dtype=np.int32)
    return np.minimum(np.searchsorted(limits, size, side="right"), 7).astype(np.int32)


def _to_mulaw(linear: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Encode 16-bit samples as G.711 mu-law (14 significant bits)."""
    wide = linear.astype(np.int32)
    size = np.minimum(np.abs(wide) >> 2, _MULAW_MAX) + _MULAW_BIAS
    segment = _segment(size, 0x40)
    code = (segment << 4) | ((size >> (segment + 1)) & 0xF)
    sign = np.where(wide < 0, 0x7F, 0xFF)
    codes: NDArray[np.uint8] = (code ^ sign).astype(np.uint8)
    return codes


def _to_alaw(linear: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Encode 16-bit samples as G.711 A-law (13 significant bits)."""
    wide = linear.astype(np.int32) >> 3
    size = np.where(wide < 0, -wide - 1, wide)
    segment = _segment(size, 0x20)
    code = (segment << 4) | ((size >> np.maximum(segment, 1)) & 0xF)
    sign = np.where(wide < 0, 0x55, 0xD5)
    codes: NDArray[np.uint8] = (code ^ sign).astype(np.uint8)
    return codes


def _mulaw_table() -> Samples:
    code = ~np.arange(256, dtype=np.uint8)
    size = ((code & 0xF).astype(np.int32) << 3) + 0x84
    size = (size << ((code & 0x70) >> 4)) - 0x84
    return (np.where(code & 0x80, -size, size) / 2**15).astype(np.float32)


def _alaw_table() -> Samples:
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    segment = ((code & 0x70) >> 4).astype(np.int32)
    size = ((code & 0xF).astype(np.int32) << 4) + 8
    size = np.where(segment > 0, (size + 0x100) << np.maximum(segment - 1, 0), size)
    return (np.where(code & 0x80, size, -size) / 2**15).astype(np.float32)


_MULAW_TABLE = _mulaw_table()
_ALAW_TABLE = _alaw_table()
