"""Encoding of complete audio as a file of a media type, by FFmpeg."""

from __future__ import annotations

import io
from collections.abc import Mapping

import av
import numpy as np

from cartesia_mock.speech.audio.resample import resample
from cartesia_mock.speech.utterance import Samples

_FORMATS: Mapping[str, tuple[str, str]] = {
    "audio/wav": ("wav", "pcm_s16le"),
    "audio/mpeg": ("mp3", "libmp3lame"),
    "audio/pcm": ("s16le", "pcm_s16le"),
    "audio/ogg": ("ogg", "libopus"),
    "audio/opus": ("opus", "libopus"),
    "audio/webm": ("webm", "libopus"),
    "audio/flac": ("flac", "flac"),
    "audio/aac": ("adts", "aac"),
    "audio/mp4": ("mp4", "aac"),
}
"""Media type -> FFmpeg's names of its container and codec."""

_RATE = 48000


def encode_as(media_type: str, samples: Samples, rate: int) -> bytes | None:
    """Encode a complete sound.

    Args:
        media_type: The media type of the file; parameters such as `; codecs=opus` are ignored.
        samples: Mono samples.
        rate: Their rate (Hz).

    Returns:
        The file; None for a media type that is not known.
    """
    found = _FORMATS.get(media_type.partition(";")[0].strip().lower())
    if found is None:
        return None
    container_format, codec = found
    file = io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        # The stubs of av leave keyword arguments and the streams of packets open.
        stream = container.add_stream(codec, rate=_RATE, layout="mono")  # pyright: ignore[reportUnknownMemberType]
        if not isinstance(stream, av.AudioStream):
            return None
        whole = np.ascontiguousarray(resample(samples, rate, _RATE), np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(whole, format="fltp", layout="mono")
        frame.sample_rate = _RATE
        for each in (frame, None):
            container.mux(stream.encode(each))  # pyright: ignore[reportUnknownMemberType]
    return file.getvalue()
