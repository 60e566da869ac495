"""The header of a WAV file, for each encoding of synthesized audio."""

from __future__ import annotations

import struct

from cartesia_mock.speech.audio.pcm import SAMPLE_BYTES, RawEncoding

_FORMAT_TAGS: dict[RawEncoding, int] = {
    "pcm_s16le": 1,
    "pcm_f32le": 3,
    "pcm_alaw": 6,
    "pcm_mulaw": 7,
}
_UNKNOWN = 0xFFFFFFFF


def wav_header(encoding: RawEncoding, sample_rate: int, frames: int | None = None) -> bytes:
    """Return the header of mono samples.

    Args:
        encoding: Sample encoding.
        sample_rate: Sample rate (Hz).
        frames: Number of samples; None for a stream: the sizes are then the maximum, which makes
            players read until the end.

    Returns:
        `RIFF`, `fmt`, a `fact` chunk unless the format is PCM, and the header of `data`.
    """
    width = SAMPLE_BYTES[encoding]
    tag = _FORMAT_TAGS[encoding]
    layout = struct.pack("<HHIIHH", tag, 1, sample_rate, sample_rate * width, width, width * 8)
    if tag != 1:
        layout += struct.pack("<H", 0)  # size of the extension, which formats other than PCM have
    chunks = _chunk(b"fmt ", layout)
    if tag != 1:
        chunks += _chunk(b"fact", struct.pack("<I", _UNKNOWN if frames is None else frames))
    if frames is None:
        return (
            struct.pack("<4sI4s", b"RIFF", _UNKNOWN, b"WAVE")
            + chunks
            + struct.pack("<4sI", b"data", _UNKNOWN)
        )
    size = frames * width
    riff = 4 + len(chunks) + 8 + size + size % 2
    return (
        struct.pack("<4sI4s", b"RIFF", riff, b"WAVE") + chunks + struct.pack("<4sI", b"data", size)
    )


def wav_trailer(encoding: RawEncoding, frames: int) -> bytes:
    """Return the padding after the samples: a byte if their size is odd."""
    return b"\0" * (frames * SAMPLE_BYTES[encoding] % 2)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body
