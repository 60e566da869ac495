"""What the tests of the public face say, and how they look at what they hear."""

from __future__ import annotations

from cartesia.types import RawOutputFormatParam, WAVOutputFormatParam

MODEL = "sonic-3"
VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
OTHER_VOICE = "e07c00bc-4134-4eae-9ea4-1a55fb45746b"
SENTENCE = "Hello there, this is a test."
WAV: WAVOutputFormatParam = {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 16000}
RAW: RawOutputFormatParam = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000}
WAV_HEADER_BYTES = 44


def wav(samples: bytes) -> bytes:
    """Put 16-bit samples at 16 kHz into a WAV file."""
    import io
    import wave

    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(16000)
        writer.writeframes(samples)
    return file.getvalue()
