"""Decoding of audio files and headerless PCM to mono samples."""

from __future__ import annotations

import io

import av
import av.error
import numpy as np

from cartesia_mock.speech.audio.pcm import PCM_ENCODINGS, PCMEncoding, unpack
from cartesia_mock.speech.utterance import Samples

_CONTAINERS = {"flac", "mov", "mp4", "m4a", "mp3", "mpeg", "ogg", "wav", "matroska", "webm", "aac"}
_BY_NAME: dict[str, PCMEncoding] = {name: name for name in PCM_ENCODINGS}
_RATES = range(1000, 384_001)


class UnreadableAudioError(ValueError):
    """The bytes cannot be decoded; the message says why."""


def decode(
    data: bytes, *, encoding: str | None = None, sample_rate: int | None = None
) -> tuple[Samples, int]:
    """Decode audio.

    Args:
        data: A file (flac, m4a, mp3, mp4, mpeg, mpga, oga, ogg, wav, webm) or headerless PCM.
        encoding: Sample encoding of headerless PCM; None for a file.
        sample_rate: Rate of headerless PCM (Hz).

    Returns:
        Mono samples (channels are averaged) and their rate in Hz.

    Raises:
        UnreadableAudioError: The data cannot be decoded.
    """
    if not data:
        raise UnreadableAudioError("the audio is empty: send at least one sample")
    if encoding is None or data[:4] == b"RIFF":
        return _decode_file(data)
    known_encoding = _BY_NAME.get(encoding)
    if known_encoding is None:
        known = ", ".join(PCM_ENCODINGS)
        raise UnreadableAudioError(f"encoding {encoding!r} is not known: use one of {known}")
    if sample_rate is None:
        raise UnreadableAudioError("headerless audio needs sample_rate (Hz) beside encoding")
    if sample_rate not in _RATES:
        raise UnreadableAudioError(
            f"sample_rate {sample_rate} is out of range: use 1000 to 384000 Hz"
        )
    samples = unpack(data, known_encoding)
    if not len(samples):
        raise UnreadableAudioError(f"the audio is shorter than one sample of {encoding}")
    return samples, sample_rate


def _decode_file(data: bytes) -> tuple[Samples, int]:
    pieces: list[Samples] = []
    rate = 0
    try:
        with av.open(io.BytesIO(data), mode="r") as container:
            if not _CONTAINERS.intersection(container.format.name.split(",")):
                raise UnreadableAudioError("the file is not audio of a known kind")
            if not container.streams.audio:
                raise UnreadableAudioError("the file holds no audio")
            stream = container.streams.audio[0]
            rate = stream.rate
            resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
            for frame in container.decode(stream):
                pieces += [part.to_ndarray()[0] for part in resampler.resample(frame)]
            pieces += [part.to_ndarray()[0] for part in resampler.resample(None)]
    except (av.error.FFmpegError, ValueError) as error:
        if isinstance(error, UnreadableAudioError):
            raise
        if not pieces:
            raise UnreadableAudioError(
                "the file cannot be read: send flac, m4a, mp3, mp4, mpeg, mpga, oga, ogg, wav or "
                "webm, or name encoding and sample_rate of headerless audio"
            ) from error
    if not sum(map(len, pieces)):
        raise UnreadableAudioError("the file holds no sound")
    return np.concatenate(pieces).astype(np.float32, copy=False), rate
