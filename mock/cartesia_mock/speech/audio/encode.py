"""Speech as the client asked for it: raw, WAV or MP3, at once or as a stream."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

import av
import numpy as np

from cartesia_mock.speech.utterance import Samples

from .pcm import RawEncoding, pack
from .resample import Resampler, resampled_length
from .wav import wav_header, wav_trailer

Container = Literal["raw", "wav", "mp3"]


class Encoder:
    """Encodes a stream of mono samples; the pieces put together are the whole encoding.

    Args:
        container: `raw`, `wav` or `mp3`.
        encoding: How samples are written in `raw` and `wav`; not used by `mp3`.
        sample_rate: Rate to encode at (Hz).
        bit_rate: Bits a second, for `mp3`.
        source_rate: Rate of the samples that are fed (Hz).

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
        """Write what goes before the sound: nothing but for `wav`.

        Args:
            length: How many samples will be fed, where that is known.

        Returns:
            The header; without a length, one that tells players to read until the end.
        """
        if self._container != "wav" or self._encoding is None:
            return b""
        frames = length
        if length is not None:
            frames = resampled_length(length, self._source_rate, self._sample_rate)
        return wav_header(self._encoding, self._sample_rate, frames)

    def feed(self, samples: Samples) -> bytes:
        """Take the next samples and give the bytes that are ready; they may be none."""
        return self._write(self._resampler.feed(samples))

    def finish(self) -> bytes:
        """Give the bytes that are left."""
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
    """Encode a whole sound; a WAV header tells its true length.

    Args:
        samples: Mono samples.
        source_rate: Their rate (Hz).
        container: `raw`, `wav` or `mp3`.
        encoding: How samples are written in `raw` and `wav`.
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
    """A stream of MP3 frames, which need no file around them."""

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
        # av's stubs leave open which stream a packet is of; its bytes are known.
        packets = self._codec.encode(frame)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return b"".join(map(bytes, packets))  # pyright: ignore[reportUnknownArgumentType]
