"""Encoding of samples as raw PCM, WAV or MP3, at once or as a stream."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

import av
import numpy as np

from cartesia_mock.speech.audio.pcm import RawEncoding, pack
from cartesia_mock.speech.audio.resample import Resampler, resampled_length
from cartesia_mock.speech.audio.wav_header import wav_header, wav_trailer
from cartesia_mock.speech.utterance import Samples

Container = Literal["raw", "wav", "mp3"]


class Encoder:
    """Encodes a stream of mono samples; the returned parts, concatenated, are the file.

    Args:
        container: `raw`, `wav` or `mp3`.
        encoding: Sample encoding of `raw` and `wav`; not used by `mp3`.
        sample_rate: Rate to encode at (Hz).
        bit_rate: Bits a second, for `mp3`.
        source_rate: Rate of the input samples (Hz).

    Raises:
        ValueError: `raw` or `wav` without an encoding.
    """

    def __init__(
        self,
        container: Container,
        *,
        encoding: RawEncoding | None = None,
        sample_rate: int = 44100,
        bit_rate: int | None = None,
        source_rate: int = 22050,
    ) -> None:
        if container != "mp3" and encoding is None:
            raise ValueError(
                f"container {container!r} needs an encoding: pass encoding='pcm_s16le'"
            )
        self._container = container
        self._encoding: RawEncoding | None = encoding
        self._sample_rate = sample_rate
        self._source_rate = source_rate
        self._resampler = Resampler(source_rate, sample_rate)
        self._mp3 = _MP3(sample_rate, bit_rate or 128000) if container == "mp3" else None
        self._frames = 0

    def header(self, length: int | None = None) -> bytes:
        """Return the bytes before the audio, which only `wav` has.

        Args:
            length: Number of input samples, if known.

        Returns:
            The header; without a length, one that makes players read until the end.
        """
        if self._container != "wav" or self._encoding is None:
            return b""
        frames = length
        if length is not None:
            frames = resampled_length(length, self._source_rate, self._sample_rate)
        return wav_header(self._encoding, self._sample_rate, frames)

    def feed(self, samples: Samples) -> bytes:
        """Encode the next samples; return the bytes that are complete."""
        return self._write(self._resampler.feed(samples))

    def finish(self) -> bytes:
        """Return the remaining bytes."""
        rest = self._write(self._resampler.finish())
        if self._mp3 is not None:
            return rest + self._mp3.finish()
        if self._container == "wav" and self._encoding is not None:
            return rest + wav_trailer(self._encoding, self._frames)
        return rest

    def _write(self, samples: Samples) -> bytes:
        self._frames += len(samples)
        if self._mp3 is not None:
            return self._mp3.feed(samples)
        return pack(samples, self._encoding) if self._encoding is not None else b""


def encode(
    samples: Samples,
    source_rate: int,
    container: Container,
    *,
    encoding: RawEncoding | None = None,
    sample_rate: int = 44100,
    bit_rate: int | None = None,
) -> bytes:
    """Encode complete audio; a WAV header has its true length.

    Args:
        samples: Mono samples.
        source_rate: Their rate (Hz).
        container: `raw`, `wav` or `mp3`.
        encoding: Sample encoding of `raw` and `wav`.
        sample_rate: Rate to encode at (Hz).
        bit_rate: Bits a second, for `mp3`.

    Returns:
        The file.
    """
    encoder = Encoder(
        container,
        encoding=encoding,
        sample_rate=sample_rate,
        bit_rate=bit_rate,
        source_rate=source_rate,
    )
    return encoder.header(len(samples)) + encoder.feed(samples) + encoder.finish()


class _MP3:
    """Encodes a stream of MP3 frames."""

    def __init__(self, sample_rate: int, bit_rate: int) -> None:
        self._codec = av.CodecContext.create("libmp3lame", "w")
        self._codec.sample_rate = sample_rate
        self._codec.bit_rate = bit_rate
        self._codec.format = av.AudioFormat("fltp")
        self._codec.layout = av.AudioLayout("mono")
        self._codec.time_base = Fraction(1, sample_rate)
        self._codec.open()
        self._fifo = av.AudioFifo()
        self._sample_rate = sample_rate
        self._fed = 0

    def feed(self, samples: Samples) -> bytes:
        if not len(samples):
            return b""
        piece = np.ascontiguousarray(samples, dtype=np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
        frame.sample_rate = self._sample_rate
        self._fifo.write(frame)
        return self._encode(self._fifo.read_many(self._codec.frame_size))

    def finish(self) -> bytes:
        rest = self._fifo.read(0, partial=True)
        last = self._encode([rest] if rest is not None else [])
        return last + self._packets(None)

    def _encode(self, frames: Iterable[av.AudioFrame]) -> bytes:
        return b"".join(map(self._packets, frames))

    def _packets(self, frame: av.AudioFrame | None) -> bytes:
        # The stubs of av do not know the type of a packet's stream; its bytes are known.
        packets = self._codec.encode(frame)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return b"".join(map(bytes, packets))  # pyright: ignore[reportUnknownArgumentType]
