"""Audio files as other programs write them, through ffmpeg."""

# The stubs of av leave open which stream a packet is of, so what handles packets is half unknown.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import io

import av
import numpy as np

from cartesia_mock.speech import Samples


def record(container: str, codec: str, samples: Samples, rate: int, layout: str) -> bytes:
    """Write a sound as a client's recorder would."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        channels = np.repeat(samples.reshape(1, -1), stream.codec_context.channels, axis=0)
        frame = av.AudioFrame.from_ndarray(channels, format="fltp", layout=layout)
        frame.sample_rate, frame.pts = rate, 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            output.mux(packet)
    return buffer.getvalue()


def draw() -> bytes:
    """Write a picture."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="gif") as output:
        stream = output.add_stream("gif", rate=5)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "rgb8"
        for packet in (*stream.encode(av.VideoFrame(16, 16, "rgb8")), *stream.encode(None)):
            output.mux(packet)
    return buffer.getvalue()


def play(data: bytes, codec: str) -> Samples:
    """Read headerless audio that becomes 16-bit samples."""
    with av.open(io.BytesIO(data), "r", format=codec) as container:
        frames = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    return (np.concatenate(frames) / 2**15).astype(np.float32)
