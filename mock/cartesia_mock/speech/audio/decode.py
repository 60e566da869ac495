"""Decoding of audio files and headerless PCM to mono samples."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator

import av
import av.container
import av.error
import numpy as np

from cartesia_mock.speech.audio.pcm import PCM_ENCODINGS, SAMPLE_BYTES, PCMEncoding, unpack
from cartesia_mock.speech.utterance import Samples

_CONTAINERS = {"flac", "mov", "mp4", "m4a", "mp3", "mpeg", "ogg", "wav", "matroska", "webm", "aac"}
# fmt: off
_CODECS = {
    "aac", "aac_fixed", "adpcm_ima_wav", "adpcm_ms", "alac", "flac", "libopus", "libvorbis", "mp1",
    "mp1float", "mp2", "mp2float", "mp3", "mp3float", "opus", "pcm_alaw", "pcm_f32be", "pcm_f32le",
    "pcm_f64be", "pcm_f64le", "pcm_mulaw", "pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le",
    "pcm_s32be", "pcm_s32le", "pcm_u8", "vorbis",
}
# fmt: on
# FFmpeg recognizes playlists and session descriptions, too, which would open files and sockets.
_FFMPEG_OPTIONS = {
    "format_whitelist": ",".join(sorted(_CONTAINERS)),
    "codec_whitelist": ",".join(sorted(_CODECS)),
    "protocol_whitelist": "none",
}
MAX_SECONDS = 600
"""Length of the longest audio that is decoded; the samples of one file are in memory."""
_MAX_SAMPLES = MAX_SECONDS * 48_000
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
    _check_length(len(data) // SAMPLE_BYTES[known_encoding], sample_rate)
    samples = unpack(data, known_encoding)
    if not len(samples):
        raise UnreadableAudioError(f"the audio is shorter than one sample of {encoding}")
    return samples, sample_rate


def _decode_file(data: bytes) -> tuple[Samples, int]:
    pieces: list[Samples] = []
    rate = 0
    try:
        with av.open(io.BytesIO(data), mode="r", options=_FFMPEG_OPTIONS) as container:
            stream = _checked_stream(container)
            rate = stream.rate
            count = 0
            for piece in _resampled(container, stream, rate):
                count += len(piece)
                _check_length(count, rate)
                pieces.append(piece)
    except UnreadableAudioError:
        raise
    except (av.error.FFmpegError, ValueError) as error:
        if not pieces:
            # FFmpeg says so of a format that is not in the whitelist.
            is_unknown = getattr(error, "errno", None) == errno.EINVAL
            problem = "is not audio of a known kind" if is_unknown else "cannot be read"
            raise UnreadableAudioError(
                f"the file {problem}: send flac, m4a, mp3, mp4, mpeg, mpga, oga, ogg, wav or "
                "webm, or name encoding and sample_rate of headerless audio"
            ) from error
    if not sum(map(len, pieces)):
        raise UnreadableAudioError("the file holds no sound")
    return np.concatenate(pieces).astype(np.float32, copy=False), rate


def _checked_stream(container: av.container.InputContainer) -> av.AudioStream:
    """Return the first audio stream, which can be decoded."""
    if not container.streams.audio:
        raise UnreadableAudioError("the file holds no audio")
    stream = container.streams.audio[0]
    codec = stream.codec_context
    # PyAV has no codec context, against its types, for a stream whose codec FFmpeg does not know.
    name = codec.name if codec else "unknown"
    if name not in _CODECS:
        raise UnreadableAudioError(
            f"the codec of the file ({name}) is not supported: send PCM, FLAC, MP3, AAC, Vorbis or "
            "Opus"
        )
    if codec.sample_rate not in _RATES:
        raise UnreadableAudioError(
            f"the file has {codec.sample_rate} samples a second: send 1000 to 384000"
        )
    return stream


def _resampled(
    container: av.container.InputContainer, stream: av.AudioStream, rate: int
) -> Iterator[Samples]:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    for frame in container.decode(stream):
        for part in resampler.resample(frame):
            yield part.to_ndarray()[0]
    for part in resampler.resample(None):
        yield part.to_ndarray()[0]


def _check_length(count: int, rate: int) -> None:
    if count > min(rate * MAX_SECONDS, _MAX_SAMPLES):
        raise UnreadableAudioError(
            f"the audio is too long: send at most {MAX_SECONDS} seconds, and {_MAX_SAMPLES} samples"
        )
